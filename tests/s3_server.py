"""An S3 server on loopback for the tests, in a process of its own: moto with its access checks on, and faults on demand.

moto checks signatures and policies, and knows conditional writes. What is added here: requests are served one after the
other, so that a conditional write is atomic as S3's is (moto looks and then writes); presigned links, whose signatures moto
does not read; and `POST /_control` with {"outage_s": 20} (503 for as long) or {"outage_after": 5, "outage_s": 20} (from the
sixth write on). `GET /_control` tells how many requests were served and refused.

    python tests/s3_server.py     # prints one line of JSON: {"endpoint": ..., "bucket": ..., "users": {name: [id, secret]}}
"""

import io
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto import settings
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

BUCKET, REGION = "beltline-tests", "eu-west-1"
ALL, READ = ["s3:*"], ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"]
USERS = {"writer": ALL, "reader": READ, "nobody": []}
STAMP = "%Y%m%dT%H%M%S"
Start = Callable[..., Any]


class Front:
    """What stands between the network and moto."""

    def __init__(self, app: Callable[..., Iterable[bytes]], users: dict[str, list[str]]):
        self._app, self._secrets = app, {key: secret for key, secret in users.values()}
        self._one_at_a_time = threading.Lock()
        self._served: Counter[str] = Counter()
        self._until, self._writes_left, self._outage_s = 0.0, -1, 0.0

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        body = (
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) if _sized(environ) else _rest(environ)
        )
        environ["wsgi.input"], environ["wsgi.input_terminated"] = io.BytesIO(body), True
        with self._one_at_a_time:
            if environ["PATH_INFO"] == "/_control":
                return self._control(environ, body, start)
            if self._is_out(environ["REQUEST_METHOD"]):
                return _refuse(start, "503 Service Unavailable", "SlowDown", "Please reduce your request rate.")
            if "X-Amz-Signature" in environ["QUERY_STRING"] and not self._signed(environ):
                return _refuse(start, "403 Forbidden", "SignatureDoesNotMatch", "The link is not valid (any more).")
            self._served[f"{environ['REQUEST_METHOD']}"] += 1
            return list(self._app(environ, start))

    def _control(self, environ: dict[str, Any], body: bytes, start: Start) -> list[bytes]:
        if body:
            order = json.loads(body)
            self._outage_s, self._writes_left = order["outage_s"], order.get("outage_after", -1)
            self._until = time.monotonic() + self._outage_s if self._writes_left < 0 else 0.0
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({**self._served, "waiting": self._writes_left}).encode()]

    def _is_out(self, method: str) -> bool:
        if self._writes_left >= 0 and method == "PUT":
            self._writes_left -= 1
            if self._writes_left < 0:
                self._until = time.monotonic() + self._outage_s
        out = time.monotonic() < self._until
        self._served["refused"] += out
        return out

    def _signed(self, environ: dict[str, Any]) -> bool:
        """Whether a presigned link is genuine and not too old; if so, the request goes on with an ordinary signature."""
        path, _, query = environ["REQUEST_URI"].partition("?")
        said = dict(parse_qsl(query, keep_blank_values=True))
        key, made = said["X-Amz-Credential"].split("/")[0], datetime.strptime(said["X-Amz-Date"], f"{STAMP}%z")
        if key not in self._secrets or datetime.now(UTC) > made + timedelta(seconds=int(said["X-Amz-Expires"])):
            return False
        credentials, url = Credentials(key, self._secrets[key]), f"http://{environ['HTTP_HOST']}{path}"
        unsigned = "&".join(part for part in query.split("&") if not part.startswith("X-Amz-Signature="))
        request = AWSRequest(environ["REQUEST_METHOD"], f"{url}?{unsigned}", headers={"host": environ["HTTP_HOST"]})
        request.context["timestamp"] = said["X-Amz-Date"]
        auth = S3SigV4QueryAuth(credentials, "s3", REGION)
        if (
            auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
            != said["X-Amz-Signature"]
        ):
            return False
        plain = AWSRequest(environ["REQUEST_METHOD"], url)
        S3SigV4Auth(credentials, "s3", REGION).add_auth(plain)
        environ["QUERY_STRING"], environ["RAW_URI"], environ["REQUEST_URI"] = "", path, path
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in plain.headers.items()}
        return True


def _sized(environ: dict[str, Any]) -> bool:
    return "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "")


def _rest(environ: dict[str, Any]) -> bytes:
    return environ["wsgi.input"].read()


def _refuse(start: Start, status: str, code: str, message: str) -> list[bytes]:
    start(status, [("Content-Type", "application/xml")])
    return [f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()]


def users() -> dict[str, list[str]]:
    """Make the users; name to [access key id, secret]."""
    iam, made = iam_backends[DEFAULT_ACCOUNT_ID]["aws"], {}
    for name, actions in USERS.items():
        iam.create_user(REGION, name)
        resources = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*", "arn:aws:s3:::no-such-bucket-here"]
        rule = {"Effect": "Allow", "Action": actions or ["iam:GetUser"], "Resource": resources}
        iam.put_user_policy(name, "tests", json.dumps({"Version": "2012-10-17", "Statement": [rule]}))
        key = iam.create_access_key(name)
        made[name] = [key.access_key_id, key.secret_access_key]
    return made


def main() -> None:
    made = users()
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(BUCKET, REGION)
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0  # from the first request on
    front = Front(DomainDispatcherApplication(create_backend_app), made)
    server = make_server("127.0.0.1", 0, front, threaded=True, request_handler=MotoRequestHandler)
    endpoint = f"http://127.0.0.1:{server.server_port}"
    print(json.dumps({"endpoint": endpoint, "bucket": BUCKET, "region": REGION, "users": made}), flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # until whoever started it is gone


if __name__ == "__main__":
    main()
