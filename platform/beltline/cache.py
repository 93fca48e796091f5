"""The answer cache: what an expensive question was answered, so that it is never asked twice.

One file per answer, named by the sha256 of what was asked, written as soon as the answer is there. Ray Data commits whole
blocks, so a killed job would ask again for the finished rows of its open blocks; with the cache it asks only for the rows
that were in flight. A failure that would come again is an answer too (a BadRow); one that may pass, such as a server that is down,
is any other exception: it is raised and never stored. `asked` notes every call before it is made, so that repeats can be
counted.

    cache = AnswerCache(store, asked="corpus/.runs/1f3a/asked")
    answer = cache.ask({"describer": "grammar", "facts": "..."}, lambda: describe(...))
    answer = await cache.ask_async(request.key(0), lambda: post(...))
"""

import asyncio
import hashlib
import json
import os
import socket
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from beltline.scan import canonical_json
from beltline.store import Store
from beltline.verdict import BadRow

FOLDER = ".answers"
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnswerCache:
    """Answers below `store`/.answers, shared by all jobs and workers; safe under concurrent writers."""

    store: Store
    asked: str
    """Folder of the journals of this run, relative to the store."""
    _journal: str = field(init=False, repr=False)
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary, init=False, repr=False)
    """Of the questions that are being asked asynchronously."""

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "_journal", f"{self.asked}/{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        )

    def ask(self, request: Mapping[str, Any], answer: Callable[[], Answer]) -> Answer:
        """The stored answer to `request` if there is one, else `answer()`, stored before it is returned.

        Raises:
            BadRow: the answer, now or then, was a failure.
        """
        key, path = _place(request)
        found = self._stored(path)
        if found is None:
            found = self._fix(path, self._call(key, answer))
        return _unless_failed(found)

    async def ask_async(self, request: Mapping[str, Any], answer: Callable[[], Awaitable[Answer]]) -> Answer:
        """`ask`, for many questions at once in one event loop: the same question at the same time is asked once.

        Raises:
            BadRow: the answer, now or then, was a failure.
        """
        key, path = _place(request)
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            found = await asyncio.to_thread(self._stored, path)
            if found is None:
                await asyncio.to_thread(self._note, key)
                try:
                    given = await answer()
                except BadRow as error:
                    given = _failed(error)
                found = await asyncio.to_thread(self._fix, path, given)
        return _unless_failed(found)

    def note(self, request: Mapping[str, Any]) -> None:
        """One more call for the same question: whoever asks again before there is an answer says so."""
        self._note(_place(request)[0])

    def _stored(self, path: str) -> Answer | None:
        """The answer on disk; None also for a file that a crash of the machine left empty or torn."""
        try:
            found = json.loads(self.store.read(path))
        except (FileNotFoundError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _fix(self, path: str, answer: Answer) -> Answer:
        """Store an answer; what is returned is what everyone else gets, also when another worker was faster."""
        text = canonical_json(answer).encode()
        self.store.write_once(path, text)
        found = self._stored(path)
        if found is None:
            self.store.write(path, text)
        return found or json.loads(text)

    def _call(self, key: str, answer: Callable[[], Answer]) -> Answer:
        self._note(key)
        try:
            return answer()
        except BadRow as error:
            return _failed(error)

    def _note(self, key: str) -> None:
        """One line a call. Object stores cannot append: there it is one empty object a call."""
        if not self.store.is_local:
            self.store.write(f"{self._journal}-{uuid.uuid4().hex[:8]}-{key}", b"")
            return
        path = self.store.path(self._journal)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a", encoding="utf-8") as journal:
            journal.write(f"{key}\n")

    def known(self, name: str) -> Answer | None:
        """The stored answer to the question of this name (`name_of`), failures as `failed`."""
        return self._stored(_path(name))

    def keep(self, name: str, answer: Answer) -> Answer:
        """Store an answer that came by itself; what is returned is what everyone else gets."""
        return self._fix(_path(name), answer)


def name_of(request: Mapping[str, Any]) -> str:
    """A question's name: the sha256 of its canonical JSON."""
    return hashlib.sha256(canonical_json(request).encode()).hexdigest()


def _place(request: Mapping[str, Any]) -> tuple[str, str]:
    """A question's name, and the path of its answer."""
    key = name_of(request)
    return key, _path(key)


def _path(name: str) -> str:
    return f"{FOLDER}/{name[:2]}/{name}.json"


def _failed(error: BadRow) -> Answer:
    return {"failed": [error.verdict.reason, error.verdict.detail]}


def _unless_failed(found: Answer) -> Answer:
    if "failed" in found:
        raise BadRow(*found["failed"])
    return found


def calls(store: Store, asked: str) -> tuple[int, int]:
    """How many calls the journals note, and how many of them repeated an earlier one."""
    keys: list[str] = []
    for path in store.list(asked, recursive=True):
        keys += store.read(path).decode().split() if store.is_local else [path.rsplit("-", 1)[-1]]
    return len(keys), len(keys) - len(set(keys))
