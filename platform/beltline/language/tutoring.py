"""Lessons written by a model: what it is asked, the schema that it is held to, and the strict reader of its reply (One 3.3; Dual 4.1).

The model writes the words, the facts decide: a box must be one of the facts', copied digit by digit as the model counts them, an
open answer must stand the screens of captions, and GSXray's answer is given to it. What it writes besides is refused, not mended.

    request = request_for("dialogue", model, scan, facts, about)
    conversation = read(reply_of(answered), request, facts, about)       # BadRow "lesson/..." when it is no lesson
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from beltline.language import asking, captions, gsxray, reasoning
from beltline.language.asking import Reply, Request
from beltline.language.captions import Caption
from beltline.language.conversations import Conversation, Exchange, Grounding, Turn
from beltline.language.facts import Facts, ItemFacts
from beltline.language.lessonforms import FORMS, LESSONS, ChainWords, DialogueWords, Said
from beltline.language.lessons import LETTERS, About
from beltline.language.models import Model
from beltline.language.prompts import render, told
from beltline.language.reasoning import Chain
from beltline.language.screening import screen
from beltline.scan import VIEWS, Scan
from beltline.verdict import BadRow

BOX = re.compile(r"<box>\[\s*(\d{1,5})\s*,\s*(\d{1,5})\s*,\s*(\d{1,5})\s*,\s*(\d{1,5})\s*\]</box>")
ANSWERED = "\nAnswer: "


@dataclass(frozen=True, slots=True)
class LessonRequest(Request):
    """A question to a model whose answer is a lesson."""

    kind: str
    draft: Conversation | None
    """GSXray: the question with its answer, and the chain that the grammar would write."""

    def held_to(self) -> dict[str, Any]:
        """JSON schema of the answer."""
        return FORMS[self.kind].model_json_schema()

    def key(self, attempt: int) -> dict[str, Any]:
        return Request.key(self, attempt) | {"schema": self.held_to()}

    def body(self, attempt: int) -> dict[str, Any]:
        held = {"type": "json_schema", "json_schema": {"name": self.kind, "strict": True, "schema": self.held_to()}}
        return Request.body(self, attempt) | {"response_format": held}


def request_for(
    kind: str, model: Model, scan: Scan, facts: Facts, about: About, seed: int = 0, index: int = 0
) -> LessonRequest:
    """What the model is asked about a scan; without a caption the facts must do.

    Raises:
        BadRow: a view cannot be shown, or there are not two views to reason over.
    """
    draft = gsxray.compose(facts, seed, about, index) if kind == "gsxray" else None
    shown = asking.request_of(model, scan, facts)
    sizes = {picture.view: picture.size_wh for picture in shown.pictures}
    parts = [told(asking.counted(model.family, facts, sizes))]
    parts += [captions.read(about.caption).text()] if about.caption else []
    if draft is not None:
        right = _right(draft.exchanges[0])
        parts.append(f"Question: {draft.turns[0].content}\nRight answer: {right}")
    schema = FORMS[kind].model_json_schema()
    system, user = render(LESSONS[kind], facts, "\n\n".join(parts), boxes=model.family.rule(), schema=schema)
    return LessonRequest(model, system["content"], user["content"], shown.pictures, kind, draft)


def read(reply: Reply, request: LessonRequest, facts: Facts, about: About, index: int = 0) -> Conversation:
    """The conversation in a reply, boxes on [0, 1000] of their views.

    Raises:
        BadRow: `lesson/cut-off`, `lesson/schema`, `lesson/form`, `lesson/box`, `lesson/answer` or `lesson/unfounded`, with
            what was found; `caption/not-json` where there is not one JSON object.
    """
    if reply.finish_reason == "length":
        raise BadRow("lesson/cut-off", f"the answer did not end within its tokens: ...{reply.text[-120:]!r}")
    found = json.dumps(captions.one_object(reply.text))
    try:
        words = FORMS[request.kind].model_validate_json(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the object"
        raise BadRow("lesson/schema", f"{where}: {first['msg']}, found {str(first['input'])[:80]!r}") from error
    reader = _Reader(request, facts)
    assert isinstance(words, ChainWords | DialogueWords)
    turns, exchanges = reader.chain(words) if isinstance(words, ChainWords) else reader.dialogue(words)
    return Conversation(
        **about.columns(),
        kind=request.kind,
        views=facts.views,
        turns=tuple(turns),
        boxes=tuple(reader.boxes),
        exchanges=tuple(exchanges),
        describer=request.model.label,
        prompt=LESSONS[request.kind].label,
        index=index,
    )


class _Reader:
    """Reads one reply: turns its boxes into ours, keeps whose they are, and refuses what does not follow."""

    def __init__(self, request: LessonRequest, facts: Facts):
        self._request, self._facts = request, facts
        self.boxes: list[Grounding] = []
        self._turn = 0
        family, sizes = request.model.family, {picture.view: picture.size_wh for picture in request.pictures}
        self._known: dict[str, dict[tuple[int, ...], ItemFacts]] = {view: {} for view in facts.views}
        for item in facts.items:
            for view in facts.views:
                if (seen := item.seen(view)) is not None:
                    self._known[view].setdefault(family.told(seen.box, sizes[view]), item)

    def chain(self, words: ChainWords) -> tuple[list[Turn], list[Exchange]]:
        draft = self._request.draft
        assert draft is not None
        exchange, right = draft.exchanges[0], _right(draft.exchanges[0])
        if words.answer.strip() not in (right, exchange.answer):
            raise BadRow(
                "lesson/answer", f"expected the answer {right!r} that it was given, found {words.answer[:80]!r}"
            )
        self.boxes = [box for box in draft.boxes if box.turn == 0]
        self._turn = 1
        said = {view: self._placed(getattr(words, view).strip(), (view,)) for view in VIEWS}
        conclusion = self._placed(words.conclusion.strip(), VIEWS)
        self._founded(said["top"], said["side"], conclusion if exchange.topic not in ("relation", "distance") else "-")
        chain = Chain(**said, conclusion=conclusion, answer=exchange.answer)
        return [draft.turns[0], Turn(role="assistant", content=reasoning.write(chain))], [exchange]

    def dialogue(self, words: DialogueWords) -> tuple[list[Turn], list[Exchange]]:
        kinds = {said.options is None for said in words.turns}
        dimensions = [said.dimension for said in words.turns]
        if len(kinds) != 2 or len(set(dimensions)) < len(dimensions):
            raise BadRow(
                "lesson/form", f"expected open and closed questions of different dimensions, found {dimensions}"
            )
        turns: list[Turn] = []
        for said in words.turns:
            turns += self._exchange(said)
        return turns, [_record(said) for said in words.turns]

    def _exchange(self, said: Said) -> list[Turn]:
        question = self._placed(said.question, self._facts.views)
        self._turn += 1
        if said.options is not None:
            lines = [f"{letter}) {option}" for letter, option in zip(LETTERS, said.options, strict=False)]
            answer = said.answer
            _check_closed(said)
            question = "\n".join((question, *lines))
        elif said.reasoning is None:
            raise BadRow("lesson/form", f"expected reasons before the open answer {said.answer[:80]!r}, found none")
        else:
            answer = self._placed(f"{said.reasoning}{ANSWERED}{said.answer}", self._facts.views)
            if said.dimension != "basic":
                self._founded("A scan.", None, answer)
        self._turn += 1
        return [Turn(role="user", content=question), Turn(role="assistant", content=answer)]

    def _placed(self, text: str, views: tuple[str, ...]) -> str:
        """The text with the model's boxes as ours; each must be a known one of these views."""

        def ours(match: re.Match[str]) -> str:
            edges = tuple(int(edge) for edge in match.groups())
            view = next((view for view in views if edges in self._known[view]), None)
            if view is None:
                raise BadRow(
                    "lesson/box", f"expected a box of the facts in the {' or '.join(views)} view, found {list(edges)}"
                )
            item = self._known[view][edges]
            seen = item.seen(view)
            assert seen is not None
            self.boxes.append(
                Grounding(turn=self._turn, view=view, item=item.item, category=item.category, xyxy=seen.box)
            )
            return reasoning.box(seen.box)

        placed = BOX.sub(ours, text)
        if re.search(r"</?(?:box|top|side|conclusion|answer)\b", reasoning.BOX.sub("", placed)):
            raise BadRow(
                "lesson/box", f"expected <box>[left,top,right,bottom]</box> and no other tag, found {text[:120]!r}"
            )
        return placed

    def _founded(self, top: str, side: str | None, whole: str) -> None:
        """Refuses words that speak of what is not there, or not there where they say."""
        plain = [reasoning.BOX.sub("", text) if text else None for text in (top, side, whole)]
        caption = Caption.model_construct(top=plain[0] or "-", side=plain[1], items=(), whole=plain[2] or "-")
        found = screen(self._facts, caption)
        for objection in (*found.alignment.found.values(), *found.contradiction.found.values()):
            raise BadRow("lesson/unfounded", objection)


def _check_closed(said: Said) -> None:
    options = said.options or ()
    if (
        len({option.strip().casefold() for option in options}) < len(options)
        or said.answer not in LETTERS[: len(options)]
    ):
        raise BadRow(
            "lesson/form", f"expected different options and the letter of one, found {options}, {said.answer[:40]!r}"
        )
    if len(said.answer) != 1 or said.reasoning is not None:
        raise BadRow(
            "lesson/form", f"expected a letter alone, found {said.answer[:40]!r} and reasons {said.reasoning!r:.80}"
        )


def _record(said: Said) -> Exchange:
    return Exchange(topic=said.dimension, options=said.options or (), answer=said.answer, asks={"by": "model"})


def _right(exchange: Exchange) -> str:
    """The right answer in words."""
    return exchange.options[LETTERS.index(exchange.answer)] if exchange.options else exchange.answer
