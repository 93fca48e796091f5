"""Makes drills: questions in an exam's own form, about bags that are in no exam, as the turns of one conversation.

The spec of a row names the scan and the questions. The first is answered by what each view shows, item by item from left to right with its
box, then by the working (exam/working.py) and the letter; the others by working and letter, out of what has been said. A small model looks
before it knows what it is asked for: one that was to name only the things in question learnt where they mostly lie, and looked at nothing.
One that was to say letters alone learnt none of them: the step from boxes to a letter is too large to be found by chance.
"""

import json
from collections.abc import Iterator, Sequence

from actors.converser import Material, owner
from beltline.boxes import to_thousandths
from beltline.exam.tasks import REASONED, Question, ask
from beltline.exam.working import worked
from beltline.language.conversations import Conversation, Exchange, Grounding, Turn
from beltline.language.lexicon import noun
from beltline.language.reasoning import Chain, box, write
from beltline.scan import VIEWS, Item, Row, Scan
from beltline.store import Store
from beltline.verdict import BadRow
from beltline.version import read_files

VERSION = "drills-3"
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
    for number, question in enumerate(asked):
        looks = number == 0
        if looks:
            boxes += _named(scan, len(turns) + 1)
        put = Turn(role="user", content=ask(question, instruction=REASONED))
        turns += [put, Turn(role="assistant", content=_answer(scan, question, looks))]
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


def _answer(scan: Scan, question: Question, looks: bool) -> str:
    """With what the views show, or only with what follows from it."""
    sizes = {view: (shot.width, shot.height) for view in VIEWS if (shot := getattr(scan, view)) is not None}
    top, side = (_shown(scan, view) for view in VIEWS)
    whole = write(Chain(top=top, side=side, conclusion=worked(question, sizes), answer=question.answer))
    return whole if looks else whole[whole.index("<conclusion>") :]


def _shown(scan: Scan, view: str) -> str:
    """What a view shows, from left to right."""
    return (
        ", ".join(f"{noun(item.category).one} {box(_box(scan, view, item))}" for item in _seen(scan, view)) or NOTHING
    )


def _named(scan: Scan, turn: int) -> Iterator[Grounding]:
    for view in VIEWS:
        for item in _seen(scan, view):
            yield Grounding(turn=turn, view=view, item=item.item, category=item.category, xyxy=_box(scan, view, item))


def _seen(scan: Scan, view: str) -> list[Item]:
    """The items of a view by their left edge, which both views share, then by their right one."""
    found = [item for item in scan.items if getattr(item, f"{view}_xyxy") is not None]
    return sorted(found, key=lambda item: (*getattr(item, f"{view}_xyxy")[::2], item.item))


def _box(scan: Scan, view: str, item: Item) -> tuple[int, int, int, int]:
    shot = getattr(scan, view)
    left, top, right, bottom = to_thousandths(getattr(item, f"{view}_xyxy"), (shot.width, shot.height)).tolist()
    return left, top, right, bottom
