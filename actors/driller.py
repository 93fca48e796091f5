"""Makes drills: questions in an exam's own form, about bags that are in no exam, as the turns of one conversation.

The spec of a row names the scan and the questions. Half of the questions are answered by the letter alone, as the instruction then asks;
half by what each view shows, with boxes, what follows, and the letter. Which is which, the question's number decides.
"""

import json
from collections.abc import Iterator, Sequence

from actors.converser import Material, owner
from beltline.boxes import to_thousandths
from beltline.exam.tasks import INSTRUCTION, REASONED, Evidence, Question, ask
from beltline.language.conversations import Conversation, Exchange, Grounding, Turn
from beltline.language.lexicon import noun
from beltline.language.reasoning import Chain, box, write
from beltline.scan import VIEWS, Row, Scan
from beltline.store import Store
from beltline.verdict import BadRow
from beltline.version import read_files

VERSION = "drills-1"
NOTHING = "nothing of it"


class Driller:
    """Row work for `converse --recipe drills`.

    Args:
        store: URI of the versions.
        scans: row files of the version of scans.
        questions: row files of a version of questions about them.
    """

    def __init__(self, store: str, scans: Sequence[str], questions: Sequence[str]):
        self._material = Material(store, scans, None)
        found = read_files(Store(store), list(questions)).to_pylist()
        self._questions = {row["id"]: Question.of(row) for row in found}

    def __call__(self, row: Row) -> Row:
        """A row of conversations.SCHEMA; one that cannot be made keeps its reason."""
        spec = json.loads(row["spec"])
        planned = {"scan": spec["scan"], "kind": "drill"}
        try:
            scan = self._material.scan(spec["scan"])
            asked = [self._questions[key] for key in spec["questions"]]
            if any(one.scan_content != scan["content"] for one in asked):
                raise BadRow("conversation/stale", "the scan has changed since the questions were asked about it")
            return compose(Scan.of(scan), owner(scan), asked, spec["index"]).row()
        except BadRow as error:
            return planned | error.verdict.columns()


def compose(scan: Scan, whose: Row, asked: Sequence[Question], index: int) -> Conversation:
    """Questions about one scan as a conversation."""
    turns, exchanges, boxes = list[Turn](), list[Exchange](), list[Grounding]()
    for question in asked:
        reasoned = bool(question.id % 2)
        text = ask(question, instruction=REASONED if reasoned else INSTRUCTION)
        if reasoned:
            boxes += _named(scan, question, len(turns) + 1)
        turns += [Turn(role="user", content=text), Turn(role="assistant", content=_answer(scan, question, reasoned))]
        exchanges.append(Exchange(topic=question.task, options=question.options, answer=question.answer))
    return Conversation(
        scan=scan.id,
        **whose,
        kind="drill",
        views=VIEWS,
        turns=tuple(turns),
        boxes=tuple(boxes),
        exchanges=tuple(exchanges),
        describer=VERSION,
        index=index,
    )


def _answer(scan: Scan, question: Question, reasoned: bool) -> str:
    if not reasoned:
        return question.answer
    top, side = (_shown(scan, question, view) for view in VIEWS)
    return write(Chain(top=top, side=side, conclusion=question.answer_text, answer=question.answer))


def _shown(scan: Scan, question: Question, view: str) -> str:
    """What a view shows of the things that the question is about."""
    found = (f"{noun(one.category).one} {box(_box(scan, one))}" for one in _once(question, view))
    return ", ".join(found) or NOTHING


def _named(scan: Scan, question: Question, turn: int) -> Iterator[Grounding]:
    for view in VIEWS:
        for one in _once(question, view):
            yield Grounding(turn=turn, view=view, item=one.item, category=one.category, xyxy=_box(scan, one))


def _once(question: Question, view: str) -> list[Evidence]:
    """The evidence of a view, each item once."""
    return list({one.item: one for one in question.evidence if one.view == view}.values())


def _box(scan: Scan, one: Evidence) -> tuple[int, int, int, int]:
    shot = getattr(scan, one.view)
    left, top, right, bottom = to_thousandths(one.xyxy, (shot.width, shot.height)).tolist()
    return left, top, right, bottom
