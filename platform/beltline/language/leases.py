"""Who has which item in hand: leases that end by themselves, in a table beside the events.

A lease is taken, renewed and given back inside `EventLog.writing()`, so that no two people are given one item, however many desks
serve them. It names the round, so that whoever decides need not be told what kind of round it is. A lease that has run out binds
nobody; a decision on it is still taken where nobody else was given the item meanwhile.

    with log.writing() as connection:
        held = live(connection, "words/captions", now)
        take(connection, Lease(queue="words/captions", item=7, round=1, reviewer="ana", until=now + LEASE_S))
"""

from dataclasses import asdict, dataclass

import sqlalchemy as sql

from beltline.language.eventlog import TABLES

LEASE_S = 600.0
"""How long an item is held for a person of whom nothing is heard."""

_LEASES = sql.Table(
    "leases",
    TABLES,
    sql.Column("queue", sql.Text, primary_key=True),
    sql.Column("item", sql.BigInteger, primary_key=True),
    sql.Column("round", sql.Integer, primary_key=True),
    sql.Column("reviewer", sql.Text, primary_key=True),
    sql.Column("until", sql.Float, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An item in somebody's hand."""

    queue: str
    item: int
    round: int
    reviewer: str
    until: float
    """Seconds since 1970, by the desk's clock."""


def live(connection: sql.Connection, queue: str, now: float) -> list[Lease]:
    """The leases of a queue that have not run out."""
    chosen = sql.select(_LEASES).where(_LEASES.c.queue == queue, _LEASES.c.until > now)
    return [Lease(**row) for row in connection.execute(chosen.order_by(_LEASES.c.item)).mappings()]


def take(connection: sql.Connection, lease: Lease) -> None:
    """Take or renew; that nobody else has it is for the caller to see, in the same transaction."""
    drop(connection, lease.queue, lease.item, lease.reviewer)
    connection.execute(_LEASES.insert().values(**asdict(lease)))


def drop(connection: sql.Connection, queue: str, item: int, reviewer: str) -> None:
    """Give an item back, whatever the round."""
    mine = (_LEASES.c.queue == queue, _LEASES.c.item == item, _LEASES.c.reviewer == reviewer)
    connection.execute(_LEASES.delete().where(*mine))
