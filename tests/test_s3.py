"""STORE on S3, against a server with its access checks on: the first writer wins, nothing half done looks whole."""

import os
import pickle
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beltline import s3
from beltline.cache import AnswerCache, calls
from beltline.s3_errors import StoreError, StoreRefused
from beltline.store import Store
from beltline.version import MANIFEST, publish, resolve, verify, versions
from jobs.__main__ import main
from tests.made import scan, version_of
from tests.s3 import Server, become, outside


@pytest.fixture
def store(s3_writer: Server) -> Store:
    """An empty place of its own."""
    return Store(f"s3://{s3_writer.bucket}/{uuid.uuid4().hex}")


def test_an_empty_place_holds_nothing(store: Store) -> None:
    assert store.list("") == store.list("corpus", recursive=True) == []
    assert not store.exists("corpus") and not store.is_local and store.absolute() is store
    store.delete("corpus")
    with pytest.raises(FileNotFoundError):
        store.read("corpus/card.md")


def test_who_stands_in_a_folder_that_is_gone_lists_all_the_same(store: Store, tmp_path, monkeypatch) -> None:
    """As a job's driver does whose code was taken away by another job's end."""
    store.write("corpus/card.md", b"x")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert store.list("") == ["corpus"] and store.list("corpus", recursive=True) == ["corpus/card.md"]


def test_what_is_written_is_read_and_listed_as_on_disk(store: Store, tmp_path) -> None:
    files = {"b/2/x.md": b"x", "b/1.md": b"", "b-c/d ü.md": b"d", "a.md": bytes(range(256))}
    disk = Store(str(tmp_path))
    for place in (store, disk):
        for path, data in files.items():
            place.write(path, data)
        place.filesystem.create_dir(place.path("b/empty"), recursive=True)
        assert {path: place.read(path) for path in place.list("", recursive=True)} == files
    for folder in ("", "b", "b/2", "c"):
        for recursive in (False, True):
            assert store.list(folder, recursive=recursive) == disk.list(folder, recursive=recursive)
    for path in ("b", "b/2", "b/2/x.md", "a.md", "a", "b/2/x", "b/3"):
        assert store.exists(path) == disk.exists(path), path
    for place in (store, disk):
        for _ in range(2):
            place.remove("b/1.md")
            assert place.list("b", recursive=True) == ["b/2/x.md"]
        place.delete("b")
    assert store.list("", recursive=True) == disk.list("", recursive=True) == ["a.md", "b-c/d ü.md"]


def test_more_than_a_page_is_listed_and_deleted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "PAGE", 4)
    names = [f"many/{number:02}" for number in range(9)] + ["many/a/1", "many/b/1"]
    for name in names:
        store.write(name, b"")
        store.bucket.client.create_multipart_upload(Bucket=store.bucket.name, Key=store.key(name))
    assert store.list("many", recursive=True) == names
    assert store.list("many") == [*names[:9], "many/a", "many/b"]
    assert store.drop_unfinished("many") == 11
    store.delete("many")
    assert store.list("", recursive=True) == []


def test_the_root_of_a_bucket_is_a_place(store: Store, s3_writer: Server) -> None:
    root = Store(f"s3://{s3_writer.bucket}")
    root.write(f"{store.key('')}/a/b", b"1")
    assert store.read("a/b") == b"1" and root.exists(f"{store.key('')}/a")
    assert f"{store.key('')}/a/b" in root.list("", recursive=True)


def test_pyarrow_goes_where_boto3_goes(store: Store) -> None:
    table = pa.table({"row": range(1000)})
    pq.write_table(table, store.path("rows/a.parquet"), filesystem=store.filesystem)
    assert pq.read_table(pa.BufferReader(store.read("rows/a.parquet"))) == table
    assert pq.read_table(store.path("rows/a.parquet"), filesystem=store.filesystem) == table


def test_a_pickle_holds_the_place_and_nobodys_secret(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("a", b"1")
    frozen = pickle.dumps((store, store.bucket))
    assert os.environ["AWS_SECRET_ACCESS_KEY"].encode() not in frozen
    again = pickle.loads(frozen)[0]
    assert again == store and again.read("a") == b"1"
    assert os.environ["AWS_SECRET_ACCESS_KEY"].encode() not in pickle.dumps(store.filesystem)


def test_a_filesystem_that_travelled_is_as_patient_as_before(store: Store, s3_writer: Server) -> None:
    """pyarrow's own pickle gives up after three attempts, which take some 3 s."""
    store.write("a", b"1")
    travelled = pickle.loads(pickle.dumps(store.filesystem))
    s3_writer.control(outage_s=5)
    with travelled.open_input_stream(store.path("a")) as stream:
        assert stream.read() == b"1"


WRITER = """
import sys
from beltline.store import Store
from concurrent.futures import ThreadPoolExecutor
store, number = Store(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
for path in sys.argv[3:]:
    with ThreadPoolExecutor(4) as pool:
        heard = set(pool.map(lambda part: store.write_once(path, f"{number}.{part}".encode() * 5000), range(4)))
    assert len(heard) == 1
    store.write(f"heard/{path}/{number}", heard.pop())
"""


def test_of_many_writers_in_many_processes_the_first_wins_and_all_know_it(store: Store, s3_writer: Server) -> None:
    paths = [f"answer-{number}" for number in range(3)]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, store.uri, str(number), *paths],
            stdin=subprocess.PIPE,
            env=outside(s3_writer),
        )
        for number in range(3)
    ]
    for process in started:
        process.stdin.write(b"\n")
        process.stdin.flush()
    assert [process.wait() for process in started] == [0, 0, 0]
    for path in paths:
        heard = {store.read(each) for each in store.list(f"heard/{path}")}
        assert len(store.list(f"heard/{path}")) == 3 and heard == {store.read(path)}


def test_a_mark_lets_only_one_change_happen(store: Store) -> None:
    key = store.key("lease")
    first = store.bucket.swap(key, b"1", None)
    assert first and store.bucket.swap(key, b"2", None) is None
    with ThreadPoolExecutor(8) as pool:
        marks = list(pool.map(lambda number: store.bucket.swap(key, b"new %d" % number, first), range(8)))
    assert sum(mark is not None for mark in marks) == 1
    assert store.bucket.look(key) == (
        b"new %d" % next(n for n, mark in enumerate(marks) if mark),
        max(filter(None, marks)),
    )
    assert store.bucket.swap(store.key("none"), b"3", first) is None


def test_a_write_whose_answer_was_lost_is_known_as_ones_own(store: Store) -> None:
    """The same write again is refused by the server, and yet it was ours."""
    mark = store.bucket.swap(store.key("lease"), b"mine", None)
    assert store.bucket.swap(store.key("lease"), b"mine", None) == mark


def test_asked_once_by_many_at_a_time(store: Store) -> None:
    def ask(number: int) -> list[int]:
        cache = AnswerCache(store, "run/asked")
        return [cache.ask({"id": key}, lambda key=key: {"by": number, "id": key})["by"] for key in range(5)]

    with ThreadPoolExecutor(6) as pool:
        heard = list(pool.map(ask, range(6)))
    assert all(one == heard[0] for one in heard), "all were told the same"
    asked, repeated = calls(store, "run/asked")
    assert 5 <= asked <= 30 and asked - repeated == 5
    again = AnswerCache(store, "later/asked")
    assert [again.ask({"id": key}, dict)["by"] for key in range(5)] == heard[0]
    assert calls(store, "later/asked") == (0, 0)


def test_an_upload_that_nobody_finished_is_nothing_to_readers_and_can_be_removed(store: Store) -> None:
    client, name = store.bucket.client, store.bucket.name
    for path in ("run/rows/a.parquet", "run/rows/b.parquet", "other/rows/a.parquet"):
        begun = client.create_multipart_upload(Bucket=name, Key=store.key(path))
        part = {"Bucket": name, "Key": store.key(path), "PartNumber": 1, "UploadId": begun["UploadId"]}
        client.upload_part(**part, Body=b"x" * (5 << 20))
    assert store.list("", recursive=True) == [] and not store.exists("run")
    assert store.drop_unfinished("run") == 2 and store.drop_unfinished("run") == 0
    left = client.list_multipart_uploads(Bucket=name, Prefix=store.key(""))["Uploads"]
    assert [each["Key"] for each in left] == [store.key("other/rows/a.parquet")], "another folder's is not touched"
    store.delete("other")
    assert "Uploads" not in client.list_multipart_uploads(Bucket=name, Prefix=store.key(""))


def test_a_version_is_there_when_its_manifest_is_and_verify_sees_to_the_pixel(store: Store) -> None:
    manifest = version_of(store, [scan(number) for number in range(3)], num_files=2)
    assert verify(store, manifest.ref, deep=True) == []
    assert resolve(store, "corpus") == manifest
    store.bucket.client.delete_object(Bucket=store.bucket.name, Key=store.key(f"corpus/1.0.0/{MANIFEST}"))
    assert versions(store, "corpus") == []
    assert "not complete" in verify(store, manifest.ref)[0]
    publish(store, manifest)
    broken = manifest.rows[0].path
    store.write(broken, store.read(broken)[:-1])
    assert verify(store, manifest.ref)[0].startswith(f"{broken}: expected")


def test_a_number_is_published_once(store: Store) -> None:
    manifest = version_of(store, [scan(0)])
    with pytest.raises(ValueError, match="published by another job"):
        publish(store, manifest.model_copy(update={"commit": "another"}))
    assert resolve(store, "corpus") == manifest


def test_a_link_reads_one_file_without_credentials_for_a_while(store: Store) -> None:
    store.write("card ü.md", b"card")
    link = store.link("card ü.md", seconds=600)
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"card"
    for wrong in (link.replace("card", "other"), link.replace("Expires=600", "Expires=601")):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(wrong)
    for seconds in (0, 7 * 24 * 3600 + 1):
        with pytest.raises(ValueError, match="7 days"):
            store.link("card ü.md", seconds=seconds)


def test_a_place_that_is_right_passes_and_keeps_no_trace_of_the_check(store: Store) -> None:
    store.check(writes=True)
    store.check(writes=False)
    assert store.list("", recursive=True) == []


@pytest.mark.parametrize(
    ("user", "changes", "bucket", "message"),
    [
        ("writer", {"AWS_SECRET_ACCESS_KEY": "wrong"}, "", "credentials that it accepts, found SignatureDoesNotMatch"),
        ("writer", {"AWS_ACCESS_KEY_ID": "AKIANOBODY"}, "", "credentials that it accepts, found InvalidAccessKeyId"),
        ("writer", {}, "no-such-bucket-here", "expected the bucket no-such-bucket-here, found NoSuchBucket; make it"),
        ("nobody", {}, "", "expected to be allowed s3:ListBucket, found AccessDenied"),
        ("reader", {}, "", "expected to be allowed s3:PutObject, found AccessDenied"),
    ],
)
def test_what_would_stop_a_job_is_said_before_it_starts(
    s3_server: Server,
    monkeypatch: pytest.MonkeyPatch,
    user: str,
    changes: dict,
    bucket: str,
    message: str,
) -> None:
    become(monkeypatch, s3_server, user, **changes)
    with pytest.raises(ValueError, match=message) as caught:
        Store(f"s3://{bucket or s3_server.bucket}/x").check(writes=True)
    assert s3_server.endpoint in str(caught.value)


def test_without_credentials_it_says_so(s3_server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    become(monkeypatch, s3_server)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(ValueError, match="found NoCredentialsError; set AWS_ACCESS_KEY_ID"):
        Store(f"s3://{s3_server.bucket}/x").check(writes=False)


def test_who_may_only_read_reads(s3_server: Server, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("a", b"1")
    become(monkeypatch, s3_server, "reader")
    store.check(writes=False)
    assert store.read("a") == b"1"
    with pytest.raises(StoreRefused, match="s3:PutObject"):
        store.write("b", b"1")


def test_a_server_that_knows_no_conditions_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(bucket: s3.Bucket, key: str, data: bytes, mark: str | None) -> str:
        bucket.put(key, data)
        return "mark"

    monkeypatch.setattr(s3.Bucket, "swap", careless)
    with pytest.raises(ValueError, match="If-None-Match"):
        store.check(writes=True)


@pytest.mark.parametrize(
    "uri", ["s3://", "s3:///folder", "s3://key:secret@bucket/x", "s3://bucket/x?region=eu", "s3://host:9000/bucket"]
)
def test_a_uri_names_a_bucket_and_a_folder_and_nothing_else(uri: str) -> None:
    with pytest.raises(ValueError, match="expected s3://BUCKET") as caught:
        Store(uri)
    assert "secret" not in str(caught.value)


def test_amazon_wants_a_region(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(ValueError, match="set AWS_REGION"):
        Store("s3://bucket/x")


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.setenv("AWS_REGION", "nowhere-1")
    with pytest.raises(ValueError, match=r"pip install 'beltline\[s3\]'"):
        Store("s3://bucket/x")


def test_boto3_is_not_imported_for_a_folder() -> None:
    script = "import sys; from beltline.store import Store; Store('/tmp').list('x'); sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_server_out_of_breath_is_waited_for(store: Store, s3_writer: Server, monkeypatch) -> None:
    monkeypatch.setattr(s3, "MAX_PAUSE_S", 0.5)
    before = s3_writer.control()["refused"]
    s3_writer.control(outage_s=1.5)
    store.write("a", b"1")
    assert store.read("a") == b"1" and s3_writer.control()["refused"] > before


def test_patience_ends(store: Store, s3_writer: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "PATIENCE_S", 0.0)
    s3_writer.control(outage_s=3600)
    try:
        with pytest.raises(StoreError, match="found SlowDown; the same command goes on later"):
            store.check(writes=True)
    finally:
        s3_writer.control(outage_s=0)
    store.check(writes=True)


def test_a_server_that_is_not_there_is_no_wrong_command(monkeypatch: pytest.MonkeyPatch, s3_server: Server) -> None:
    monkeypatch.setattr(s3, "PATIENCE_S", 0.0)
    become(monkeypatch, s3_server, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    with pytest.raises(StoreError, match="found EndpointConnectionError"):
        Store("s3://bucket/x").check(writes=False)


@pytest.mark.parametrize(
    ("user", "bucket", "message"),
    [("writer", "no-such-bucket-here", "NoSuchBucket"), ("reader", "beltline-tests", "s3:PutObject")],
)
def test_a_job_that_could_not_write_starts_no_work(
    s3_server: Server, monkeypatch: pytest.MonkeyPatch, capsys, user: str, bucket: str, message: str
) -> None:
    become(monkeypatch, s3_server, user)
    place = f"s3://{bucket}/{uuid.uuid4().hex}"
    assert main(["regenerate", "--recipe", "everyday", "--output", "corpus", "--limit", "4", "--store", place]) == 2
    assert message in capsys.readouterr().err
    become(monkeypatch, s3_server)
    if bucket == s3_server.bucket:
        assert Store(place).list("", recursive=True) == []


def test_a_store_that_gave_out_is_no_wrong_command(s3_writer: Server, monkeypatch, capsys) -> None:
    monkeypatch.setattr(s3, "PATIENCE_S", 0.0)
    s3_writer.control(outage_s=3600)
    try:
        assert main(["verify", "corpus@1.0.0", "--store", f"s3://{s3_writer.bucket}/x"]) == 3
    finally:
        s3_writer.control(outage_s=0)
    assert "the same command goes on later" in capsys.readouterr().err
