"""The judge: rules on two statements about pose or occlusion, asked once for ever, through any engine.

An engine takes the JSON body of a chat completion and gives the reply: `ServerEngine` posts it to an OpenAI-compatible server, a
test's engine is a function. Every ruling goes through the answer cache, so that screening the same captions again gives
the same verdicts without a request. An answer that is no ruling is asked for again, hotter; after the last attempt the pair
counts as unsure, which decides nothing.

    judge = CachedJudge(AnswerCache(store, asked), engine, JudgeModel(name="...", revision="..."))
    screen(facts, caption, judge)

`JudgedScreener` is the row work of `screen --judge`.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from actors.captioner import VersionScreener
from actors.endpoint import Access, Endpoint, Unanswered
from beltline.cache import Answer, AnswerCache
from beltline.language import judging
from beltline.language.asking import Reply
from beltline.language.judging import Question, Ruling
from beltline.language.models import Sampling
from beltline.language.prompts import PROMPTS
from beltline.scan import Row
from beltline.store import Store
from beltline.verdict import BadRow, Reject

Engine = Callable[[dict[str, Any]], Reply]
SAMPLING = Sampling(max_tokens=4096)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeModel:
    """Who judges, and how: literals for a recipe."""

    name: str
    """As the server knows it."""
    revision: str
    sampling: Sampling = SAMPLING
    attempts: int = 3
    temperature_step: float = 0.3


class CachedJudge:
    """A `judging.Judge`."""

    def __init__(self, cache: AnswerCache, engine: Engine, model: JudgeModel):
        self._cache, self._engine, self._model = cache, engine, model
        self._turns: WeakValueDictionary[Question, Lock] = WeakValueDictionary()

    def __call__(self, question: Question) -> Ruling:
        """The ruling; unsure, with the reason, when no attempt brought one. Threads with the same question wait for one answer."""
        turn = self._turns.setdefault(question, Lock())
        with turn:
            return self._ruling(question)

    def _ruling(self, question: Question) -> Ruling:
        why = "never asked"
        for attempt in range(self._model.attempts):
            try:
                return Ruling.model_validate(
                    self._cache.ask(self._key(question, attempt), self._asked(question, attempt))
                )
            except BadRow as error:
                why = error.verdict.detail
        return Ruling(verdict="unsure", why=f"no ruling in {self._model.attempts} answers: {why}"[:400])

    def _key(self, question: Question, attempt: int) -> dict[str, Any]:
        return {"judge": PROMPTS["judge"].label, "revision": self._model.revision, **self._body(question, attempt)}

    def _asked(self, question: Question, attempt: int) -> Callable[[], Answer]:
        return lambda: judging.read(self._engine(self._body(question, attempt)).text).model_dump()

    def _body(self, question: Question, attempt: int) -> dict[str, Any]:
        held_to = {"name": "ruling", "strict": True, "schema": judging.schema()}
        return {
            "model": self._model.name,
            "messages": judging.messages(question),
            **asdict(self._model.sampling.on(attempt, self._model.temperature_step)),
            "response_format": {"type": "json_schema", "json_schema": held_to},
        }


class ServerEngine:
    """An engine on an OpenAI-compatible server, for threads that wait: `loop` runs elsewhere and does the talking.

    Raises:
        Unanswered, WrongDoor, Gone: as endpoint.Endpoint says; no ruling is stored then.
    """

    def __init__(self, endpoint: Endpoint, loop: asyncio.AbstractEventLoop):
        self._endpoint, self._loop = endpoint, loop

    def __call__(self, body: dict[str, Any]) -> Reply:
        async def again() -> None: ...

        asking = self._endpoint.ask(json.dumps(body).encode(), (0,), again)
        return asyncio.run_coroutine_threadsafe(asking, self._loop).result()


class JudgedScreener:
    """Row work for `screen` with a judge: a row's rulings one after the other, many rows at once.

    Args:
        store, paths, contents: as VersionScreener.
        asked: the run's journal folder.
        model: who judges.
        access: where, and how many requests at once.
    """

    def __init__(
        self, store: str, paths: Sequence[str], contents: Sequence[str], asked: str, model: JudgeModel, access: Access
    ):
        self._versions, self._cache, self._model = (store, paths, contents), AnswerCache(Store(store), asked), model
        self._endpoint, self._threads = Endpoint(access), ThreadPoolExecutor(access.in_flight)

    async def __call__(self, row: Row) -> Row:
        """The screening columns; a row whose judge gave no answer is rejected as `screen/unanswered`."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._screener, row)
        except Unanswered as error:
            return Reject("screen/unanswered", str(error)).columns()

    async def close(self) -> None:
        await self._endpoint.close()
        self._threads.shutdown()

    @cached_property
    def _screener(self) -> VersionScreener:
        """Made inside the event loop, which its engine needs."""
        engine = ServerEngine(self._endpoint, asyncio.get_running_loop())
        return VersionScreener(*self._versions, judge=CachedJudge(self._cache, engine, self._model))
