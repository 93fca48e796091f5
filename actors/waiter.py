"""The waiter: brings an answer within its deadline and in its turn, whole or word by word, and stops when whoever asked has left.

    answer = await waiter.whole(told, request)                       # the last of what is told
    response = await waiter.streamed(told, request, write, broken, "data: [DONE]\\n\\n")

`told` is an asynchronous generator that is given the seconds its turn was waited for.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from actors.doorkeeper import Doorkeeper
from actors.porter import inside
from beltline.serving import Refusal

T = TypeVar("T")


class Waiter:
    """Of one doorkeeper's turns."""

    def __init__(self, keeper: Doorkeeper):
        self.keeper = keeper

    async def whole(self, told: Callable[[float], AsyncGenerator[T, None]], request: Request) -> T:
        """The last of what is told, within the deadline and in a turn."""

        async def last() -> T:
            async with self._deadline(), self.keeper.turn() as queued_s, contextlib.aclosing(told(queued_s)) as words:
                found = await anext(words)
                async for word in words:
                    found = word
            return found

        return await _unless_gone(last(), request)

    async def streamed(
        self,
        told: Callable[[float], AsyncGenerator[T, None]],
        request: Request,
        write: Callable[[T], str],
        broken: Callable[[Refusal], str],
        end: str,
    ) -> Response:
        """What is told as server-sent events. Whatever goes wrong before the first word is an answer with its own status."""
        stack, until = contextlib.AsyncExitStack(), asyncio.get_running_loop().time() + self.keeper.limits.deadline_s

        async def begin() -> tuple[T, AsyncGenerator[T, None]]:
            async with self._deadline(until):
                words = told(await stack.enter_async_context(self.keeper.turn()))
                await stack.enter_async_context(contextlib.aclosing(words))
                return await anext(words), words

        try:
            first, words = await _unless_gone(begin(), request)
        except BaseException:
            await stack.aclose()
            raise

        async def lines() -> AsyncGenerator[str, None]:
            try:
                yield write(first)
                async with self._deadline(until):
                    async for word in words:
                        yield write(word)
            except Refusal as refusal:
                yield broken(refusal)
            except Exception as fault:
                yield broken(inside(fault))
            yield end

        return _Stream(lines(), stack)

    @contextlib.asynccontextmanager
    async def _deadline(self, until: float | None = None) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(until or asyncio.get_running_loop().time() + self.keeper.limits.deadline_s):
                yield
        except TimeoutError:
            raise Refusal(
                504,
                "too_late",
                f"expected an answer within {self.keeper.limits.deadline_s:g} s, found none; ask for fewer tokens",
            ) from None


class _Stream(StreamingResponse):
    """Closes what it was made of, whether or not a byte of it could be sent."""

    def __init__(self, lines: AsyncGenerator[str, None], stack: contextlib.AsyncExitStack):
        super().__init__(lines, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._lines, self._stack = lines, stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._lines.aclose()
            await self._stack.aclose()


async def _unless_gone(answer: Coroutine[Any, Any, T], request: Request) -> T:
    """An answer, given up when whoever asked is gone."""
    task, gone = asyncio.ensure_future(answer), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise Refusal(499, "left", "whoever asked is gone")
    finally:
        task.cancel()
        gone.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _left(request: Request) -> None:
    """Comes back when the connection is closed."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
