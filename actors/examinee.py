"""Asks a model an exam's questions through an OpenAI-compatible server; what is answered is never asked again."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict

from actors.endpoint import Access, Endpoint, Unanswered
from beltline.cache import Answer, AnswerCache
from beltline.exam.asking import Examinee, Put, put_question, reply_row
from beltline.exam.circular import rotations
from beltline.exam.tasks import Question
from beltline.language.asking import Reply
from beltline.library import Library
from beltline.scan import VIEWS, Row, Scan, View
from beltline.store import Store
from beltline.verdict import BadRow, Reject
from beltline.version import read_files


class Views:
    """The views that questions are about.

    Args:
        store: URI.
        scans: the row files of the versions that have the exam's scans.
    """

    def __init__(self, store: str, scans: Sequence[str]):
        self._library = Library(Store(store), scans)

    def of(self, question: Question) -> dict[str, View | None]:
        """Views by name.

        Raises:
            BadRow: the question's scan is not there, or is another one by now.
        """
        try:
            found = self._library.row(question.scan if question.scan is not None else -1)
        except KeyError as error:
            detail = f"expected scan {question.scan} in the version of scans, found none of this id"
            raise BadRow("examine/no-scan", detail) from error
        if found["content"] != question.scan_content:
            raise BadRow("examine/stale", "the scan has changed since the question was asked about it")
        scan = Scan.of(found)
        return {name: getattr(scan, name) for name in VIEWS}


class EndpointExaminee:
    """Row work for `examine`: asynchronous. The row's spec names question and seed.

    A question that the server refuses or does not answer becomes a rejected row with no reply, and counts as no response.

    Args:
        store: URI; answers lie below it.
        asked: the run's journal folder.
        examinee: who is asked.
        access: where, and how many at once.
        exam: the row files of the exam.
        scans: the row files of the versions that have its scans.
    """

    def __init__(
        self, store: str, asked: str, examinee: Examinee, access: Access, exam: Sequence[str], scans: Sequence[str]
    ):
        self._cache = AnswerCache(Store(store), asked)
        self._examinee, self._endpoint = examinee, Endpoint(access)
        self._questions = {row["id"]: row for row in read_files(Store(store), list(exam)).to_pylist()}
        self._views = Views(store, scans)
        # Prepared rows hold their images: few more than can be asked, whatever the size of a block.
        self._rows = asyncio.Semaphore(2 * access.in_flight)

    async def __call__(self, row: Row) -> Row:
        """The columns of a reply.

        Raises:
            BadRow: the question's scan is not there, or is another one by now.
        """
        spec = json.loads(row["spec"])
        found = self._questions[spec["question"]]
        seed, turn = spec["seed"], spec.get("turn", 0)
        question = rotations(Question.of(found))[turn]
        async with self._rows:
            put = await asyncio.to_thread(self._put, question)
            verdict, reply = None, None
            try:
                reply = await self._reply(put, question.id, seed)
            except Unanswered as error:
                verdict = Reject("examine/unanswered", str(error))
            except BadRow as error:
                verdict = Reject("examine/refused", error.verdict.detail)
        columns = reply_row(question, found["content"], self._examinee.label, seed, reply, turn)
        return columns | (verdict.columns() if verdict else {})

    async def close(self) -> None:
        await self._endpoint.close()

    def _put(self, question: Question) -> Put:
        return put_question(self._examinee, question, self._views.of(question) if question.views else {})

    async def _reply(self, put: Put, key: int, seed: int) -> Reply:
        """From the cache, or from the server and then into the cache."""
        name = put.key(seed)

        async def again() -> None:
            await asyncio.to_thread(self._cache.note, name)

        async def answer() -> Answer:
            data = await asyncio.to_thread(lambda: json.dumps(put.body(seed)).encode())
            return asdict(await self._endpoint.ask(data, (key, seed % 2**32), again))

        return Reply(**await self._cache.ask_async(name, answer))
