"""A detector's COCO results as a version, and its score: the part of `examine` that knows boxes and no questions."""

import argparse
import hashlib
import json
from collections.abc import Iterable
from pathlib import PurePosixPath

import pyarrow as pa

from beltline import card, verdict
from beltline.exam import detections
from beltline.exam.detections import DetectionScore, Found
from beltline.scan import VIEWS, Row
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import Manifest, iter_rows, read_columns, resolve
from jobs.instant import finished, put
from jobs.options import Options
from jobs.scores import EXPERIMENT, open_run, show
from jobs.synthesize import check_roles
from jobs.work import Work

VIEW_ROWS = pa.schema([*detections.SCHEMA, *verdict.FIELDS])
GOLD = ["id", "group", "status", *(f"items.list.element.{name}" for name in ("category", "top_xyxy", "side_xyxy"))]
FIGURES = {"ap50": "AP50", "ap25": "AP25", "map": "mAP"}
HEAD = ("what", "AP50", "AP25", "mAP", "95 % interval of AP50")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    words = "the COCO file that a detector was run on: --predictions are then its COCO results, --input scans=NAME"
    parser.add_argument("--annotations", metavar="FILE", help=words)


def imported(options: Options, args: argparse.Namespace) -> Manifest | None:
    """The version of a detector's results; None where nothing was to be done.

    Raises:
        ValueError: the files are not COCO's, or name images that the scans do not have.
    """
    inputs = options.manifests()
    check_roles(inputs, {"scans"}, repeated=True)
    results = args.predictions.read_text(encoding="utf-8")
    with open(args.annotations, encoding="utf-8") as file:
        annotations = file.read()
    label = args.model or args.predictions.stem
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in (results, annotations)]
    work = Work(
        verb="examine",
        recipe={"name": "detector", "model": label, "results": digests[0], "annotations": digests[1]},
        inputs=inputs,
        specs=lambda: (),
        stages=lambda folder: [],
        schema=VIEW_ROWS,
    )
    done = finished(work, options)
    if done or options.dry_run:
        return done
    found = detections.read_results(results, annotations)
    return put(work, options, rows_of(found, places(options.store, inputs.values()), label))


def places(store: Store, scans: Iterable[Manifest]) -> dict[str, tuple[int, str]]:
    """File name to scan and view.

    Raises:
        ValueError: two views have one name.
    """
    found: dict[str, tuple[int, str]] = {}
    for manifest in scans:
        for row in read_columns(store, manifest, ["id", *(f"{view}.path" for view in VIEWS)]).to_pylist():
            for view in VIEWS:
                if row[view] and row[view]["path"]:
                    name = PurePosixPath(row[view]["path"]).name
                    if found.setdefault(name, (row["id"], view)) != (row["id"], view):
                        raise ValueError(f"scans: expected views of different file names, found {name} twice")
    return found


def rows_of(found: dict[str, list[Found]], where: dict[str, tuple[int, str]], model: str) -> list[Row]:
    """A row a view that the detector was shown.

    Raises:
        ValueError: images that the scans do not have.
    """
    unknown = sorted(found.keys() - where.keys())
    if unknown:
        raise ValueError(
            f"annotations: expected images of the scans, found {len(unknown)} others, the first {unknown[0]}"
        )
    return [detections.view_row(*where[name], model, boxes) for name, boxes in found.items()]


def score_detector(options: Options, manifest: Manifest) -> int:
    """Score a version of a detector's results on screen and in MLflow; 0."""
    scans = [resolve(options.store, ref) for ref in manifest.inputs.values()]
    held = [row for one in scans for row in read_columns(options.store, one, GOLD).to_pylist() if row["status"] == KEPT]
    found = detections.score(held, iter_rows(options.store, manifest))
    model = str(manifest.recipe["model"])
    lines = table(found)
    show(f"{model} on {found.num_views} views of {', '.join(one.ref for one in scans)}", HEAD, lines)
    tags = {"beltline.exam": "detection", "beltline.replies": manifest.ref, "beltline.verb": "score"}
    ledger = open_run(options, f"{model} on {scans[0].name}", tags)
    ledger.params({"model": model, "signature": found.whole.signature})
    for one in (*scans, manifest):
        ledger.dataset(one, f"{options.store.uri}/{one.name}/{one.version}", "input")
    ledger.metrics(metrics(found))
    ledger.artifact("scores.md", "\n".join(card.table(HEAD, lines)).encode())
    ledger.artifact("scores.json", json.dumps(metrics(found), indent=1, sort_keys=True).encode())
    print(ledger.end() or f"in MLflow's experiment {EXPERIMENT!r} of {options.tracking}")
    return 0


def table(found: DetectionScore) -> list[tuple[str, ...]]:
    """Overall, then by category; percent."""
    whole, span = found.whole, found.spans["ap50"]
    head = [f"{100 * value:.1f}" for value in (whole.ap50, whole.ap25, whole.map)]
    lines = [("overall", *head, f"{100 * span.low:.1f} to {100 * span.high:.1f}")]
    for category, (ap25, ap50, mean) in sorted(whole.by_category.items()):
        lines.append((category, *(f"{100 * value:.1f}" for value in (ap50, ap25, mean)), ""))
    return lines


def metrics(found: DetectionScore) -> dict[str, float]:
    """For MLflow, percent."""
    spans = {
        f"overall/{title}{end}": 100 * value
        for name, title in FIGURES.items()
        for end, value in (("_low", found.spans[name].low), ("_high", found.spans[name].high))
    }
    whole = {f"overall/{title}": 100 * float(getattr(found.whole, name)) for name, title in FIGURES.items()}
    by = {f"{category}/AP50": 100 * ap50 for category, (_, ap50, _) in found.whole.by_category.items()}
    return {**whole, **spans, **by}
