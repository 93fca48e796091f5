"""What an S3 server refuses or does not answer, in sentences: what was expected, what was found, and the remedy.

raise explained(error, "put_object", "scans", "s3://scans/corpus/card.md at http://...") from error
"""

from typing import Any

_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AuthFailure"}
_REGION = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
_BUSY = {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "ConditionalRequestConflict"}
_RIGHTS = {
    "get_object": "s3:GetObject",
    "put_object": "s3:PutObject",
    "list_objects_v2": "s3:ListBucket",
    "delete_objects": "s3:DeleteObject",
    "list_multipart_uploads": "s3:ListBucketMultipartUploads",
    "abort_multipart_upload": "s3:AbortMultipartUpload",
}


class StoreError(OSError):
    """The server refused, or gave no answer for too long; the message says what was expected, found, and the remedy."""


class StoreRefused(StoreError):
    """It answered, and asking again would change nothing: credentials, permissions, no such bucket."""


class Taken(Exception):
    """The condition of a conditional write does not hold."""


def explained(error: Exception, operation: str, bucket: str, place: str) -> Exception:
    """The exception to raise for what boto3 raised; a plain StoreError is worth another try, a StoreRefused is not.

    Args:
        operation: boto3's name of the request, e.g. put_object.
        place: what it was about, for the message.
    """
    from botocore import exceptions

    answer: dict[str, Any] = getattr(error, "response", {})
    code = answer.get("Error", {}).get("Code", type(error).__name__)
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _BUSY or status >= 500 or isinstance(error, (exceptions.HTTPClientError, exceptions.ConnectionError)):
        return StoreError(f"{place}: expected an answer to {operation}, found {code}; the same command goes on later")
    if code in ("NoSuchKey", "NoSuchUpload"):
        return FileNotFoundError(f"{place}: there is no such object")
    if status == 412:
        return Taken(place)
    if not isinstance(error, (exceptions.BotoCoreError, exceptions.ClientError)):
        return error  # a fault of ours
    keys = (exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.CredentialRetrievalError)
    return StoreRefused(f"{place}: {_remedy(code, operation, bucket, isinstance(error, keys) or code in _KEYS)}")


def _remedy(code: str, operation: str, bucket: str, keys: bool) -> str:
    if keys:
        return (
            f"expected credentials that it accepts, found {code}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
            "(AWS_SESSION_TOKEN too, if they are temporary) or AWS_PROFILE"
        )
    if code == "NoSuchBucket":
        return f"expected the bucket {bucket}, found {code}; make it, or correct the store or AWS_ENDPOINT_URL"
    if code in _REGION:
        return f"expected the region of the bucket, found {code}; set AWS_REGION to the one that the bucket is in"
    if code == "AccessDenied":
        return f"expected to be allowed {_RIGHTS.get(operation, operation)}, found {code}; have it granted"
    return f"expected an answer to {operation}, found {code}"
