"""What vLLM in the cluster is asked, and what becomes of its answers: the work around an engine that sees whole blocks.

`Questions` turns rows into requests that nobody has answered yet, `after_engine` stores an answer as soon as it leaves the engine, and
`KnownCaptioner` later makes caption columns of what is stored, and asks nobody. A killed job therefore asks again only for
what had not left the engine. An answer that is no caption makes the next attempt the row's question; a fault of the engine is
no answer and leaves the question open.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import pyarrow as pa

from beltline.cache import AnswerCache
from beltline.language.asking import Picture, Reply, Request, columns, read, request_of
from beltline.language.facts import Facts, facts_of
from beltline.language.models import Model
from beltline.library import Library
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.verdict import REJECTED, BadRow, Reject

QUESTION = pa.schema(
    [
        ("row", pa.int64()),
        ("name", pa.string()),  # of the answer in the cache
        ("asked", pa.string()),  # JSON of messages and sampling
        ("sizes", pa.string()),  # JSON of (view, width, height): what is needed to read the answer
    ]
)
CAPTIONED, FAULTY, UNANSWERED = "captioned", "faulty", "unanswered"


class Scans:
    """Rows with a scan, or with the id of one in a version, as what a model is asked about them."""

    def __init__(self, store: str, model: Model, paths: Sequence[str] | None):
        self._library = None if paths is None else Library(Store(store), paths)
        self._model = model

    def __call__(self, row: Row) -> tuple[Row, Facts, Request]:
        """What the row keeps of its scan, the facts, and the request.

        Raises:
            BadRow: the scan cannot be shown to the model.
        """
        found = row if self._library is None else self._library.row(row["id"])
        scan = Scan.of(found)
        facts = facts_of(scan)
        same = {} if self._library is None else {"scan_content": found["content"]}
        return same, facts, request_of(self._model, scan, facts)


class Questions:
    """Blocks of rows to blocks of QUESTION: one for each row that has no caption yet and an attempt left.

    Args:
        store: URI; answers lie below it.
        asked: the run's journal folder.
        model: who is asked.
        paths: the row files of the version that has the scans; None finds the scan in the row itself.
    """

    def __init__(self, store: str, asked: str, model: Model, paths: Sequence[str] | None = None):
        self._cache = AnswerCache(Store(store), asked)
        self._scans, self._model = Scans(store, model, paths), model

    def __call__(self, block: pa.Table) -> pa.Table:
        questions = [self._question(row) for row in block.to_pylist() if row.get("status") != REJECTED]
        return pa.Table.from_pylist([question for question in questions if question], schema=QUESTION)

    def _question(self, row: Row) -> Row | None:
        try:
            _, _, request = self._scans(row)
        except BadRow:
            return None  # the belt will say why
        attempt, _, _ = heard(self._cache, request)
        if attempt is None:
            return None
        self._cache.note(request.key(attempt))
        sizes = [[picture.view, *picture.size_wh] for picture in request.pictures]
        asked = {"messages": request.messages(), "sampling_params": sampling(self._model, attempt)}
        return {
            "row": row["row"],
            "name": request.name(attempt),
            "asked": json.dumps(asked),
            "sizes": json.dumps(sizes),
        }


def heard(cache: AnswerCache, request: Request) -> tuple[int | None, Reply | None, Reject | None]:
    """What the cache knows of a request: the attempt that is open, the last reply, and why that is no caption.

    The attempt is None when nothing is left to ask: there is a caption, or the last attempt failed too.
    """
    reply, failed = None, None
    for attempt in range(request.model.attempts):
        found = cache.known(request.name(attempt))
        if found is None:
            return attempt, reply, failed
        if "failed" in found:
            return None, reply, Reject(*found["failed"])
        reply = Reply(**found)
        try:
            read(reply, request)
        except BadRow as error:
            failed = error.verdict
        else:
            return None, reply, None
    return None, reply, failed


def sampling(model: Model, attempt: int) -> dict[str, Any]:
    """vLLM's sampling parameters: those of the attempt, held to the model's schema."""
    return {**asdict(model.on(attempt)), "structured_outputs": {"json": json.dumps(model.schema())}}


def before_engine(row: Row) -> Row:
    """A QUESTION row as `ray.data.llm` wants it. What it was asked in is taken out: images should not travel twice."""
    asked: Row = json.loads(row.pop("asked"))
    return asked


def after_engine(row: Row, store: str, model: Model, max_model_len: int) -> Row:
    """Store the answer in a row that comes out of the engine, and say what became of it.

    Ray hands on no finish reason, so it is worked out: vLLM cuts an answer at exactly these two lengths.
    """
    prompt, answer = int(row["num_input_tokens"]), int(row["num_generated_tokens"])
    cut = answer >= model.sampling.max_tokens or prompt + answer >= max_model_len
    reason = "length" if cut else "stop"
    reply = Reply.of(row["generated_text"], finish_reason=reason, prompt_tokens=prompt, completion_tokens=answer)
    stored = Reply(**_cache(store).keep(row["name"], asdict(reply)))
    same = {"row": row["row"], "name": row["name"], "seconds": float(row.get("time_taken_llm", 0.0))}
    shown = tuple(Picture(view, b"", (width, height), "") for view, width, height in json.loads(row["sizes"]))
    try:
        read(stored, Request(model, "", "", shown))
    except BadRow as error:
        return same | {"outcome": FAULTY, "detail": f"{error.verdict.reason}: {error.verdict.detail}"}
    return same | {"outcome": CAPTIONED, "detail": ""}


@lru_cache(maxsize=8)
def _cache(store: str) -> AnswerCache:
    """One a process: a store on S3 has a client. It only stores, so it needs no journal."""
    return AnswerCache(Store(store), asked="")


class KnownCaptioner:
    """Row work for `caption` and `regenerate`: the caption that is stored, from whichever engine; asks nobody.

    Args: as of Questions.
    """

    def __init__(self, store: str, asked: str, model: Model, paths: Sequence[str] | None = None):
        self._cache = AnswerCache(Store(store), asked)
        self._scans = Scans(store, model, paths)

    def __call__(self, row: Row) -> Row:
        """The caption columns, and a verdict where there is no caption.

        Raises:
            BadRow: the row's scan cannot be shown to the model.
        """
        same, facts, request = self._scans(row)
        attempt, reply, failed = heard(self._cache, request)
        if attempt is not None:
            failed = Reject(
                "caption/unanswered", f"the engine gave no answer to attempt {attempt + 1}; see the job's log"
            )
        if failed is not None:
            return same | columns(request, facts, reply) | failed.columns()
        assert reply is not None
        return same | columns(request, facts, reply, read(reply, request))
