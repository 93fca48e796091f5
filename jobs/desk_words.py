"""The words of the desk: why something is rejected, what there is to choose from, and what the page has to know once."""

from beltline.labels import CATEGORIES, COLOURS, CONTAINERS, PLACES
from jobs.desk_service import Desk, Said, User

REASONS = {
    "captions": (
        "wrong item",
        "missing item",
        "wrong place",
        "wrong attribute",
        "views contradict",
        "language",
        "picture unusable",
        "other",
    ),
    "scans": (
        "wrong category",
        "missing box",
        "loose box",
        "too many boxes",
        "views swapped",
        "duplicate",
        "picture unusable",
        "other",
    ),
    "questions": (
        "wrong answer",
        "two right answers",
        "no right answer",
        "guessable",
        "unclear",
        "wrong evidence",
        "picture unusable",
        "other",
    ),
}
"""What the digits stand for after R."""
QUANTITIES = (*map(str, range(1, 11)), "many", "multiple")


def told(desk: Desk, user: User) -> Said:
    """What the page has to know once."""
    desk.sync()
    entries = desk.work.entries
    known = sorted({name for entry in entries for name in entry.categories})
    words = {"colour": COLOURS, "container": CONTAINERS, "place": PLACES, "quantity": QUANTITIES}
    return {
        "user": user.name,
        "lead": user.lead,
        "kind": desk.content.kind,
        "title": desk.content.manifest.ref,
        "rounds": desk.work.rules.rounds,
        "reasons": REASONS[desk.content.kind],
        "filters": {
            "category": known,
            "scored": any(one.score is not None for one in entries),
            "batch": sorted({one.batch for one in entries}),
        },
        "words": {**words, "category": sorted({*CATEGORIES, *(known if desk.content.kind != "questions" else ())})},
        "counts": desk.work.counts(),
    }
