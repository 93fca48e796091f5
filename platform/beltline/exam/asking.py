"""How a question is put to a model, and what its answer becomes: the same words and pixels for every engine.

    put = put_question(examinee, question, {"top": scan.top, "side": scan.side})
    body = put.body(seed=42)                        # POST it to /v1/chat/completions
    row = reply_row(question, content, examinee.label, 42, reply_of(answered))

Views are sent as they are stored, each after its name, so that a pixel of an option is a pixel of the picture. `Put.key` names what is
asked in the answer cache: picture hashes, words, model, revision and sampling.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from beltline.exam.tasks import INSTRUCTION, REASONED, REPLIES, Question, ask, score
from beltline.language.asking import Reply
from beltline.language.showing import FORMS, NAMED, parts
from beltline.pixels import mime_of
from beltline.scan import Row, View, canonical_json
from beltline.verdict import BadRow

READING: Final = [
    pa.field("turn", pa.int32()),  # of the options, as circular.rotations: 0 is the question as it stands
    pa.field("letter", pa.string()),  # null where none could be read
    pa.field("reading", pa.string()),  # answered, invalid, refused, abstained or no-response
    pa.field("rule", pa.string()),  # where in the reply, and by what rule
]
ANSWERS: Final = pa.schema([*REPLIES, *READING])
"""A version of predictions: a reply a row, and how it was read. Scores are computed from the reply, whenever they are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examinee:
    """Who is asked, and how. Literals only: it stands in the recipe, and so in the name of a run."""

    name: str
    """As the server knows it."""
    revision: str = "main"
    temperature: float = 0.1
    """One 5.2: three runs at 0.1, with seeds 0, 1 and 42."""
    top_p: float = 1.0
    max_tokens: int = 4096
    """Of thinking and answer together."""
    reasoned: bool = False
    """It is told to think step by step and to mark its answer."""
    form: str = NAMED.name
    """How views and question are shown (showing.FORMS): as the model was taught."""
    views: tuple[str, ...] | None = None
    """Only these of a question's views are shown: who is right with one view, or with none, did not need the other. None: all."""

    @property
    def label(self) -> str:
        seeing = "" if self.views is None else f" seeing {' and '.join(self.views) or 'nothing'}"
        return f"{self.name}@{self.revision}{seeing}"


@dataclass(frozen=True, slots=True)
class Put:
    """One question as a model gets it."""

    examinee: Examinee
    text: str
    pictures: tuple[tuple[str, View], ...]
    """(view, picture), in the question's order."""

    def key(self, seed: int) -> dict[str, Any]:
        """What is asked, for the answer cache."""
        shown = [{"type": "image", "sha256": view.sha256} for _, view in self.pictures]
        return self._request(seed, shown) | {"revision": self.examinee.revision}

    def body(self, seed: int) -> dict[str, Any]:
        """The JSON body of a POST to `/v1/chat/completions`."""
        shown = [{"type": "image_url", "image_url": {"url": data_url(view.bytes)}} for _, view in self.pictures]
        return self._request(seed, shown)

    def _request(self, seed: int, shown: list[dict[str, Any]]) -> dict[str, Any]:
        who, views = self.examinee, iter(shown)
        form = parts([name for name, _ in self.pictures], self.text, FORMS[who.form])
        said = [{"type": "text", "text": value} if kind == "text" else next(views) for kind, value in form]
        return {
            "model": who.name,
            "messages": [{"role": "user", "content": said}],
            **{"temperature": who.temperature, "top_p": who.top_p, "max_tokens": who.max_tokens, "seed": seed},
        }


def put_question(examinee: Examinee, question: Question, pictures: Mapping[str, View | None]) -> Put:
    """A question with the views that belong to it.

    Raises:
        BadRow: `examine/no-view`: the scan lacks a view that the question is about.
    """
    wanted = [name for name in question.views if examinee.views is None or name in examinee.views]
    shown = [(name, pictures.get(name)) for name in wanted]
    found = tuple((name, view) for name, view in shown if view is not None)
    if len(found) < len(shown):
        missing = [name for name, view in shown if view is None]
        raise BadRow(
            "examine/no-view", f"expected the views {question.views} of scan {question.scan}, missing {missing}"
        )
    return Put(examinee, ask(question, instruction=REASONED if examinee.reasoned else INSTRUCTION), found)


def reply_id(question: int, model: str, seed: int, turn: int = 0) -> int:
    """63 bits of sha256 over question, model, seed and turn of the options."""
    digest = hashlib.sha256(canonical_json([question, model, seed, turn]).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def reply_row(question: Question, content: str, model: str, seed: int, reply: Reply | None, turn: int = 0) -> Row:
    """A row of `ANSWERS`; a reply of None is no response. The letter is that of the options as they were asked, after `turn`."""
    reading = score(question, reply.text if reply else None).reading
    return {
        **{
            "id": reply_id(question.id, model, seed, turn),
            "turn": turn,
            "question_id": question.id,
            "question_content": content,
        },
        **{"model": model, "seed": seed, "reply": reply and reply.text, "thinking": reply and reply.thinking},
        "finish_reason": reply and reply.finish_reason,
        **{"letter": reading.value, "reading": reading.status, "rule": reading.rule},
    }


def data_url(image: bytes) -> str:
    """An encoded image as a data URL.

    Raises:
        BadRow: `examine/image`: neither PNG nor JPEG.
    """
    kind = mime_of(image)
    if kind is None:
        raise BadRow("examine/image", f"expected a PNG or JPEG image, found bytes that begin with {image[:8]!r}")
    return f"data:{kind};base64,{base64.b64encode(image).decode()}"
