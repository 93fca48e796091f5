"""The doorkeeper of a server: who may come in, how often, and how many at once. Whoever cannot be served soon is told so now.

keeper = Doorkeeper(serving)
key = keeper.admit("Bearer bl_...")            # raises Refusal: 401, or 429 with Retry-After
async with keeper.turn(deadline):              # raises Refusal: 503 with Retry-After where too many wait
    ...
"""

import asyncio
import hmac
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from beltline.serving import Key, Refusal, Serving, digest_of

AT_ONCE_S = 10.0
"""What a key may ask in so many seconds it may ask at once."""


class Bucket:
    """A key's allowance: it fills evenly, and a request takes one."""

    def __init__(self, per_minute: int, now: float):
        self.rate, self.size = per_minute / 60, max(1.0, per_minute * AT_ONCE_S / 60)
        self.level, self.at = self.size, now

    def take(self, now: float) -> float:
        """Take one and give 0; or the seconds after which there is one."""
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.rate


class Doorkeeper:
    """One for each process; what `change` takes over leaves the requests in hand alone."""

    def __init__(self, serving: Serving, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.in_flight = 0
        self.took_s = 1.0
        """How long a turn takes, as of late."""
        self.change(serving)

    def change(self, serving: Serving) -> None:
        """Other keys, other limits."""
        self.limits = serving.limits
        self._keys = {key.sha256: key for key in serving.keys}
        self._buckets = {name: one for name, one in self._buckets.items() if name in self._keys}

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def admit(self, authorization: str | None) -> Key:
        """The key in an Authorization header.

        Raises:
            Refusal: 401 without one of ours, 429 when it has asked too often.
        """
        kind, _, secret = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not secret.strip():
            raise Refusal(
                401,
                "no_key",
                "expected the header Authorization: Bearer KEY, found none; ask whoever runs this server for a key",
            )
        found = digest_of(secret.strip())
        key = next((one for sha256, one in self._keys.items() if hmac.compare_digest(sha256, found)), None)
        if key is None:
            raise Refusal(401, "wrong_key", "expected a key of this server, found another; ask whoever runs it for one")
        self._take(key)
        return key

    def _take(self, key: Key) -> None:
        now = self._clock()
        bucket = self._buckets.get(key.sha256)
        if bucket is None or bucket.rate != key.per_minute / 60:
            bucket = self._buckets[key.sha256] = Bucket(key.per_minute, now)
        wait = bucket.take(now)
        if wait:
            raise Refusal(
                429,
                "too_often",
                f"expected at most {key.per_minute} requests a minute of this key, found more; come again later",
                wait,
            )

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[float]:
        """A place among those that the models have in hand; gives the seconds that were waited for it.

        Raises:
            Refusal: 503 with Retry-After: the queue is full, or the wait was too long.
        """
        began = self._clock()
        await self._enter()
        entered = self._clock()
        try:
            yield entered - began
        finally:
            self.took_s += 0.1 * (self._clock() - entered - self.took_s)
            self._leave()

    async def _enter(self) -> None:
        if self.in_flight < self.limits.in_flight and not self._waiting:
            self.in_flight += 1
            return
        if len(self._waiting) >= self.limits.queued:
            raise self.busy()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await asyncio.wait_for(place, self.limits.queue_s)
        except TimeoutError:
            raise self.busy() from None
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # the turn had come as its owner left
                self._leave()
            raise
        finally:
            if place in self._waiting:
                self._waiting.remove(place)

    def _leave(self) -> None:
        """Hand the place on, or give it up."""
        while self._waiting and self.in_flight <= self.limits.in_flight:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self.in_flight -= 1

    def busy(self) -> Refusal:
        """Come again when as many as wait now will have had their turn."""
        after = self.took_s * (1 + self.waiting / max(1, self.limits.in_flight))
        return Refusal(
            503,
            "busy",
            "expected a free place, found as many requests as can be answered soon; come again later",
            min(60.0, after),
        )
