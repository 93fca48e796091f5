"""A few small bags with lessons about them, and tiny models that learn from them: shared by the tests of this room."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from beltline.image.phantom import RECIPES as BAGS
from beltline.image.phantom import make_scan
from beltline.language import gsxray, turns
from beltline.language.facts import facts_of
from beltline.language.lessons import About
from beltline.scan import Row

FAMILIES = ("qwen3_vl", "qwen2_5_vl")
"""Those that are also built at nano size."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Conversations and the rows of their scans."""

    conversations: list[Row]
    scans: dict[int, Row]

    def pairs(self) -> list[tuple[Row, Row | None]]:
        return [(one, self.scans[one["scan"]] if one["views"] else None) for one in self.conversations]


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Three bags: a chain of reasoning and a dialogue of captioning turns about each, and one turn of text alone."""
    recipe = replace(BAGS["dual-nano"], size_wh=(160, 128))
    scans = [make_scan(recipe, row) for row in (1, 2, 4)]
    said: list[Row] = []
    for scan in scans:
        facts, about = facts_of(scan), About(scan=scan.id, scan_content="x", group=scan.group)
        said += [gsxray.compose(facts, 1, about).row(), turns.compose_caption(facts, 3, about).row()]
    text = {"role": "user", "content": "Is a knife denser than a shirt?"}, {"role": "assistant", "content": "Yes."}
    said.append(said[0] | {"id": 99, "views": [], "turns": list(text)})
    return Corpus(said, {scan.id: scan.row() | {"content": "x"} for scan in scans})


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Callable[[str], Path]:
    """Family to the folder of a tiny model of it, built once."""
    from tests.learning.tiny_families import build

    built: dict[str, Path] = {}

    def base(family: str) -> Path:
        if family not in built:
            texts = (turn["content"] for one in corpus.conversations for turn in one["turns"])
            folder = tmp_path_factory.mktemp("models") / family
            built[family] = build(family, folder, texts)
        return built[family]

    return base


@pytest.fixture
def pupil(tiny_base: Callable[[str], Path], corpus: Corpus) -> Callable[..., Any]:
    """`pupil(recipe)`: a tiny model adapted as the recipe says, with the corpus encoded for it."""
    return lambda recipe: Pupil(tiny_base(recipe.family), corpus, recipe)


class Pupil:
    """What a student has, without a store."""

    def __init__(self, folder: Path, corpus: Corpus, recipe: Any):
        from actors.student import load_model
        from beltline.learning.adapt import adapt
        from beltline.learning.encode import draft, encode, load_processor
        from beltline.learning.packing import prepare
        from beltline.learning.samples import sample_of
        from beltline.learning.tags import add_tags
        from beltline.learning.taught import Taught

        self.recipe, self.folder = recipe, folder
        self.processor = load_processor(str(folder), recipe)
        self.model = load_model(str(folder), recipe)
        self.tags = add_tags(self.model, self.processor.tokenizer) if recipe.tags else []
        self.samples = [sample_of(said, scan, recipe) for said, scan in corpus.pairs()]
        self.drafts = [draft(one, self.processor, recipe) for one in self.samples]
        self.encoded = [
            encode(one, sample.views, self.processor) for one, sample in zip(self.drafts, self.samples, strict=True)
        ]
        self.taught = Taught(adapt(prepare(self.model), recipe, self.tags))

    def plan(self, **more: Any) -> Any:
        from beltline.learning.plan import Plan

        same = {"batch": self.recipe.batch, "epochs": self.recipe.epochs, "seed": self.recipe.seed}
        lengths = [one.num_tokens for one in self.drafts]
        return Plan(lengths, **{**same, "max_tokens": self.recipe.max_tokens, **more})

    @property
    def supervised(self) -> list[int]:
        return [one.num_supervised for one in self.drafts]
