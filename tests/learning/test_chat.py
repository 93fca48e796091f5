"""Prompts and answers are found in one rendering of a dialogue, byte for byte as turn by turn, in the templates of all families."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beltline.learning.chat import Message, Segment, segments, turn_by_turn
from tests.learning.tiny_families import FAMILIES

pytestmark = pytest.mark.learning
TEXTS = ["How many knives are there? 12", "<top>A red bag.</top>"]
WORDS = st.one_of(
    st.text(min_size=1, max_size=12),
    st.sampled_from(
        ["A", "ASSISTANT:", "USER: no", "<|im_start|>user\nx", "first answer", " \n", "</s>", "<|im_end|>\n"]
    ),
).filter(
    lambda text: text.strip() and text not in "<|im_end|>"
)  # turn by turn, LLaVA-OneVision's `m` is found in its own end
DIALOGUES = st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5)
LAST_APART = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'][-1]['text'] }}{% if not loop.last %}.{% endif %}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"  # fmt: skip
TRIMMED = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'][-1]['text'] | trim }};{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"  # fmt: skip
GREETED = "{% if not add_generation_prompt %}Hello.{% endif %}" + TRIMMED
"""Templates that say the last turn otherwise, cut words, and are no dialogue turn by turn at all."""


class Counted:
    """A processor that counts what it renders."""

    def __init__(self, inner: Any, template: str | None = None):
        self.inner, self.tokenizer, self.count = inner, inner.tokenizer, 0
        self.chat_template = template or inner.chat_template

    def apply_chat_template(self, said: list[Message], **more: Any) -> str:
        self.count += 1
        return str(self.inner.apply_chat_template(said, chat_template=self.chat_template, **more))


@pytest.fixture(scope="module", params=FAMILIES)
def processor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoProcessor

    from tests.learning.tiny_families import build

    return AutoProcessor.from_pretrained(build(request.param, tmp_path_factory.mktemp("model"), TEXTS))


def dialogue(pairs: list[tuple[str, str]], views: int) -> list[Message]:
    """Questions and answers; views before the first question, with a word before each."""
    shown = [{"type": "text", "text": "Top view:"}, {"type": "image"}] * views
    said: list[Message] = []
    for question, answer in pairs:
        said += [
            {"role": "user", "content": [{"type": "text", "text": question}]},
            {"role": "assistant", "content": [{"type": "text", "text": answer}]},
        ]
    said[0]["content"] = [*shown, *said[0]["content"]]
    return said


def slowly(said: list[Message], processor: Any) -> list[Segment] | str:
    """Turn by turn, answers ended; or what is wrong."""
    end = processor.tokenizer.eos_token
    try:
        return [
            (kind, text if kind == "prompt" or end in text else text.rstrip() + end)
            for kind, text in turn_by_turn(said, processor)
        ]
    except ValueError as error:
        return str(error)


def quickly(said: list[Message], processor: Any) -> list[Segment] | str:
    try:
        return segments(said, processor)
    except ValueError as error:
        return str(error)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(pairs=DIALOGUES, views=st.integers(0, 2))
def test_no_byte_differs_from_turn_by_turn(processor: Any, pairs: list[tuple[str, str]], views: int) -> None:
    said = dialogue(pairs, views)
    assert quickly(said, processor) == slowly(said, processor)


@pytest.mark.parametrize("num", [1, 10])
def test_a_dialogue_is_rendered_twice_however_long(processor: Any, num: int) -> None:
    """Its first question and the whole of it, once the template is known."""
    counted = Counted(processor)
    said = dialogue([(f"Question {number}?", f"<box>[{number}]</box>") for number in range(num)], 2)
    found = segments(said, counted)
    counted.count = 0
    assert segments(said, counted) == found and len(found) == 2 * num
    assert counted.count == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(pairs=DIALOGUES, template=st.sampled_from([LAST_APART, TRIMMED, GREETED]))
def test_other_templates_are_taken_turn_by_turn_or_refused(
    processor: Any, pairs: list[tuple[str, str]], template: str
) -> None:
    other, said = Counted(processor, template), dialogue(pairs, 0)
    assert quickly(said, other) == slowly(said, other)


def test_another_template_of_the_same_processor_is_another_frame(processor: Any) -> None:
    said, counted = dialogue([("a?", "b"), ("c?", "d")], 0), Counted(processor)
    found: Iterator[Segment] = turn_by_turn(said, processor)
    assert [kind for kind, _ in found] == ["prompt", "answer"] * 2
    first = segments(said, counted)
    counted.chat_template = TRIMMED
    assert segments(said, counted) == slowly(said, counted) != first
