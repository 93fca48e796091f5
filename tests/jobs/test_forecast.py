"""What --dry-run says of a job that asks a model: from what is stored, alone or shared out, and without writing anything."""

from dataclasses import asdict
from pathlib import Path

import pytest

from beltline.cache import AnswerCache
from beltline.language import captions, grammar
from beltline.language.asking import Reply, request_of
from beltline.language.facts import facts_of
from beltline.store import Store
from jobs import forecast as room
from jobs.__main__ import main, parser
from jobs.caption import prepare
from jobs.forecast import forecast
from jobs.options import read_common
from jobs.recipes import CAPTIONS
from tests.made import scan, version_of

SCANS = [scan(number) for number in range(12)]
WORDS = "caption --recipe {} --model tested@1 --endpoint http://nobody:1/v1 --input bags --output words"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Twelve scans. Stored: four captions, two first answers that are none, one refusal, and what another model said."""
    store = Store(str(tmp_path / "store"))
    version_of(store, SCANS, "bags")
    args = parser().parse_args([*WORDS.format("endpoint").split(), "--store", store.uri])
    (stage,) = prepare(read_common(args), args).stages("words/.runs/r")
    cache, model = AnswerCache(store, asked=""), stage.kwargs["model"]
    for number, one in enumerate(SCANS[:7]):
        facts = facts_of(one)
        said = captions.write(grammar.describe(facts, (1, number))) if number < 4 else "I cannot say."
        stored = asdict(Reply(text=said, completion_tokens=500 + number))
        refused = {"failed": ["caption/refused", "too long"]}
        cache.keep(request_of(model, one, facts).name(0), refused if number == 6 else stored)
    return store


def lines(store: Store, recipe: str, *more: str) -> tuple[str, ...]:
    words = WORDS.format(recipe).split()
    words = words if CAPTIONS[recipe].model else [word for word in words if word not in ("--model", "tested@1")]
    args = parser().parse_args([*words, "--store", store.uri, *more])
    options = read_common(args)
    return forecast(prepare(options, args), options, "words/.runs/r")


def test_what_is_stored_decides(store: Store) -> None:
    said = lines(store, "endpoint")
    assert said[0] == "asks about 7 of 12 rows; 4 have their caption stored, 1 failed for good"
    assert "501 an answer, as the 4 stored ones" in said[2] and "about 3,510:" in said[2]  # 7 times 501.5, whole tokens
    other = lines(store, "endpoint", "--seed", "5")
    assert other[0] == "asks about 12 of 12 rows; 0 have their caption stored" and "assumed" in other[2]


def test_a_describer_without_a_model_asks_nobody(store: Store) -> None:
    assert lines(store, "grammar") == ()


def test_shared_out_among_processes_it_is_the_same(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = lines(store, "endpoint", "--workers", "2")
    monkeypatch.setattr(room, "ALONE", 0)
    monkeypatch.setattr(room, "ROWS_AT_ONCE", 5)
    assert lines(store, "endpoint", "--workers", "2") == alone


def test_bags_that_are_yet_to_be_made_are_counted_too(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    words = "regenerate --recipe clear --limit 3 --captions endpoint --model tested@1 --endpoint http://nobody:1/v1"
    before = store.list("", recursive=True)
    assert main([*words.split(), "--output", "corpus", "--store", store.uri, "--dry-run"]) == 0
    assert "asks about 3 of 3 rows" in capsys.readouterr().out
    assert store.list("", recursive=True) == before
