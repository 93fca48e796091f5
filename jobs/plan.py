"""plan: what N scans of a recipe will cost in time, processor and card hours, bytes, tokens and money, before anything is started.

    python -m jobs plan --recipe everyday --scans 1e7 --workers 512
    python -m jobs plan --recipe everyday --scans 1e7 --workers 512 --captions qwen3-vl-235b --engines 32 --train gsr --cards 64
    python -m jobs plan --recipe everyday --scans 1e5 --workers 64 --prices my-prices.yaml --json

Constants lie in jobs/constants.yaml, each with where it was measured and when, or that it is assumed; prices in deploy/prices.yaml, which whoever
pays fills in. A recipe that nobody has measured is refused: `python -m benchmarks.scale --verb VERB --recipe NAME` measures it. docs/scale.md.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import yaml
from rich.table import Table

from beltline import costs
from beltline.costs import Constants, Line, Prices
from jobs import console

HELP = "what N scans of a recipe will cost"
CONSTANTS = Path(__file__).parent / "constants.yaml"
PRICES = Path(__file__).parent.parent / "deploy" / "prices.yaml"
HEAD = ("stage", "rows", "CPU h", "GPU h", "GB", "M tokens in", "M tokens out", "hours", "constants are")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", required=True, help="of regenerate, or VERB:RECIPE of another verb")
    parser.add_argument("--scans", required=True, type=_count, metavar="N", help="how many; 1e7 is understood")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processors at work; default 1")
    parser.add_argument("--captions", metavar="RECIPE", help="a model describes them, instead of the grammar")
    parser.add_argument("--engines", type=int, default=1, metavar="N", help="of that model; default 1")
    parser.add_argument("--train", metavar="RECIPE", help="a model is taught one conversation a scan")
    parser.add_argument("--cards", type=int, default=1, metavar="N", help="that teach it; default 1")
    parser.add_argument("--prices", type=Path, default=PRICES, metavar="FILE", help="default deploy/prices.yaml")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """0 when the plan is told.

    Raises:
        ValueError: nobody has measured the recipe, or a file of constants or prices is not well formed.
    """
    known = Constants.model_validate(_yaml(CONSTANTS))
    lines = planned(known, args)
    paid = costs.money(lines, Prices.model_validate(_yaml(args.prices)))
    memory = {
        "driver_mb": known.driver.bytes_per_row * args.scans / 1e6,
        "worker_mb": known.belts[lines[0].name].worker_mb,
    }
    if args.json:
        print(json.dumps({"stages": [costs.plain(one) for one in lines], "usd": paid, **memory}))
        return 0
    show(lines)
    print(
        f"memory: the driver's grows by {memory['driver_mb']:,.0f} MB ({known.driver.kind}, {known.driver.date}), a worker has {memory['worker_mb']:,.0f} MB of its own whatever N is"
    )
    for name, word in (("cpu", "processors"), ("gpu", "cards"), ("month", "keeping it for a month")):
        told = f"no price in {args.prices}" if paid[name] is None else f"{paid[name]:,.2f} USD"
        print(f"{word}: {told}")
    return 0


def planned(known: Constants, args: argparse.Namespace) -> list[Line]:
    """The stages of a plan.

    Raises:
        ValueError: nobody has measured the recipe, or what the model takes.
    """
    verb, _, recipe = args.recipe.rpartition(":")
    name = f"{verb or 'regenerate'} {recipe}"
    lines = [costs.belt(_of(known.belts, name, "--recipe"), name, args.scans, args.workers)]
    if args.captions:
        speaker = _of(known.speakers, args.captions, "--captions")
        lines.append(costs.speaking(speaker, f"captions by {args.captions}", args.scans, args.engines))
    if args.train:
        lines.append(_teaching(args))
    return lines


def _teaching(args: argparse.Namespace) -> Line:
    from beltline.learning.recipes import RECIPES
    from jobs.train_plan import gpu_hours

    recipe = _of(RECIPES, args.train, "--train")
    return costs.teaching(f"train {args.train}", args.scans, gpu_hours(recipe, recipe.base, args.scans), args.cards)


def _of(known: Any, name: str, word: str) -> Any:
    if name not in known:
        raise ValueError(
            f"{word}: expected one of {', '.join(sorted(known))}, found {name!r}; `python -m benchmarks.scale` measures another"
        )
    return known[name]


def show(lines: list[Line]) -> None:
    """The table on screen."""
    table = Table()
    for number, name in enumerate(HEAD):
        table.add_column(name, justify="right" if 0 < number < len(HEAD) - 1 else "left", no_wrap=True)
    for one in lines:
        figures = (one.cpu_h, one.gpu_h, one.bytes / 1e9, one.tokens_in / 1e6, one.tokens_out / 1e6, one.hours)
        table.add_row(one.name, f"{one.rows:,}", *(f"{value:,.1f}" if value else "" for value in figures), one.kind)
    console.show(table)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _count(word: str) -> int:
    number = float(word)
    if number < 1 or number != int(number):
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, found {word}")
    return int(number)
