"""Classification and detection exams that follow from public sets of scans: who is asked what, and which boxes are right.

    exam = SETS["opixray-classification"]
    held = list(scans(exam, root))                     # the test part, images opened; beltline.formats reads the layout
    asked = list(questions(exam, held))                # one thing in the bag: a choice among all categories
    truth = {scan.id: present(exam, scan) for scan in held}                # any number of things: metrics.labelsets
    gold = located(exam, held)                         # boxes: metrics.detection
    detected(results, sheet, exam)                     # a detector's COCO results, by the same names

No public set says which boxes of an open-vocabulary exam count: `unseen` holds the categories that Dual Table 8 reports, and AP is
taken over them alone, of a model that was not taught them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from beltline import labels
from beltline.exam.answers import LETTERS
from beltline.exam.matching import Matcher
from beltline.exam.metrics.matching import Located
from beltline.exam.replies import Found, Reading, first
from beltline.exam.tasks import Question
from beltline.formats import READERS, Entry, load, survey
from beltline.formats.coco import COLLIDING
from beltline.formats.folder import stem_of
from beltline.formats.values import listing, mapping, number, read_json, xywh
from beltline.scan import Scan, canonical_json, content_hash
from beltline.verdict import BadRow

ASKS: Final = "Which prohibited item is in this X-ray scan?"
ASKS_ALL: Final = "Which of these items are in this X-ray scan? Give the letters of all that are there."
UNSEEN: Final = ("scissors", "wrench", "pliers", "battery")
"""Dual Table 8; the whole list of the protocol was not published with it."""
_LETTERS = re.compile(r"\W*(?:[A-Z]\b(?:\W+|\W+and\W+))*[A-Z]\b\W*")
_NOTHING = re.compile(r"\W*(?:none|nothing|no\s+(?:prohibited\s+|such\s+)?(?:items?|objects?)\b)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSet:
    """An exam on a public set."""

    name: str
    reader: str
    """Of `formats.READERS`, which also says where to get the set."""
    kind: Literal["classification", "detection"]
    categories: tuple[str, ...] = ()
    """Canonical names that are asked for; none: all that occur."""
    part: str = ""
    """Pattern in the path of a scan's image or annotation file that marks the test part."""
    unseen: tuple[str, ...] = ()
    """Of a detection exam, the categories that count; none: all."""


_PIDRAY = r"(?:^|/)(?:easy|hard|hidden)/|xray_test_"
_TEST = r"(?:^|[/_])test"
_ALL = (
    PublicSet(name="stcray-classification", reader="stcray", kind="classification", categories=labels.STCRAY, part="TestSet/"),
    PublicSet(name="pidray-classification", reader="pidray", kind="classification", categories=labels.PIDRAY, part=_PIDRAY),
    PublicSet(name="opixray-classification", reader="opixray", kind="classification", categories=labels.OPIXRAY, part=_TEST),
    PublicSet(name="pidray-detection", reader="pidray", kind="detection", categories=labels.PIDRAY, part=_PIDRAY),
    PublicSet(name="pixray-ovxd", reader="pixray", kind="detection", categories=labels.DVXRAY, part=_TEST, unseen=UNSEEN),
    # PIDray knows no battery; Dual 5.3 takes the power bank for it
    PublicSet(name="pidray-ovxd", reader="pidray", kind="detection", categories=labels.PIDRAY, part=_PIDRAY, unseen=(*UNSEEN[:3], "power bank")),
    PublicSet(name="det-compass", reader="det-compass", kind="detection"),
    PublicSet(name="coco-detection", reader="coco", kind="detection"),
    PublicSet(name="coco-classification", reader="coco", kind="classification"),
)  # fmt: skip
SETS: Final[dict[str, PublicSet]] = {each.name: each for each in _ALL}
"""Every exam on a public set by name."""


def entries(exam: PublicSet, root: Path) -> list[Entry]:
    """The good entries of the test part, images not yet opened.

    Raises:
        ValueError: no such folder, another layout (says which is expected and where to get the set), or no test part in it.
    """
    reader, part = READERS[exam.reader], re.compile(exam.part, re.I)
    found = [entry for entry in survey(reader, root) if entry.reject is None]
    own = [entry for entry in found if any(part.search(path) for path in (entry.top, *entry.uses))]
    if not own:
        raise ValueError(
            f"{exam.name}: expected scans of the test part (a path with {exam.part!r}) of {reader.where}; "
            f"found {len(found)} other scans in {root}; give the folder that holds all parts"
        )
    return own


def scans(exam: PublicSet, root: Path) -> Iterator[Scan]:
    """The scans of the test part.

    Raises:
        ValueError: as `entries`; BadRow, which is one, for an image or a box that is bad.
    """
    reader = READERS[exam.reader]
    return (load(reader, root, entry) for entry in entries(exam, root))


def categories(exam: PublicSet, held: Iterable[Scan]) -> tuple[str, ...]:
    """What is asked for, sorted: the exam's categories, or all that occur."""
    return tuple(sorted(exam.categories or {item.category for scan in held for item in scan.items}))


def present(exam: PublicSet, scan: Scan) -> frozenset[str]:
    """The exam's categories that are in a scan: a name of its own, else the narrowest wider one that the exam knows."""
    known = exam.categories or tuple(item.category for item in scan.items)
    chains = ((item.category, *labels.broader(item.category)) for item in scan.items)
    return frozenset(name for chain in chains for name in [next((one for one in chain if one in known), "")] if name)


def questions(exam: PublicSet, held: Sequence[Scan]) -> Iterator[Question]:
    """One choice for each scan that holds just one category, options in alphabetical order (so the authors' OPIXray list has them).

    Scans with several are asked by `ask_all` and read by `read_labels`.
    """
    names = categories(exam, held)
    for scan in held:
        found = present(exam, scan)
        if len(found) == 1 and 2 <= len(names) <= len(LETTERS):
            yield Question(
                exam=exam.name,
                task="identity",
                question=ASKS,
                options=names,
                answer=LETTERS[names.index(min(found))],
                group=f"{scan.source}/{scan.group}",
                scan=scan.id,
                scan_content=content_hash(scan.row()),
                views=("top",),
                source_id=scan.source_id,
            )


def ask_all(names: Sequence[str]) -> str:
    """The question for any number of things, one option a line.

    Raises:
        ValueError: more options than letters.
    """
    options = "\n".join(f"{letter}. {name}" for letter, name in zip(LETTERS[: len(names)], names, strict=True))
    return f"{ASKS_ALL}\n{options}"


def read_labels(reply: str | None, names: Sequence[str]) -> Reading[frozenset[str]]:
    """The categories that a reply lists, by letters ("A, C") or by name; "none" lists none. Names that are denied do not count."""
    matcher = Matcher(names)

    def listed(text: str) -> Found[frozenset[str]] | None:
        span = (0, len(text))
        if _LETTERS.fullmatch(text):
            places = [LETTERS.index(letter) for letter in re.findall(r"\b[A-Z]\b", text)]
            outside = max(places) >= len(names)
            return Found(None if outside else frozenset(names[place] for place in places), "letters", span)
        found = matcher.named(text).chosen
        if found:
            return Found(frozenset(names[place] for place in found), "names", span)
        return Found(frozenset(), "none", span) if _NOTHING.match(text) else None

    return first(reply, listed)


def located(exam: PublicSet, held: Iterable[Scan]) -> Located:
    """The boxes that count, in pixels of the top view, by source id of the scan and category."""
    known = exam.unseen or exam.categories
    rows = [
        (scan.source_id, item.category, item.top_xyxy)
        for scan in held
        for item in scan.items
        if item.top_xyxy is not None and (not known or item.category in known)
    ]
    return Located.of([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def detected(results: Path, sheet: Path, exam: PublicSet) -> Located:
    """A detector's boxes from COCO results (`image_id`, `category_id`, `bbox` xywh, `score`), named as `located` names them.

    Args:
        results: a JSON list.
        sheet: the annotation file whose images and categories the ids are of.
        exam: its unseen categories count, if it has any, else its categories, else all.

    Raises:
        BadRow: not such files, or an id that the sheet does not list.
    """
    told, listed = read_json(results.parent, results.name), mapping(read_json(sheet.parent, sheet.name), sheet.name)
    images, kinds = (listing(listed.get(name), f"{sheet.name}, {name}") for name in ("images", "categories"))
    scans = {str(row["id"]): _source_id(str(row["file_name"]), exam.reader) for row in images}
    names = {str(row["id"]): labels.canonical(row["name"], exam.reader) for row in kinds}
    known, rows = exam.unseen or exam.categories, []
    for place, row in enumerate(listing(told, results.name)):
        what = f"{results.name}, box {place}"
        image, kind = (str(mapping(row, what).get(key)) for key in ("image_id", "category_id"))
        if image not in scans or kind not in names:
            expected = f"ids of {sheet.name}"
            raise BadRow("exam/bad-prediction", f"{what}: expected {expected}, found {canonical_json(row)[:120]}")
        if not known or names[kind] in known:
            score = number(row.get("score"), what)
            rows.append((scans[image], names[kind], xywh(row.get("bbox"), what), score))
    return Located.of(*([row[column] for row in rows] for column in range(4)))


def _source_id(name: str, reader: str) -> str:
    """As formats.coco names a scan: the stem, or the path where a set's file names may occur twice."""
    plain = name.replace("\\", "/")
    return plain.rpartition(".")[0] or plain if reader in COLLIDING else stem_of(plain)
