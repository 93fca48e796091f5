"""A run's outbox on disk: its events line by line, how many of them are sent, and whether its driver lives.

OUTBOX/<time>-<random>/events.jsonl    appended by the driver alone
                       sent.json       run id and number of events sent; replaced, never half written
                       artifacts/      files that events name
                       lock            held by the driver while it lives, then by whoever sends what it left
                       error.txt       why the last try to send failed
"""

import json
import socket
from pathlib import Path
from typing import IO, Any

from jobs.lock import take

EVENTS, STATE, LOCK, FAULT = "events.jsonl", "sent.json", "lock", "error.txt"


def held(folder: Path) -> IO[str] | None:
    """The outbox's lock; None when a living process has it or the outbox is gone."""
    try:
        return take(folder / LOCK)
    except FileNotFoundError:
        return None


def read_state(folder: Path) -> tuple[str | None, int]:
    """(run id, events sent); from the beginning when nobody knows, for sending twice changes nothing."""
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return state["run_id"], state["sent"]
    except (FileNotFoundError, ValueError):
        return None, 0


def write_state(folder: Path, run_id: str, sent: int) -> None:
    new = folder / f"{STATE}.new"
    new.write_text(json.dumps({"run_id": run_id, "sent": sent}), encoding="utf-8")
    new.replace(folder / STATE)


def events(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / EVENTS).read_bytes().split(b"\n")[:-1]  # a torn last line is not sent
    return [json.loads(line) for line in lines]


def close_if_dead(folder: Path) -> None:
    """A driver that was killed could not end its run: say so for it, in the place of a line that it had begun."""
    known = events(folder) if (folder / EVENTS).exists() else []
    if not known or known[-1]["kind"] == "end" or known[0]["host"] != socket.gethostname():
        return
    line = json.dumps({"kind": "end", "time_ms": known[-1]["time_ms"], "status": "KILLED"})
    with (folder / EVENTS).open("r+b") as journal:
        whole = journal.read().rfind(b"\n") + 1
        journal.seek(whole)
        journal.truncate()
        journal.write(f"{line}\n".encode())
