"""Asks a model for conversations about the scans of a version, through the answer cache, and takes only what the facts settle.

Kinds that need no model (captioning and grounding turns) are composed as without one.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict

from actors.converser import COMPOSERS, Material, owner, plan
from actors.endpoint import Access, Endpoint, Unanswered
from beltline.cache import Answer, AnswerCache
from beltline.language import tutoring
from beltline.language.asking import Reply
from beltline.language.facts import Facts
from beltline.language.lessonforms import LESSONS
from beltline.language.lessons import About
from beltline.language.models import Model
from beltline.language.tutoring import LessonRequest
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.verdict import BadRow


class EndpointTutor:
    """Row work for `converse` with a model behind an OpenAI-compatible server: asynchronous, many rows at once.

    Args:
        store, scans, captions: as for Material; answers lie below the store.
        asked: the run's journal folder.
        seed: the recipe's, for what is composed.
        tutor: who is asked.
        access: where, and how many at once.
    """

    def __init__(
        self,
        store: str,
        scans: Sequence[str],
        captions: Sequence[str] | None,
        seed: int,
        asked: str,
        tutor: Model,
        access: Access,
    ):
        self._material, self._seed = Material(store, scans, captions), seed
        self._cache, self._model = AnswerCache(Store(store), asked), tutor
        self._endpoint = Endpoint(access)
        self._rows = asyncio.Semaphore(2 * access.in_flight)  # prepared rows hold their images

    async def __call__(self, row: Row) -> Row:
        """A row of conversations.SCHEMA; what is no lesson keeps whose it would have been, and the last reason."""
        spec = json.loads(row["spec"])
        planned = plan(spec)
        try:
            async with self._rows:
                scan = await asyncio.to_thread(self._material.scan, spec["scan"])
                planned |= owner(scan)
                facts, about = await asyncio.to_thread(self._material.told, scan)
                return await self._lesson(row["id"], spec, scan, facts, about)
        except (BadRow, Unanswered) as error:
            return planned | error.verdict.columns()

    async def close(self) -> None:
        await self._endpoint.close()

    async def _lesson(self, key: int, spec: Row, scan: Row, facts: Facts, about: About) -> Row:
        kind, index = spec["kind"], spec["index"]
        if kind not in LESSONS:
            return COMPOSERS[kind](facts, self._seed, about, index).row()
        request = tutoring.request_for(kind, self._model, Scan.of(scan), facts, about, self._seed, index)
        failed: BadRow | None = None
        for attempt in range(self._model.attempts):
            reply = await self._reply(key, index, request, attempt)
            try:
                return tutoring.read(reply, request, facts, about, index).row()
            except BadRow as error:
                failed = error
        assert failed is not None
        raise failed

    async def _reply(self, key: int, index: int, request: LessonRequest, attempt: int) -> Reply:
        """From the cache, or from the server and then into the cache. Each lesson of a scan is a question of its own."""
        question = request.key(attempt) | {"index": index}

        async def again() -> None:
            await asyncio.to_thread(self._cache.note, question)

        async def answer() -> Answer:
            body = await asyncio.to_thread(request.body, attempt)
            data = json.dumps(body | {"seed": body["seed"] + 1000 * index}).encode()
            return asdict(await self._endpoint.ask(data, (key, attempt), again))

        return Reply(**await self._cache.ask_async(question, answer))
