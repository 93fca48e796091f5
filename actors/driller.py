"""Makes drills: questions in an exam's own form, about bags that are in no exam, as the turns of one conversation.

The spec of a row names the scan and the questions. Each is answered by the boxes of the things that it asks about with what is measured of
them, view by view (exam/working.py), and the right option's words. What taught nothing, in three tries at a model that starts from nothing (docs/log.md): letters
alone, since the step from boxes to a letter is too large to be found by chance; letters after the working, since four signs that stand for
other words in every question are copied from nowhere; and one list of all that a view shows, written once, from which the rest of the
conversation was read off, so that nobody looked twice. jobs/drills.py therefore asks for no thing twice in one conversation.
"""

import json
from collections.abc import Mapping, Sequence

from actors.converser import Material, owner
from beltline.boxes import to_thousandths
from beltline.exam.tasks import REASONED, Evidence, Question, ask
from beltline.exam.working import COUNTED, Seen, working
from beltline.language.conversations import Conversation, Exchange, Grounding, Turn
from beltline.language.places import Box1000, at_marks
from beltline.language.reasoning import Chain, write
from beltline.scan import VIEWS, Row, Scan
from beltline.store import Store
from beltline.verdict import BadRow
from beltline.version import read_files

VERSION = "drills-7"


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
    """Questions of one exam about one scan as a conversation; its views are the questions'."""
    turns, exchanges, boxes = list[Turn](), list[Exchange](), list[Grounding]()
    shapes = {view: height / width for view, (width, height) in _sizes(scan).items()}
    for question in asked:
        shown = {view: _shown(scan, question, view) for view in question.views}
        boxes += [_grounding(one, box, len(turns) + 1) for some in shown.values() for one, box in some]
        put = Turn(role="user", content=ask(question, instruction=REASONED))
        turns += [put, Turn(role="assistant", content=_answer(question, shown, shapes))]
        exchanges.append(Exchange(topic=question.task, options=question.options, answer=question.answer))
    return Conversation(
        scan=scan.id,
        **whose,
        kind="drill",
        views=asked[0].views,
        turns=tuple(turns),
        boxes=tuple(boxes),
        exchanges=tuple(exchanges),
        describer=VERSION,
        index=index,
    )


def _answer(question: Question, shown: Mapping[str, Seen], shapes: Mapping[str, float]) -> str:
    """Where the things are and what follows, view by view, and the right option in its own words."""
    top, side, conclusion = working(question, shown, shapes)
    return write(Chain(top=top, side=side, conclusion=conclusion, answer=question.answer_text))


def _shown(scan: Scan, question: Question, view: str) -> Seen:
    """The things in question as a view shows them, at marks that the tower has learnt: finer would be noise to a model of so few pixels.

    In the question's order; what is counted from left to right.
    """
    found = [one for one in question.evidence if one.view == view]
    if question.task in COUNTED:
        found.sort(key=lambda one: (*one.xyxy[::2], one.item))
    size = _sizes(scan)[view]
    return [(one, at_marks(to_thousandths(one.xyxy, size).tolist())) for one in found]


def _grounding(one: Evidence, box: Box1000, turn: int) -> Grounding:
    return Grounding(turn=turn, view=one.view, item=one.item, category=one.category, xyxy=box)


def _sizes(scan: Scan) -> dict[str, tuple[int, int]]:
    return {view: (shot.width, shot.height) for view in VIEWS if (shot := getattr(scan, view)) is not None}
