"""Samples as tokens: lengths known before an image is opened, a loss on the assistant's words only, images whole."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from PIL import Image

from beltline.learning.encode import IGNORED, encode, too_long
from beltline.learning.recipes import RECIPES
from beltline.learning.samples import Shown, messages, sample_of
from beltline.verdict import Keep, Reject
from tests.learning.conftest import FAMILIES, Corpus

pytestmark = pytest.mark.learning
RECIPE = replace(RECIPES["gsr_nano"], kinds=None)
Make = Callable[..., Any]


def recipe_of(family: str) -> Any:
    return replace(RECIPE, family=family, tags=family == "qwen3_vl")


@pytest.mark.parametrize("family", FAMILIES)
def test_lengths_are_known_before_an_image_is_opened(pupil: Make, family: str) -> None:
    found = pupil(recipe_of(family))
    assert [one.num_tokens for one in found.drafts] == [len(one.ids) for one in found.encoded]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_tokens_are_those_of_the_whole_chat(pupil: Make, family: str) -> None:
    """An independent way: the processor on the whole rendered dialogue at once."""
    from beltline.learning.encode import _opened

    found = pupil(recipe_of(family))
    for sample, one in zip(found.samples, found.encoded, strict=True):
        text = found.processor.apply_chat_template(messages(sample, found.recipe), tokenize=False)
        whole = found.processor(text=[text], images=[_opened(view) for view in sample.views] or None)
        assert one.ids.tolist() == whole["input_ids"][0]
        assert one.types.tolist() == whole["mm_token_type_ids"][0]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_loss_is_taken_on_answers_and_on_nothing_else(pupil: Make, family: str) -> None:
    """Every answer of a dialogue, to the end of its turn and the line break after it."""
    found = pupil(recipe_of(family))
    for sample, one in zip(found.samples, found.encoded, strict=True):
        marked = zip(one.ids.tolist(), one.labels.tolist(), strict=True)
        runs = [[token for token, _ in run] for said, run in groupby(marked, lambda pair: pair[1] != IGNORED) if said]
        answers = [text for role, text in sample.turns if role == "assistant"]
        decoded = [found.processor.tokenizer.decode(run) for run in runs]
        assert decoded == [f"{answer}<|im_end|>\n" for answer in answers]
        assert all(
            label in (IGNORED, token) for token, label in zip(one.ids.tolist(), one.labels.tolist(), strict=True)
        )


@pytest.mark.parametrize("family", FAMILIES)
def test_every_visual_token_is_there(pupil: Make, family: str) -> None:
    found = pupil(recipe_of(family))
    for one in found.encoded:
        grid = one.pixels.get("image_grid_thw")
        assert int((one.types == 1).sum()) == (0 if grid is None else int(grid.prod(1).sum()) // 4)


def test_tags_type_the_views_and_the_question(pupil: Make) -> None:
    """Dual eq. 3: one token before each view's, one before the question."""
    found = pupil(recipe_of("qwen3_vl"))
    top, side, conclusion = (
        found.processor.tokenizer.convert_tokens_to_ids(f"<{n}>") for n in ("top", "side", "conclusion")
    )
    start = found.processor.tokenizer.convert_tokens_to_ids("<|vision_start|>")
    ids = found.encoded[0].ids.tolist()
    first, second = (at for at, token in enumerate(ids) if token == start)
    assert (ids[first - 1], ids[second - 1]) == (top, side)
    end = found.processor.tokenizer.convert_tokens_to_ids("<|vision_end|>")
    assert ids[max(at for at, token in enumerate(ids) if token == end) + 1] == conclusion


def test_a_view_of_another_size_than_its_row_is_refused(pupil: Make) -> None:
    found = pupil(recipe_of("qwen3_vl"))
    drafted = found.drafts[0]
    top, side = found.samples[0].views
    with pytest.raises(ValueError, match="another size than its row says"):
        encode(drafted, [top, Shown("side", bigger(side.bytes), side.size_wh, "y")], found.processor)


def bigger(data: bytes) -> bytes:
    """The image at twice its size."""
    out = io.BytesIO()
    Image.open(io.BytesIO(data)).resize((320, 256)).save(out, "png")
    return out.getvalue()


def test_the_gate_of_lengths() -> None:
    limit = RECIPE.max_tokens
    assert isinstance(too_long(limit, RECIPE), Keep)
    verdict = too_long(limit + 1, RECIPE)
    assert isinstance(verdict, Reject) and verdict.reason == "learning/too-long"
    assert f"at most {limit} tokens, found {limit + 1}" in verdict.detail


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ((), ["answer"]),
        (("top", "conclusion"), ["top", "conclusion", "answer"]),
        (("top", "side", "conclusion"), ["top", "side", "conclusion", "answer"]),
    ],
)
def test_sections_of_the_reasoning_are_cut(corpus: Corpus, sections: tuple[str, ...], expected: list[str]) -> None:
    """Dual Table 5."""
    said, scan = corpus.pairs()[0]
    sample = sample_of(said, scan, replace(RECIPE, reasoning=sections))
    assert re.findall(r"<(top|side|conclusion|answer)>", sample.turns[1][1]) == expected
    assert sample.turns[0][1] == said["turns"][0]["content"]


def test_one_view_alone_is_shown(corpus: Corpus) -> None:
    said, scan = corpus.pairs()[0]
    assert [view.name for view in sample_of(said, scan, replace(RECIPE, views=("top",))).views] == ["top"]
