"""The clients of docs/serving.md run as they stand there, and its configuration is one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from beltline.language.inspection import Inspection
from beltline.serving import read
from tests.actors.test_reception import TEXT, image
from tests.standin import StandIn, reception

PAGE = (Path(__file__).parents[1] / "docs" / "serving.md").read_text()
BLOCKS = [(kind, text) for kind, text in re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)]
CLIENTS = [one for one in BLOCKS if one[0] != "yaml"]
COMMANDS = {"sh": ["bash", "-eu"], "python": [sys.executable], "js": ["node"]}


@pytest.mark.parametrize(("kind", "text"), CLIENTS, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(CLIENTS)])
def test_a_client_of_the_page_is_answered(kind: str, text: str, tmp_path: Path) -> None:
    for seed, view in enumerate(("top", "side")):
        (tmp_path / f"{view}.png").write_bytes(image(seed=seed))
    script = tmp_path / {"sh": "client.sh", "python": "client.py", "js": "client.mjs"}[kind]
    script.write_text(text)
    with reception(tmp_path, StandIn(TEXT)) as desk:
        environment = {**os.environ, "BELTLINE_URL": desk.url, "BELTLINE_KEY": desk.key}
        done = subprocess.run(
            [*COMMANDS[kind], str(script)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    if kind == "js":
        assert done.stdout.splitlines()[0].startswith("gun") and "201 { event:" in done.stdout
    elif "event-stream" in text:
        assert done.stdout.count("event: delta") > 1 and done.stdout.rstrip().split("event: ")[-1].startswith(
            "inspection"
        )
    elif kind == "sh":
        assert Inspection.model_validate_json(done.stdout).verdict == "threat"
    else:
        assert done.stdout == TEXT


def test_the_configuration_of_the_page_is_one() -> None:
    (found,) = [read(yaml.safe_load(text)) for kind, text in BLOCKS if kind == "yaml"]
    assert found.keys[0].name == "belt 3" and found.aliases == {"champion": "gsr"}


def test_every_kind_of_client_is_there() -> None:
    assert {kind for kind, _ in BLOCKS} == {*COMMANDS, "yaml"}
