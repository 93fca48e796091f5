"""The README is true: its tree is the tree, and every command that it and the pages of commands name can be parsed."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from jobs.__main__ import parser

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/order.md", "docs/captions.md", "docs/claims.md")


def test_the_tree_is_the_tree() -> None:
    spec = importlib.util.spec_from_file_location("tree", ROOT / "docs" / "tree.py")
    assert spec and spec.loader
    tree = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tree)
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert tree.rewritten(page) == page, "run python docs/tree.py"


def commands(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.findall(r"^    .*python -m jobs (.*)$|`python -m jobs ([^`]*)`", text, re.MULTILINE)
    return [(block or inline).split("#")[0].strip() for block, inline in found]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_understood(page: str) -> None:
    found = [command for command in commands(page) if not command.startswith("VERB") and "--help" not in command]
    assert found
    for command in found:
        parser().parse_args(shlex.split(command))


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "docs/map.md", "docs/log.md"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:platform|actors|jobs|docs|tests|benchmarks|mlflow)/[\w./]*)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []
