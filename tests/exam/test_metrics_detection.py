"""AP: COCO's numbers where scores differ or legacy is asked for, and no order of anything in any figure otherwise."""

import contextlib
import io
import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from beltline.exam.metrics import detection, precision
from beltline.exam.metrics.matching import Located, matched

SEEDS = st.integers(0, 2**32 - 1)
EMPTY = Located.of([], [], [])


def scene(seed: int, scores: str = "distinct", num_images: int = 12) -> tuple[Located, Located]:
    """Gold boxes on a coarse grid (IoU of exactly 0.5 happens), predictions near half of them, some of a class without gold."""
    rng = np.random.default_rng(seed)
    num = int(rng.integers(1, 60))
    gold = rng.integers(0, 10, (num, 2)) * 8.0
    gold = np.concatenate([gold, gold + rng.integers(1, 5, (num, 2)) * 8.0], 1)
    image, kind = rng.integers(0, num_images, num), rng.choice(["gun", "knife", "saw"], num)
    pick = rng.integers(0, num, int(rng.integers(1, 90)))
    moved = gold[pick] + rng.integers(-1, 2, (len(pick), 4)) * rng.choice([0.0, 4.0, 8.0], (len(pick), 1))
    moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 4)
    said = np.where(rng.random(len(pick)) < 0.9, kind[pick], "axe")
    sure = {
        "distinct": rng.permutation(len(pick)) / len(pick),
        "constant": np.ones(len(pick)),
        "tied": rng.integers(0, 4, len(pick)) / 4,
    }[scores]
    return Located.of(image, kind, gold), Located.of(image[pick], said, moved, sure)


def pycoco(gold: Located, predicted: Located, max_boxes: int = 100) -> tuple[float, float, float]:
    """AP25, AP50, mAP of pycocotools, by its own classes alone."""
    kinds = sorted(set(gold.category.tolist()))
    images = np.union1d(gold.image, predicted.image).tolist()

    def entries(of: Located) -> list[dict[str, object]]:
        return [
            {"id": i, "image_id": int(image), "category_id": kinds.index(kind), "iscrowd": 0, "score": float(sure)}
            | {"bbox": [*xyxy[:2], *(xyxy[2:] - xyxy[:2])], "area": float(np.prod(xyxy[2:] - xyxy[:2]))}
            for i, (image, kind, xyxy, sure) in enumerate(
                zip(of.image, of.category.tolist(), of.xyxy, of.score, strict=True), 1
            )
            if kind in kinds
        ]

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": [{"id": int(i)} for i in images],
            "categories": [{"id": i} for i in range(len(kinds))],
            "annotations": entries(gold),
        }
        truth.createIndex()
        said = entries(predicted)
        if not said:
            return 0.0, 0.0, 0.0
        run = COCOeval(truth, truth.loadRes(said), "bbox")
        run.params.iouThrs, run.params.maxDets = precision.THRESHOLDS, [1, 10, max_boxes]
        run.evaluate()
        run.accumulate()
    ap = run.eval["precision"][:, :, :, 0, 2]
    return float(ap[0].mean()), float(ap[1].mean()), float(ap[1:].mean())


def three(found: detection.Detection) -> tuple[float, float, float]:
    return found.ap25, found.ap50, found.map


def test_no_boxes() -> None:
    none = detection.score(EMPTY, EMPTY, score_source="constant")
    assert all(math.isnan(value) for value in (*three(none), none.at50.precision, none.at50.recall, none.at50.f1))
    gold, predicted = scene(1)
    silent = detection.score(gold, EMPTY, score_source="constant")
    assert three(silent) == (0, 0, 0) and silent.at50.recall == 0 and math.isnan(silent.at50.precision)
    wrong = detection.score(EMPTY, predicted, score_source="detector")
    assert math.isnan(wrong.map) and wrong.at50.precision == 0 and wrong.num_foreign == len(predicted)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Located.of(["a"], ["gun"], [[0, 0, 1, np.nan]]), "finite"),
        (lambda: Located.of(["a"], [], [[0, 0, 1, 1]]), "one length"),
        (lambda: detection.score(*scene(1), score_source="constant"), "name their source"),
        (lambda: detection.bootstrap(*scene(1), {}), "bag of every image"),
    ],
)
def test_errors_say_what_to_do(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]


@given(SEEDS)
@settings(max_examples=40)
def test_distinct_scores_give_pycocotools_numbers_in_both_engines(seed: int) -> None:
    """Off the grid, where no prediction has the same IoU with two gold boxes: there COCO takes the later row."""
    gold, predicted = scene(seed)
    gold = Located.of(
        gold.image, gold.category, gold.xyxy + np.random.default_rng(seed).uniform(-0.5, 0.5, gold.xyxy.shape)
    )
    found = detection.score(gold, predicted, score_source="detector")
    assert not found.tied and "faster-coco-eval" in found.signature
    assert three(found) == pytest.approx(pycoco(gold, predicted), abs=1e-12)
    images = np.union1d(gold.image, predicted.image)
    ours = precision.figures(detection.match(gold, predicted, precision.THRESHOLDS, images), np.ones((1, len(images))))
    assert ours[0] == pytest.approx(three(found), abs=1e-12)


@given(SEEDS, st.sampled_from(["constant", "tied", "distinct"]))
@settings(max_examples=40)
def test_legacy_is_pycocotools_order(seed: int, scores: str) -> None:
    gold, predicted = scene(seed, scores)
    found = detection.score(gold, predicted, score_source="detector", ties="legacy")
    assert three(found) == pytest.approx(pycoco(gold, predicted), abs=1e-12)


@given(SEEDS, st.sampled_from(["constant", "tied", "distinct"]))
@example(89499, "distinct")  # one prediction at the same IoU of two gold boxes
@settings(max_examples=40)
def test_no_order_of_rows_or_images_moves_any_figure(seed: int, scores: str) -> None:
    gold, predicted = scene(seed, scores)
    rng = np.random.default_rng(seed)
    names = rng.permutation(12)
    turned = [
        Located.of(names[of.image[o]], of.category[o], of.xyxy[o], of.score[o])
        for of in (gold, predicted)
        for o in [rng.permutation(len(of))]
    ]
    plain = detection.score(gold, predicted, score_source="detector")
    other = detection.score(*turned, score_source="detector")
    assert three(other) == pytest.approx(three(plain), abs=1e-12)
    assert (other.at25, other.at50) == (plain.at25, plain.at50)


def test_legacy_moves_with_the_order_of_images_and_merging_does_not() -> None:
    """200 images of four items, half of them found and the other half answered wrong: 0.5 * 0.5 merged, by 101 points 51 / 101 * 0.5."""
    image, place = (
        np.repeat(np.arange(200), 4),
        np.tile([[0, 0, 9, 9], [20, 0, 29, 9], [40, 0, 49, 9], [60, 0, 69, 9]], (200, 1)),
    )
    found = []
    for good in (image < 100, image >= 100):
        said = Located.of(image, ["gun"] * 800, place + np.where(good, 0, 500)[:, None])
        gold = Located.of(image, ["gun"] * 800, place)
        found.append(
            [detection.score(gold, said, score_source="constant", ties=ties).ap50 for ties in ("merge", "legacy")]
        )
    assert found[0][0] == found[1][0] == pytest.approx(51 / 101 * 0.5)
    assert found[0][1] == pytest.approx(51 / 101) and found[1][1] < 0.3


def test_by_hand() -> None:
    """Two gold boxes; scores .9 right, .8 wrong, .7 right: precision 1 up to recall 1/2, then 2/3: (51 * 1 + 50 * 2/3) / 101."""
    gold = Located.of(["a", "b"], ["gun"] * 2, [[0, 0, 10, 10], [0, 0, 10, 10]])
    said = Located.of(["a", "a", "b"], ["gun"] * 3, [[0, 0, 10, 10], [50, 50, 60, 60], [0, 0, 10, 10]], [0.9, 0.8, 0.7])
    found = detection.score(gold, said, score_source="logprob")
    assert found.ap50 == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert found.at50 == detection.Point(precision=2 / 3, recall=1.0, f1=0.8)
    tied = Located.of(said.image, said.category, said.xyxy)
    assert detection.score(gold, tied, score_source="constant").ap50 == pytest.approx(2 / 3)


@given(SEEDS, st.floats(0.1, 0.9))
@settings(max_examples=60)
def test_tied_boxes_are_matched_as_well_as_can_be(seed: int, bar: float) -> None:
    """Every one-to-one assignment tried: none makes more of them right."""
    rng = np.random.default_rng(seed)
    iou = np.round(rng.random((int(rng.integers(1, 5)), int(rng.integers(1, 5)))), 1)
    tall = iou if len(iou) >= iou.shape[1] else iou.T
    best = max(
        sum(tall[row, column] >= bar for column, row in enumerate(rows))
        for rows in itertools.permutations(range(len(tall)), tall.shape[1])
    )
    assert matched(iou, np.ones(len(iou)), bar).sum() == best


def test_two_fair_matches_beat_one_good_match() -> None:
    """0.3 and 0.3 are two right boxes at IoU 0.25, though 0.9 and nothing is the greater sum."""
    assert matched(np.array([[0.9, 0.3], [0.3, 0.0]]), np.ones(2), 0.25).tolist() == [True, True]


def test_more_than_a_hundred_boxes_count_but_not_in_legacy() -> None:
    gold = Located.of(["a"], ["gun"], [[0, 0, 10, 10]])
    said = Located.of(["a"] * 101, ["gun"] * 101, [[50, 50, 60, 60]] * 100 + [[0, 0, 10, 10]], np.arange(101, 0, -1))
    ap = [detection.score(gold, said, score_source="detector", ties=ties).ap50 for ties in ("merge", "legacy")]
    assert ap == [pytest.approx(1 / 101), 0]


@pytest.mark.parametrize("scores", ["tied", "constant"])
def test_bootstrap_is_the_score_of_the_drawn_bags(scores: str) -> None:
    """Two bags of several images: each of the three draws there are, made by copying images, scored from nothing."""
    gold, predicted = scene(7, scores)
    bags = {image: f"bag{image % 2}" for image in range(12)}
    possible = [
        three(detection.score(copied(gold, times), copied(predicted, times), score_source="detector"))
        for times in ((2, 0), (1, 1), (0, 2))
    ]
    found = detection.bootstrap(gold, predicted, bags, rounds=100, level=0.999)
    for column, name in enumerate(detection.NAMES):
        assert found[name].estimate == pytest.approx(possible[1][column])
        each = [one[column] for one in possible]
        assert (found[name].low, found[name].high) == pytest.approx((min(each), max(each)), abs=1e-9)


def copied(of: Located, times: tuple[int, int]) -> Located:
    """Bag 0 and bag 1 so many times, under new image numbers."""
    rows = [(i, copy) for i in range(len(of)) for copy in range(times[int(of.image[i]) % 2])]
    index = np.array([i for i, _ in rows], int)
    image = [int(of.image[i]) + 100 * copy for i, copy in rows]
    return Located.of(image, of.category[index], of.xyxy[index], of.score[index])


def test_area_as_score() -> None:
    assert detection.area_scores([[0, 0, 10, 20], [0, 0, 0, 0]], (20, 20)).tolist() == [0.5, 0]
