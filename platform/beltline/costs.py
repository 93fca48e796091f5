"""What a corpus of N scans will cost: processor and card hours, bytes, tokens, time, money; arithmetic over constants that say where they come from.

    known = Constants.model_validate(...)              # jobs/constants.yaml
    found = [belt(known.belts["regenerate everyday"], "make", rows=10_000_000, workers=512), ...]
    money(found, Prices.model_validate(...))           # deploy/prices.yaml, to be filled in by whoever pays

A constant is measured, reckoned from a recipe, or assumed, and a plan that rests on an assumption says so. A row costs the same wherever it is
made: the belt streams, and what grows with N in the driver is the spec table alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, PositiveFloat, PositiveInt

HOUR_S = 3600.0


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Known(_Strict):
    """A set of constants that were found together."""

    kind: Literal["measured", "reckoned", "assumed"]
    source: str
    """The benchmark and its machine, or the page that reckons it."""
    date: str


class Belt(Known):
    """A verb with a recipe on processors."""

    cpu_s_start: NonNegativeFloat
    """CPU-seconds before the first row and after the last, once a job."""
    cpu_s_per_row: PositiveFloat
    bytes_per_row: NonNegativeFloat
    """In the store, everything that the job writes."""
    worker_mb: NonNegativeFloat
    """The largest worker's own memory."""


class Speaker(Known):
    """A model that is asked about every row."""

    tokens_in: PositiveFloat
    tokens_out: PositiveFloat
    reads_per_s: PositiveFloat
    """Tokens of prompts that an engine takes in a second."""
    writes_per_s: PositiveFloat
    gpus: PositiveInt
    """Cards of an engine."""


class Driver(Known):
    bytes_per_row: NonNegativeFloat
    """Of memory in the process that plans and closes a job."""


class Constants(_Strict):
    belts: dict[str, Belt]
    """By `verb recipe`."""
    speakers: dict[str, Speaker]
    """By caption recipe."""
    driver: Driver


class Price(_Strict):
    usd: float | None
    """None until whoever pays has filled it in."""
    source: str
    date: str


class Prices(_Strict):
    cpu_hour: Price
    """Of one processor (a vCPU)."""
    gpu_hour: Price
    """Of one card with its share of the node."""
    gb_month: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One stage of a plan."""

    name: str
    rows: int
    kind: str
    cpu_h: float = 0
    gpu_h: float = 0
    bytes: float = 0
    tokens_in: float = 0
    tokens_out: float = 0
    hours: float = 0
    """Of wall time."""


def belt(known: Belt, name: str, rows: int, workers: int) -> Line:
    """A verb on processors; its start is spread over the workers as its rows are."""
    cpu_s = known.cpu_s_start + rows * known.cpu_s_per_row
    return Line(
        name=name,
        rows=rows,
        kind=known.kind,
        cpu_h=cpu_s / HOUR_S,
        bytes=rows * known.bytes_per_row,
        hours=(known.cpu_s_start + rows * known.cpu_s_per_row / workers) / HOUR_S,
    )


def speaking(known: Speaker, name: str, rows: int, engines: int) -> Line:
    """A model asked once about every row; what an engine reads and what it writes do not overlap."""
    into, out = rows * known.tokens_in, rows * known.tokens_out
    engine_s = into / known.reads_per_s + out / known.writes_per_s
    hours = engine_s / engines / HOUR_S
    return Line(
        name=name, rows=rows, kind=known.kind, gpu_h=engine_s * known.gpus / HOUR_S, tokens_in=into, tokens_out=out, hours=hours
    )  # fmt: skip


def teaching(name: str, rows: int, gpu_h: float, cards: int) -> Line:
    """A model that is taught; the hours of one card are reckoned elsewhere (`train --dry-run`)."""
    return Line(name=name, rows=rows, kind="assumed", gpu_h=gpu_h, hours=gpu_h / cards)


def money(lines: Iterable[Line], prices: Prices) -> dict[str, float | None]:
    """US dollars by what is paid for: `cpu`, `gpu`, `month` (of keeping the bytes); None where no price is given and something is used."""
    found = list(lines)
    used = {"cpu": sum(one.cpu_h for one in found), "gpu": sum(one.gpu_h for one in found)}
    used["month"] = sum(one.bytes for one in found) / 1e9
    each: Mapping[str, Price] = {"cpu": prices.cpu_hour, "gpu": prices.gpu_hour, "month": prices.gb_month}
    return {name: _paid(amount, each[name].usd) for name, amount in used.items()}


def _paid(amount: float, usd: float | None) -> float | None:
    return 0.0 if not amount else None if usd is None else amount * usd


def plain(line: Line) -> dict[str, Any]:
    """As JSON has it."""
    return {name: getattr(line, name) for name in line.__slots__}
