"""Parts of a set: each bag by itself, as often as its share says, whatever else is there."""

from collections import Counter

import pytest

from beltline.parts import part_of, parter

SHARES = (("seed", 20), ("second", 10), ("rest", 22))


def test_parts_are_as_large_as_their_shares() -> None:
    found = Counter(part_of(f"bag {number}", SHARES, 1) for number in range(20_000))
    for name, share in SHARES:
        expected = 20_000 * share / 52
        assert abs(found[name] - expected) < 5 * expected**0.5  # five deviations of a draw


def test_a_part_without_a_share_gets_nothing_and_one_alone_everything() -> None:
    for name in ("seed", "second", "rest"):
        alone = tuple((other, int(other == name)) for other, _ in SHARES)
        assert {part_of(f"bag {number}", alone, 7) for number in range(300)} == {name}


def test_a_larger_share_takes_bags_and_gives_none_away() -> None:
    """The first part's, so that more annotating moves no bag that is annotated already."""
    more = (("seed", 40), ("second", 0), ("rest", 12))
    for number in range(500):
        if part_of(f"bag {number}", SHARES, 3) == "seed":
            assert part_of(f"bag {number}", more, 3) == "seed"


def test_scans_of_a_bag_go_the_same_way_and_another_seed_draws_anew() -> None:
    draw = parter(SHARES, 1)
    rows = [{"id": number, "group": f"bag {number // 2}"} for number in range(400)]
    parts = [draw(row)["part"] for row in rows]
    assert parts[::2] == parts[1::2]
    assert parts != [parter(SHARES, 2)(row)["part"] for row in rows]


@pytest.mark.parametrize("shares", [(("seed", 0), ("rest", 0)), (("seed", 3), ("rest", -1))])
def test_shares_that_divide_nothing_are_refused(shares: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(ValueError, match="expected shares from 0 on"):
        part_of("bag", shares, 1)
