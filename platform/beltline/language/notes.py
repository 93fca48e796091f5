"""Notes: what a scan holds, an item a line, in as few words as a small model can learn to say.

    text = say(facts)
    # metal basket; -
    # 4552 3141 5689 columnar green liquid; black; glass; standing; clear; clear
    facts = hear(text, {"top": frame, "side": frame})        # what the writer believes; grammar.describe puts it into sentences

The first line holds container and density. An item's line begins with its edges in hundredths of the view: left and right, which both
views share since the belt runs along x in both, then top and bottom in the top view, then in the side view; then category, colour,
material, pose, and how well each view shows it. What is not known, or a view that does not show the item, is `-`. Items stand from left
to right, so that the same bag is always told in the same way. Places, sizes and overlaps follow from the boxes and are not said.
"""

import re
from collections.abc import Mapping
from typing import Final, get_args

from beltline.language.facts import Facts, ItemFacts, Seen, Sight, overlaps_of, seen_at
from beltline.language.places import Box1000
from beltline.scan import VIEWS
from beltline.verdict import BadRow

VERSION: Final = "notes-1"
ASKED: Final = "What does this bag hold? Take notes."
NONE: Final = "-"
_HEAD = re.compile(r"([^;]+); ([^;]+)")
_LINE = re.compile(r"(\d{4}) (\d{4}|-) (\d{4}|-) ([^;]+); ([^;]+); ([^;]+); ([^;]+); ([^;]+); ([^;]+)")


def say(facts: Facts) -> str:
    """The notes of a bag."""
    head = f"{facts.container or NONE}; {facts.density or NONE}"
    return "\n".join([head, *sorted(_line(item) for item in facts.items)])


def hear(text: str, frames: Mapping[str, Box1000]) -> Facts:
    """What somebody believes who has written these notes.

    Args:
        frames: what the bag fills of each view, which needs no notes (places.frames_of).

    Raises:
        BadRow: `caption/notes`, the text is not of this form.
    """
    head, *lines = text.strip().split("\n")
    bag = _matched(_HEAD, head, "CONTAINER; DENSITY")
    items = tuple(_item(number, line, frames) for number, line in enumerate(lines))
    return Facts(
        views=tuple(frames),
        container=_known(bag[1]),
        density=_known(bag[2]),
        items=items,
        overlaps=overlaps_of(items),
        **{f"{view}_frame": frame for view, frame in frames.items()},
    )


def _line(item: ItemFacts) -> str:
    boxes = {view: seen.box for view in VIEWS if (seen := item.seen(view))}
    across = _span(min(box[0] for box in boxes.values()), max(box[2] for box in boxes.values()))
    down = [_span(boxes[view][1], boxes[view][3]) if view in boxes else NONE for view in VIEWS]
    sights = [seen.sight if (seen := item.seen(view)) else None for view in VIEWS]
    words = [item.category, *(word or NONE for word in (item.colour, item.material, item.pose, *sights))]
    return f"{across} {' '.join(down)} {'; '.join(words)}"


def _span(start: int, end: int) -> str:
    """Two edges in hundredths, at least one apart."""
    low = min(round(start / 10), 98)
    return f"{low:02}{max(low + 1, min(round(end / 10), 99)):02}"


def _item(number: int, line: str, frames: Mapping[str, Box1000]) -> ItemFacts:
    said = _matched(_LINE, line, "LRLR TBTB TBTB CATEGORY; COLOUR; MATERIAL; POSE; SIGHT; SIGHT")
    downs, sights = dict(zip(VIEWS, said.group(2, 3), strict=True)), dict(zip(VIEWS, said.group(8, 9), strict=True))
    seen = {
        view: _seen(said[1], downs[view], sights[view], frame, line)
        for view, frame in frames.items()
        if downs[view] != NONE
    }
    if not seen:
        raise BadRow("caption/notes", f"expected an item in some view, found {line[:120]!r}")
    return ItemFacts(
        item=number,
        category=said[4],
        top=seen.get("top"),
        side=seen.get("side"),
        colour=_known(said[5]),
        material=_known(said[6]),
        pose=_known(said[7]),
    )


def _seen(across: str, down: str, sight: str, frame: Box1000, line: str) -> Seen:
    left, right, top, bottom = (10 * int(digits) for digits in (across[:2], across[2:], down[:2], down[2:]))
    how = _known(sight)
    if left >= right or top >= bottom or how not in (None, *get_args(Sight)):
        raise BadRow("caption/notes", f"expected a box with an area and one of {get_args(Sight)}, found {line[:120]!r}")
    return seen_at((left, top, right, bottom), frame, how)  # type: ignore[arg-type]  # looked at just now


def _known(word: str) -> str | None:
    return None if word == NONE else word


def _matched(form: re.Pattern[str], line: str, what: str) -> re.Match[str]:
    found = form.fullmatch(line)
    if found is None:
        raise BadRow("caption/notes", f"expected {what}, found {line[:120]!r}")
    return found
