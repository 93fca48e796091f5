"""The recipes of the jobs: frozen values. The command line names one and says where and how much; a variation is a new value.

What a recipe holds decides the rows; where, how fast and on which machine never stands here.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from beltline.image import phantom
from beltline.image.composite import CompositeRecipe
from beltline.image.phantom import BagRecipe
from beltline.language.captions import Bounds
from beltline.language.families import QWEN3_VL, QWEN25_VL
from beltline.language.models import Model, Sampling
from beltline.language.prompts import PROMPTS


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionRecipe:
    """How scans are described."""

    name: str
    describer: str = "grammar"
    """Name in actors.captioner.DESCRIBERS, for a describer without a model."""
    model: Model | None = None
    """The model that describes, instead."""
    seed: int = 20261122

    @property
    def who(self) -> str:
        """For a person."""
        return self.describer if self.model is None else f"{self.model.label} through {self.model.engine}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConverseRecipe:
    """Which conversations are made about a scan."""

    name: str
    kinds: tuple[tuple[str, int], ...]
    """(kind of conversations.KINDS, how many a scan)."""
    model: Model | None = None
    """The model that writes dialogues and reasoning; None composes them from the facts."""
    seed: int = 20261122


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanRecipe:
    """Which scans are worth keeping."""

    name: str
    min_side_px: int = 200
    """One 3.2: smaller images are discarded."""
    max_hash_distance: int | None = 5
    """Scans whose perceptual hashes differ by this many bits or fewer are twins (Dual 3.1, stage 1); None asks nobody."""
    quota: int | None = None
    """At most this many scans a category (One 3.2 asks for a balanced distribution); None keeps all."""
    masks_needed: bool = False
    """One 3.2: boxes must agree with the rectangles of masks. Off for sets that have no masks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegenerateRecipe:
    """The whole belt: make or read scans, clean, caption, screen."""

    name: str
    make: BagRecipe | CompositeRecipe | None
    """None reads the scans of the input version."""
    clean: CleanRecipe
    caption: CaptionRecipe
    limit: int
    """Rows when --limit does not say."""
    real: CleanRecipe | None = None
    """How real scans are cleaned that come along with the made ones, when an input is given; None allows no such input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePipeRecipe:
    """One 3.2: captions in two rounds, each by a captioner that was taught on what came before."""

    name: str
    clean: CleanRecipe
    shares: tuple[tuple[str, int], ...] = (("seed", 20_000), ("second", 10_000), ("rest", 22_124))
    """What the strong captioner describes, what the first taught one does, and what the second one does; of 52,124."""
    strong: str = "grammar"
    """Recipe of `caption`, in the place of the strong captioner and of the person who corrects."""
    rounds: tuple[str, str] = ("captioner_nano", "captioner_nano_again")
    """Recipes of `train`."""
    seed: int = 20261128


COMPOSITES = {
    "anycontrasyn": CompositeRecipe(name="anycontrasyn", seed=3000),
    "anycontrasyn-first": CompositeRecipe(name="anycontrasyn-first", seed=3001, num_items=(2, 4)),  # as dual-first has
}
QWEN3_VL_235B = Model(
    name="Qwen/Qwen3-VL-235B-A22B-Thinking",
    revision="main",
    family=QWEN3_VL,
    thinking=True,
    sampling=Sampling(temperature=0.6, top_p=0.95, max_tokens=32_768),
)
QWEN25_VL_32B = Model(
    name="Qwen/Qwen2.5-VL-32B-Instruct",
    revision="main",
    family=QWEN25_VL,
    sampling=Sampling(temperature=0.2, max_tokens=12_288),
    max_image_px=1280 * 28 * 28,
)
NANO = Model(  # small models of one's own, from a folder: short answers about small images
    name="",
    revision="",
    family=QWEN3_VL,
    engine="vllm",
    sampling=Sampling(max_tokens=4096),
    max_image_px=81_920,
    bounds=Bounds(scene_chars=120, text_chars=80, items=4),
    attempts=2,
)
CAPTIONS = {
    "grammar": CaptionRecipe(name="grammar"),
    "qwen3-vl-235b": CaptionRecipe(name="qwen3-vl-235b", model=QWEN3_VL_235B),
    "endpoint": CaptionRecipe(name="endpoint", model=replace(QWEN3_VL_235B, name="", thinking=False)),
    "qwen2.5-vl-32b": CaptionRecipe(name="qwen2.5-vl-32b", model=QWEN25_VL_32B),
    "nano": CaptionRecipe(name="nano", model=NANO),
}
CONVERSE = {
    "gsxray": ConverseRecipe(name="gsxray", kinds=(("gsxray", 1),)),  # Dual 4.1: about one a pair of views
    "captions": ConverseRecipe(name="captions", kinds=(("caption", 1),)),  # One 4, stage 1
    "mmxray": ConverseRecipe(name="mmxray", kinds=(("dialogue", 1), ("caption", 1), ("localisation", 1))),  # stage 2
    "lessons": ConverseRecipe(
        name="lessons", kinds=(("gsxray", 2), ("dialogue", 2), ("caption", 1), ("localisation", 1))
    ),
    "notes": ConverseRecipe(name="notes", kinds=(("notes", 1),)),  # ours: a small captioner learns few words
    "surveys": ConverseRecipe(name="surveys", kinds=(("survey", 1),)),  # ours: small models learn to look first
    "drills": ConverseRecipe(name="drills", kinds=(("drill", 1),)),  # ours: small models learn the form as well
    "gsxray-endpoint": ConverseRecipe(
        name="gsxray-endpoint", kinds=(("gsxray", 1),), model=replace(QWEN3_VL_235B, name="", thinking=False)
    ),
    "mmxray-qwen2.5-vl-32b": ConverseRecipe(  # One App. C names this model
        name="mmxray-qwen2.5-vl-32b",
        kinds=(("dialogue", 1), ("caption", 1), ("localisation", 1)),
        model=QWEN25_VL_32B,
    ),
}
CLEAN = {
    "clean": CleanRecipe(name="clean"),
    "onepipe": CleanRecipe(name="onepipe", masks_needed=True),
}
ONEPIPE = {"onepipe_nano": OnePipeRecipe(name="onepipe_nano", clean=CLEAN["onepipe"])}
_MADE = CleanRecipe(name="made", max_hash_distance=None, masks_needed=True)

REGENERATE = {
    **{
        name: RegenerateRecipe(name=name, make=bags, clean=_MADE, caption=CAPTIONS["grammar"], limit=240)
        for name, bags in phantom.RECIPES.items()
    },
    **{
        name: RegenerateRecipe(name=name, make=made, clean=_MADE, caption=CAPTIONS["grammar"], limit=3000)
        for name, made in COMPOSITES.items()
    },
    "mmxray-corpus": RegenerateRecipe(
        name="mmxray-corpus",
        make=phantom.RECIPES["mmxray"],
        clean=_MADE,
        caption=CAPTIONS["grammar"],
        limit=3000,
        real=CLEAN["clean"],
    ),
    "scans": RegenerateRecipe(
        name="scans", make=None, clean=CLEAN["clean"], caption=CAPTIONS["grammar"], limit=1_000_000_000
    ),
}


def values(recipe: Any, seed: int | None) -> dict[str, Any]:
    """A recipe as canonical JSON able values, with the seed that is really used, and the hash of what a model is told."""
    found = asdict(seeded(recipe, seed))
    caption = getattr(recipe, "caption", recipe)
    model = getattr(caption, "model", None)
    return found if model is None else {**found, "prompt_sha": PROMPTS[model.prompt].sha}


def seeded(recipe: Any, seed: int | None) -> Any:
    """The recipe with another seed, also in the recipes that it holds; itself when `seed` is None."""
    if seed is None:
        return recipe
    if isinstance(recipe, RegenerateRecipe):
        make = recipe.make and replace(recipe.make, seed=seed)
        return replace(recipe, make=make, caption=seeded(recipe.caption, seed))
    if isinstance(recipe, CaptionRecipe | ConverseRecipe) and recipe.model is not None:
        sampling = replace(recipe.model.sampling, seed=seed)
        return replace(recipe, seed=seed, model=replace(recipe.model, sampling=sampling))
    return replace(recipe, seed=seed) if hasattr(recipe, "seed") else recipe
