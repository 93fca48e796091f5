"""The arrows of the house: jobs -> actors -> beltline, and inside beltline only downwards. A wrong import fails here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOTTOM = {"scan", "labels", "boxes", "masks", "pixels", "verdict", "beltline"}
MAY = {
    "s3": BOTTOM | {"s3_access", "s3_errors"},
    "store": BOTTOM | {"s3", "s3_access", "s3_errors"},
    "version": BOTTOM | {"store"},
    "cache": BOTTOM | {"store"},
    "library": BOTTOM | {"store", "version"},
    "lineage": BOTTOM | {"store", "version"},
    "lineage_page": BOTTOM | {"lineage"},
    "costs": BOTTOM,
    "page": BOTTOM,
    "differing": BOTTOM | {"version"},
    "card": BOTTOM,
    "uploads": BOTTOM | {"serving"},
    "chats": BOTTOM | {"serving", "uploads"},
    "formats": BOTTOM,
    "image": BOTTOM,
    "language": BOTTOM | {"formats", "image"},
    "learning": BOTTOM | {"store", "version", "formats", "image", "language"},
    "exam": BOTTOM | {"store", "version", "formats", "image", "language"},
}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def wrong_imports(path: Path, text: str | None = None) -> list[str]:
    """The imports of a file that turn an arrow round."""
    relative = path.relative_to(ROOT).as_posix()
    return [f"{relative} imports {name}" for name in imports(path) if not allowed(relative, name)]


def allowed(relative: str, name: str) -> bool:
    top = name.split(".")[0]
    if top == "ray":
        return relative.startswith("jobs/")
    if top == "mlflow":
        return relative == "jobs/ledger.py"
    if top in ("torch", "transformers", "peft", "deepspeed", "vllm"):
        return relative.startswith(("actors/", "platform/beltline/learning/"))
    if relative.startswith("platform/beltline/"):
        return top not in ("jobs", "actors") and (top != "beltline" or room_allowed(relative, name))
    return not (relative.startswith("actors/") and top == "jobs")


def room_allowed(relative: str, name: str) -> bool:
    room = relative.removeprefix("platform/beltline/").split("/")[0].removesuffix(".py")
    target = name.split(".")[1]
    return target == room or target in MAY.get(room, BOTTOM)


@pytest.mark.parametrize("folder", ["platform/beltline", "actors", "jobs"])
def test_every_import_follows_the_arrows(folder: str) -> None:
    assert files(folder)
    assert [wrong for path in files(folder) for wrong in wrong_imports(path)] == []


@pytest.mark.parametrize(
    ("relative", "name"),
    [
        ("platform/beltline/scan.py", "ray"),
        ("platform/beltline/image/physics.py", "torch"),
        ("platform/beltline/image/physics.py", "beltline.formats.coco"),
        ("platform/beltline/image/physics.py", "beltline.language.facts"),
        ("platform/beltline/learning/loop.py", "beltline.exam.tasks"),
        ("platform/beltline/exam/tasks.py", "beltline.learning.loop"),
        ("actors/captioner.py", "ray.data"),
        ("actors/captioner.py", "jobs.belt"),
        ("jobs/belt.py", "mlflow"),
        ("platform/beltline/scan.py", "actors.rowwise"),
    ],
)
def test_the_rule_knows_a_wrong_arrow(relative: str, name: str) -> None:
    assert not allowed(relative, name)


def test_platform_and_mlflow_are_no_packages() -> None:
    """An __init__.py there would hide the standard library's platform or the real mlflow."""
    assert not [
        folder for folder in ("platform", "mlflow", "tests/platform") if (ROOT / folder / "__init__.py").exists()
    ]
    assert not list((ROOT / "mlflow").glob("*.py"))


@pytest.mark.parametrize("folder", ["platform/beltline", "actors", "jobs"])
def test_every_module_says_what_it_is(folder: str) -> None:
    silent = [path for path in files(folder) if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []
