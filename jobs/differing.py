"""What differs between any versions and runs of MLflow, for `compare`: read here, told on screen, and put into MLflow as a page.

compare(options, ["corpus@1.0.0", "corpus@2.0.0", "<run of MLflow>"], None, Path("compare"), "")
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from beltline import card
from beltline.differing import Side, Table, differences, of_manifest, of_run
from beltline.page import html
from beltline.version import Manifest, diff_versions, resolve
from jobs.ledger import fetched
from jobs.options import Options
from jobs.scores import open_run, show

RUN = re.compile(r"[0-9a-f]{32}")
ROWS = ("rows", "added", "removed", "changed")


def all_replies(options: Options, refs: Sequence[str]) -> bool:
    """Whether every input is a version of replies to an exam."""
    names = [ref.partition("=")[2] or ref for ref in refs]
    return not any(RUN.fullmatch(name) for name in names) and all(
        "exam" in one.inputs and "reply" in one.columns for one in (resolve(options.store, name) for name in names)
    )


def compare(options: Options, refs: Sequence[str], names: Sequence[str] | None, out: Path, title: str) -> int:
    """Say what differs; 0.

    Raises:
        ValueError: fewer than two inputs, no such version or run, or not one name an input.
    """
    if len(refs) < 2 or (names and len(names) != len(refs)):
        raise ValueError(
            f"--input: expected two or more versions or runs, and one of --names for each, found {len(refs)}"
        )
    said = [ref.partition("=")[2] or ref for ref in refs]
    manifests = {ref: resolve(options.store, ref) for ref in said if not RUN.fullmatch(ref)}
    sides = [
        of_manifest(name, manifests[ref]) if ref in manifests else of_run(name, *fetched(options.tracking, ref))
        for name, ref in zip(names or said, said, strict=True)
    ]
    text = told(sides) + _rows(options, list(manifests.values()))
    title = title or f"What differs: {', '.join(side.name for side in sides)}"
    out.mkdir(parents=True, exist_ok=True)
    (out / "compare.md").write_text(f"# {title}\n\n{text or 'Nothing differs.'}\n", encoding="utf-8")
    (out / "compare.html").write_text(html(title, text or "Nothing differs."), encoding="utf-8")
    (out / "compare.json").write_text(json.dumps({side.name: side.said for side in sides}, indent=1), encoding="utf-8")
    return _enter(options, list(manifests.values()), sides, out)


def told(sides: Sequence[Side]) -> str:
    """The tables on screen; the same as markdown."""
    return "".join(_told(table) for table in differences(sides))


def _told(table: Table) -> str:
    section, head, rows = table
    show(f"what differs: {section}", head, rows)
    return f"\n## What differs: {section}\n\n" + "\n".join(card.table(head, rows)) + "\n"


def _rows(options: Options, manifests: Sequence[Manifest]) -> str:
    """Rows by id of every version against the first, where both are of one kind."""
    if not manifests:
        return ""
    first = manifests[0]
    alike = [one for one in manifests[1:] if one.columns == first.columns]
    found = [(one, diff_versions(options.store, first, one).counts()) for one in alike]
    lines = [(f"{first.ref} to {one.ref}", *(str(count[name]) for name in ROWS[1:])) for one, count in found]
    return _told(("rows by id", ROWS, lines)) if lines else ""


def _enter(options: Options, manifests: Sequence[Manifest], sides: Sequence[Side], out: Path) -> int:
    ledger = open_run(options, f"compare {' and '.join(side.name for side in sides)}", {"beltline.verb": "compare"})
    ledger.params({str(number): side.name for number, side in enumerate(sides, 1)})
    for manifest in manifests:
        ledger.dataset(manifest, f"{options.store.uri}/{manifest.name}/{manifest.version}", "input")
    for path in sorted(out.glob("compare.*")):
        ledger.artifact(path.name, path.read_bytes())
    print(ledger.end() or f"written to {out}, and to MLflow at {options.tracking}")
    return 0
