"""A small model's notes become captions, and each is asked for once; the model itself is played here."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from actors.notetaker import NoteTaker
from beltline.language import captions, notes
from beltline.language.facts import facts_of
from beltline.language.showing import TAGGED
from beltline.learning.speak import Asked
from beltline.library import paths_of
from beltline.store import Store
from tests.made import scan, version_of

BAGS = [scan(number, container="suitcase") for number in range(40)]
ODD = BAGS[7].id
SAID = {bag.top.bytes: ("a bag" if bag.id == ODD else notes.say(facts_of(bag)), "stop") for bag in BAGS}
SAID[BAGS[9].top.bytes] = (SAID[BAGS[9].top.bytes][0], "length")


@pytest.fixture
def taker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[NoteTaker, list[int]]:
    """A note taker, and how many bags each of its questions was about."""
    asked: list[int] = []

    class Played:
        def __init__(self, folder: str, form: object, device: str):
            assert (folder, form) == ("weights", TAGGED)

        def __call__(self, some: Sequence[Asked], max_tokens: int) -> list[tuple[str, str]]:
            asked.append(len(some))
            assert all([name for name, _ in views] == ["top", "side"] and text == notes.ASKED for views, text in some)
            return [SAID[views[0][1]] for views, _ in some]

    monkeypatch.setattr("actors.voice.Speaker", Played)
    paths = paths_of(version_of(Store(str(tmp_path)), BAGS, "bags"))
    return NoteTaker(str(tmp_path), "asked", "pupil@1", "weights", TAGGED, paths), asked


def test_captions_say_the_notes_and_what_is_none_is_rejected(taker: tuple[NoteTaker, list[int]]) -> None:
    rows = list(taker[0].rows([bag.id for bag in BAGS]))
    assert [row["id"] for row in rows] == [bag.id for bag in BAGS]
    for row, bag in zip(rows, BAGS, strict=True):
        assert (row["raw"], row["describer"]) == (SAID[bag.top.bytes][0], "pupil@1")
        if row["status"] is None:
            said = captions.read(row["caption"])
            assert sorted(item.category for item in said.items) == sorted(item.category for item in bag.items)
            assert "suitcase" in said.top
    bad = {row["id"]: row["reason"] for row in rows if row["status"]}
    assert bad == {ODD: "caption/notes", BAGS[9].id: "caption/cut"}


def test_what_is_answered_is_not_asked_again(taker: tuple[NoteTaker, list[int]]) -> None:
    """A job that was killed after some of its bags asks for the others alone."""
    note, asked = taker
    first = list(note.rows([bag.id for bag in BAGS[:10]]))
    again = list(note.rows([bag.id for bag in BAGS]))
    assert again[:10] == first and sum(asked) == len(BAGS)
