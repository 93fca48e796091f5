"""Chains of reasoning: the reader is the writer's exact inverse, and refuses whatever the writer could not have written."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beltline.language.reasoning import Chain, boxes_in, read, write
from beltline.language.reasoning import box as written
from beltline.verdict import BadRow

THOUSANDTHS = st.integers(0, 1000)
WORDS = st.text(st.characters(exclude_characters="<>", exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda text: text.strip() != ""
)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[int, int, int, int]:
    left, right = sorted((draw(THOUSANDTHS), draw(THOUSANDTHS)))
    top, bottom = sorted((draw(THOUSANDTHS), draw(THOUSANDTHS)))
    return left, top, right, bottom


SECTION = st.lists(WORDS | boxes().map(written), min_size=1, max_size=6).map(lambda parts: "".join(parts).strip())
CHAINS = st.builds(Chain, top=SECTION, side=st.none() | SECTION, conclusion=SECTION, answer=WORDS.map(str.strip))


@given(CHAINS)
@example(Chain(top="a\nb", side=None, conclusion="b\u2028c", answer="0"))
def test_reading_what_was_written_gives_the_same_chain(chain: Chain) -> None:
    assert read(write(chain)) == chain


@given(CHAINS, st.data())
def test_a_text_with_one_character_gone_or_added_never_reads_as_the_same_chain(
    chain: Chain, data: st.DataObject
) -> None:
    text = write(chain)
    at = data.draw(st.integers(0, len(text) - 1))
    for changed in (text[:at] + text[at + 1 :], text[:at] + data.draw(st.sampled_from(" <>\n7x")) + text[at:]):
        try:
            found = read(changed)
        except BadRow as error:
            assert error.verdict.reason.startswith("reasoning/")
        else:
            assert write(found) == changed, "the reader mended something"


@pytest.mark.parametrize(
    ("text", "reason", "found"),
    [
        ("", "reasoning/form", "none of them"),
        ("The answer is B.", "reasoning/form", "The answer is B."),
        ("<top>a</top>\n<conclusion>c</conclusion>", "reasoning/form", "<top> </top> <conclusion>"),
        ("<side>a</side>\n<top>b</top>\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/form", "<side>"),
        ("<top>a</top>\n\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/form", "<top>"),
        ("<top>a</top>\n<conclusion>c</conclusion>\n<answer>A</answer>\n", "reasoning/form", "</answer>"),
        ("<top>a<top>b</top>\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/form", "<top> <top>"),
        ("<top></top>\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/form", "<top> </top>"),
        ("<top>a </top>\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/text", "'a '"),
        ("<top>a <b>x</b></top>\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/text", "<b>x"),
        ("<top><box>[1,2,3]</box></top>\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/text", "[1,2,3]"),
        ("<top><box>[1, 2,3,4]</box></top>\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/text", "[1, 2"),
        (
            "<top><box>[1,2,3,1001]</box></top>\n<conclusion>c</conclusion>\n<answer>A</answer>",
            "reasoning/text",
            "1001",
        ),
        ("<top><box>[01,2,3,4]</box></top>\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/text", "[01"),
        ("<top><box>[5,2,3,4]</box></top>\n<conclusion>c</conclusion>\n<answer>A</answer>", "reasoning/text", "(5, 2"),
    ],
)
def test_malformed_text_is_refused_with_what_was_found(text: str, reason: str, found: str) -> None:
    with pytest.raises(BadRow) as caught:
        read(text)
    assert caught.value.verdict.reason == reason
    assert found in caught.value.verdict.detail


def test_boxes_are_told_by_view_and_in_order() -> None:
    chain = read(
        "<top>A <box>[1,2,3,4]</box> b <box>[0,0,1000,1000]</box></top>\n<side><box>[5,6,7,8]</box></side>\n"
        "<conclusion>c</conclusion>\n<answer>A</answer>"
    )
    assert chain.boxes("top") == ((1, 2, 3, 4), (0, 0, 1000, 1000))
    assert chain.boxes("side") == ((5, 6, 7, 8),)
    assert boxes_in("none here: [1,2,3,4], <box>[1,2,3,4]") == ()
    assert boxes_in("<box> [ 1, 2 ,3,\n1000 ]</box> and <box>[1,2,3,1001]</box>") == ((1, 2, 3, 1000),)
