"""Asks a small model of our own an exam's questions, in this process and many at a time; what is answered is never asked again.

    reciter = Reciter(store, asked, who, folder, scans)
    rows = reciter.replies(questions)

Answers are greedy, so there is one seed. Larger models are asked through a server (examinee.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from actors.examinee import Views
from beltline.cache import AnswerCache
from beltline.cache import name_of as asked_as
from beltline.exam.asking import Examinee, Put, put_question, reply_row
from beltline.exam.tasks import Question
from beltline.language.asking import Reply
from beltline.language.showing import FORMS
from beltline.learning.speak import Speaker
from beltline.scan import Row
from beltline.store import Store
from beltline.verdict import BadRow

AT_ONCE = 32
SEED = 0


class Reciter:
    """Replies of a local model.

    Args:
        store: URI; answers lie below it.
        asked: the run's journal folder.
        who: the model as the replies name it, with the form in which it was taught.
        folder: its weights.
        scans: the row files of the versions that have the exam's scans.
    """

    def __init__(self, store: str, asked: str, who: Examinee, folder: str, scans: Sequence[str], device: str = "cpu"):
        self._cache, self._views = AnswerCache(Store(store), asked), Views(store, scans)
        self._who, self._folder, self._device = who, folder, device
        self._speaker: Speaker | None = None

    def replies(self, questions: Sequence[Row]) -> Iterator[Row]:
        """Rows of asking.ANSWERS, in the order of the questions; one whose scan is not there is a rejected row."""
        for start in range(0, len(questions), AT_ONCE):
            yield from self._some(questions[start : start + AT_ONCE])

    def _some(self, rows: Sequence[Row]) -> Iterator[Row]:
        puts = [self._put(Question.of(row)) for row in rows]
        found = self._answers([put for put in puts if isinstance(put, Put)])
        for row, put in zip(rows, puts, strict=True):
            reply = next(found) if isinstance(put, Put) else None
            columns = reply_row(Question.of(row), row["content"], self._who.label, SEED, reply)
            yield columns | (put.verdict.columns() if isinstance(put, BadRow) else {"status": None})

    def _put(self, question: Question) -> Put | BadRow:
        try:
            return put_question(self._who, question, self._views.of(question) if question.views else {})
        except BadRow as error:
            return error

    def _answers(self, puts: Sequence[Put]) -> Iterator[Reply]:
        """From the cache, or all that it lacks in one go and then into the cache."""
        names = [asked_as(put.key(SEED)) for put in puts]
        known = {name: self._cache.known(name) for name in names}
        new = [put for put, name in zip(puts, names, strict=True) if known[name] is None]
        for put, (text, reason) in zip(new, self._spoken(new), strict=True):
            name = asked_as(put.key(SEED))
            known[name] = self._cache.keep(name, asdict(Reply(text=text, finish_reason=reason)))
        return (Reply(**_said(known[name])) for name in names)

    def _spoken(self, puts: Sequence[Put]) -> list[tuple[str, str]]:
        if not puts:
            return []
        if self._speaker is None:  # a finished run loads nothing
            self._speaker = Speaker(self._folder, FORMS[self._who.form], self._device)
        asked = [([(name, view.bytes) for name, view in put.pictures], put.text) for put in puts]
        return self._speaker(asked, self._who.max_tokens)


def _said(answer: Any) -> dict[str, Any]:
    assert answer is not None, "what was not known has been asked"
    return dict(answer)
