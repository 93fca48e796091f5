"""Claim: LLaMA-Factory and ms-swift load our exports as they stand, and learn our assistant's turns, all of them and nothing else.

    python -m benchmarks.loaders --llamafactory lf-venv/bin/python --swift sw-venv/bin/python [--bags 8]

Each tool has an environment of its own, as neither can share ours; docs/order.md says how to make them. Conversations of all kinds
about virtual bags in two views, in one view, and one without any are exported; the tool's own loader and template read them, with
tokenizer and processor of our tiny Qwen3-VL and Qwen2.5-VL. What it made of each is decoded and compared, letter by letter, with
what the rows say: the text with every image's number of tokens (the two views differ in size), the boxes in the form that the
tool writes, and the stretches that are learned. A warning is a miss too. Prints one JSON object; exit code 1 on any miss.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from actors.converser import COMPOSERS
from beltline import pixels
from beltline.formats.export import EXPORTS
from beltline.image.phantom import RECIPES, make_scan
from beltline.language.facts import facts_of
from beltline.language.lessons import About
from beltline.scan import Row, Scan
from jobs.recipes import CONVERSE
from tests import tiny

TOOLS = {"llamafactory": "sharegpt", "swift": "swift"}
"""The tool, and the export that is for it."""
FACTOR_PX = {"qwen3-vl": 32, "qwen2.5-vl": 28}
"""Side of the square that becomes one token."""
SYSTEM = {"qwen3-vl": "", "qwen2.5-vl": "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"}
SIDE_WH = (448, 320)
BOX = re.compile(r"<box>\[(\d+),(\d+),(\d+),(\d+)\]</box>")
Size = tuple[int, int]


def material(bags: int) -> tuple[list[Scan], list[Row]]:
    """Scans, the last of one view, and conversations of every kind about each; the last row is about none."""
    made = [make_scan(RECIPES["everyday"], number) for number in range(bags)]
    made[-1] = replace(made[-1], side=None)
    rows = [row for scan in made for row in lessons(scan)]
    turns = [
        {"role": "user", "content": "What does water do to X-rays?"},
        {"role": "assistant", "content": "It dims them."},
    ]
    return [cropped(scan) for scan in made], [*rows, rows[-1] | {"views": [], "boxes": [], "turns": turns}]


def lessons(scan: Scan) -> Iterator[Row]:
    """What `converse --recipe lessons` says about a scan; a chain of reasoning needs two views."""
    facts, recipe = facts_of(scan), CONVERSE["lessons"]
    about = About(scan=scan.id, scan_content=None, group=scan.group)
    for kind, count in recipe.kinds:
        if scan.side or kind != "gsxray":
            yield from (COMPOSERS[kind](facts, recipe.seed, about, index).row() for index in range(count))


def cropped(scan: Scan) -> Scan:
    """With a smaller side view, so that the two cannot be taken for each other; boxes in the text are shares, and stay."""
    if scan.side is None:
        return scan
    width, height = SIDE_WH
    return replace(scan, side=pixels.make_view(pixels.decode(scan.side.bytes)[:height, :width], scan.side.path))


def expected(row: Row, scan: Scan, tool: str, setting: str, kind: str) -> dict[str, Any]:
    """What the tool should make of a row: all of its text, and what is learned of it."""
    sizes = {view: grid(getattr(scan, view), kind) for view in row["views"]}
    boxes = iter(row["boxes"])

    def written(found: re.Match[str]) -> str:
        size = sizes[next(boxes)["view"]]
        xyxy = [int(edge) for edge in found.groups()]
        return found[0] if tool == "llamafactory" else as_swift(xyxy, size, setting, kind)

    said = [BOX.sub(written, turn["content"]) for turn in row["turns"]]
    factor = FACTOR_PX[kind] ** 2
    pads = ["<|image_pad|>" * (width * height // factor) for width, height in sizes.values()]
    said[0] = "".join(f"<|vision_start|>{run}<|vision_end|>" for run in pads) + ("\n" if pads else "") + said[0]
    learned = [f"{text}<|im_end|>\n" for text in said[1::2]]
    asked = [f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n" for text in said[::2]]
    whole = SYSTEM[kind] + "".join(f"{ask}{answer}" for ask, answer in zip(asked, learned, strict=True))
    return {"whole": whole, "learned": learned}


def grid(view: Any, kind: str) -> Size:
    """Width and height in pixels as the processor resizes the view: to whole tokens."""
    factor = FACTOR_PX[kind]
    return round(view.width / factor) * factor, round(view.height / factor) * factor


def as_swift(xyxy: list[int], size_wh: Size, setting: str, kind: str) -> str:
    """A box as ms-swift writes it: thousandths for Qwen3-VL, pixels of the resized view for Qwen2.5-VL unless told otherwise."""
    if setting == "thousandths":
        return str(xyxy)
    ends = (1000, 1000) if kind == "qwen3-vl" else size_wh
    left, top, right, bottom = (round(edge / 1000 * ends[axis % 2]) for axis, edge in enumerate(xyxy))
    return f"<|box_start|>({left},{top}),({right},{bottom})<|box_end|>"


def read(python: str, tool: str, export: Path, model: Path, kind: str) -> Any:
    """What the tool made of the export, in its own process; it looks at no card and asks no hub."""
    out = export.parent / f"{tool}-{kind}.json"
    home = {"HF_HOME": str(export.parent / "hub"), "MODELSCOPE_CACHE": str(export.parent / "hub")}
    offline = {"HF_HUB_OFFLINE": "1", "USE_HF": "1", "CUDA_VISIBLE_DEVICES": ""}
    inside = [python, "-P", str(Path(__file__).with_name("loaders_inside.py")), tool, str(export), str(model), kind]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([*inside, str(out)], env={**kept, **home, **offline}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{tool} did not load the export:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return json.loads(out.read_text())


def compare(told: Any, tool: str, kind: str, scans: list[Scan], rows: list[Row]) -> Iterator[dict[str, Any]]:
    """For each setting: rows, how many came back, and how many of these are not as expected."""
    by_id = {scan.id: scan for scan in scans}
    for setting in [name for name in told if name not in ("version", "warnings")]:
        wanted = [expected(row, by_id[row["scan"]], tool, setting, kind) for row in rows]
        wrong = [pair for pair in zip_longest(wanted, told[setting]) if pair[0] != pair[1]]
        if wrong:
            print(f"{tool}, {kind}, {setting}: expected\n{wrong[0][0]}\nfound\n{wrong[0][1]}", file=sys.stderr)
        same = {"tool": f"{tool} {told['version']}", "model": kind, "boxes": setting}
        counts = {"rows": len(rows), "loaded": len(told[setting]), "wrong": len(wrong)}
        yield (
            same
            | counts
            | {"learned_turns": sum(len(one["learned"]) for one in told[setting]), "warnings": told["warnings"]}
        )


def figures(pythons: dict[str, str], bags: int) -> dict[str, Any]:
    scans, rows = material(bags)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in FACTOR_PX:
            model = tiny.build(kind, Path(folder) / kind)
            for tool, python in pythons.items():
                export = Path(folder) / tool
                EXPORTS[TOOLS[tool]].write(export, scans, rows)
                found += compare(read(python, tool, export, model, kind), tool, kind, scans, rows)
    misses = sum(one["wrong"] + len(one["warnings"]) for one in found)
    return {"benchmark": "loaders", "misses": misses, "loaded": found}


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for tool in TOOLS:
        given.add_argument(f"--{tool}", metavar="PYTHON", help=f"the Python of an environment with {tool}")
    given.add_argument("--bags", type=int, default=8)
    args = given.parse_args()
    pythons = {tool: getattr(args, tool) for tool in TOOLS if getattr(args, tool)}
    if not pythons:
        given.error(
            "expected the Python of one tool or both, --llamafactory and --swift; docs/order.md says how to make them"
        )
    told = figures(pythons, args.bags)
    print(json.dumps(told, indent=1))
    raise SystemExit(1 if told["misses"] else 0)


if __name__ == "__main__":
    main()
