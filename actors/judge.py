"""The judge: rules on two statements about pose or occlusion, asked once for ever, through any engine.

An engine takes the JSON body of a chat completion and gives the reply: `ServerEngine` posts it to an OpenAI-compatible server, a
test's engine is a function. Every ruling goes through the answer cache, so that screening the same captions again gives
the same verdicts without a request. An answer that is no ruling is asked for again, hotter; after the last attempt the pair
counts as unsure, which decides nothing.

    judge = CachedJudge(AnswerCache(store, asked), ServerEngine(Access(url=...)), JudgeModel(name="...", revision="..."))
    screen(facts, caption, judge)
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from actors.endpoint import Access, Endpoint
from beltline.cache import Answer, AnswerCache
from beltline.language import judging
from beltline.language.asking import Reply
from beltline.language.judging import Question, Ruling
from beltline.language.models import Sampling
from beltline.language.prompts import PROMPTS
from beltline.verdict import BadRow

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

    def __call__(self, question: Question) -> Ruling:
        """The ruling; unsure, with the reason, when no attempt brought one."""
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
    """An engine on an OpenAI-compatible server, one request after the other; `close` it when done.

    Raises:
        Unanswered, WrongDoor, Gone: as endpoint.Endpoint says; no ruling is stored then, and the job stops.
    """

    def __init__(self, access: Access):
        self._endpoint = Endpoint(access)
        self._loop = asyncio.new_event_loop()

    def __call__(self, body: dict[str, Any]) -> Reply:
        async def again() -> None: ...

        return self._loop.run_until_complete(self._endpoint.ask(json.dumps(body).encode(), (0,), again))

    def close(self) -> None:
        self._loop.run_until_complete(self._endpoint.close())
        self._loop.close()
