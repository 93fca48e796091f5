"""Recipes of small models that start from nothing, ours all of them: the papers' forms at sizes that two processors or one card teach.

    SMALL["gsr_nano_hour"]                    # the last of an hour's three parts (docs/training.md)
    SMALL["nano_base"].starts_from            # what the papers' claims start from is taught in three parts as well

The claims' base has seen one view of bags under another palette (`synthesize --recipe dual-first-other`); what is taught from it is a
condition of a claim (exam/claims.py): NANO_TAUGHT with one view or both, NANO_PARTS part by part, ONEFOCUS_BASE in two stages.
"""

from dataclasses import replace
from typing import Any, Final

from beltline.learning.recipe import Lora, Recipe

_SHOWN: Final[Any] = {"views": ("top",), "reasoning": ("top",)}
_ASKED: Final[Any] = {"views": ("top",), "reasoning": ("top", "conclusion")}
"""Lessons of one view: what it shows, and what follows from it."""

GSR_NANO = Recipe(
    name="gsr_nano",
    source="ours: gsr's form at a size that two processors can teach",
    base="nano:qwen3_vl",
    family="qwen3_vl",
    rate=1e-3,
    warmup_share=0.05,
    batch=16,
    epochs=1,
    precision="float32",
    weight_decay=0.01,
    betas=(0.9, 0.98),
    checkpointing=False,
    max_tokens=2048,
    tags=True,
    sight_steps=1500,
    ours=("all",),
)
NANO_WORDS = replace(
    GSR_NANO,
    name="gsr_nano_hour",
    source="ours: an hour of two processors, the last part: an exam's words, in many small steps on a tower that sees",
    starts_from="gsr_nano_survey",
    tower="frozen",
    aligner="frozen",
    rate=2e-3,
    matrix_rate=4e-3,
    batch=8,
    sight_steps=0,
)
ONEFOCUS_NANO_1 = replace(
    GSR_NANO,
    name="onefocus_nano_stage1",
    source="ours: onefocus_stage1's form at a small size",
    base="nano:qwen2_5_vl",
    family="qwen2_5_vl",
    tags=False,
    kinds=("caption",),
)
CAPTIONER_NANO = replace(
    GSR_NANO,
    name="captioner_nano",
    source="ours: captioner's form at a small size, in full since random weights cannot be adapted",
    batch=8,
    epochs=5,
    kinds=("notes",),
)
NANO_SIGHT = replace(
    GSR_NANO,
    name="gsr_nano_sight",
    source="ours: an hour of two processors, the first part: what lies where, and as good as no words",
    batch=4,
    epochs=0.005,
    sight_steps=1600,
    sight_matrix_rate=1.2e-2,
)
NANO_SURVEY = replace(
    NANO_WORDS,
    name="gsr_nano_survey",
    source="ours: the first words: what has a name is looked for, and where it is is said",
    starts_from="gsr_nano_sight",
    kinds=("survey",),
)
NANO_BASE = (
    replace(
        NANO_SIGHT, name="nano_base_sight", source="ours: first sight of one view", views=("top",), sight_steps=1200
    ),
    replace(
        NANO_SURVEY,
        name="nano_base_survey",
        source="ours: what one view shows, in words",
        starts_from="nano_base_sight",
        **_SHOWN,
    ),
    replace(
        NANO_WORDS,
        name="nano_base",
        source="ours: an exam's words about one view, so that a base can be asked at all",
        starts_from="nano_base_survey",
        **_ASKED,
    ),
)
"""In this order, each from the one before."""

NANO_TAUGHT = replace(
    NANO_WORDS,
    name="gsr_nano",
    source="ours: gsr's form at a small size, all of it open, from the claims' base",
    starts_from="nano_base",
    tower="full",
    aligner="full",
    tower_rate=3e-4,
)
NANO_PARTS = replace(
    NANO_TAUGHT,
    name="onefocus_base",
    source="ours: One Table 4 at a small size, from the claims' base, one view as in that paper",
    **_ASKED,
)
ONEFOCUS_BASE = (
    replace(
        NANO_SURVEY,
        name="onefocus_base_stage1",
        source="ours: onefocus_stage1's form at a small size, from the claims' base: what one view shows, in words; the tower is open, it has seen another palette only",
        starts_from="nano_base",
        tower="full",
        aligner="full",
        tower_rate=3e-4,
        **_SHOWN,
    ),
    replace(
        NANO_WORDS,
        name="onefocus_base_stage2",
        source="ours: onefocus_stage2's form at a small size: questions; in full, since adapters teach so small a model next to nothing",
        starts_from="onefocus_base_stage1",
        **_ASKED,
    ),
)
SMALL: Final[dict[str, Recipe]] = {
    recipe.name: recipe
    for recipe in (
        GSR_NANO,
        NANO_SIGHT,
        NANO_SURVEY,
        NANO_WORDS,
        *NANO_BASE,
        *ONEFOCUS_BASE,
        CAPTIONER_NANO,
        replace(
            CAPTIONER_NANO,
            name="captioner_nano_again",
            source="ours: captioner's second round, on what was corrected as well",
            starts_from="captioner_nano",
            epochs=4,
            rate=5e-4,
            sight_steps=0,
        ),
        ONEFOCUS_NANO_1,
        replace(
            ONEFOCUS_NANO_1,
            name="onefocus_nano_stage2",
            source="ours: onefocus_stage2's form at a small size",
            starts_from="onefocus_nano_stage1",
            tower="frozen",
            aligner="frozen",
            llm="lora",
            lora=Lora(rank=16, alpha=32),
            kinds=None,
        ),
        replace(
            GSR_NANO,
            name="gsr_mini",
            source="ours: gsr's form at a size that one card teaches within minutes",
            base="mini:qwen3_vl",
            precision="bfloat16",
            batch=64,
            epochs=12,
            rate=8e-4,
            sight_steps=6000,
            sight_rate=1e-3,
            sight_batch=128,
            max_tokens=16_384,
        ),
        replace(GSR_NANO, name="gsr_small", base="small:qwen3_vl", precision="bfloat16", batch=64, rate=5e-4),
    )
}
