"""Verbs one after another, as a person would give them: what a job does that is made of other jobs.

    do = doer(args, options.output)               # or sayer(options.output) for --dry-run
    bags = do("bags", "synthesize --recipe everyday --limit 10")        # the version OUTPUT-bags
    do("words", f"caption --recipe grammar --input {bags.ref}")

Each step is a version of its own, OUTPUT-STEP, and is found again where it is done: the whole can be killed and given again.
"""

import argparse
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from beltline.verdict import KEPT
from beltline.version import Manifest, find_run, resolve, run_of
from jobs.job import execute, identity
from jobs.options import Options, read_common
from jobs.work import Work

Do = Callable[[str, str], Any]
"""(step, words of a verb) to the version that it makes."""
log = logging.getLogger("beltline")


def sayer(output: str) -> Do:
    """Steps that are only said, each once: of each, half is taken to be kept."""
    said: set[str] = set()

    def do(step: str, words: str) -> Any:
        name = f"{output}-{step}"
        if (line := f"  python -m jobs {words} --output {name}") not in said:
            print(line)
        said.add(line)
        return SimpleNamespace(ref=name, num_rows=2, counts={KEPT: 1})

    return do


def doer(args: argparse.Namespace, output: str) -> Do:
    """Steps that are done, where they are not done yet."""

    def do(step: str, words: str) -> Manifest:
        log.info("%s: python -m jobs %s --output %s", args.verb, words, f"{output}-{step}")
        module, given = parsed(args, output, step, words)
        options = read_common(given)
        if hasattr(module, "prepare"):
            return done(module.prepare(options, given), options, given)
        if module.run(given):
            raise ValueError(f"{options.output}: expected a version, found none")
        return resolve(options.store, options.output)

    return do


def parsed(args: argparse.Namespace, output: str, step: str, words: str) -> tuple[Any, argparse.Namespace]:
    """A step's verb and its words, at the same store, tracking and cluster."""
    from jobs.__main__ import parser  # knows all verbs, the one that asks too

    places = [f"--{name}={value}" for name in ("store", "tracking", "address") if (value := getattr(args, name))]
    given = parser().parse_args([*words.split(), f"--output={output}-{step}", *places])
    return given.module, given


def done(work: Work, options: Options, args: argparse.Namespace | None = None) -> Manifest:
    """The version that a step makes, or has made.

    Raises:
        ValueError: it made none.
    """
    run_verb = getattr(args.module, "run", None) if args else None
    code = run_verb(args) if run_verb else execute(work, options)
    made = find_run(options.store, options.output, run_of(identity(work, options)))
    if code or made is None:
        raise ValueError(f"{options.output}: expected a version, found none and the code {code}")
    return made
