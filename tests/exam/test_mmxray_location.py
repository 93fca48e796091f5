"""Four boxes of which any could be the true one: every pair in the band, and no geometry tells the truth apart."""

import numpy as np
import pytest

from beltline import boxes
from beltline.exam.mm_location import RANKS, distractors, perturbed

rng = np.random.default_rng(5)


def true_boxes(number: int) -> list[tuple[int, int, int, int]]:
    """Boxes of many sizes in a bag that fills the middle of the image."""
    wh = rng.integers(30, 260, (number, 2))
    corner = rng.integers(150, 850 - wh)
    return [tuple(int(edge) for edge in box) for box in np.concatenate([corner, corner + wh], axis=1)]  # type: ignore[misc]


def fours(number: int, rule: str) -> np.ndarray:
    """(N, 4, 4) boxes, the true one first."""
    sets = []
    for n, box in enumerate(true_boxes(number)):
        if rule == "paper":
            found = perturbed(box, np.random.default_rng(n))
        else:
            found = distractors(box, np.random.default_rng(n), rank=n % 4, depth=n // 4 % 4)
        if found is not None:
            sets.append(np.concatenate([np.array(box)[None], found]))
    return np.array(sets)


def attackers(four: np.ndarray) -> dict[str, float]:
    """Share of sets in which a rule that sees boxes alone picks the first."""
    overlap = np.array([boxes.iou(one, one).sum(axis=1) for one in four])
    centre = np.abs((four[..., :2] + four[..., 2:]) / 2 - 500).sum(axis=-1)
    area = boxes.area(four)
    scores = {
        "nearest to the mean box": -np.abs(four - four.mean(axis=1, keepdims=True)).sum(axis=-1),
        "medoid by IoU": overlap,
        "least like the others": -overlap,
        "nearest to the centre": -centre,
        "farthest from the centre": centre,
        "largest": area,
        "smallest": -area,
        "middle area": -np.abs(area - np.median(area, axis=1, keepdims=True)),
    }
    noise = np.random.default_rng(1).uniform(0, 1e-9, four.shape[:2])  # ties are broken by chance
    return {name: float(np.mean((score + noise).argmax(axis=1) == 0)) for name, score in scores.items()}


def test_no_rule_about_boxes_alone_finds_the_truth() -> None:
    four = fours(2400, "balanced")
    assert len(four) > 2200
    slack = 4 * (0.25 * 0.75 / len(four)) ** 0.5
    found = attackers(four)
    assert {name: rate for name, rate in found.items() if abs(rate - 0.25) > slack} == {}


def test_the_papers_rule_gives_the_truth_away() -> None:
    found = attackers(fours(800, "paper"))
    assert found["nearest to the mean box"] > 0.6
    assert found["medoid by IoU"] > 0.5


def test_every_pair_keeps_to_the_band_and_to_the_view() -> None:
    for four in fours(300, "balanced"):
        overlap = boxes.iou(four, four)[~np.eye(4, dtype=bool)]
        assert (overlap >= 0.25).all() and (overlap <= 0.75).all()
        assert (four >= 0).all() and (four <= 1000).all()
        assert len({tuple(size) for size in (four[:, 2:] - four[:, :2]).tolist()}) == 1
    for four in fours(300, "paper"):
        overlap = boxes.iou(four[:1], four[1:])
        assert (overlap >= 0.25).all() and (overlap <= 0.75).all()


@pytest.mark.parametrize("rank", range(4))
def test_the_truth_has_the_rank_that_was_drawn(rank: int) -> None:
    box = (400, 300, 560, 420)
    for seed in range(20):
        found = distractors(box, np.random.default_rng(seed), rank=rank, depth=seed % 4)
        assert found is not None
        four = np.concatenate([np.array(box)[None], found])
        likeness = boxes.iou(four, four).sum(axis=1)
        assert int((likeness[1:] > likeness[0]).sum()) == rank
    assert len(RANKS) == 4


def test_a_box_without_room_is_not_asked_for() -> None:
    assert distractors((0, 0, 1000, 1000), np.random.default_rng(1), rank=0, depth=0) is None
    assert distractors((500, 500, 506, 700), np.random.default_rng(1), rank=0, depth=0) is None
    assert perturbed((500, 500, 506, 700), np.random.default_rng(1)) is None
