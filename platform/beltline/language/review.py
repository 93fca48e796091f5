"""What people decided about items, as a log of events that only grows; what holds now is a fold over it.

An event speaks of exactly what its reviewer saw: it carries the digest of the item's content. When the item changes, the
decision stays in the log and no longer counts. Taking something back is an event too, and taking that back again as well.
Several people decide on one item, in rounds; how far they agree is Cohen's kappa, decision by decision and attribute by
attribute (evaluation in One App. B; several rounds in Dual 3.1, stage 5).

    log = EventLog("sqlite:///review.db")                    # eventlog.py keeps the events
    log.append([Event(id=new_id(), queue="captions", item=7, digest=content, round=1, reviewer="ana", action="accept", at=now)])
    states = fold(log.read("captions"), digests={7: content})
    states[7].status                                         # "accepted"
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from beltline.scan import canonical_json

Action = Literal["accept", "reject", "edit", "annotate", "flag", "draft", "undo"]
Status = Literal["open", "accepted", "rejected", "edited", "disputed"]
_DECIDES = ("accept", "reject", "edit", "annotate")
_STATUS: dict[str, Status] = {"accept": "accepted", "reject": "rejected", "edit": "edited", "annotate": "edited"}
MAX_TEXT = 200_000
"""Letters of `before` and of `after`; a caption with forty items has some thirty thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that one person did."""

    id: str
    """Made once by who sends it; the same event sent again has the same id and is stored once."""
    queue: str
    """What is reviewed, as `name/kind`: a queue goes on over the versions of its data set."""
    item: int
    """The scan's id, or the question's."""
    digest: str
    """Content hash of what the reviewer saw."""
    round: int
    reviewer: str
    action: Action
    at: str
    """UTC, ISO 8601."""
    reason: str | None = None
    """For reject and flag."""
    before: str | None = None
    """JSON of what was changed, for edit, annotate and draft."""
    after: str | None = None
    """JSON of what it became; `{"attributes": {"1/colour": "blue", ...}}` is what agreement looks at."""
    undoes: str | None = None
    """The id of the event that is taken back."""
    seconds: float | None = None
    """How long the item was looked at."""

    def __post_init__(self) -> None:
        if self.action not in get_args(Action):
            raise ValueError(f"event {self.id}: expected an action of {get_args(Action)}, found {self.action!r}")
        if (self.action == "undo") != (self.undoes is not None):
            raise ValueError(
                f"event {self.id}: expected `undoes` with the action undo and only then, found {self.undoes!r}"
            )
        if not self.id or not self.reviewer or not self.digest or self.round < 1:
            raise ValueError(
                f"event {self.id!r}: expected an id, a reviewer, a digest and a round from 1, found {self}"
            )
        if max(len(self.before or ""), len(self.after or "")) > MAX_TEXT:
            raise ValueError(f"event {self.id}: expected texts of at most {MAX_TEXT} letters")

    def json(self) -> str:
        """One line of the audit file."""
        return canonical_json(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one reviewer's events on an item come to in one round."""

    reviewer: str
    round: int
    action: Action
    event: str
    digest: str
    reason: str | None = None
    before: str | None = None
    after: str | None = None
    seconds: float = 0.0

    def attributes(self) -> dict[str, str]:
        """What was stated, by name: the decision itself, and each annotated attribute ("1/colour")."""
        stated = json.loads(self.after or "{}").get("attributes", {}) if self.action in ("edit", "annotate") else {}
        rejects = {"decision": "reject" if self.action == "reject" else "accept"}
        return rejects | {name: str(value) for name, value in sorted(stated.items())}


@dataclass(slots=True, kw_only=True)
class ItemState:
    """Everything that holds of one item now."""

    item: int
    digest: str | None
    """Content hash of the item as it is; None when it is no longer there."""
    decisions: dict[tuple[int, str], Decision] = field(default_factory=dict)
    """(round, reviewer) -> decision on the item as it is."""
    stale: list[Decision] = field(default_factory=list)
    """Decisions on what the item was before."""
    flags: dict[str, str] = field(default_factory=dict)
    """Reviewer -> why the item wants attention."""
    drafts: dict[str, Event] = field(default_factory=dict)
    """Reviewer -> what they have changed and not decided on yet."""

    @property
    def status(self) -> Status:
        """By the last round that has decisions: what all of it says, or disputed."""
        last = max((number for number, _ in self.decisions), default=0)
        found = {(d.action, d.after) for (number, _), d in self.decisions.items() if number == last}
        actions = {action for action, _ in found}
        if len(found) > 1 and not actions <= {"accept"}:
            return "disputed"
        return _STATUS[next(iter(actions))] if actions else "open"


def new_id() -> str:
    """An id for a new event."""
    return uuid.uuid4().hex


def fold(events: Iterable[Event], digests: Mapping[int, str]) -> dict[int, ItemState]:
    """The state of every item of `digests`, and of items that only the log knows.

    Args:
        events: of one queue, in the order of the log.
        digests: content hash of every item as it is now.
    """
    ordered = list(events)
    states = {item: ItemState(item=item, digest=digest) for item, digest in digests.items()}
    for event in standing(ordered):
        state = states.setdefault(event.item, ItemState(item=event.item, digest=None))
        _apply(state, event)
    return states


def standing(events: list[Event]) -> list[Event]:
    """The events that nobody has taken back, without the undos. Only the person who did a thing can take it back."""
    by_id = {event.id: event for event in events}
    taken_back: set[str] = set()
    for event in reversed(events):
        if event.undoes is not None and event.id not in taken_back:
            target = by_id.get(event.undoes)
            if target is not None and (target.reviewer, target.queue) == (event.reviewer, event.queue):
                taken_back.add(target.id)
    return [event for event in events if event.id not in taken_back and event.action != "undo"]


def last_of(events: list[Event], reviewer: str) -> Event | None:
    """What an undo of this reviewer would take back: the last thing done that still stands, on whatever item."""
    return next((event for event in reversed(standing(events)) if event.reviewer == reviewer), None)


def _apply(state: ItemState, event: Event) -> None:
    if event.action == "flag":
        state.flags[event.reviewer] = event.reason or ""
    if event.action == "draft" and event.digest == state.digest:
        state.drafts[event.reviewer] = event
    if event.action not in _DECIDES:
        return
    key = (event.round, event.reviewer)
    spent = (event.seconds or 0.0) + (state.decisions[key].seconds if key in state.decisions else 0.0)
    decision = Decision(
        reviewer=event.reviewer,
        round=event.round,
        action=event.action,
        event=event.id,
        digest=event.digest,
        reason=event.reason,
        before=event.before,
        after=event.after,
        seconds=spent,
    )
    if event.digest == state.digest:
        state.decisions[key] = decision
        state.drafts.pop(event.reviewer, None)
    else:
        state.stale.append(decision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two people's statements on the same things agree."""

    units: int
    observed: float
    """Share of equal statements."""
    kappa: float | None
    """None where chance alone would make them all equal: both said one thing throughout."""


def cohen_kappa(one: list[str], two: list[str]) -> Agreement | None:
    """Cohen's kappa (1960) of two equally long lists of labels; None for empty ones."""
    if len(one) != len(two):
        raise ValueError(
            f"cohen_kappa: expected as many labels of one as of the other, found {len(one)} and {len(two)}"
        )
    if not one:
        return None
    total = len(one)
    equal = sum(a == b for a, b in zip(one, two, strict=True))
    by_chance = sum(one.count(label) * two.count(label) for label in set(one))  # of total squared
    observed = equal / total
    kappa = None if by_chance == total * total else (equal * total - by_chance) / (total * total - by_chance)
    return Agreement(units=total, observed=observed, kappa=kappa)


def agreement(states: Iterable[ItemState], round_number: int) -> dict[str, dict[tuple[str, str], Agreement]]:
    """Attribute -> pair of reviewers -> how far they agree, over the items that both decided in that round."""
    said: dict[str, dict[tuple[str, str], tuple[list[str], list[str]]]] = {}
    for state in states:
        here = sorted((d.reviewer, d) for (number, _), d in state.decisions.items() if number == round_number)
        for index, (one, a) in enumerate(here):
            for two, b in here[index + 1 :]:
                _compare(said, (one, two), a.attributes(), b.attributes())
    found = {
        name: {pair: cohen_kappa(*labels) for pair, labels in pairs.items()} for name, pairs in sorted(said.items())
    }
    return {name: {pair: one for pair, one in pairs.items() if one is not None} for name, pairs in found.items()}


def _compare(
    said: dict[str, dict[tuple[str, str], tuple[list[str], list[str]]]],
    pair: tuple[str, str],
    one: dict[str, str],
    two: dict[str, str],
) -> None:
    """Statements by attribute: "1/colour" and "2/colour" are two units of the colour."""
    for name in one.keys() & two.keys():
        ours, theirs = said.setdefault(name.split("/")[-1], {}).setdefault(pair, ([], []))
        ours.append(one[name])
        theirs.append(two[name])


def audit(events: Iterable[Event]) -> Iterator[str]:
    """The log as JSON lines, for keeping beside a version."""
    return (event.json() for event in events)


def from_json(line: str) -> Event:
    """The event of a line of the audit.

    Raises:
        ValueError: it is none.
    """
    try:
        known: dict[str, Any] = json.loads(line)
        return Event(**known)
    except (TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"expected an event as JSON, found {line[:80]!r} ({error})") from error
