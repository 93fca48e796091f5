"""A sheet for people who check the screens: kept and rejected captions mixed, with pictures, the verdict folded away.

The thresholds of the screens (Dual 3.1) say nothing of how often they are wrong. So some 200 kept and 200 rejected captions are drawn by
hash of the id, read by people beside their pictures, and answered yes (fit for training) or no in `answers.csv`; `score` then says
what share of the rejected was rejected rightly, and what share of all bad captions the screens catch.

    chosen = draw(statuses, 200)                          # ids; the same ones on every machine
    html = page(rows, "corpus@1.0.0, page 1")
    score(statuses, answers)
"""

import base64
import csv
import hashlib
import html
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from beltline.image import sheet
from beltline.language import captions
from beltline.pixels import encode_jpeg
from beltline.scan import VIEWS, Row
from beltline.verdict import KEPT, REJECTED

EACH, ROWS_A_PAGE = 200, 40
PICTURE_WH = (560, 420)
ANSWERS = ("id", "fit", "remark")
_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1180px;color:#222;background:#fff}
article{border-top:2px solid #bbb;padding:14px 0 22px}h1{font-size:20px}h2{font-size:15px;margin:0 0 8px;color:#555;font-weight:600}
.views{display:flex;gap:14px;align-items:flex-start;flex-wrap:wrap}figure{margin:0}figcaption{color:#666;font-size:13px}
img{border:1px solid #ccc;max-width:560px;height:auto}p{margin:6px 0}b{color:#444}details{margin-top:8px;color:#333}
table{border-collapse:collapse;margin-top:6px}td{border:1px solid #ddd;padding:2px 8px;vertical-align:top;font-size:13px}
"""


def draw(statuses: Mapping[int, tuple[str, str | None]], each: int = EACH) -> list[int]:
    """Ids of up to `each` kept rows and as many that a screen rejected, in an order that does not tell which is which.

    Args:
        statuses: id -> (status, reason). Rows that were rejected for another reason have no caption to judge.
    """
    found: list[int] = []
    for wanted in (KEPT, REJECTED):
        ids = [key for key, (status, reason) in statuses.items() if _stratum(status, reason) == wanted]
        found += sorted(ids, key=_place)[:each]
    return sorted(found, key=_place)


def _stratum(status: str, reason: str | None) -> str | None:
    if status == KEPT:
        return KEPT
    return REJECTED if (reason or "").startswith("screen/") else None


def page(rows: Sequence[Row], title: str) -> str:
    """A page of HTML that needs no other file.

    Args:
        rows: scan columns with images, `caption`, and the columns of the screens.
        title: the heading.
    """
    parts = [_article(row, number) for number, row in enumerate(rows, 1)]
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    asked = "Is the caption fit for training? Write yes or no beside its id in answers.csv, then look at the verdict."
    return f"{head}<h1>{html.escape(title)}</h1><p>{asked}</p>{''.join(parts)}</html>\n"


def _article(row: Row, number: int) -> str:
    views = "".join(_figure(row, view) for view in VIEWS if row.get(view) and row[view]["bytes"])
    caption = captions.read(row["caption"])
    texts = [("top", caption.top), ("side", caption.side), ("whole", caption.whole)]
    texts += [(f"item {entry.item}, {entry.category}", entry.text) for entry in caption.items]
    told = "".join(f"<p><b>{html.escape(name)}:</b> {html.escape(text)}</p>" for name, text in texts if text)
    return (
        f'<article><h2>{number}. id {row["id"]}</h2><div class="views">{views}</div>{told}{_verdict(row)}</article>\n'
    )


def _figure(row: Row, view: str) -> str:
    picture = encode_jpeg(np.asarray(sheet.annotated(row, view, PICTURE_WH)))
    data = base64.b64encode(picture).decode()
    return (
        f'<figure><img alt="{view} view" src="data:image/jpeg;base64,{data}"><figcaption>{view}</figcaption></figure>'
    )


def _verdict(row: Row) -> str:
    """What the screens said, folded, so that it is read after the caption was judged."""
    shares = [
        ("coverage", row["coverage_asserted"], row["coverage_facts"]),
        ("alignment", row["alignment_matched"], row["alignment_entities"]),
        ("contradiction", row["contradiction_contradicting"], row["contradiction_pairs"]),
    ]
    found = json.loads(row["screen_found"] or "{}")
    lines = [(name, f"{part} of {whole}", "") for name, part, whole in shares]
    lines += [(name, key, why) for name, objections in found.items() for key, why in objections.items()]
    cells = "".join("<tr>" + "".join(f"<td>{html.escape(str(c))}</td>" for c in line) + "</tr>" for line in lines)
    said = f"{row['status']} {row['reason'] or ''}"
    return (
        f"<details><summary>what the screens said</summary><p>{html.escape(said)}</p><table>{cells}</table></details>"
    )


def answer_sheet(ids: Iterable[int]) -> str:
    """A CSV to be filled in, one line for each id."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([ANSWERS, *((key, "", "") for key in ids)])
    return out.getvalue()


def read_answers(text: str) -> dict[int, bool]:
    """Id -> fit, of the lines that are filled in.

    Raises:
        ValueError: an answer is neither yes nor no; the line is named.
    """
    answers: dict[int, bool] = {}
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
        said = (row.get("fit") or "").strip().lower()
        if said and said not in ("yes", "no"):
            raise ValueError(f"answers, line {number}: expected yes or no in the column fit, found {said!r}")
        if said:
            answers[int(row["id"])] = said == "yes"
    return answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How right the screens are, by people's answers; shares are None without answers."""

    rejected_judged: int
    rejected_rightly: int
    kept_judged: int
    kept_wrongly: int
    precision: float | None
    """Of what is rejected, the share that people call unfit."""
    recall: float | None
    """Of what is unfit, the share that is rejected; weighted back to all rows, of which the sample took unequal shares."""


def score(statuses: Mapping[int, tuple[str, str | None]], answers: Mapping[int, bool]) -> Score:
    """The screens against people's answers."""
    strata = {key: _stratum(*said) for key, said in statuses.items()}
    rejected = [fit for key, fit in answers.items() if strata.get(key) == REJECTED]
    kept = [fit for key, fit in answers.items() if strata.get(key) == KEPT]
    precision = rejected.count(False) / len(rejected) if rejected else None
    missed = kept.count(False) / len(kept) if kept else None
    totals = {name: sum(stratum == name for stratum in strata.values()) for name in (KEPT, REJECTED)}
    recall = None
    if precision is not None and missed is not None:
        caught, escaped = precision * totals[REJECTED], missed * totals[KEPT]
        recall = caught / (caught + escaped) if caught + escaped else None
    return Score(
        rejected_judged=len(rejected),
        rejected_rightly=rejected.count(False),
        kept_judged=len(kept),
        kept_wrongly=kept.count(False),
        precision=precision,
        recall=recall,
    )


def _place(key: int) -> bytes:
    return hashlib.sha256(f"calibration\0{key}".encode()).digest()
