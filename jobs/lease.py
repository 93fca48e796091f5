"""A lock on an object store: an object that its holder writes anew again and again, while it lives.

Every write is conditional on the one before it, so of many takers one wins, and a holder that was taken for dead learns it
at its next beat. Whoever finds a lease watches it: one that changes has a living holder, one that stays the same for
LEASE_S has none. So nobody's clock is compared with another's. On the holder's own machine its process is looked at instead,
and nobody waits.

    with leased(store, "corpus/.runs/1f3a/driver"):
        ...
"""

import json
import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from beltline.s3 import Bucket
from beltline.s3_errors import StoreError
from beltline.store import Store

log = logging.getLogger("beltline")
LEASE_S, BEAT_S = 60.0, 15.0
ROBBED = signal.SIGUSR2
"""Wakes the main thread as Ctrl-C does. SIGINT itself is ignored by what a script starts in the background."""
FREE: dict[str, Any] = {}


@contextmanager
def leased(store: Store, path: str, *, lease_s: float = LEASE_S, beat_s: float = BEAT_S) -> Iterator[None]:
    """Hold the lease while the block runs.

    Raises:
        ValueError: another living process has it, or took it from this one, which it had reason to believe dead.
    """
    assert store.bucket, "a local store has locks"
    lease = Lease(store.bucket, store.key(path), beat_s)
    holder = lease.take(lease_s)
    if holder:
        raise ValueError(f"{path}: {holder} works on this run already; wait for it or stop it first")
    before = signal.signal(ROBBED, signal.default_int_handler)
    try:
        with lease:
            yield
    except KeyboardInterrupt:
        if lease.lost:
            raise ValueError(f"{path}: silent for over {lease_s:.0f} s, and another job took the run over") from None
        raise
    finally:
        signal.signal(ROBBED, before)


def me() -> str:
    """This process, as a run names who holds it."""
    return f"process {os.getpid()} of {socket.gethostname()}"


def holds(who: str, store: Store, folder: str) -> bool:
    """Whether it is `who` that holds a run, as me() names it; for those who work for a driver, and may outlive it."""
    said = store.read(f"{folder}/driver").decode()
    return said == who or f'"{who}"' in said  # a lock has the name alone, a lease among other things


class Lease:
    """One process's hold on an object of the bucket."""

    def __init__(self, bucket: Bucket, key: str, beat_s: float):
        self._bucket, self._key, self._beat_s = bucket, key, beat_s
        self._me = {**_process(os.getpid()), "holder": me()}
        self._mark: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self.lost = False

    def take(self, lease_s: float) -> str | None:
        """None when it is ours now, else who has it."""
        watched, since = "", 0.0
        while True:
            holder, mark = self._look()
            silent = mark == watched and time.monotonic() - since >= lease_s
            if silent or not holder or _dead(holder):
                self._mark = self._write(mark)
                if self._mark:
                    return None
                watched = ""  # somebody was faster
                continue
            if _alive(holder) or (watched and mark != watched):
                return str(holder.get("holder", "another process"))
            if not watched:
                watched, since = str(mark), time.monotonic()
                log.info("%s has this run; it is taken over after %.0f s without a sign", holder.get("holder"), lease_s)
            self._stop.wait(min(self._beat_s, lease_s) / 4)

    def __enter__(self) -> "Lease":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        try:
            self._bucket.swap(self._key, json.dumps(FREE).encode(), self._mark)
        except StoreError as error:
            log.warning("the lease stays until it is stale: %s", error)

    def _beat(self) -> None:
        main = threading.main_thread().ident or 0
        while not self._stop.wait(self._beat_s):
            try:
                mark = self._write(self._mark)
            except StoreError as error:  # nobody else can write either; the next beat tells
                log.warning("%s", error)
                continue
            if mark is None:
                self.lost = True
                signal.pthread_kill(main, ROBBED)
                return
            self._mark = mark

    def _write(self, mark: str | None) -> str | None:
        return self._bucket.swap(self._key, json.dumps({**self._me, "beat": uuid.uuid4().hex}).encode(), mark)

    def _look(self) -> tuple[dict[str, Any], str | None]:
        try:
            data, mark = self._bucket.look(self._key)
        except FileNotFoundError:
            return FREE, None
        return json.loads(data), mark


def _process(pid: int) -> dict[str, Any]:
    """What names a process of this boot of this machine; without `machine` where there is no /proc."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        place = f"{boot} {os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return {}
    return {} if fields[0] in "ZX" else {"machine": place, "pid": pid, "started": fields[19]}


def _same_machine(holder: dict[str, Any]) -> bool:
    return "machine" in holder and holder["machine"] == _process(os.getpid()).get("machine")


def _alive(holder: dict[str, Any]) -> bool:
    names = ("machine", "pid", "started")
    return _same_machine(holder) and _process(holder["pid"]) == {name: holder.get(name) for name in names}


def _dead(holder: dict[str, Any]) -> bool:
    return _same_machine(holder) and not _alive(holder)
