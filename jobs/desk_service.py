"""What the desk does for a person: gives items out, takes decisions in, takes them back, tells how things stand. No web in it.

Whatever changes anything is one transaction of the log: read what others have stored, see whether it may be, write. An event comes
with an id that its sender made, so that a sender who heard nothing sends it again and it is stored once.
"""

import datetime
import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from beltline.language.eventlog import EventLog
from beltline.language.figures import ATTRIBUTES
from beltline.language.leases import LEASE_S, Lease, drop, live, take
from beltline.language.review import MAX_TEXT, Event
from beltline.language.rounds import decisions
from beltline.language.worklist import Wanted, Worklist
from jobs.desk_content import Content

MAX_EVENTS, MAX_AHEAD, MAX_REASON = 100, 4, 500
ACTIONS = ("accept", "reject", "edit", "flag", "draft")
Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """Who is at the desk."""

    name: str
    lead: bool = False
    """May adjudicate, and sees the figures."""


class Desk:
    """One queue, served to several people; several desks may serve one log."""

    def __init__(self, log: EventLog, content: Content, work: Worklist, clock: Callable[[], float] = time.time):
        self.content, self.work = content, work
        self._log, self._clock, self._lock = log, clock, threading.RLock()
        self.sync()

    def sync(self) -> None:
        """Take in what other desks have stored."""
        with self._lock:
            self.work.learn(self._log.numbered(self.work.name, self.work.seen))

    def give(self, user: User, wanted: Wanted, num: int, but: Sequence[int] = ()) -> list[Said]:
        """The next items for a person: those that they hold already, then new ones, leased to them."""
        with self._lock, self._log.writing() as connection:
            self._learn(connection)
            now, name = self._clock(), self.work.name
            held = live(connection, name, now)
            mine = [one for one in held if one.reviewer == user.name and self._mine(one, wanted, but)]
            mine.sort(key=lambda one: (one.round, self.work.position[one.item]))
            taken = {(one.item, one.round): one.reviewer for one in held}
            offers = self.work.offers(user.name, wanted, taken, lead=user.lead, but=but)
            least = max(0, min(num, MAX_AHEAD) - len(mine))
            chosen = [(one.item, one.round) for one in mine] + [(entry.item, at) for entry, at in islice(offers, least)]
            for item, number in chosen:
                more = {"reviewer": user.name, "until": now + LEASE_S}
                take(connection, Lease(queue=name, item=item, round=number, **more))  # type: ignore[arg-type]
        return [self.look(user, item) for item, _ in chosen]

    def _mine(self, lease: Lease, wanted: Wanted, but: Sequence[int]) -> bool:
        """Whether what a person holds is still theirs to decide, and wanted."""
        known = lease.item in self.work.position and lease.item not in but
        entry = self.work.entries[self.work.position[lease.item]] if known else None
        decided = known and (lease.round, lease.reviewer) in self.work.state(lease.item).decisions
        may = known and self.work.refusal(lease.reviewer, lease.item, lease.round) is None
        return entry is not None and may and not decided and wanted.fits(entry)

    def look(self, user: User, item: int) -> Said:
        """An item with the person's own draft and decision; other people's only where there is something to adjudicate.

        Raises:
            KeyError: the queue has no such item.
        """
        if item not in self.work.position:
            raise KeyError(item)
        state = self.work.state(item)
        draft = state.drafts.get(user.name)
        own = [made for (_, who), made in sorted(state.decisions.items()) if who == user.name]
        others = self._others(user, item)
        shown = self.content.shown(item)
        return {
            **shown,
            "draft": None if draft is None else json.loads(draft.after or "{}"),
            "own": None
            if not own
            else {"action": own[-1].action, "reason": own[-1].reason, "after": _read(own[-1].after)},
            "others": others,
            "stale": [{"action": one.action, "reviewer": one.reviewer, "reason": one.reason} for one in state.stale],
            "flag": state.flags.get(user.name),
            "place": self.work.position[item] + 1,
        }

    def _others(self, user: User, item: int) -> list[Said]:
        rules, state = self.work.rules, self.work.state(item)
        if not user.lead or self.work.outcome(item) != "disputed":
            return []
        made = [one for number in range(1, rules.rounds + 1) for one in decisions(state, number)]
        return [
            {"round": one.round, "action": one.action, "reason": one.reason, "after": _read(one.after)}
            for one in made
            if one.reviewer != user.name
        ]

    def keep(self, user: User, said: Iterable[Said]) -> tuple[list[str], dict[str, str]]:
        """Store what a person did: the ids that are on disk now, and why others are not."""
        stored, refused = [], {}
        with self._lock, self._log.writing() as connection:
            self._learn(connection)
            held = {
                one.item: one.round
                for one in live(connection, self.work.name, self._clock())
                if one.reviewer == user.name
            }
            taken = {(one.item, one.round): one.reviewer for one in live(connection, self.work.name, self._clock())}
            for one in islice(said, MAX_EVENTS):
                key = str(one.get("id", ""))[:64]
                try:
                    event = self._event(user, one, held, taken)
                except (KeyError, TypeError, ValueError) as error:
                    refused[key] = str(error.args[0] if error.args else error)
                    continue
                if event is not None:
                    self._log.append_in(connection, [event])
                    self._learn(connection)
                    if event.action in ("accept", "reject", "edit"):
                        drop(connection, self.work.name, event.item, user.name)
                stored.append(key)
        return stored, refused

    def _event(self, user: User, said: Said, held: dict[int, int], taken: dict[tuple[int, int], str]) -> Event | None:
        """The event that somebody sends; None where it is stored already.

        Raises:
            ValueError: it may not be stored, and why.
        """
        key, item, action = str(said["id"])[:64], int(said["item"]), said["action"]
        known = self.work.ids.get(key)
        if known is not None:
            if (known.reviewer, known.item, known.action) != (user.name, item, action):
                raise ValueError("this event's id belongs to another one")
            return None
        if action not in ACTIONS:
            raise ValueError(f"expected an action of {ACTIONS}")
        if item not in self.work.position:
            raise ValueError("the version has no such item")
        if said.get("digest") != self.work.digest(item):
            raise ValueError("the item has changed since it was shown")
        number = held.get(item) or self._round(user, item, taken)
        why = self.work.refusal(user.name, item, number) if action != "flag" else None
        if why:
            raise ValueError(why)
        return Event(**self._stamped(user, key, item), action=action, round=number, **_told(said, action))

    def _round(self, user: User, item: int, taken: dict[tuple[int, int], str]) -> int:
        """The round of whoever acts without a lease: that of their own decision, or what the item waits for if nobody holds it."""
        own = [number for number, who in self.work.state(item).decisions if who == user.name]
        if own:
            return max(own)
        number = self.work.waits(item) or 1
        if taken.get((item, number), user.name) != user.name:
            raise ValueError("somebody else has it in hand")
        if number == self.work.rules.adjudication and not user.lead:
            raise ValueError("only a lead decides where others differ")
        return number

    def _stamped(self, user: User, key: str, item: int) -> Said:
        now = datetime.datetime.fromtimestamp(self._clock(), datetime.UTC).isoformat(timespec="milliseconds")
        same = {"queue": self.work.name, "reviewer": user.name, "digest": self.work.digest(item)}
        return {"id": key, "item": item, "at": now, **same}

    def undo(self, user: User, key: str) -> Said | None:
        """Take back what a person did last, on whatever item: that item, theirs again; None where there is nothing to take back."""
        with self._lock, self._log.writing() as connection:
            self._learn(connection)
            if key in self.work.ids:
                return self.look(user, self.work.ids[key].item)
            last = self.work.last(user.name)
            if last is None or last.item not in self.work.position:
                return None
            event = Event(**self._stamped(user, key, last.item), action="undo", round=last.round, undoes=last.id)
            self._log.append_in(connection, [event])
            self._learn(connection)
            self._again(connection, user, last)
        return self.look(user, last.item)

    def _again(self, connection: Any, user: User, last: Event) -> None:
        """The lease of an item whose decision was taken back, unless somebody has been given it."""
        holders = {
            one.reviewer
            for one in live(connection, self.work.name, self._clock())
            if one.item == last.item and one.round == last.round
        }
        if holders <= {user.name}:
            until = self._clock() + LEASE_S
            take(
                connection,
                Lease(queue=self.work.name, item=last.item, round=last.round, reviewer=user.name, until=until),
            )

    def find(self, user: User, wanted: Wanted, after: int | str | None, back: bool) -> Said | None:
        """The next item that fits, by order and leased to nobody, for whoever looks through."""
        self.sync()
        entry = self.work.find(wanted, None if after is None else int(after), back)
        return None if entry is None else self.look(user, entry.item)

    def release(self, user: User, items: Iterable[int]) -> None:
        """Give items back, for others to be given."""
        with self._lock, self._log.writing() as connection:
            for item in items:
                drop(connection, self.work.name, item, user.name)

    def _learn(self, connection: Any) -> None:
        self.work.learn(self._log.numbered_in(connection, self.work.name, self.work.seen))


def _told(said: Said, action: str) -> Said:
    """What an event says besides who and when, within bounds."""
    reason, seconds = said.get("reason"), said.get("seconds")
    texts = {
        name: None if said.get(name) is None else json.dumps(said[name], ensure_ascii=False)
        for name in ("before", "after")
    }
    if any(text is not None and len(text) > MAX_TEXT for text in texts.values()):
        raise ValueError(f"expected texts of at most {MAX_TEXT} letters")
    if action == "reject" and not reason:
        raise ValueError("a rejection wants a reason")
    if action in ("edit", "draft") and not isinstance(said.get("after"), dict):
        raise ValueError("an edit says what became of the item")
    if texts["after"] is not None and action == "edit":
        texts["after"] = json.dumps(said["after"] | {"attributes": attributes(said["after"])}, ensure_ascii=False)
    spent = min(max(float(seconds), 0.0), 3600.0) if isinstance(seconds, int | float) else None
    return {"reason": None if reason is None else str(reason)[:MAX_REASON], "seconds": spent, **texts}


def attributes(after: Said) -> Said:
    """What an edit states of its items, "1/colour" for one: what agreement looks at."""
    boxes = after.get("boxes") or []
    return {f"{box['item']}/{name}": box[name] for box in boxes for name in ATTRIBUTES if box.get(name) is not None}


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)
