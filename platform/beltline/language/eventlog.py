"""Where review events lie: SQLite in a file by default, PostgreSQL by URL, one small face for both.

Appending is one transaction that is on disk when it returns, and storing the same event twice stores it once: a client that
hears no answer sends again. `seq` follows the order of commits, also across processes, so that reading on from a known `seq`
never misses an event. Leases of items lie in a table of their own beside this one (leases.py); whoever must look before writing
does both in one `writing()`.

    log = EventLog("sqlite:///review.db")            # or postgresql+psycopg://user@host/database
    log.append([event])                              # 1: stored; 0: it was there
    log.read("captions", after=41)
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite

from beltline.language.review import Event

SCHEMA_VERSION = 1
BUSY_SECONDS = 60
_LOCK = 0x626C7472
"""Names our lock among a PostgreSQL server's advisory locks."""

TABLES = sql.MetaData()
_META = sql.Table("meta", TABLES, sql.Column("name", sql.Text, primary_key=True), sql.Column("value", sql.Text))
_EVENTS = sql.Table(
    "events",
    TABLES,
    sql.Column("seq", sql.BigInteger().with_variant(sql.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sql.Column("id", sql.Text, nullable=False, unique=True),
    sql.Column("queue", sql.Text, nullable=False),
    sql.Column("item", sql.BigInteger, nullable=False),
    sql.Column("digest", sql.Text, nullable=False),
    sql.Column("round", sql.Integer, nullable=False),
    sql.Column("reviewer", sql.Text, nullable=False),
    sql.Column("action", sql.Text, nullable=False),
    sql.Column("at", sql.Text, nullable=False),
    sql.Column("reason", sql.Text),
    sql.Column("before", sql.Text),
    sql.Column("after", sql.Text),
    sql.Column("undoes", sql.Text),
    sql.Column("seconds", sql.Float),
    sql.Index("events_by_item", "queue", "item"),
    sql.Index("events_by_queue", "queue", "seq"),
    sqlite_autoincrement=True,
)
_NAMES = tuple(one.name for one in fields(Event))


class EventLog:
    """The events at `url`; makes its tables when they are not there. One for each process.

    Raises:
        ValueError: the database belongs to another version of this schema, or is neither SQLite nor PostgreSQL.
    """

    def __init__(self, url: str):
        self._engine = _engine(url)
        with self.writing() as connection:
            TABLES.create_all(connection)
            self._check_version(connection, url)

    def append(self, events: Iterable[Event]) -> int:
        """Store events, all or none; returns how many were new.

        Raises:
            ValueError: an event's id is there already with other content; nothing is stored.
        """
        with self.writing() as connection:
            return self.append_in(connection, events)

    @contextmanager
    def writing(self) -> Iterator[sql.Connection]:
        """A transaction that no other writer shares, in this process or another: what is read in it still holds when it ends."""
        with self._engine.begin() as connection:
            self._lock(connection)
            yield connection

    def append_in(self, connection: sql.Connection, events: Iterable[Event]) -> int:
        """`append` as a part of a transaction of `writing`."""
        rows = list({event.id: event for event in events}.values())
        known = self._known(connection, [event.id for event in rows])
        for event in rows:
            if event.id in known and known[event.id] != event:
                raise ValueError(f"event {event.id} is stored already and differs: an id is for one event only")
        new = [asdict(event) for event in rows if event.id not in known]
        if new:
            connection.execute(self._insert(), new)
        return len(new)

    def find_in(self, connection: sql.Connection, id: str) -> Event | None:
        """The event of an id, if it is stored; a part of a transaction."""
        return self._known(connection, [id]).get(id)

    def read(self, queue: str, after: int = 0) -> list[Event]:
        """A queue's events in the order in which they were stored, from the one after `seq` on."""
        return [event for _, event in self.numbered(queue, after)]

    def numbered(self, queue: str, after: int = 0) -> list[tuple[int, Event]]:
        """The same with each event's `seq`, where to read on from."""
        with self._engine.connect() as connection:
            return self.numbered_in(connection, queue, after)

    def numbered_in(self, connection: sql.Connection, queue: str, after: int = 0) -> list[tuple[int, Event]]:
        """`numbered` as a part of a transaction."""
        chosen = sql.select(_EVENTS).where(_EVENTS.c.queue == queue, _EVENTS.c.seq > after).order_by(_EVENTS.c.seq)
        return [(row["seq"], _event(row)) for row in connection.execute(chosen).mappings()]

    def keep(self, name: str, value: str) -> str:
        """What the database keeps under a name: `value`, unless something was kept there before."""
        with self.writing() as connection:
            found = connection.scalar(sql.select(_META.c.value).where(_META.c.name == name))
            if found is None:
                connection.execute(_META.insert().values(name=name, value=value))
            return value if found is None else str(found)

    def queues(self) -> list[str]:
        """The names of the queues that have events."""
        with self._engine.connect() as connection:
            return list(connection.scalars(sql.select(_EVENTS.c.queue).distinct().order_by(_EVENTS.c.queue)))

    def close(self) -> None:
        self._engine.dispose()

    def _lock(self, connection: sql.Connection) -> None:
        """One writer at a time. SQLite: a transaction that reads first and writes then could fail where another was
        faster. PostgreSQL: numbers are drawn before commits, and a reader could see 5 before 4 and never look for 4."""
        if self._engine.dialect.name == "postgresql":
            connection.execute(sql.select(sql.func.pg_advisory_xact_lock(_LOCK)))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _known(self, connection: sql.Connection, ids: Sequence[str]) -> dict[str, Event]:
        found: dict[str, Event] = {}
        for start in range(0, len(ids), 500):
            chosen = sql.select(_EVENTS).where(_EVENTS.c.id.in_(ids[start : start + 500]))
            found |= {row["id"]: _event(row) for row in connection.execute(chosen).mappings()}
        return found

    def _insert(self) -> sql.Insert:
        """The unique id stands behind `_known`, should somebody write without our lock."""
        if self._engine.dialect.name == "postgresql":
            return postgresql.insert(_EVENTS).on_conflict_do_nothing(index_elements=["id"])
        return sqlite.insert(_EVENTS).on_conflict_do_nothing(index_elements=["id"])

    def _check_version(self, connection: sql.Connection, url: str) -> None:
        found = connection.scalar(sql.select(_META.c.value).where(_META.c.name == "schema"))
        if found is None:
            connection.execute(_META.insert().values(name="schema", value=str(SCHEMA_VERSION)))
        elif found != str(SCHEMA_VERSION):
            shown = sql.make_url(url).render_as_string(hide_password=True)
            raise ValueError(
                f"{shown}: expected events of schema {SCHEMA_VERSION}, found {found}; use the release that wrote it"
            )


def _engine(url: str) -> sql.Engine:
    kind = sql.make_url(url).get_backend_name()
    if kind == "postgresql":
        return sql.create_engine(url, pool_pre_ping=True)
    if kind != "sqlite":
        raise ValueError(f"expected sqlite:///FILE or postgresql+psycopg://..., found {kind!r}")
    engine = sql.create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    sql.event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: object, _: object) -> None:
    """WAL, so that reading never waits for writing; every commit reaches the disk; transactions begin where we say."""
    connection.isolation_level = None  # type: ignore[attr-defined]
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", "journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


def _event(row: sql.RowMapping) -> Event:
    return Event(**{name: row[name] for name in _NAMES})
