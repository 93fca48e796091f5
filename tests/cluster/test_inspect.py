"""`inspect` through the server's own front: a row a scan, typed as the server types it; bad answers are kept with their reason."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from beltline.language.inspection import inspect
from beltline.store import Store
from beltline.version import iter_rows, resolve
from tests.made import scan, version_of, view
from tests.standin import Desk, StandIn, reception
from tests.web.intercepted import SIZE_WH, WHOLE

pytestmark = pytest.mark.cluster
SIZES = {"top": SIZE_WH, "side": SIZE_WH}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def words(desk: Desk, more: str) -> str:
    return (
        f"inspect --endpoint {desk.url}/v1 --model by-heart@3 --workers 2 --in-flight 4 --tries 2 --pause 0.01 {more}"
    )


def test_a_version_is_inspected_once_and_each_row_says_what_the_server_would(
    jobs: Callable[..., int], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bags = [scan(number) for number in range(5)]
    version_of(store, bags, "bags")
    voice = StandIn(WHOLE)
    with reception(tmp_path, voice) as desk:
        monkeypatch.setenv("OPENAI_API_KEY", desk.key)
        for output in ("seen", "seen", "seen-again"):
            assert jobs(words(desk, f"--input bags --output {output}")) == 0
    assert len(voice.asked) == len(bags), "what was answered is not asked again"
    shown = voice.asked[0]["messages"][0]["content"]
    assert [part.get("text", "picture") for part in shown][:4] == ["<top>", "picture", "<side>", "picture"]
    seen, again = resolve(store, "seen"), resolve(store, "seen-again")
    assert seen.digest == again.digest and seen.inputs == {"scans": "bags@1.0.0"}
    rows = {row["id"]: row for row in iter_rows(store, seen)}
    assert rows.keys() == {one.id for one in bags}
    for row in rows.values():
        said = inspect(WHOLE, SIZES, id="", model="")
        assert (row["state"], row["verdict"], row["model"], row["text"]) == ("whole", "threat", "by-heart@3", WHOLE)
        assert [(one["category"], one["top_xyxy"], one["side_xyxy"]) for one in row["items"]] == [
            (one.category, one.top_xyxy, one.side_xyxy) for one in said.items
        ]
        assert row["top_reasoning"] == said.reasoning.top and row["status"] == "kept"


def test_a_folder_becomes_scans_and_what_cannot_be_read_is_kept_with_its_reason(
    jobs: Callable[..., int], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "monday"
    folder.mkdir()
    for number, name in enumerate(("a_top.png", "a_side.png", "b.png")):
        (folder / name).write_bytes(view(number, (320, 240)).bytes)
    (folder / "notes.txt").write_text("not an image")
    voice = StandIn("the the bag")
    with reception(tmp_path, voice) as desk:
        monkeypatch.setenv("OPENAI_API_KEY", desk.key)
        assert jobs(words(desk, f"--root {folder} --output monday")) == 0
    assert sorted(json.dumps(one["messages"]).count("data:image/") for one in voice.asked) == [1, 2]
    rows = list(iter_rows(store, resolve(store, "monday")))
    assert [(row["status"], row["reason"], row["state"], row["text"]) for row in rows] == [
        ("rejected", "inspect/unreadable", "unreadable", "the the bag")
    ] * 2
    assert all(row["items"] == [] and row["verdict"] == "unknown" and row["detail"] for row in rows)


def test_who_names_neither_a_version_nor_a_folder_is_told_so(
    jobs: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert jobs("inspect --model m --output x") == 2
    assert "--input NAME[@VERSION] or --root FOLDER" in capsys.readouterr().err
