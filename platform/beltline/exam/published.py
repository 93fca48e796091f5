"""What others have published, as data: every cell of both papers' result tables with its metric, its n and what is wrong with it.

    >>> [cell.value for cell in cells(paper="dual", table="4", row="GPT-4o", task="CT")]
    [46.5]

`python -m jobs publish` puts them into MLflow, one run per row, so that a model of one's own stands beside them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean
from typing import Any

from beltline.exam.published_tables import TABLES, Table

_CELL = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:([+-][0-9]+(?:\.[0-9]+)?))?")
TITLES = {"dual": "DualXrayBench and GSR", "one": "MMXray and OneFocus"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One printed number."""

    paper: str
    table: str
    row: str
    """The model, or what was varied."""
    task: str
    """Task, class or data set; "overall" for what the table sums up."""
    metric: str
    value: float
    """As printed: percent, except for the metric "count"."""
    gain: float | None = None
    """Gain over the base row, as printed beside the value."""
    n: int | None = None
    """Questions or images behind it, where the paper says so."""
    note: str = ""
    """Known misprint or gap."""


def cells(
    *,
    paper: str | None = None,
    table: str | None = None,
    row: str | None = None,
    task: str | None = None,
    metric: str | None = None,
) -> list[Cell]:
    """The cells that have all the given values, in the papers' order; none of them given: every cell."""
    wanted = {"paper": paper, "table": table, "row": row, "task": task, "metric": metric}
    said = {name: value for name, value in wanted.items() if value is not None}
    return [cell for cell in _cells() if all(getattr(cell, name) == value for name, value in said.items())]


def table(paper: str, number: str) -> Table:
    """A printed table.

    Raises:
        ValueError: the papers have no such result table.
    """
    for each in TABLES:
        if (each.paper, each.number) == (paper, number):
            return each
    known = ", ".join(f"{each.paper} {each.number}" for each in TABLES)
    raise ValueError(f"expected one of the tables {known}; found {paper} {number}")


def rows(paper: str, number: str) -> list[str]:
    """The rows of a table, in its order."""
    return [name for name, _ in _lines(table(paper, number))]


def misprints() -> list[Cell]:
    """The cells with a note of their own or of their table."""
    return [cell for cell in _cells() if cell.note]


def macro(paper: str, number: str, row: str) -> float:
    """The mean over a row's tasks: what its overall is where a table says that it is the mean, in percent.

    Raises:
        ValueError: the row has no tasks with the metric of its overall.
    """
    line = cells(paper=paper, table=number, row=row)
    overall = {cell.metric for cell in line if cell.task == "overall"}
    values = [cell.value for cell in line if cell.task != "overall" and cell.metric in overall]
    if not values:
        raise ValueError(f"expected a row of {paper} table {number} with tasks and an overall; found {row!r}")
    return fmean(values)


def results() -> dict[str, dict[str, Any]]:
    """One entry per printed row: its name, tags, parameters (n of each task) and metrics ("CT/accuracy", as printed)."""
    return {f"{each.paper}/{each.number}/{row}": _result(each, row) for each in TABLES for row, _ in _lines(each)}


def _result(each: Table, row: str) -> dict[str, Any]:
    line = cells(paper=each.paper, table=each.number, row=row)
    notes = dict.fromkeys(f"{cell.task} {cell.metric} {cell.value:g}: {cell.note}" for cell in line if cell.note)
    says = f"{TITLES[each.paper]}, table {each.number}: {each.title}. Values as printed, in percent unless counts."
    return {
        "name": row,
        "tags": {"paper": each.paper, "table": each.number, "mlflow.note.content": "\n\n".join([says, *notes])},
        "params": {"model": row, **{f"n.{cell.task}": str(cell.n) for cell in line if cell.n is not None}},
        "metrics": {f"{cell.task}/{cell.metric}": cell.value for cell in line},
    }


@lru_cache(maxsize=1)
def _cells() -> tuple[Cell, ...]:
    return tuple(cell for each in TABLES for cell in _read(each))


def _read(each: Table) -> Iterator[Cell]:
    for row, printed in _lines(each):
        for (task, metric), word in zip(each.columns, printed, strict=True):
            found = _CELL.fullmatch(word)
            if found is None and word != "-":
                raise ValueError(f"{each.paper} table {each.number}, {row}: expected a number or -, found {word!r}")
            if found:
                yield Cell(
                    paper=each.paper,
                    table=each.number,
                    row=row,
                    task=task,
                    metric=metric,
                    value=float(found[1]),
                    gain=float(found[2]) if found[2] else None,
                    n=each.n.get(task),
                    note=_note(each, row, task, metric),
                )


def _lines(each: Table) -> list[tuple[str, list[str]]]:
    lines = [line.split(" | ") for line in each.rows.strip().splitlines()]
    return [(name, printed.split()) for name, printed in lines]


def _note(each: Table, row: str, task: str, metric: str) -> str:
    """The notes of a cell, its row and its table; an empty name in a key stands for every name."""
    fits = [
        text
        for (of_row, of_task, of_metric), text in each.notes.items()
        if of_row in ("", row) and of_task in ("", task) and of_metric in ("", metric)
    ]
    return "; ".join(fits)
