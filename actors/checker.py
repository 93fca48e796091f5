"""The checker: has a model inspect the scans of a version through an OpenAI-compatible server; what is answered is never asked again."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict

from actors.endpoint import Access, Endpoint, Unanswered
from actors.inspector import asked
from beltline.cache import Answer, AnswerCache
from beltline.language.asking import Reply
from beltline.language.inspected import Inspecting, inspected, unanswered
from beltline.library import Library
from beltline.pixels import mime_of
from beltline.scan import VIEWS, Row, Scan
from beltline.serving import Served
from beltline.store import Store
from beltline.uploads import Upload
from beltline.verdict import BadRow, Reject


class Checker:
    """Row work for `inspect`: asynchronous; the row's id names the scan.

    Args:
        store: URI; answers lie below it.
        asked: the run's journal folder.
        who: who is asked, and how.
        access: where, and how many at once.
        paths: the row files of the versions that have the scans.
    """

    def __init__(self, store: str, asked: str, who: Inspecting, access: Access, paths: Sequence[str]):
        self._cache, self._library = AnswerCache(Store(store), asked), Library(Store(store), paths)
        self._who, self._endpoint = who, Endpoint(access)
        # Prepared rows hold their images: few more than can be asked, whatever the size of a block.
        self._rows = asyncio.Semaphore(2 * access.in_flight)

    async def __call__(self, row: Row) -> Row:
        """The columns of an inspection; a scan that the server refuses or does not answer becomes a rejected row."""
        async with self._rows:
            found = await asyncio.to_thread(self._library.row, row["id"])
            scan, content = Scan.of(found), found["content"]
            try:
                reply = await self._reply(scan)
            except Unanswered as error:
                verdict = Reject("inspect/unanswered", str(error))
            except BadRow as error:
                verdict = Reject("inspect/refused", error.verdict.detail)
            else:
                return await asyncio.to_thread(inspected, self._who, scan, content, reply)
        return unanswered(self._who, scan, content) | verdict.columns()

    async def close(self) -> None:
        await self._endpoint.close()

    async def _reply(self, scan: Scan) -> Reply:
        """From the cache, or from the server and then into the cache."""
        name = self._who.key(scan)

        async def again() -> None:
            await asyncio.to_thread(self._cache.note, name)

        async def answer() -> Answer:
            data = await asyncio.to_thread(body, self._who, scan)
            return asdict(await self._endpoint.ask(data, (scan.id, 0), again))

        return Reply(**await self._cache.ask_async(name, answer))


def body(who: Inspecting, scan: Scan) -> bytes:
    """The JSON body of a POST to `/v1/chat/completions`: what the server's own /v1/inspect asks the model.

    Raises:
        BadRow: a view is neither PNG nor JPEG.
    """
    served = Served(name=who.name, source="-", form=who.form, question=who.question, view_px=who.view_px)
    views = {name: _upload(scan, name) for name in VIEWS if getattr(scan, name) is not None}
    return json.dumps(asked(served, who.name, views, None, who.max_tokens)).encode()


def _upload(scan: Scan, name: str) -> Upload:
    view = getattr(scan, name)
    mime = mime_of(view.bytes)
    if mime is None:
        raise BadRow("inspect/image", f"{name}: expected a PNG or JPEG image, found {view.bytes[:8]!r}")
    return Upload(bytes=view.bytes, mime=mime, width=view.width, height=view.height, sha256=view.sha256)
