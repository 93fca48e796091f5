"""Four boxes of which any could be the true one: every pair in the band, and no geometry tells the truth apart."""

from collections import Counter

import numpy as np
import pytest

from beltline import boxes
from beltline.exam.mm_location import RANKS, four_alike, locations, perturbed
from beltline.exam.mm_sight import Sight, Thing
from beltline.scan import Scan, View

WH, FRAME = (640, 480), (150, 120, 850, 900)


def true_boxes(number: int) -> list[tuple[float, float, float, float]]:
    """Pixels: boxes of many sizes, equally likely anywhere between the walls of a bag that fills `FRAME`."""
    rng = np.random.default_rng(5)
    low, high = np.array([108, 68]), np.array([532, 422])
    wh = rng.integers(20, 130, (number, 2))
    corner = rng.integers(low, high - wh + 1)
    return [tuple(map(float, box)) for box in np.concatenate([corner, corner + wh], axis=1).tolist()]


def sight(number: int, xyxy: tuple[float, ...], rule: str = "balanced") -> Sight:
    """What a builder sees of a bag with one item."""
    left, top, right, bottom = boxes.to_thousandths(xyxy, WH).tolist()
    same = {"place": None, "near": frozenset(), "colour": None, "shape": None, "attributes": {}}
    thing = Thing(item=0, category="axe", xyxy=xyxy, box=(left, top, right, bottom), **same)
    view = View(bytes=b"", path="", width=WH[0], height=WH[1], sha256="", phash=0)
    scan = Scan(id=number, group=str(number), source="mmxray", source_id=str(number), licence="CC0", top=view)
    seen = Sight(scan=scan, content="", seed=3, rule=rule, things=(thing,), vocabulary=(), frame=FRAME)
    seen.__dict__["counts"] = {"axe": 1}
    return seen


def asked(number: int, rule: str = "balanced") -> tuple[np.ndarray, list[str]]:
    """(N, 4, 4) boxes as the options say them, the true one first, and the roles."""
    found, roles = [], []
    for n, xyxy in enumerate(true_boxes(number)):
        for one in locations(sight(n, xyxy, rule)):
            others = [option for option in one.options if option != one.answer_text]
            found.append([[int(edge) for edge in text[1:-1].split(",")] for text in (one.answer_text, *others)])
            roles.append(one.role)
            assert found[-1][0] == boxes.to_thousandths(xyxy, WH).tolist()
    return np.array(found), roles


def attackers(four: np.ndarray) -> dict[str, float]:
    """Share of sets in which a rule that sees boxes alone picks the first."""
    overlap = np.array([boxes.iou(one, one).sum(axis=1) for one in four])
    middle = (four[..., :2] + four[..., 2:]) / 2
    centre = np.abs(middle - 500).sum(axis=-1)
    area = boxes.area(four)
    pixels = four * np.tile(WH, 2) / 1000
    off_grid = np.abs(np.rint(np.rint(pixels) * 1000 / np.tile(WH, 2)) - four).sum(axis=-1)
    scores = {
        "nearest to the mean box": -np.abs(four - four.mean(axis=1, keepdims=True)).sum(axis=-1),
        "medoid by IoU": overlap,
        "least like the others": -overlap,
        "nearest to the centre": -centre,
        "farthest from the centre": centre,
        "nearest across": -np.abs(middle[..., 0] - 500),
        "nearest along": -np.abs(middle[..., 1] - 500),
        "leftmost": -middle[..., 0],
        "lowest": middle[..., 1],
        "second from the left": -np.abs(middle[..., 0].argsort(axis=1).argsort(axis=1) - 1),
        "on the grid of pixels": -off_grid,
        "largest": area,
        "smallest": -area,
        "middle area": -np.abs(area - np.median(area, axis=1, keepdims=True)),
    }
    noise = np.random.default_rng(1).uniform(0, 1e-9, four.shape[:2])  # ties are broken by chance
    return {name: float(np.mean((score + noise).argmax(axis=1) == 0)) for name, score in scores.items()}


def test_no_rule_about_boxes_alone_finds_the_truth() -> None:
    four, roles = asked(4000)
    assert len(four) > 2200
    slack = 4 * (0.25 * 0.75 / len(four)) ** 0.5
    found = attackers(four)
    assert {name: rate for name, rate in found.items() if abs(rate - 0.25) > slack} == {}
    assert all(abs(num / len(roles) - 0.25) < slack for num in Counter(roles).values())


def test_the_papers_rule_gives_the_truth_away() -> None:
    found = attackers(asked(800, "paper")[0])
    assert found["nearest to the mean box"] > 0.6
    assert found["medoid by IoU"] > 0.5
    assert found["on the grid of pixels"] > 0.6


def test_every_pair_keeps_to_the_band_and_to_the_bag() -> None:
    four, _ = asked(500)
    for one in four:
        overlap = boxes.iou(one, one)[~np.eye(4, dtype=bool)]
        assert (overlap >= 0.25).all() and (overlap <= 0.75).all()
        sizes = one[:, 2:] - one[:, :2]
        assert (sizes.max(axis=0) - sizes.min(axis=0)).max() <= 1  # whole pixels, rounded to thousandths
        assert sizes.min() >= 12
    assert (four[..., :2] >= (167.5, 139.5)).all()
    assert (four[..., 2:] <= (832.5, 880.5)).all()
    for one in asked(300, "paper")[0]:
        overlap = boxes.iou(one[:1], one[1:])
        assert (overlap >= 0.25).all() and (overlap <= 0.75).all()


def test_the_role_is_the_rank_by_likeness() -> None:
    for number in range(60):
        drawn = four_alike((200.0, 150.0, 290.0, 210.0), np.random.default_rng(number))
        assert drawn is not None
        likeness = boxes.iou(drawn[0], drawn[0]).sum(axis=1)
        assert int((likeness[1:] > likeness[0]).sum()) == drawn[1]
    assert len(RANKS) == 4


def test_an_item_where_the_others_do_not_fit_is_not_asked_for() -> None:
    """As high as the bag: no box that differs lies in it. And an item in the bag's wall, for all that is between the walls."""
    tall = [list(locations(sight(n, (300.0, 70.0, 340.0, 418.0)))) for n in range(60)]
    assert sum(map(len, tall)) <= 3
    assert not any(list(locations(sight(n, (100.0, 200.0, 150.0, 250.0)))) for n in range(60))


def test_a_box_without_room_is_not_asked_for() -> None:
    assert four_alike((300.0, 200.0, 302.0, 202.0), np.random.default_rng(1)) is None
    assert not list(locations(sight(1, (300.0, 200.0, 306.0, 300.0))))
    assert perturbed((500, 500, 506, 700), np.random.default_rng(1)) is None


@pytest.mark.parametrize("shift", [0.0, 0.25])
def test_edges_between_pixels_stay_so_in_all_four(shift: float) -> None:
    drawn = four_alike((200.0 + shift, 150.0, 290.0 + shift, 210.0), np.random.default_rng(2))
    assert drawn is not None
    assert (drawn[0] % 1 == np.array([shift, 0, shift, 0])).all()
