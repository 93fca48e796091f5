"""Writes the tree of README.md: every file with the first line of its docstring as caption, so that it cannot grow stale.

python docs/tree.py            # rewrites the block between the markers; tests/test_readme.py fails when it is out of date
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("platform/beltline", "actors", "jobs", "benchmarks")
BEGIN, END = "<!-- tree -->\n", "<!-- end of tree -->\n"


def caption(path: Path) -> str:
    """First line of a module's docstring, without its full stop."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n")[0].removesuffix(".")


def lines(folder: Path, depth: int = 0) -> list[str]:
    """A folder's files, then its folders, indented."""
    pad, found = "  " * depth, []
    for path in sorted(folder.glob("*.py")):
        if path.name != "__init__.py":
            found.append(f"{pad}{path.name:<{max(2, 26 - len(pad))}} {caption(path)}")
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.py"))):
        says = caption(inner / "__init__.py") if (inner / "__init__.py").exists() else ""
        found += [f"{pad}{inner.name + '/':<{max(2, 26 - len(pad))}} {says}", *lines(inner, depth + 1)]
    return found


def tree() -> str:
    """The block for the README."""
    rooms = [line for room in ROOMS for line in (f"{room}/", *lines(ROOT / room, 1))]
    return "```\n" + "\n".join(line.rstrip() for line in rooms) + "\n```\n"


def rewritten(readme: str) -> str:
    """The README with a fresh tree between its markers."""
    head, rest = readme.split(BEGIN)
    return head + BEGIN + tree() + END + rest.split(END)[1]


if __name__ == "__main__":
    page = ROOT / "README.md"
    page.write_text(rewritten(page.read_text(encoding="utf-8")), encoding="utf-8")
