"""MMXray's three other exams (One 5.2): which categories are in the picture, where they are, what a caption says; each with what a
guesser without the picture would get.

    exam = [entry(scan) for scan in scans]              # or placed(row): without pictures, and without a caption
    exam[0].ask_labels(), exam[0].ask_boxes("gun"), ASK_CAPTION       # what a model is shown beside the top view
    labels_score(exam, said)                    # F1, mAP                        (metrics.labelsets)
    boxes_score(exam, found)                    # AP25, AP50, mAP                (metrics.detection)
    words_score(exam, texts)                    # BLEU, ROUGE                    (metrics.text)
    blind(exam, lesson)                         # the same figures without looking: prevalence, mean box, commonest caption

The paper names the metrics (F1 and mAP, AP25 and AP50, BLEU-4 and ROUGE-L) and neither its questions nor a baseline.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beltline.boxes import to_thousandths
from beltline.exam.external.sets import read_labels
from beltline.exam.metrics import detection, labelsets, text
from beltline.exam.metrics.detection import Detection
from beltline.exam.metrics.labelsets import SetScores
from beltline.exam.metrics.matching import Located
from beltline.exam.metrics.text import Words
from beltline.exam.mm_sight import named, one_view
from beltline.exam.replies import Reading
from beltline.labels import MMXRAY, broader
from beltline.language.facts import facts_of
from beltline.language.grammar import describe
from beltline.language.places import Box1000
from beltline.scan import Row, Scan

ASK_CAPTION: Final = "Describe the scan: what it shows, how many of each, of which colour, and where."
MOST_CAPTIONS: Final = 120
"""Captions of a lesson among which the commonest is sought; the first ones, as the lesson is given."""
COLUMNS: Final = (
    "id",
    "group",
    "top_width",
    "top_height",
    "items.list.element.category",
    "items.list.element.top_xyxy",
)
"""What `placed` reads of a version of scans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A scan as the three exams see it."""

    scan: int
    group: str
    boxes: tuple[tuple[str, Box1000], ...]
    """Category and thousandths of the top view, of each item of a category that is asked for."""
    caption: str
    """The reference."""
    categories: tuple[str, ...]
    """What is asked for."""
    size_wh: tuple[int, int] = (1000, 1000)
    """Width and height of the top view, px."""

    @property
    def present(self) -> frozenset[str]:
        return frozenset(category for category, _ in self.boxes)

    def ask_labels(self) -> str:
        """The question of the first exam."""
        return f"Which of these kinds of article does the scan show? Name all that are there, or say none.\n{', '.join(self.categories)}"

    def ask_boxes(self, category: str) -> str:
        """The question of the second exam: for every category of `present`."""
        many = named(category)["guns"]
        return f"Give the boxes of all {many} in the scan as [left, top, right, bottom] in thousandths of its width and height."

    def read_labels(self, reply: str | None) -> Reading[frozenset[str]]:
        """The categories that a reply names."""
        return read_labels(reply, self.categories)


def entry(scan: Scan, categories: tuple[str, ...] = MMXRAY, *, seed: int = 0) -> Entry:
    """A scan as the three exams see it. An item of a narrower category counts as the category that is asked for.

    Args:
        scan: its top view is decoded.
        categories: what is asked for.
        seed: of the reference caption's wording, which the grammar makes.

    Raises:
        BadRow: the view's bytes are no image, or an item's box lies outside it.
    """
    facts = facts_of(one_view(scan))
    boxes = ((item.category, item.top.box) for item in facts.items if item.top is not None)
    return Entry(
        scan=scan.id,
        group=scan.group,
        boxes=_asked(boxes, categories),
        caption=describe(facts, (seed, scan.id)).text(),
        categories=categories,
        size_wh=(scan.top.width, scan.top.height),
    )


def placed(row: Row, categories: tuple[str, ...] = MMXRAY) -> Entry:
    """A scan as the first two exams see it, of `COLUMNS` alone: as `entry`, but no picture is decoded and the caption is empty."""
    size = (row["top_width"], row["top_height"])
    shown = [item for item in row["items"] or () if item["top_xyxy"] is not None]
    boxes = to_thousandths([item["top_xyxy"] for item in shown], size).tolist() if shown else []
    asked = _asked(((item["category"], _box(box)) for item, box in zip(shown, boxes, strict=True)), categories)
    return Entry(scan=row["id"], group=row["group"], boxes=asked, caption="", categories=categories, size_wh=size)


def _asked(boxes: Iterable[tuple[str, Box1000]], categories: tuple[str, ...]) -> tuple[tuple[str, Box1000], ...]:
    """Of each box the category that is asked for, itself or a broader one; boxes of others are left out."""
    known = ((next((one for one in broader(name) if one in categories), None), box) for name, box in boxes)
    return tuple((name, box) for name, box in known if name is not None)


def labels_score(exam: Sequence[Entry], said: Sequence[frozenset[str]]) -> SetScores:
    """Classification: `said` in the order of the exam, empty where nothing was read."""
    return labelsets.score([one.present for one in exam], said, _classes(exam))


def boxes_score(
    exam: Sequence[Entry], found: Located, *, score_source: detection.ScoreSource = "constant"
) -> Detection:
    """Localisation: boxes in thousandths, `image` the scan's id as in `gold`."""
    return detection.score(gold(exam), found, score_source=score_source)


def words_score(exam: Sequence[Entry], captions: Sequence[str]) -> Words:
    """Understanding: a caption for each scan, in the order of the exam."""
    return text.score(captions, [one.caption for one in exam])


def gold(exam: Sequence[Entry]) -> Located:
    """The true boxes, thousandths."""
    return located([(one.scan, category, box) for one in exam for category, box in one.boxes])


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """What a guesser gets that has seen the lesson's answers and never a picture."""

    labels: SetScores
    """The same categories for every scan: as many of the commonest as pay best in the lesson; prevalence as confidence."""
    boxes: Detection
    """For every category asked, its mean box in the lesson; a category that the lesson lacks gets the mean of all."""
    words: Words
    """The lesson's most central caption, for every scan."""


def blind(exam: Sequence[Entry], lesson: Sequence[Entry]) -> Blind:
    """The three baselines.

    Raises:
        ValueError: an exam or a lesson of nothing.
    """
    said = guess(exam, lesson)
    truth = [one.present for one in exam]
    return Blind(
        labels=labelsets.score(truth, said.labels, _classes(exam), confidence=said.shares, score_source="prevalence"),
        boxes=boxes_score(exam, located(said.boxes)),
        words=words_score(exam, said.captions),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What the guesser of `Blind` says, scan by scan in the order of the exam."""

    labels: list[frozenset[str]]
    shares: NDArray[np.float64]
    """Its confidence in each category asked, 0 to 1, shape (scans, categories)."""
    boxes: list[tuple[int, str, Box1000]]
    """Scan, category and thousandths."""
    captions: list[str]


def guess(exam: Sequence[Entry], lesson: Sequence[Entry]) -> Guess:
    """What a guesser says who has seen the lesson's answers.

    Raises:
        ValueError: an exam or a lesson of nothing.
    """
    if not exam or not lesson:
        raise ValueError(
            f"blind: expected scans on both sides, found {len(exam)} in the exam and {len(lesson)} in the lesson"
        )
    shares, means = prevalence(lesson), mean_boxes(lesson)
    return Guess(
        labels=[best_guess(lesson)] * len(exam),
        shares=np.tile([shares.get(name, 0.0) for name in _classes(exam)], (len(exam), 1)),
        boxes=[(one.scan, name, means.get(name, means[""])) for one in exam for name in sorted(one.present)],
        captions=[commonest_caption([one.caption for one in lesson])] * len(exam),
    )


def prevalence(lesson: Sequence[Entry]) -> dict[str, float]:
    """Share of the scans that hold each category, 0 to 1."""
    num = Counter(name for one in lesson for name in one.present)
    return {name: count / len(lesson) for name, count in num.items()}


def best_guess(lesson: Sequence[Entry]) -> frozenset[str]:
    """The commonest categories, as many as give the highest macro F1 when they are said of every scan of the lesson.

    A category said of all scans has F1 = 2p / (1 + p), of which each adds to the mean: all that occur pay.
    """
    return frozenset(prevalence(lesson))


def mean_boxes(lesson: Sequence[Entry]) -> Mapping[str, Box1000]:
    """The mean box of each category, thousandths; that of all boxes under the empty name (the whole view where there is none)."""
    found: dict[str, list[Box1000]] = defaultdict(list)
    for one in lesson:
        for category, box in one.boxes:
            found[category].append(box)
            found[""].append(box)
    means = {name: np.rint(np.mean(boxes, axis=0)).astype(int).tolist() for name, boxes in found.items()}
    return {"": (0, 0, 1000, 1000)} | {name: _box(box) for name, box in means.items()}


def commonest_caption(captions: Sequence[str]) -> str:
    """The caption that is most like the others: highest mean cosine of word counts; of equal ones the first."""
    counts = [Counter(caption.lower().split()) for caption in captions[:MOST_CAPTIONS]]
    words = sorted({word for count in counts for word in count})
    table = np.array([[count[word] for word in words] for count in counts], float)
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1)
    likeness: NDArray[np.float64] = (table @ table.T).sum(axis=1)
    return captions[int((likeness >= likeness.max() - 1e-9).argmax())]


def _classes(exam: Sequence[Entry]) -> tuple[str, ...]:
    return exam[0].categories


def located(rows: Sequence[tuple[int, str, tuple[float, ...]]]) -> Located:
    """Boxes of (scan, category, thousandths), none surer than another."""
    images, names, boxes = ([row[place] for row in rows] for place in range(3))
    return Located.of(np.array(images, np.int64), np.array(names, np.str_), np.array(boxes, float))


def _box(corners: Sequence[int]) -> Box1000:
    left, top, right, bottom = corners
    return left, top, right, bottom
