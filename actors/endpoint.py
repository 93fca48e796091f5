"""Asks an OpenAI-compatible server: many requests at once and never more than agreed, each with a deadline, tried again with sense.

`Endpoint` speaks HTTP and knows nothing of captions; `EndpointCaptioner` is the row work of `caption` and `regenerate`.

What a server may do, and what becomes of it:
    an answer                          read; one that is no caption is asked for again, hotter, `model.attempts` times in all
    429, 408, 409, 425, 5xx, a cut     tried again after Retry-After, or after a pause that doubles, `tries` times in all;
    connection, silence, no JSON       then the row is rejected as `caption/unanswered`, and nothing is put into the cache
    any other 4xx                      the row is rejected as `caption/refused` for good: it would be refused again
    401, 403, 404, 3xx                 a wrong key, address or model: the job stops and says so
    `lost_after` rows unanswered       in a row: the server is gone, and the job stops rather than reject what is left;
                                       the same command goes on from there
"""

import asyncio
import email.utils
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field

import aiohttp
import numpy as np

from beltline.cache import Answer, AnswerCache
from beltline.language.asking import Reply, Request, columns, read, reply_of, request_of
from beltline.language.facts import Facts, facts_of
from beltline.language.models import Model
from beltline.library import Library
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.verdict import BadRow, Reject

WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429})
WRONG_DOOR = frozenset({401, 403, 404, 405})
SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the server is and how it may be used: nothing of it decides a row, so nothing of it stands in a recipe."""

    url: str = field(repr=False)
    """Up to and without `/chat/completions`: http://host:8000/v1."""
    key: str | None = field(default=None, repr=False)
    in_flight: int = 16
    """Requests at once, of one actor."""
    deadline_s: float = 600.0
    """Of one request, from its first byte to its last."""
    tries: int = 8
    pause_s: float = 1.0
    """Before the second try; doubled for each further one."""
    longest_pause_s: float = 60.0
    lost_after: int = 32


class Unanswered(Exception):
    """All tries were in vain; later ones may not be. No BadRow: it must not be taken for an answer."""

    @property
    def verdict(self) -> Reject:
        return Reject("caption/unanswered", str(self))


class WrongDoor(ValueError):
    """The server turns everybody away who comes like this."""


class Gone(RuntimeError):
    """No row has been answered for so long that the server must be down."""


class Endpoint:
    """A client of one server, for one event loop."""

    def __init__(self, access: Access):
        self._access = access
        self._session: aiohttp.ClientSession | None = None
        self._bound = asyncio.Semaphore(access.in_flight)
        self._unanswered = 0

    async def ask(self, data: bytes, seed: Sequence[int], again: Callable[[], Awaitable[None]]) -> Reply:
        """The reply to a request's JSON body.

        Args:
            data: the body.
            seed: decides how the pauses vary, so that rows which failed together do not come back together.
            again: called before each further try.

        Raises:
            BadRow: `caption/refused`: the server will never answer this.
            Unanswered: it did not answer this time.
            WrongDoor, Gone: it will answer nothing.
        """
        rng, why = np.random.default_rng(list(seed)), ""
        for number in range(self._access.tries):
            if number:
                await again()
            try:
                async with self._bound:
                    reply = await self._post(data)
            except _Again as error:
                why, wait = error.why, error.wait_s
            else:
                self._unanswered = 0
                return reply
            if number + 1 < self._access.tries:
                await asyncio.sleep(self._pause(number, wait, rng))
        self._count_lost(why)
        raise Unanswered(f"{self._access.tries} tries, the last one: {why}")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, data: bytes) -> Reply:
        """One request.

        Raises:
            _Again: it may go better another time.
        """
        try:
            async with asyncio.timeout(self._access.deadline_s):
                async with self._open().post(
                    f"{self._access.url}/chat/completions", data=data, allow_redirects=False
                ) as response:
                    return self._judged(response, await response.read())
        except TimeoutError as error:
            raise _Again(f"no answer within {self._access.deadline_s:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _Again(f"{type(error).__name__}: {error}") from error

    def _judged(self, response: aiohttp.ClientResponse, found: bytes) -> Reply:
        status = response.status
        said = f"status {status}, {found[:SHOWN].decode(errors='replace')!r}"
        if status in WORTH_ANOTHER_TRY or status >= 500:
            raise _Again(said, _retry_after(response.headers.get("Retry-After")))
        if status in WRONG_DOOR or 300 <= status < 400:
            raise WrongDoor(f"the endpoint answers {said}; check its address, OPENAI_API_KEY and the model's name")
        if status >= 400:
            raise BadRow("caption/refused", f"the server refused the request for good: {said}")
        try:
            return reply_of(json.loads(found))
        except ValueError as error:
            raise _Again(f"status {status}, no chat completion: {found[:SHOWN]!r}") from error

    def _open(self) -> aiohttp.ClientSession:
        """The session, opened inside the event loop that uses it."""
        if self._session is None:
            headers = {"Content-Type": "application/json"}
            if self._access.key:
                headers["Authorization"] = f"Bearer {self._access.key}"
            # our own semaphore bounds, our own deadline ends: the library's would only count differently
            self._session = aiohttp.ClientSession(
                headers=headers, connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
            )
        return self._session

    def _pause(self, number: int, asked_for: float | None, rng: np.random.Generator) -> float:
        """Seconds until the next try: what the server asked for, or twice as long each time; half of it to one and a half."""
        doubled = min(self._access.pause_s * 2**number, self._access.longest_pause_s) * rng.uniform(0.5, 1.5)
        return doubled if asked_for is None else min(asked_for, self._access.longest_pause_s) + 0.1 * doubled

    def _count_lost(self, why: str) -> None:
        self._unanswered += 1
        if self._unanswered >= self._access.lost_after:
            raise Gone(
                f"{self._unanswered} rows in a row got no answer, the last one: {why}; "
                "see to the server and give the same command again: what is answered is kept"
            )


class EndpointCaptioner:
    """Row work for `caption` and `regenerate`: asynchronous, one event loop, as many rows at once as the caller likes.

    Args:
        store: URI; answers lie below it.
        asked: the run's journal folder.
        model: who is asked.
        access: where, and how many at once.
        paths: the row files of the version that has the scans; None finds the scan in the row itself.
    """

    def __init__(self, store: str, asked: str, model: Model, access: Access, paths: Sequence[str] | None = None):
        self._cache = AnswerCache(Store(store), asked)
        self._library = None if paths is None else Library(Store(store), paths)
        self._model, self._endpoint = model, Endpoint(access)
        # Prepared rows hold their images: few more than can be asked, whatever the size of a block.
        self._rows = asyncio.Semaphore(2 * access.in_flight)

    async def __call__(self, row: Row) -> Row:
        """The caption columns, and a verdict where there is no caption.

        Raises:
            BadRow: the row's scan cannot be shown to the model.
        """
        async with self._rows:
            same, facts, request = await asyncio.to_thread(self._prepared, row)
            return same | await self._words(row["id"], facts, request)

    async def close(self) -> None:
        await self._endpoint.close()

    def _prepared(self, row: Row) -> tuple[Row, Facts, Request]:
        found = row if self._library is None else self._library.row(row["id"])
        scan = Scan.of(found)
        facts = facts_of(scan)
        same = {} if self._library is None else {"scan_content": found["content"]}
        return same, facts, request_of(self._model, scan, facts)

    async def _words(self, key: int, facts: Facts, request: Request) -> Row:
        reply, failed = None, None
        for attempt in range(self._model.attempts):
            try:
                reply = await self._reply(key, request, attempt)
            except (Unanswered, BadRow) as error:
                return columns(request, facts, reply) | error.verdict.columns()
            try:
                return columns(request, facts, reply, read(reply, request))
            except BadRow as error:
                failed = error.verdict
        assert failed is not None
        return columns(request, facts, reply) | failed.columns()

    async def _reply(self, key: int, request: Request, attempt: int) -> Reply:
        """From the cache, or from the server and then into the cache."""
        question = request.key(attempt)

        async def again() -> None:
            await asyncio.to_thread(self._cache.note, question)

        async def answer() -> Answer:
            data = await asyncio.to_thread(_encoded, request, attempt)
            return asdict(await self._endpoint.ask(data, (key, attempt), again))

        return Reply(**await self._cache.ask_async(question, answer))


class _Again(Exception):
    def __init__(self, why: str, wait_s: float | None = None):
        super().__init__(why)
        self.why, self.wait_s = why, wait_s


def _encoded(request: Request, attempt: int) -> bytes:
    return json.dumps(request.body(attempt)).encode()


def _retry_after(header: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds a number or a date; None when it is absent or neither."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
