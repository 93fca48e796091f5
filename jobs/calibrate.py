"""calibrate: pages on which people check the screens, and what their answers say.

python -m jobs calibrate --input corpus@1.0.0 --out sheets              # pages and answers.csv, to be filled in
python -m jobs calibrate --input screened@1.0.0 --input scans=bags@1.0.0 --out sheets
python -m jobs calibrate --input corpus@1.0.0 --answers sheets/answers.csv
"""

import argparse
from pathlib import Path

from beltline.language import calibration
from beltline.library import Library, paths_of
from beltline.scan import Row
from beltline.store import Store
from beltline.version import Manifest, read_columns, resolve
from jobs.options import add_store

HELP = "pages on which people check the screens"
NEEDED = ("caption", "screen_found")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", action="append", required=True, metavar="[ROLE=]NAME[@VERSION]")
    parser.add_argument("--out", default="sheets", metavar="FOLDER", help="where the pages go; default ./sheets")
    parser.add_argument(
        "--each", type=int, default=calibration.EACH, metavar="N", help="so many kept, so many rejected"
    )
    parser.add_argument("--answers", metavar="FILE", help="a filled-in answers.csv: say how right the screens were")
    add_store(parser)


def run(args: argparse.Namespace) -> int:
    """Write the pages, or with --answers the score.

    Raises:
        ValueError: the version was not screened, or its scans are in another one that was not named.
    """
    store = Store(args.store).absolute()
    store.check(writes=False)
    inputs = dict(word.split("=", 1) if "=" in word else ("screened", word) for word in args.input)
    if "screened" not in inputs:
        raise ValueError("expected --input NAME@VERSION of a screened version, found only " + ", ".join(inputs))
    screened = resolve(store, inputs["screened"])
    missing = [name for name in NEEDED if name not in screened.columns]
    if missing:
        raise ValueError(
            f"{screened.ref}: expected a screened version, found none of {', '.join(missing)}; run `screen`"
        )
    table = read_columns(store, screened, ["id", "status", "reason"])
    statuses = {row["id"]: (row["status"], row["reason"]) for row in table.to_pylist()}
    if args.answers:
        return _tell(
            calibration.score(statuses, calibration.read_answers(Path(args.answers).read_text(encoding="utf-8")))
        )
    return _write(store, screened, inputs.get("scans"), calibration.draw(statuses, args.each), Path(args.out))


def _write(store: Store, screened: Manifest, scans: str | None, ids: list[int], out: Path) -> int:
    if "top" not in screened.columns and scans is None:
        raise ValueError(f"{screened.ref} has no images: name the version that has them, --input scans=NAME@VERSION")
    words = Library(store, paths_of(screened))
    images = Library(store, paths_of(resolve(store, scans))) if scans else None
    out.mkdir(parents=True, exist_ok=True)
    pages = [ids[start : start + calibration.ROWS_A_PAGE] for start in range(0, len(ids), calibration.ROWS_A_PAGE)]
    for number, some in enumerate(pages, 1):
        rows = [_row(words, images, key) for key in some]
        text = calibration.page(rows, f"{screened.ref}: page {number} of {len(pages)}")
        (out / f"page-{number:02}.html").write_text(text, encoding="utf-8")
    answers = out / "answers.csv"
    if not answers.exists():  # filled in by hand: never written over
        answers.write_text(calibration.answer_sheet(ids), encoding="utf-8")
    print(f"{screened.ref}: {len(ids)} captions on {len(pages)} pages in {out}; answers go into {answers}")
    return 0


def _row(words: Library, images: Library | None, key: int) -> Row:
    return (images.row(key) if images else {}) | words.row(key)


def _tell(score: calibration.Score) -> int:
    def shown(share: float | None) -> str:
        return "not known" if share is None else f"{100 * share:.1f} %"

    print(f"rejected: {score.rejected_rightly} of {score.rejected_judged} rightly; precision {shown(score.precision)}")
    print(f"kept: {score.kept_wrongly} of {score.kept_judged} wrongly; recall of the unfit {shown(score.recall)}")
    return 0
