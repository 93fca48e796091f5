"""A recipe or an input that changed is captioned again only where it changed, and --dry-run says so before it happens."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from beltline.language import screening
from beltline.store import Store
from jobs import recipes
from jobs.recipes import CAPTIONS, CleanRecipe
from tests.fire import Fire
from tests.made import GUN, KNIFE, scan, version_of, view

pytestmark = pytest.mark.cluster
ROWS, CHANGED = 24, 10
SAID = re.compile(r"asks about (\d+) of (\d+) rows;")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """bags@1.0.0: so many scans, large enough for the gates; bags@2.0.0: ten of them look otherwise."""
    store = Store(str(tmp_path / "store"))
    made = [
        scan(n, (replace(GUN, top_xyxy=(5 + n, 30, 90, 70)), KNIFE), top=view(n, (320, 240)), side=view(n, (320, 240)))
        for n in range(ROWS)
    ]
    version_of(store, made, "bags", run="r1")
    again = [replace(one, top=view(99 - n, (320, 240))) if n < CHANGED else one for n, one in enumerate(made)]
    version_of(store, again, "bags", run="r2")
    return store


@pytest.fixture
def fire() -> Iterator[Fire]:
    with Fire() as fire:
        yield fire


@pytest.fixture(autouse=True)
def all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recipes that differ from `scans` in one thing each."""
    scans = replace(
        recipes.REGENERATE["scans"], clean=CleanRecipe(name="any", max_hash_distance=None), caption=CAPTIONS["endpoint"]
    )
    model = CAPTIONS["endpoint"].model
    assert model
    anew = replace(CAPTIONS["endpoint"], model=replace(model, prompt="six-attribute-caption"))
    for name, recipe in {
        "plain": scans,
        "stricter": replace(scans, clean=CleanRecipe(name="strict", min_side_px=230, max_hash_distance=None, quota=20)),
        "worded": replace(scans, caption=anew),
    }.items():
        monkeypatch.setitem(recipes.REGENERATE, name, replace(recipe, name=name))


def test_only_what_a_change_touches_is_asked_and_said_before(
    jobs: Callable[..., int], store: Store, fire: Fire, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(recipe: str, version: str, model: str = "tested@1") -> int:
        """Requests of a job; what a dry run says of it just before must be the same."""
        words = f"regenerate --recipe {recipe} --input bags@{version} --model {model} --output corpus"
        before = fire.requests
        assert jobs(f"{words} --endpoint {fire.url} --dry-run") == 0
        assert fire.requests == before
        said = SAID.search(capsys.readouterr().out)
        assert said
        assert jobs(f"{words} --endpoint {fire.url} --workers 2") == 0
        assert (int(said[1]), int(said[2])) == (fire.requests - before, ROWS)
        return fire.requests - before

    assert asked("plain", "1.0.0") == ROWS
    assert asked("plain", "2.0.0") == CHANGED
    assert asked("stricter", "1.0.0") == 0, "gates and screens do not make a caption another one"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "RULES", "screening-of-tomorrow")
        assert asked("plain", "1.0.0") == 0
    assert asked("plain", "1.0.0", "tested@2") == ROWS
    assert asked("worded", "1.0.0") == ROWS
