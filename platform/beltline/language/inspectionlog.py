"""Inspections that were made and what inspectors said of them: each correction becomes an event that a model can be taught from.

    kept = InspectionLog("sqlite:///feedback.db")
    kept.keep(inspection, ["sha256 of the top view", "... of the side view"])
    event, new = kept.correct(feedback, reviewer="belt 3")

No picture and no question is kept: an item is known by the digests of its views, and its event has the digest of what was said of it.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

import sqlalchemy as sql
from pydantic import BaseModel, ConfigDict, Field

from beltline.language.eventlog import TABLES, EventLog
from beltline.language.inspection import Inspection, Item
from beltline.language.review import MAX_TEXT, Event
from beltline.scan import canonical_json

QUEUE = "inspections"
_MADE = sql.Table(
    "inspections",
    TABLES,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("item", sql.BigInteger, nullable=False),
    sql.Column("digest", sql.Text, nullable=False),
    sql.Column("said", sql.Text, nullable=False),
    sql.Column("at", sql.Text, nullable=False),
)


class Feedback(BaseModel):
    """What an inspector says of an inspection."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    inspection: Annotated[str, Field(min_length=1, max_length=100)]
    action: Literal["accept", "reject", "edit"]
    items: Annotated[list[Item], Field(max_length=200)] = []
    """As they should be, for edit."""
    reason: Annotated[str, Field(max_length=2000)] | None = None
    event: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{8,100}$")]
    """Made once by the client: the same event sent again is stored once."""


class InspectionLog:
    """Both tables lie in one database, SQLite or PostgreSQL. One for each process."""

    def __init__(self, url: str):
        self.events = EventLog(url)

    def keep(self, made: Inspection, views: Sequence[str]) -> None:
        """Remember an inspection, so that it can be corrected later, by whichever process is asked."""
        said = canonical_json(
            made.model_dump(mode="json", include={"model", "version", "state", "verdict", "answer", "items", "text"})
        )
        digest = hashlib.sha256("\n".join((*views, said)).encode()).hexdigest()
        row = {"id": made.id, "item": item_of(views), "digest": digest, "said": said, "at": _now()}
        with self.events.writing() as connection:
            connection.execute(_MADE.insert().values(**row))

    def correct(self, feedback: Feedback, reviewer: str) -> tuple[Event, bool]:
        """Store what an inspector said; the event, and whether it is new.

        Raises:
            LookupError: there is no such inspection.
            ValueError: the event's id is another's.
        """
        with self.events.writing() as connection:
            made = connection.execute(sql.select(_MADE).where(_MADE.c.id == feedback.inspection)).mappings().first()
            if made is None:
                raise LookupError(feedback.inspection)
            event = _event(feedback, reviewer, made)
            known = self.events.find_in(connection, event.id)
            if known is None:
                return event, self.events.append_in(connection, [event]) == 1
        if _spoken(known) != _spoken(event):
            raise ValueError("an event's id is for one event only")
        return known, False

    def close(self) -> None:
        self.events.close()


def item_of(views: Sequence[str]) -> int:
    """63 bits that name a bag by the digests of its views."""
    return int.from_bytes(hashlib.sha256("\n".join(views).encode()).digest()[:8], "big") >> 1


def _event(feedback: Feedback, reviewer: str, made: sql.RowMapping) -> Event:
    after = canonical_json({"items": [one.model_dump(mode="json") for one in feedback.items]})
    edits = feedback.action == "edit"
    before = canonical_json({"items": json.loads(made["said"])["items"]})
    return Event(
        id=feedback.event,
        queue=QUEUE,
        item=made["item"],
        digest=made["digest"],
        round=1,
        reviewer=reviewer,
        action=feedback.action,
        at=_now(),
        reason=feedback.reason,
        before=before[:MAX_TEXT] if edits else None,
        after=after if edits else None,
    )


def _spoken(event: Event) -> tuple[object, ...]:
    """Everything but when it came."""
    return event.queue, event.item, event.digest, event.reviewer, event.action, event.reason, event.before, event.after


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
