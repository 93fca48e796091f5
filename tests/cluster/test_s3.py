"""The whole belt with STORE on S3: killed in the middle, gone on under a server that is out for 20 s, the digest of the disk."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import ray

from beltline.cache import calls
from beltline.s3_errors import StoreRefused
from beltline.store import Store
from beltline.version import resolve, verify
from jobs.__main__ import gave_out
from jobs.progress import Committed
from tests.killing import EVERYDAY, ROWS, kill_when
from tests.s3 import ROOT, Server, outside

pytestmark = pytest.mark.cluster
WORKERS, OUTAGE_S = 2, 20
IN_FLIGHT = WORKERS + 1
COMMAND = f"{EVERYDAY} --blocks 8 --workers {WORKERS}"


def start(server: Server, store: Store, ledger: str, folder: Path) -> subprocess.Popen[bytes]:
    places = ["--store", store.uri, "--tracking", ledger]
    environment = outside(server) | {"RAY_ADDRESS": "", "HOME": str(folder)}
    command = [sys.executable, "-m", "jobs", *COMMAND.split(), *places]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=(folder / "log").open("ab"))


def committed(store: Store) -> int:
    runs = store.list("corpus/.runs")
    return Committed(store, f"{runs[0]}/checkpoint").count() if runs else 0


def begin_upload(store: Store, path: str) -> None:
    """What a worker leaves that is killed while it writes a large file: parts, and no file."""
    client, place = store.bucket.client, {"Bucket": store.bucket.name, "Key": store.key(path)}
    begun = client.create_multipart_upload(**place)
    client.upload_part(**place, PartNumber=1, UploadId=begun["UploadId"], Body=b"x" * (5 << 20))


def uploads(store: Store) -> list[str]:
    listed = store.bucket.client.list_multipart_uploads(Bucket=store.bucket.name, Prefix=store.key(""))
    return [each["Key"] for each in listed.get("Uploads", [])]


def test_a_kill_and_an_outage_change_nothing(s3_writer: Server, everyday: Store, ledger: str, tmp_path: Path) -> None:
    store = Store(f"s3://{s3_writer.bucket}/killed")
    kill_when(start(s3_writer, store, ledger, tmp_path), lambda: committed(store) >= ROWS // 4)
    run = store.list("corpus/.runs")[0]
    before = committed(store)
    assert 0 < before < ROWS
    assert store.list("corpus") == ["corpus/.runs"], "nothing looks like a version"
    begin_upload(store, f"{run}/rows/status=kept/torn.parquet")
    s3_writer.control(outage_after=20, outage_s=OUTAGE_S)
    assert start(s3_writer, store, ledger, tmp_path).wait() == 0
    served = s3_writer.control()
    assert served["waiting"] == -1 and served["refused"] > 0, "the outage came, and was met"
    found = re.search(rf"continuing, (\d+) of {ROWS} rows are done", (tmp_path / "log").read_text())
    assert found and before <= int(found[1]) < ROWS, "a worker may commit a block after its driver is dead"
    manifest = resolve(store, "corpus")
    assert manifest.num_rows == ROWS and verify(store, manifest.ref, deep=True) == []
    assert uploads(store) == [] and not store.exists(f"{run}/checkpoint")
    asked, repeated = calls(store, f"{run}/asked")
    assert asked - repeated == ROWS and repeated <= IN_FLIGHT
    assert resolve(everyday, "corpus").digest == manifest.digest


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (StoreRefused("s3://b/x at http://h: expected to be allowed s3:PutObject, found AccessDenied"), "s3:PutObject"),
        (OSError("When reading 'x': AWS Error SLOW_DOWN during HeadObject operation"), "AWS Error SLOW_DOWN"),
        (OSError("disk full"), None),
        (ValueError("s3://b/x"), None),
    ],
)
def test_a_workers_fault_is_the_stores_when_it_is(ray_here: None, fault: Exception, said: str | None) -> None:
    def fail(batch: dict) -> dict:
        raise fault

    with pytest.raises(Exception) as caught:
        ray.data.range(1).map_batches(fail).materialize()
    found = gave_out(caught.value)
    assert found is None if said is None else said in found and "\n" not in found
