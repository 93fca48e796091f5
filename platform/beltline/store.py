"""Where versions lie: a local folder (default ./data) or an `s3://` URI, behind one small face.

pyarrow's filesystems carry the data, boto3 does the rest on S3 (`beltline.s3`). A local write goes to a temporary name first
and is renamed, an S3 put is atomic by itself: a reader never sees half a file. A pickled store is its URI: each process
opens the place anew, with the credentials of its own environment.

    store = Store("./data")
    store.write("corpus/1.0.0/card.md", b"...")
"""

import os
import posixpath
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.fs as pafs

from beltline.s3 import Bucket
from beltline.s3_access import parse

DEFAULT = "./data"
_TEMPORARY = re.compile(r"\.[0-9a-f]{32}\.tmp$")


@dataclass(frozen=True, slots=True)
class Store:
    """A root and the filesystem that it is on. Paths given to its methods are relative to the root, with slashes."""

    uri: str
    _at: tuple[Any, str] = field(init=False, repr=False, compare=False)
    bucket: Bucket | None = field(init=False, repr=False, compare=False)
    """What the store lies in, when that is S3."""

    def __post_init__(self) -> None:
        scheme = self.uri.split("://")[0] if "://" in self.uri else None
        if scheme not in (None, "file", "s3"):
            raise ValueError(f"store: expected a folder or s3://BUCKET/FOLDER, found {self.uri!r}")
        name, folder = parse(self.uri) if scheme == "s3" else ("", "")
        bucket = Bucket(name) if name else None
        at = (bucket.filesystem(), posixpath.join(name, folder)) if bucket else _local(self.uri)
        object.__setattr__(self, "bucket", bucket)
        object.__setattr__(self, "_at", at)

    def __reduce__(self) -> tuple[type["Store"], tuple[str]]:
        return Store, (self.uri,)

    @property
    def filesystem(self) -> Any:
        """The pyarrow filesystem, for parquet readers and writers."""
        return self._at[0]

    @property
    def is_local(self) -> bool:
        return self.bucket is None

    def path(self, *parts: str) -> str:
        """Path on `filesystem` of a path relative to the root."""
        return posixpath.join(self._at[1], *parts)

    def absolute(self) -> "Store":
        """The same place, named so that another process or machine finds it."""
        return Store(self._at[1]) if self.is_local else self

    def key(self, path: str) -> str:
        """The name of a path in the bucket: without the bucket."""
        return self.path(path).partition("/")[2].rstrip("/")

    def check(self, *, writes: bool) -> None:
        """Nothing, or what is wrong with the place, before any work: nobody wants to hear of it after an hour.

        Raises:
            ValueError: the server refuses what a job needs.
            StoreError: it gives no answer.
        """
        if self.bucket:
            self.bucket.check(self.key(""), writes=writes)

    def exists(self, path: str) -> bool:
        if self.bucket:
            return self.bucket.exists(self.key(path))
        return bool(self.filesystem.get_file_info(self.path(path)).type != pafs.FileType.NotFound)

    def read(self, path: str) -> bytes:
        """All bytes of a file.

        Raises:
            FileNotFoundError: there is none.
        """
        if self.bucket:
            return self.bucket.look(self.key(path))[0]
        with self.filesystem.open_input_stream(self.path(path)) as stream:
            return bytes(stream.read())

    def write(self, path: str, data: bytes) -> None:
        """Write a whole file, so that nobody ever reads a part of it; folders are made as needed."""
        if self.bucket:
            self.bucket.put(self.key(path), data)
            return
        target = self.path(path)
        os.replace(self._beside(target, data), target)

    def write_once(self, path: str, data: bytes) -> bytes:
        """Write a whole file unless there is one; the bytes that are there now. Of many writers the first one wins."""
        if self.bucket:
            return data if self.bucket.swap(self.key(path), data, None) else self.read(path)
        target = self.path(path)
        temporary = self._beside(target, data)
        try:
            os.link(temporary, target)
        except FileExistsError:
            pass
        finally:
            os.unlink(temporary)
        return self.read(path)

    def list(self, folder: str, *, recursive: bool = False) -> list[str]:
        """Files below `folder` (folders too when not recursive), relative to the root, sorted; [] when it is missing.

        What a killed writer left under a temporary name, or as parts of an upload, is not there for readers.
        """
        if self.bucket:
            root = self.key("").strip("/")
            keys = self.bucket.keys(self.key(folder), recursive=recursive)
            return sorted(key.removeprefix(root).strip("/") for key in keys)  # relpath would ask where this process is
        selector = pafs.FileSelector(self.path(folder), recursive=recursive, allow_not_found=True)
        infos = self.filesystem.get_file_info(selector)
        wanted = [info.path for info in infos if not recursive or info.type == pafs.FileType.File]
        return sorted(posixpath.relpath(path, self._at[1]) for path in wanted if not _TEMPORARY.search(path))

    def remove(self, path: str) -> None:
        """Remove one file; nothing happens when it is missing."""
        if self.bucket:
            self.bucket.remove(self.key(path))
        else:
            Path(self.path(path)).unlink(missing_ok=True)

    def delete(self, folder: str) -> None:
        """Remove a folder and all in it; nothing happens when it is missing."""
        if self.bucket:
            self.bucket.delete(self.key(folder))
        elif self.exists(folder):
            self.filesystem.delete_dir(self.path(folder))

    def drop_unfinished(self, folder: str) -> int:
        """Remove what killed uploads have left below a folder that nobody else writes to; how many they were."""
        return self.bucket.abort_uploads(self.key(folder)) if self.bucket else 0

    def link(self, path: str, seconds: int = 3600) -> str:
        """An address at which a file can be read: on S3 by anyone and for so long, else a file:// URI of this machine."""
        return self.bucket.link(self.key(path), seconds) if self.bucket else Path(self.path(path)).as_uri()

    def _beside(self, target: str, data: bytes) -> str:
        """A local file with the data, in the target's folder under a temporary name."""
        os.makedirs(posixpath.dirname(target), exist_ok=True)
        temporary = f"{target}.{uuid.uuid4().hex}.tmp"
        self._put(temporary, data)
        return temporary

    def _put(self, path: str, data: bytes) -> None:
        with self.filesystem.open_output_stream(path) as stream:
            stream.write(data)


def _local(uri: str) -> tuple[Any, str]:
    if uri.startswith("file://"):
        return pafs.FileSystem.from_uri(uri)
    return pafs.LocalFileSystem(), Path(uri).expanduser().absolute().as_posix()
