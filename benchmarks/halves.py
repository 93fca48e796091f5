"""Questions about halves of virtual bags, which nobody can answer without looking, and answerers that try: the material of probe.py.

    train, held = material(2000, 1000, seed=101)
    exam = balanced(held.questions, seed=101)
    blind(train.questions, exam)["words"] == truth(exam)

"In the top view, is the axe in the left or the right half of the bag?" Halves are those of the bag, not of the view: where the bag
lies on the belt tells nothing, and both views are cropped to the bag (what is not white) and fitted into 192x144 pixels. Asked is
only what has one answer: of a category that occurs once in the bag, with its box clear of the bag's middle line by 3 % of the bag.
In the exam each category has as many first as second halves of each kind of question. Rendered bags
stay in a temporary folder that is named after the code that makes them.
"""

import dataclasses
import hashlib
import inspect
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

import beltline
from beltline import pixels
from beltline.exam.metrics.intervals import bootstrap
from beltline.image.energy import Rgb
from beltline.image.phantom import RECIPES, BagRecipe
from beltline.image.phantom.bags import render_bag
from beltline.scan import VIEWS, Box, Item
from beltline.verdict import BadRow

SIZE_WH = (192, 144)
MARGIN = 0.03
KINDS = (("top", 0), ("side", 0), ("top", 1))
"""What can be asked: the view, and the axis (0 along x, 1 along y). In the side view nearly everything lies in the lower half."""
HALVES = (("left", "right"), ("upper", "lower"))
HELD_FROM = 1_000_000
"""Rows from here on are for the exam."""
Thing = tuple[str, Box, Box]
"""Category, and box in the top and in the side view."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question and its answer: 0 is the left or upper half, 1 the right or lower."""

    bag: int
    kind: int
    category: str
    answer: int

    @property
    def text(self) -> str:
        """As it would be asked."""
        (view, _), (first, second) = KINDS[self.kind], HALVES[KINDS[self.kind][1]]
        return f"In the {view} view, is the {self.category} in the {first} or the {second} half of the bag?"


@dataclasses.dataclass(frozen=True, slots=True)
class Bags:
    """Cropped views (N, 2, H, W, 3) uint8, and every unambiguous question of each bag."""

    views: np.ndarray
    questions: list[Question]


def material(train: int, held: int, seed: int) -> tuple[Bags, Bags]:
    """Bags to learn from, and bags to be examined on."""
    recipe = dataclasses.replace(RECIPES["clear"], seed=seed)
    return make_bags(recipe, 0, train), make_bags(recipe, HELD_FROM, held)


def make_bags(recipe: BagRecipe, first: int, count: int) -> Bags:
    """`count` bags from row `first` on; rendered once, then read back. A rejected row is passed over."""
    file = Path(tempfile.gettempdir()) / "beltline-probe" / code() / f"{recipe.name}-{recipe.seed}-{first}-{count}.npz"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        views, rows = [], []
        for top, side, items in rendered(recipe, first, count):
            frames = bag_frame(top), bag_frame(side)
            views.append([fitted(top, frames[0]), fitted(side, frames[1])])
            rows.append([frames, [(item.category, item.top_xyxy, item.side_xyxy) for item in items]])
        part = file.with_suffix(".part")
        with part.open("wb") as out:
            np.savez(out, views=np.array(views), truth=json.dumps(rows))
        part.rename(file)
    saved = np.load(file)
    facts = json.loads(str(saved["truth"]))
    return Bags(saved["views"], [q for bag, (frames, items) in enumerate(facts) for q in ask(items, frames, bag)])


def code() -> str:
    """Names the code that makes a bag's picture and truth."""
    made = hashlib.sha256("".join(map(inspect.getsource, (bag_frame, fitted))).encode() + str(SIZE_WH).encode())
    for path in sorted(Path(beltline.__file__).parent.rglob("*.py")):
        made.update(path.read_bytes())
    return made.hexdigest()[:16]


def rendered(recipe: BagRecipe, first: int, count: int) -> Iterator[tuple[Rgb, Rgb, tuple[Item, ...]]]:
    """Views and items of `count` rows that are not rejected."""
    row = first
    while count:
        try:
            top, side, items, _ = render_bag(recipe, row)
            yield top, side, items
            count -= 1
        except BadRow:
            pass
        row += 1


def bag_frame(rgb: Rgb) -> Box:
    """`xyxy` around what is not white."""
    seen = pixels.foreground(rgb)
    xs, ys = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
    return float(xs[0]), float(ys[0]), float(xs[-1] + 1), float(ys[-1] + 1)


def fitted(rgb: Rgb, frame: Box) -> Rgb:
    """The frame scaled into SIZE_WH, its middle in the middle, white around."""
    x0, y0, x1, y1 = (int(edge) for edge in frame)
    width, height = SIZE_WH
    scale = min(width / (x1 - x0), height / (y1 - y0))
    size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    small = cv2.resize(rgb[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
    cell = np.full((height, width, 3), 255, np.uint8)
    y, x = (height - size[1]) // 2, (width - size[0]) // 2
    cell[y : y + size[1], x : x + size[0]] = small
    return cell


def ask(items: list[Thing], frames: tuple[Box, Box], bag: int) -> list[Question]:
    """Every question that the truth, category and box in each view, answers without doubt."""
    often = Counter(category for category, *_ in items)
    asked = []
    for category, *boxes in (one for one in items if often[one[0]] == 1):
        for kind, (view, axis) in enumerate(KINDS):
            answer = half(boxes[VIEWS.index(view)], frames[VIEWS.index(view)], axis)
            if answer is not None:
                asked.append(Question(bag=bag, kind=kind, category=category, answer=answer))
    return asked


def half(box: Box, frame: Box, axis: int) -> int | None:
    """0 or 1 when the box lies in the first or second half of the frame, clear of its middle; else None."""
    low, high = frame[axis], frame[axis + 2]
    middle, margin = (low + high) / 2, MARGIN * (high - low)
    return 0 if box[axis + 2] <= middle - margin else 1 if box[axis] >= middle + margin else None


def balanced(questions: list[Question], seed: int) -> list[Question]:
    """As many of either answer to every (kind, category), drawn at random; left or right is asked of one view of an item, not of both."""
    rng = np.random.default_rng([7, seed])
    order = [questions[i] for i in rng.permutation(len(questions))]
    once = {(q.bag, q.category, KINDS[q.kind][1]): q for q in order}
    cells: dict[tuple[int, str], tuple[list[Question], list[Question]]] = defaultdict(lambda: ([], []))
    for q in once.values():
        cells[q.kind, q.category][q.answer].append(q)
    return [q for first, second in cells.values() for pair in zip(first, second, strict=False) for q in pair]


def count_kinds(questions: list[Question]) -> dict[str, int]:
    """Questions by view and axis."""
    return dict(sorted(Counter(f"{KINDS[q.kind][0]} {'/'.join(HALVES[KINDS[q.kind][1]])}" for q in questions).items()))


def opposites(questions: list[Question]) -> list[Question]:
    """Questions to which another category of the same bag has the other answer."""
    answers: dict[tuple[int, int], set[int]] = defaultdict(set)
    for q in questions:
        answers[q.bag, q.kind].add(q.answer)
    return [q for q in questions if len(answers[q.bag, q.kind]) == 2]


def blind(lessons: list[Question], exam: list[Question]) -> dict[str, np.ndarray]:
    """Answers (True is the second half) of those who read the question and see no picture; all learn from the lessons' answers."""
    keys = {
        "majority": lambda q: 0,
        "category": lambda q: q.category,
        "kind": lambda q: q.kind,
        "kind and category": lambda q: (q.kind, q.category),
    }
    return {**{name: prior(lessons, exam, key) for name, key in keys.items()}, "words": from_words(lessons, exam)}


def prior(lessons: list[Question], exam: list[Question], key: Callable[[Question], object]) -> np.ndarray:
    """What was answered more often to questions with the same key."""
    balance: Counter[object] = Counter()
    for q in lessons:
        balance[key(q)] += 2 * q.answer - 1
    return np.array([balance[key(q)] > 0 for q in exam])


def from_words(lessons: list[Question], exam: list[Question], ridge: float = 1.0) -> np.ndarray:
    """Logistic regression (Newton's method) on which words, and which pairs of words, the question has."""
    pairs = [
        [{(a, b) for a in q.text.split() for b in q.text.split() if a <= b} for q in asked] for asked in (lessons, exam)
    ]
    known = {pair: number for number, pair in enumerate(sorted(set().union(*pairs[0])))}
    x, unseen = (np.zeros((len(rows), len(known))) for rows in pairs)
    for table, rows in zip((x, unseen), pairs, strict=True):
        for place, row in zip(table, rows, strict=True):
            place[[known[pair] for pair in row if pair in known]] = 1
    weights, y = np.zeros(len(known)), truth(lessons)
    for _ in range(20):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (p - y) + ridge * weights
        weights -= np.linalg.solve((x.T * (p * (1 - p))) @ x + ridge * np.eye(len(known)), slope)
    return unseen @ weights > 0


def by_bag(questions: list[Question]) -> dict[int, list[Question]]:
    """The questions of each bag that has any."""
    found: dict[int, list[Question]] = defaultdict(list)
    for q in questions:
        found[q.bag].append(q)
    return dict(found)


def truth(questions: list[Question]) -> np.ndarray:
    """(Q,) True where the second half is the answer."""
    return np.array([q.answer == 1 for q in questions])


def correct(second: np.ndarray, questions: list[Question]) -> np.ndarray:
    """(Q,) whether each answer, given as the probability of the second half, is right."""
    return (second > 0.5) == truth(questions)


def interval(values: np.ndarray, questions: list[Question], rounds: int = 2000) -> list[float]:
    """95 % bootstrap interval of a mean; whole bags are drawn."""
    rows = np.column_stack([values, np.ones(len(values))])
    found = bootstrap(rows, [one.bag for one in questions], rounds=rounds, seed=11)
    return [round(found.low, 4), round(found.high, 4)]


def mean(values: np.ndarray) -> float:
    """Rounded for a report."""
    return round(float(values.mean()), 4)


def mean_by(names: list[str], values: np.ndarray) -> dict[str, float]:
    """Mean of the values of each name."""
    return {name: mean(values[np.array(names) == name]) for name in sorted(set(names))}
