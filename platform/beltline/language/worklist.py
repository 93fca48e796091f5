"""The work of a queue: its items in order, what each of them waits for, and who may be given which.

Everything that has happened comes in as events, once, in the order of the log (`learn`); nothing is kept that the log does not say.
An event touches one item, so each is folded alone, and 50,000 items cost no more than those that are worked on.

    work = Worklist("words/captions", entries, Rules(rounds=2))
    work.learn(log.numbered("words/captions"))
    next(work.offers("ana", Wanted(category="gun"), taken={}))        # (entry, 1)
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from beltline.language.review import Event, ItemState, fold, last_of
from beltline.language.rounds import DONE, GOLD, Outcome, Rules, outcome, refusal, stage

GOLD_EVERY = 10
"""One gold item after so many of a person's decisions, while there are any that they have not seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the queue knows of an item without opening it."""

    item: int
    digest: str
    categories: tuple[str, ...] = ()
    score: float | None = None
    """Percent; the lowest of the screens."""
    batch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person wants to see; everything by default."""

    category: str | None = None
    below: float | None = None
    """Items whose score is lower."""
    batch: int | None = None
    status: str | None = None
    """An outcome, `flagged` or `stale`; for looking through, not for being given work."""

    def fits(self, entry: Entry) -> bool:
        return (
            (self.category is None or self.category in entry.categories)
            and (self.below is None or (entry.score is not None and entry.score < self.below))
            and (self.batch is None or entry.batch == self.batch)
        )


@dataclass(kw_only=True)
class _Known:
    """What has happened to an item."""

    events: list[Event] = field(default_factory=list)
    state: ItemState


class Worklist:
    """A queue as it stands.

    Args:
        name: the queue's.
        entries: in the order in which they are given out.
        gold: item -> the answer that is known, `accept` or `reject`.
    """

    def __init__(
        self, name: str, entries: Sequence[Entry], rules: Rules | None = None, gold: Mapping[int, str] | None = None
    ):
        self.name, self.entries, self.rules = name, list(entries), rules or Rules()
        self.position = {entry.item: number for number, entry in enumerate(self.entries)}
        self.gold = {item: answer for item, answer in (gold or {}).items() if item in self.position}
        self.seen = 0
        self.ids: dict[str, Event] = {}
        self._known: dict[int, _Known] = {}
        self._by_reviewer: dict[str, list[Event]] = {}
        self._waits = [1] * len(self.entries)
        self._first = {number: 0 for number in range(1, self.rules.adjudication + 1)}

    def learn(self, numbered: Iterable[tuple[int, Event]]) -> None:
        """Take in what the log has stored since `seen`."""
        for seq, event in numbered:
            self.seen = max(self.seen, seq)
            if event.id in self.ids:
                continue
            self.ids[event.id] = event
            self._by_reviewer.setdefault(event.reviewer, []).append(event)
            known = self._known.setdefault(event.item, _Known(state=self._fresh(event.item)))
            known.events.append(event)
            known.state = fold(known.events, {event.item: self.digest(event.item)} if self._has(event.item) else {})[
                event.item
            ]
            self._place(event.item, known.state)

    def _has(self, item: int) -> bool:
        return item in self.position

    def _fresh(self, item: int) -> ItemState:
        return ItemState(item=item, digest=self.digest(item) if self._has(item) else None)

    def _place(self, item: int, state: ItemState) -> None:
        """Where it waits now; the first place of a round moves back for what was taken back."""
        if self._has(item):
            where, number = self.position[item], stage(state, self.rules)
            self._waits[where] = number
            if number != DONE:
                self._first[number] = min(self._first[number], where)

    def digest(self, item: int) -> str:
        return self.entries[self.position[item]].digest

    def state(self, item: int) -> ItemState:
        """What holds of an item now."""
        return self._known[item].state if item in self._known else self._fresh(item)

    def touched(self) -> list[ItemState]:
        """The states of all items of the queue that anything has happened to."""
        return [known.state for item, known in sorted(self._known.items()) if self._has(item)]

    def waits(self, item: int) -> int:
        """The round that an item waits for, or DONE."""
        return self._waits[self.position[item]]

    def outcome(self, item: int) -> Outcome:
        return outcome(self.state(item), self.rules)[0]

    def last(self, reviewer: str) -> Event | None:
        """What an undo of this person takes back."""
        return last_of(self._by_reviewer.get(reviewer, []), reviewer)

    def refusal(self, reviewer: str, item: int, number: int) -> str | None:
        """Why this person may not decide on the item in this round."""
        if not self._has(item):
            return "the version has no such item"
        return refusal(self.state(item), self.rules, reviewer, number)

    def offers(
        self,
        reviewer: str,
        wanted: Wanted,
        taken: Mapping[tuple[int, int], str],
        *,
        lead: bool = True,
        but: Collection[int] = (),
    ) -> Iterator[tuple[Entry, int]]:
        """(entry, round) of what this person may be given: gold that is due, then round after round, in order.

        Args:
            taken: (item, round) -> who holds it now.
            lead: whether this person adjudicates.
            but: items that are not wanted now, skipped ones for one.
        """
        yield from self._gold(reviewer, taken, but)
        last = self.rules.adjudication if lead and self.rules.adjudicate else self.rules.rounds
        for number in range(1, last + 1):
            for entry in self._waiting(number):
                if entry.item in but or not wanted.fits(entry) or (entry.item, number) in taken:
                    continue
                if self.refusal(reviewer, entry.item, number) is None:
                    yield entry, number

    def _waiting(self, number: int) -> Iterator[Entry]:
        """The items that wait for a round, and a note where the first of them is."""
        first = True
        for where in range(self._first[number], len(self.entries)):
            if self._waits[where] == number:
                if first:
                    self._first[number], first = where, False
                yield self.entries[where]
        if first:
            self._first[number] = len(self.entries)

    def _gold(
        self, reviewer: str, taken: Mapping[tuple[int, int], str], but: Collection[int]
    ) -> Iterator[tuple[Entry, int]]:
        done = (
            [state for state in self.touched() if any(who == reviewer for _, who in state.decisions)]
            if self.gold
            else []
        )
        seen = {state.item for state in done}
        held = {item for (item, _), who in taken.items() if who == reviewer}
        num_gold = sum((GOLD, reviewer) in state.decisions for state in done) + sum(item in self.gold for item in held)
        if (len(done) + len(held) + 1) // GOLD_EVERY > num_gold:
            yield from (
                (self.entries[self.position[item]], GOLD)
                for item in sorted(self.gold)
                if item not in seen and item not in held and item not in but
            )

    def find(self, wanted: Wanted, after: int | None = None, back: bool = False) -> Entry | None:
        """The next item that fits, by order, for whoever looks through."""
        here = -1 if after is None else self.position.get(after, -1)
        places = range(here - 1, -1, -1) if back else range(here + 1, len(self.entries))
        return next((self.entries[k] for k in places if wanted.fits(self.entries[k]) and self._status(k, wanted)), None)

    def _status(self, where: int, wanted: Wanted) -> bool:
        item = self.entries[where].item
        if wanted.status == "flagged":
            return bool(self.state(item).flags)
        if wanted.status == "stale":
            return bool(self.state(item).stale) and self._waits[where] != DONE
        return wanted.status is None or self.outcome(item) == wanted.status

    def counts(self) -> dict[str, int]:
        """How many items there are by outcome, and in all."""
        found: dict[str, int] = {"all": len(self.entries)}
        for state in self.touched():
            name = outcome(state, self.rules)[0]
            found[name] = found.get(name, 0) + 1
        found["open"] = len(self.entries) - sum(
            found.get(name, 0) for name in ("accepted", "rejected", "edited", "disputed")
        )
        return found
