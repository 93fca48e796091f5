"""Asks a small model of our own an exam's questions, in this process and many at a time; what is answered is never asked again.

    reciter = Reciter(store, asked, who, folder, scans)
    rows = reciter.replies(questions)

Answers are greedy, so there is one seed. Larger models are asked through a server (examinee.py).
"""

from collections.abc import Iterator, Sequence

from actors.examinee import Views
from actors.voice import AT_ONCE, Voice
from beltline.cache import AnswerCache
from beltline.exam.asking import Examinee, Put, put_question, reply_row
from beltline.exam.tasks import Question
from beltline.language.showing import FORMS
from beltline.scan import Row
from beltline.store import Store
from beltline.verdict import BadRow

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
        self._views, self._who = Views(store, scans), who
        self._voice = Voice(AnswerCache(Store(store), asked), folder, FORMS[who.form], device)

    def replies(self, questions: Sequence[Row]) -> Iterator[Row]:
        """Rows of asking.ANSWERS, in the order of the questions; one whose scan is not there is a rejected row."""
        for start in range(0, len(questions), AT_ONCE):
            yield from self._some(questions[start : start + AT_ONCE])

    def _some(self, rows: Sequence[Row]) -> Iterator[Row]:
        puts = [self._put(Question.of(row)) for row in rows]
        asked = [
            (put.key(SEED), ([(name, view.bytes) for name, view in put.pictures], put.text))
            for put in puts
            if isinstance(put, Put)
        ]
        found = self._voice(asked, self._who.max_tokens)
        for row, put in zip(rows, puts, strict=True):
            reply = next(found) if isinstance(put, Put) else None
            columns = reply_row(Question.of(row), row["content"], self._who.label, SEED, reply)
            yield columns | (put.verdict.columns() if isinstance(put, BadRow) else {"status": None})

    def _put(self, question: Question) -> Put | BadRow:
        try:
            return put_question(self._who, question, self._views.of(question) if question.views else {})
        except BadRow as error:
            return error
