"""Where prompts and answers stand in a dialogue, as a model's own chat template renders it.

    segments(messages, processor)      # [("prompt", "<|im_start|>user…assistant\\n"), ("answer", "…<|im_end|>\\n"), …]

Two templates need more than a cut: LLaVA's says nowhere that an answer has ended, so the end of text is put after it, as its authors
taught it; LLaVA-OneVision's asks with another line than it renders an answer with, and what it asks with is taught.

Rendering is what takes time. What a template puts around words is learnt once, from a dialogue of two questions; every other dialogue is
rendered whole, once, and compared. One that does not look as learnt is taken turn by turn: two renderings a turn, each as long as
all turns before it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

Segment = tuple[Literal["prompt", "answer"], str]
Message = dict[str, Any]
_PROBE = ("first question", "first answer", "second question", "second answer")


def segments(said: list[Message], processor: Any) -> list[Segment]:
    """Prompts and answers in turn; joined they are the whole text as the template renders it.

    Args:
        said: user and assistant in turn; images stand in the first message alone, the others are one text each.

    Raises:
        ValueError: the template renders a dialogue otherwise than turn by turn, so that no answer could be found in it.
    """
    frame = _frame(processor, processor.chat_template)
    found = frame.segments(said, processor) if frame else None
    end = processor.tokenizer.eos_token
    return [
        (kind, _ended(text, end) if kind == "answer" else text)
        for kind, text in (found if found is not None else turn_by_turn(said, processor))
    ]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a template puts around the words of a turn."""

    before: str
    """A question that is not the first."""
    asks: str
    """After a question, when an answer is asked for."""
    answers: str
    """After a question, when its answer follows."""
    opens: str
    """Between that and the answer's words; belongs to the answer."""
    closes: str
    """After an answer."""

    def segments(self, said: list[Message], processor: Any) -> list[Segment] | None:
        """The segments of a dialogue; None where it is not rendered as this frame says."""
        first = render(processor, said[:1], asks=True)
        if not first.endswith(self.asks):
            return None
        whole, found = "", list[Segment]()
        for number, (question, answer) in enumerate(zip(said[::2], said[1::2], strict=False)):
            put = self.before + _text(question) if number else first.removesuffix(self.asks)
            given = self.opens + _text(answer) + self.closes
            found += [("prompt", put + self.asks), ("answer", given)]
            whole += put + self.answers + given
        return found if whole == render(processor, said, asks=False) else None


@lru_cache(maxsize=8)
def _frame(processor: Any, template: str | None) -> _Frame | None:
    """What a processor's template puts around words; None where that cannot be told."""
    roles = ("user", "assistant") * 2
    said = [
        {"role": role, "content": [{"type": "text", "text": text}]} for role, text in zip(roles, _PROBE, strict=True)
    ]
    whole = render(processor, said, asks=False)
    try:
        _, (_, first), (_, prompt), (_, second) = turn_by_turn(said, processor)
    except ValueError:  # the dialogue that is asked about may still be plain, one turn for instance
        return None
    _, _, question, answer = _PROBE
    parts = [second.split(answer), first.split(_PROBE[1]), prompt.split(question), whole.split(question)]
    if any(len(one) != 2 for one in parts) or parts[0] != parts[1]:
        return None
    (opens, closes), (before, asks) = parts[0], parts[2]
    return _Frame(before, asks, whole.split(question)[1].removesuffix(second), opens, closes)


def turn_by_turn(said: Sequence[Message], processor: Any) -> Iterator[Segment]:
    """Every prompt as it is asked, every answer as it stands after its prompt, without what `_ended` adds.

    Raises:
        ValueError: an answer cannot be found.
    """
    at, whole = 0, render(processor, said, asks=False)
    for number in range(1, len(said), 2):
        asked = render(processor, said[:number], asks=True)
        answered = whole if number == len(said) - 1 else render(processor, said[: number + 1], asks=False)
        begins = len(asked) if answered.startswith(asked) else answered.rfind(_text(said[number]), at)
        if not whole.startswith(answered) or not asked.startswith(answered[:at]) or begins < 0:
            raise ValueError(
                f"chat template: expected turns after one another, found {answered[-80:]!r} after {asked[-80:]!r}"
            )
        yield from (("prompt", asked[at:]), ("answer", answered[begins:]))
        at = len(answered)


def render(processor: Any, said: Sequence[Message], *, asks: bool) -> str:
    text: str = processor.apply_chat_template(list(said), add_generation_prompt=asks, tokenize=False)
    return text


def _text(message: Message) -> str:
    """The last text of a message: of an answer and of a later question its only one."""
    return str(message["content"][-1]["text"])


def _ended(answer: str, end: str | None) -> str:
    return answer if not end or end in answer else answer.rstrip() + end
