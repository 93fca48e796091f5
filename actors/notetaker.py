"""Captions by a small model of our own: it takes notes of what it sees, and the grammar puts into sentences what they say.

    taker = NoteTaker(store, asked, "captioner@1.0.0-3fa1", folder, TAGGED, scans)
    rows = taker.rows(ids)

The sentences say nothing but the notes, so what a screen objects to is the model's own error. Notes that cannot be read are no caption:
the row is rejected, with the notes in `raw`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from actors.voice import AT_ONCE, Named, Voice
from beltline.cache import AnswerCache
from beltline.language import captions, grammar, notes
from beltline.language.asking import Reply
from beltline.language.facts import Facts, facts_of
from beltline.language.showing import Form
from beltline.library import Library
from beltline.scan import VIEWS, Row, Scan
from beltline.store import Store
from beltline.verdict import BadRow

MAX_TOKENS = 384
"""Of one bag's notes: some 25 an item."""
SEED = 20261128
"""Of the grammar's choice of words."""


class NoteTaker:
    """Caption rows by a local model.

    Args:
        store: URI; answers lie below it.
        asked: the run's journal folder.
        who: the model as the captions name it.
        folder: its weights.
        form: how it was taught to be shown views.
        scans: the row files of the versions that have the scans.
    """

    def __init__(
        self, store: str, asked: str, who: str, folder: str, form: Form, scans: Sequence[str], device: str = "cpu"
    ):
        self._library, self._who, self._form = Library(Store(store), scans), who, form
        self._voice = Voice(AnswerCache(Store(store), asked), folder, form, device)

    def rows(self, ids: Sequence[int]) -> Iterator[Row]:
        """Rows of jobs.caption's schema, in the order of the ids."""
        for start in range(0, len(ids), AT_ONCE):
            found = [self._library.row(key) for key in ids[start : start + AT_ONCE]]
            scans = [Scan.of(row) for row in found]
            replies = self._voice([self._asked(scan) for scan in scans], MAX_TOKENS)
            for row, scan, reply in zip(found, scans, replies, strict=True):
                yield {"scan_content": row["content"]} | self._row(scan, reply)

    def _asked(self, scan: Scan) -> Named:
        views = [(name, view) for name in VIEWS if (view := getattr(scan, name)) is not None]
        shown: dict[str, Any] = {name: view.sha256 for name, view in views}
        key = {"pupil": self._who, "form": self._form.name, "asked": notes.ASKED, "max_tokens": MAX_TOKENS, **shown}
        return key, ([(name, view.bytes) for name, view in views], notes.ASKED)

    def _row(self, scan: Scan, reply: Reply) -> Row:
        facts = facts_of(scan)
        row = {"id": scan.id, "facts": facts.json(), "describer": self._who, "prompt": notes.VERSION, "status": None}
        row |= {"raw": reply.text}
        try:
            return row | {"caption": captions.write(caption_of(reply, facts, scan.id))}
        except BadRow as error:
            return row | error.verdict.columns()


def caption_of(reply: Reply, facts: Facts, key: int) -> captions.Caption:
    """The caption that notes make; of the facts it takes only what the pixels show to anyone, what the bag fills of each view.

    Raises:
        BadRow: the notes have no end, or cannot be read or told.
    """
    if reply.finish_reason != "stop":
        raise BadRow("caption/cut", f"expected notes with an end, found none after {MAX_TOKENS} tokens")
    believed = notes.hear(reply.text, {view: facts.frame(view) for view in facts.views})
    return grammar.describe(believed, (SEED, key))
