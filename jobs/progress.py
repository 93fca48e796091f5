"""How far the belt is: a bar in a terminal, plain lines in a log.

What is counted are rows whose block is committed: exactly those that a kill would not lose.
"""

import logging
import sys
import threading
import time
from types import TracebackType

import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from beltline.store import Store

log = logging.getLogger("beltline")
LOOK_S, LOOK_FAR_S = 0.5, 5.0
"""How often the bar looks; on an object store every look is paid for."""
PENDING = ".pending.parquet"


class Committed:
    """Rows committed to a checkpoint folder; every file is read once."""

    def __init__(self, store: Store, folder: str):
        self._store, self._folder = store, folder
        self._rows: dict[str, int] = {}

    def count(self) -> int:
        for path in self._store.list(self._folder):
            if path.endswith(".parquet") and not path.endswith(PENDING) and path not in self._rows:
                meta = pq.read_metadata(self._store.path(path), filesystem=self._store.filesystem)
                self._rows[path] = meta.num_rows
        return sum(self._rows.values())

    @property
    def near(self) -> bool:
        return self._store.is_local


class Reporter:
    """Shows progress while its `with` block runs; `done` and `seconds` are the figures afterwards."""

    def __init__(self, committed: Committed, total: int, title: str):
        self._committed, self._total, self._title = committed, total, title
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._bar if sys.stderr.isatty() else self._lines, daemon=True)
        self.before = self._now = committed.count()
        self.seconds = 0.0

    def __enter__(self) -> "Reporter":
        if self.before:
            log.info("%s: continuing, %d of %d rows are done", self._title, self.before, self._total)
        self._start = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.monotonic() - self._start
        self._stop.set()
        self._thread.join()

    @property
    def done(self) -> int:
        """Rows that this process has added."""
        return self._committed.count() - self.before

    def _bar(self) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(self._title, total=self._total, completed=self.before)
            while not self._stop.wait(LOOK_S if self._committed.near else LOOK_FAR_S):
                progress.update(task, completed=self._look())

    def _lines(self) -> None:
        last = self.before
        while not self._stop.wait(5):
            now = self._look()
            if now != last:
                log.info("%s: %d of %d rows", self._title, now, self._total)
            last = now

    def _look(self) -> int:
        """What is committed now; what it was before while the store gives no answer: a bar stops no job."""
        try:
            self._now = self._committed.count()
        except OSError as error:
            log.warning("%s: no progress to be seen: %s", self._title, error)
        return self._now
