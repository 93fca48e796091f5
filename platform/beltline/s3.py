"""A bucket of an S3 server: what pyarrow's filesystem cannot do, by boto3, and that filesystem, told the same as boto3.

Endpoint, region and credentials come from the usual environment (AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, AWS_REGION,
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or the machine's role), read in each process anew: a bucket in a
pickle is its name. A server that is out of breath (5xx, timeouts) is asked again for PATIENCE_S; what it refuses is said in
a sentence.

    bucket = Bucket("scans")
    mark = bucket.swap("lease", b"mine", None)        # None: somebody else was first
"""

import logging
import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow.fs as pafs

from beltline.s3_access import connection, environment, is_aws
from beltline.s3_errors import StoreError, StoreRefused, Taken, explained

log = logging.getLogger("beltline")
PATIENCE_S, MAX_PAUSE_S = 90.0, 10.0
PAGE = 1000
"""S3 lists and deletes no more at a time."""
MAX_LINK_S = 7 * 24 * 3600
"""S3 refuses a presigned link that lives longer."""
ARROW_ATTEMPTS = 8
"""With its back-off that is about a minute (measured)."""


class PatientS3(pafs.S3FileSystem):  # type: ignore[misc]
    """pyarrow's filesystem, whose own pickle would carry credentials that were given to it and forget its patience."""

    def __init__(self, bucket: str, **options: Any):
        super().__init__(**options)
        self._bucket = bucket

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return _filesystem, (self._bucket,)


def _filesystem(bucket: str) -> Any:
    return Bucket(bucket).filesystem()


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket. Keys are whole, without a leading slash; every method may raise StoreError."""

    name: str

    @property
    def client(self) -> Any:
        """The boto3 client of this process."""
        return connection(environment(), os.getpid())

    def filesystem(self) -> Any:
        """pyarrow's filesystem for the place that the client talks to."""
        endpoint = self.client.meta.endpoint_url
        return PatientS3(
            self.name,
            region=self.client.meta.region_name,
            endpoint_override=None if is_aws(endpoint) else endpoint,
            retry_strategy=pafs.AwsStandardS3RetryStrategy(max_attempts=ARROW_ATTEMPTS),
            allow_delayed_open=True,  # a small file is one put, and no upload is begun for it
            connect_timeout=10,
            request_timeout=60,
        )

    def check(self, folder: str, *, writes: bool) -> None:
        """That this process may do what a job does, and that the server knows conditional writes.

        Raises:
            ValueError: not so, and what to do.
        """
        probe = f"{_folder(folder)}.check/{uuid.uuid4().hex}/probe"
        try:
            next(self.keys(f"{folder}/.check", recursive=True), None)
            self.filesystem().get_file_info(f"{self.name}/{probe}")
            if writes:
                self._check_writing(probe)
        except StoreRefused as error:
            raise ValueError(str(error)) from error
        except OSError as error:
            if isinstance(error, StoreError):
                raise
            raise ValueError(f"s3://{self.name}: boto3 gets an answer, but pyarrow says: {error}") from error

    def _check_writing(self, probe: str) -> None:
        if self.swap(probe, b"1", None) is None or self.swap(probe, b"2", None) is not None:
            raise ValueError(
                f"s3://{self.name} at {self.client.meta.endpoint_url}: expected a server that refuses a write with "
                "If-None-Match: * to what is there, found one that does not; two jobs would overwrite each other"
            )
        self.delete(probe.rpartition("/")[0])

    def look(self, key: str) -> tuple[bytes, str]:
        """The object and its mark (ETag). Raises: FileNotFoundError."""
        answer = self._ask("get_object", Key=key)
        return answer["Body"], answer["ETag"]

    def put(self, key: str, data: bytes) -> None:
        self._ask("put_object", Key=key, Body=data)

    def swap(self, key: str, data: bytes, mark: str | None) -> str | None:
        """Write if the object still has `mark` (None: if there is none); the new mark, or None when it has another.

        The answer to a write that got through may be lost, and the same write then be refused: what lies there decides.
        """
        condition = {"IfNoneMatch": "*"} if mark is None else {"IfMatch": mark}
        try:
            return self._ask("put_object", Key=key, Body=data, **condition)["ETag"]
        except (Taken, FileNotFoundError):
            return self._mark_of(key, data)

    def _mark_of(self, key: str, data: bytes) -> str | None:
        try:
            found, mark = self.look(key)
        except FileNotFoundError:
            return None
        return mark if found == data else None

    def exists(self, path: str) -> bool:
        """Whether there is an object of that name or one below it."""
        listed = (self._ask("list_objects_v2", Prefix=prefix, MaxKeys=1) for prefix in (path, _folder(path)))
        return any(any(_within(each["Key"], path) for each in page.get("Contents", [])) for page in listed)

    def keys(self, folder: str, *, recursive: bool) -> Iterator[str]:
        """Keys below a folder; when not recursive, also the folders directly below it, without their slash."""
        more: dict[str, Any] = {} if recursive else {"Delimiter": "/"}
        while True:
            page = self._ask("list_objects_v2", Prefix=_folder(folder), MaxKeys=PAGE, **more)
            yield from (each["Prefix"].rstrip("/") for each in page.get("CommonPrefixes", []))
            yield from (each["Key"] for each in page.get("Contents", []) if not each["Key"].endswith("/"))
            if not page.get("IsTruncated"):
                return
            more["ContinuationToken"] = page["NextContinuationToken"]

    def remove(self, key: str) -> None:
        """Remove one object; nothing happens when it is missing."""
        self._ask("delete_object", Key=key)

    def delete(self, folder: str) -> None:
        """Remove what is below a folder, pyarrow's empty marks of folders too, and uploads that nobody finished."""
        self.abort_uploads(folder)
        while found := self._ask("list_objects_v2", Prefix=_folder(folder), MaxKeys=PAGE).get("Contents", []):
            doomed = {"Objects": [{"Key": each["Key"]} for each in found], "Quiet": True}
            failed = self._ask("delete_objects", Delete=doomed).get("Errors", [])
            if failed:
                raise StoreRefused(
                    f"s3://{self.name}/{failed[0]['Key']}: expected to delete it, found {failed[0]['Code']}"
                )

    def abort_uploads(self, folder: str) -> int:
        """Remove the parts of uploads below a folder that were begun and not completed; how many uploads these were.

        Only for a folder that this process alone writes to: an upload at work is ended as well.
        """
        try:
            found = self._ask("list_multipart_uploads", Prefix=_folder(folder), MaxUploads=PAGE).get("Uploads", [])
            for each in found:
                self._ask("abort_multipart_upload", Key=each["Key"], UploadId=each["UploadId"])
        except (
            StoreRefused,
            FileNotFoundError,
        ) as error:  # unseen by readers: a matter of money, not of right and wrong
            log.warning("unfinished uploads stay where they are: %s", error)
            return 0
        return len(found) + (self.abort_uploads(folder) if len(found) >= PAGE else 0)

    def link(self, key: str, seconds: int) -> str:
        """An address that reads the object without credentials, for so long.

        Raises:
            ValueError: not between 1 second and 7 days.
        """
        if not 1 <= seconds <= MAX_LINK_S:
            raise ValueError(f"link: expected 1 to {MAX_LINK_S} seconds (7 days), found {seconds}")
        return self.client.generate_presigned_url(
            "get_object", Params={"Bucket": self.name, "Key": key}, ExpiresIn=seconds
        )

    def _place(self, arguments: dict[str, Any]) -> str:
        path = arguments.get("Key", arguments.get("Prefix", ""))
        return f"s3://{self.name}/{path} at {self.client.meta.endpoint_url}"

    def _ask(self, operation: str, **arguments: Any) -> Any:
        """One request; asked again, with growing pauses, while the server is out of breath and patience lasts."""
        until, pause = time.monotonic() + PATIENCE_S, 0.5
        while True:
            try:
                answer = getattr(self.client, operation)(Bucket=self.name, **arguments)
                return answer | {"Body": answer["Body"].read()} if "Body" in answer else answer
            except Exception as error:
                fault = explained(error, operation, self.name, self._place(arguments))
                left = until - time.monotonic()
                if type(fault) is not StoreError or left < pause:
                    raise fault from error
                log.warning("%s; trying for %.0f s more", fault, left)
            time.sleep(pause * random.uniform(0.5, 1))  # many workers must not come back together
            pause = min(2 * pause, MAX_PAUSE_S)


def _folder(path: str) -> str:
    return f"{path.rstrip('/')}/" if path else ""


def _within(key: str, path: str) -> bool:
    return key == path or key.startswith(_folder(path))
