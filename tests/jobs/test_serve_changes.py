"""What a running server follows, and in which order it changes: files are real, Ray is not there (tests/vllm has it)."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from beltline.serving import Serving, new_key, read
from jobs import serve_rolls
from jobs.serve_choice import Watch, configured, follows
from jobs.serve_recipes import FRONT, RECIPES, deploy

MODELS = [{"name": "m", "source": "/m", "adapters": "s3://b/a"}, {"name": "n", "source": "/n"}]
KEYS = [new_key("a")[1].model_dump(mode="json")]


class File:
    """A configuration file, and the words of a command that names it."""

    def __init__(self, place: Path):
        self.path = place / "serve.yaml"
        same = {"input": None, "model": None, "dry_run": True, "store": str(place / "store"), "tracking": "unused"}
        self.args = argparse.Namespace(config=self.path, **same)

    def write(self, **found: Any) -> None:
        self.path.write_text(json.dumps(found))


@pytest.fixture
def file(tmp_path: Path) -> File:
    made = File(tmp_path)
    made.write(models=MODELS, keys=KEYS, aliases={"belt": "m:red"})
    return made


def test_a_changed_file_is_taken_over_and_what_it_does_not_name_stays(file: File) -> None:
    serving = configured(file.args)
    watch = Watch(file.args)
    assert watch.look(serving) is serving
    file.write(models=MODELS, aliases={"belt": "m:blue"}, limits={"queued": 3})
    new = watch.look(serving)
    assert (new.aliases, new.limits.queued) == ({"belt": "m:blue"}, 3)
    assert (new.keys, new.models, new.feedback) == (serving.keys, serving.models, serving.feedback)
    assert watch.look(new) is new


@pytest.mark.parametrize("text", ["models: [", '{"models": [], "keys": []}', '{"aliases": {"belt": "nobody"}}'])
def test_a_file_that_has_become_wrong_changes_nothing_and_is_said_once(
    file: File, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    serving = configured(file.args)
    watch = Watch(file.args)
    file.path.write_text(text)
    assert watch.look(serving) is serving and watch.look(serving) is serving
    assert [one.message.startswith("not taken over") for one in caplog.records] == [True]
    file.path.unlink()
    assert watch.look(serving) is serving, "it is being written, or gone"


def test_the_champion_is_followed_only_where_nothing_else_says_what_is_served(file: File) -> None:
    assert not follows(file.args)
    file.write(keys=KEYS)
    assert follows(file.args)
    file.args.model = Path("/m")
    assert not follows(file.args)


class Cluster:
    """Notes what is started; models of these names do not come up."""

    def __init__(self, broken: tuple[str, ...] = ()):
        self.broken, self.states = broken, list[tuple[list[str], dict[str, str]]]()

    def start(self, recipe: object, serving: Serving, args: object) -> None:
        self.states.append(([one.name for one in serving.models], dict(serving.aliases)))
        if any(one.name in self.broken for one in serving.models):
            raise RuntimeError("DEPLOY_FAILED")


def rolled(monkeypatch: pytest.MonkeyPatch, cluster: Cluster, old: Serving, new: Serving) -> bool:
    monkeypatch.setattr(serve_rolls, "start", cluster.start)
    return serve_rolls.roll(RECIPES["cpu"], old, new, argparse.Namespace())


def changed(serving: Serving, **more: Any) -> Serving:
    return Serving.model_validate({**serving.model_dump(mode="json"), "limits": {"queue_s": 0.01}, **more})


def test_the_new_model_is_there_before_names_move_and_the_old_one_goes_last(
    file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = changed(configured(file.args), models=MODELS[:1], aliases={"belt": "m"})
    new, cluster = changed(old, models=MODELS[1:], aliases={"belt": "n"}), Cluster()
    assert rolled(monkeypatch, cluster, old, new)
    assert cluster.states == [(["m", "n"], {"belt": "m"}), (["n", "m"], {"belt": "n"}), (["n"], {"belt": "n"})]


def test_an_alias_moves_in_one_step(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    old, cluster = configured(file.args), Cluster()
    assert rolled(monkeypatch, cluster, old, changed(old, aliases={"belt": "n"}))
    assert cluster.states == [(["m", "n"], {"belt": "n"})]


def test_a_model_that_does_not_come_up_changes_nothing(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    old = changed(configured(file.args), models=MODELS[:1], aliases={"belt": "m"})
    cluster = Cluster(broken=("n",))
    assert not rolled(monkeypatch, cluster, old, changed(old, models=MODELS[1:], aliases={"belt": "n"}))
    assert cluster.states == [(["m", "n"], {"belt": "m"}), (["m"], {"belt": "m"})]


def applications(recipe: str, serving: Serving) -> list[dict[str, Any]]:
    """Of the models, as Serve is told of them: what differs is started anew."""
    return [one for one in deploy(RECIPES[recipe], serving, "127.0.0.1", 1)["applications"] if one["name"] != FRONT]


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_no_model_is_started_anew_because_something_else_changes(file: File, recipe: str) -> None:
    serving = configured(file.args)
    told = json.dumps(applications(recipe, serving))
    every = {name: 2 * value for name, value in serving.limits.model_dump().items() if name != "images"}
    for change in (
        {},
        {"limits": every},
        {"aliases": {}, "keys": []},
        {"models": [*MODELS, {"name": "o", "source": "/o"}]},
    ):
        new = read({**serving.model_dump(mode="json"), **change})
        assert json.dumps(applications(recipe, new)[: len(MODELS)]) == told
