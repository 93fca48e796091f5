"""How an S3 place is named, and who we are there: a URI for the place, the usual environment for all the rest.

bucket, folder = parse("s3://scans/beltline")
client = connection(environment(), os.getpid())
"""

import functools
import os
from typing import Any
from urllib.parse import urlsplit

FALLBACK_REGION = "us-east-1"
"""What servers that have no regions expect in a signature."""


def parse(uri: str) -> tuple[str, str]:
    """(bucket, folder) of `s3://BUCKET/FOLDER`.

    Raises:
        ValueError: no bucket, or more than that in it.
    """
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.hostname or parts.query or "@" in parts.netloc or ":" in parts.netloc:
        raise ValueError(
            "store: expected s3://BUCKET or s3://BUCKET/FOLDER and nothing else, found something more or less; credentials, "
            "region and endpoint belong in the environment (AWS_ACCESS_KEY_ID, AWS_REGION, AWS_ENDPOINT_URL)"
        )
    return parts.netloc, parts.path.strip("/")


@functools.lru_cache(maxsize=8)
def connection(environment: tuple[tuple[str, str], ...], pid: int) -> Any:
    """A boto3 client, once a process and environment.

    Raises:
        ValueError: boto3 is not installed, or the environment is not complete.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise ValueError("store: expected boto3 for s3://, found none; pip install 'beltline[s3]'") from error
    said = dict(environment)
    try:
        session = boto3.session.Session(region_name=said.get("AWS_REGION") or said.get("AWS_DEFAULT_REGION"))
        aws = is_aws(session.client("s3", session.region_name or FALLBACK_REGION).meta.endpoint_url)
    except BotoCoreError as error:
        raise ValueError(f"store: expected an environment that boto3 understands, found {error}") from error
    if aws and not session.region_name:
        raise ValueError("store: expected the region of the bucket, found none; set AWS_REGION")
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "auto" if aws else "path"},  # as pyarrow does it for an endpoint of one's own
        retries={"total_max_attempts": 2},  # the patience is ours
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=32,
    )
    return session.client("s3", session.region_name or FALLBACK_REGION, config=config)


def environment() -> tuple[tuple[str, str], ...]:
    """What decides whom boto3 talks to, and as whom."""
    return tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))


def is_aws(endpoint: str) -> bool:
    """Whether it is Amazon's own, and not a server of one's own."""
    return (urlsplit(endpoint).hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn"))
