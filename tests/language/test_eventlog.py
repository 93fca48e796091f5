"""The log on SQLite and on PostgreSQL: in order, once each, all or none, under several writers at once and after a kill."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sql

from beltline.language.eventlog import EventLog
from beltline.language.review import Event

WRITERS, EACH = 4, 25
WRITER = """
import sys
from beltline.language.eventlog import EventLog
from beltline.language.review import Event
url, name, each = sys.argv[1], sys.argv[2], int(sys.argv[3])
log = EventLog(url)
for number in range(each):
    plain = dict(queue="q", item=number, digest="d", round=1, action="accept", at="t")
    own, shared = Event(id=f"{name}/{number}", reviewer=name, **plain), Event(id=f"shared/{number}", reviewer="all", **plain)
    log.append([own, shared])
    log.append([own])
    print(own.id, flush=True)
"""


def event(id: str, **changes) -> Event:
    plain = {"queue": "q", "item": 2**62, "digest": "d", "round": 1, "reviewer": "ana", "action": "accept", "at": "t"}
    return Event(**{"id": id, **plain, **changes})


@pytest.fixture
def url(log_url: str) -> str:
    return log_url


def test_an_empty_log(url):
    log = EventLog(url)
    assert log.read("q") == [] and log.queues() == [] and log.append([]) == 0
    log.close()


def test_events_come_back_whole_and_in_order(url):
    log = EventLog(url)
    sent = [
        event("b", seconds=1.5, reason="\u00fc' \" ; DROP TABLE events"),
        event("a", action="edit", before="{}", after='{"x":"\u4e2d"}'),
        event("c", action="undo", undoes="a"),
        event("d", queue="other", item=-1),
    ]
    assert log.append(sent[:2]) == 2 and log.append(sent[2:]) == 2
    assert log.read("q") == sent[:3] and log.read("other") == sent[3:]
    assert log.queues() == ["other", "q"]
    (first, _), *_ = log.numbered("q")
    assert log.read("q", after=first) == sent[1:3]
    log.close()
    again = EventLog(url)
    assert again.read("q") == sent[:3]
    again.close()


def test_the_same_event_again_is_stored_once(url):
    log = EventLog(url)
    assert [log.append([event("a")]), log.append([event("a"), event("b")]), log.append([event("c"), event("c")])] == [
        1,
        1,
        1,
    ]
    assert [one.id for one in log.read("q")] == ["a", "b", "c"]
    log.close()


def test_another_event_under_the_same_id_is_refused_with_all_of_its_batch(url):
    log = EventLog(url)
    log.append([event("a")])
    with pytest.raises(ValueError, match="differs"):
        log.append([event("b"), event("a", action="reject")])
    assert log.read("q") == [event("a")]
    log.close()


def test_many_events_in_one_batch(url):
    log = EventLog(url)
    sent = [event(f"{number:05}") for number in range(1200)]
    assert log.append(sent) == 1200 and log.append(sent) == 0
    assert log.read("q") == sent
    log.close()


def _writers(url: str, each: int) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen([sys.executable, "-c", WRITER, url, f"w{k}", str(each)], stdout=subprocess.PIPE, text=True)
        for k in range(WRITERS)
    ]


def test_several_processes_at_once_lose_nothing_and_double_nothing(url):
    """Each makes the tables if need be, sends every event twice, and all of them race for the shared ones."""
    running = _writers(url, EACH)
    said = [process.communicate(timeout=300)[0].split() for process in running]
    assert [process.returncode for process in running] == [0] * WRITERS
    log = EventLog(url)
    stored = Counter(one.id for one in log.read("q"))
    own = {f"w{k}/{number}" for k in range(WRITERS) for number in range(EACH)}
    shared = {f"shared/{number}" for number in range(EACH)}
    assert stored.keys() == own | shared and set(stored.values()) == {1}
    assert {id for ids in said for id in ids} == own
    for k in range(WRITERS):  # each one's own events in the order in which they were sent
        assert [one.id for one in log.read("q") if one.reviewer == f"w{k}"] == [f"w{k}/{n}" for n in range(EACH)]
    log.close()


def test_what_was_acknowledged_is_there_after_a_kill(url):
    victims, told = _writers(url, 100_000), []
    try:
        for victim in victims:
            told += [victim.stdout.readline().strip() for _ in range(5)]
            os.kill(victim.pid, signal.SIGKILL)
            told += victim.stdout.read().split("\n")[:-1]  # whole lines only: an answer that was cut off is none
    finally:
        for victim in victims:
            victim.kill()
            victim.wait()
    log = EventLog(url)
    stored = Counter(one.id for one in log.read("q"))
    assert set(stored.values()) == {1} and set(told) <= stored.keys() and len(told) >= 5 * WRITERS
    assert log.append([event("after")]) == 1  # and nobody's lock is left
    log.close()


def test_another_schema_is_refused(url):
    log = EventLog(url)
    log.close()
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE meta SET value = '99'")
    engine.dispose()
    with pytest.raises(ValueError, match="found 99"):
        EventLog(url)


def test_other_databases_are_refused():
    with pytest.raises(ValueError, match="sqlite:///FILE"):
        EventLog("mysql://host/db")


def test_reading_does_not_wait_for_a_writer(tmp_path):
    log = EventLog(f"sqlite:///{Path(tmp_path)}/review.db")
    log.append([event("a")])
    other = sql.create_engine(f"sqlite:///{tmp_path}/review.db")
    with other.connect() as writing:
        writing.exec_driver_sql("INSERT INTO meta VALUES ('x', 'y')")  # a transaction that stays open
        assert log.read("q") == [event("a")]
        writing.rollback()
    other.dispose()
    log.close()
