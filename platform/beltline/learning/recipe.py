"""What a recipe is: everything that decides what is learnt, besides the data. The recipes themselves are in recipes.py.

    Recipe(name="mine", source="ours", base="nano:qwen3_vl", family="qwen3_vl", rate=1e-3, batch=16)

A recipe says nothing of where, how fast or on how many devices: the same recipe gives the same steps on one processor and on eight
H200s. Learning rates are per step of the whole batch.
"""

from dataclasses import dataclass
from typing import Literal

Part = Literal["tower", "aligner", "llm"]
How = Literal["frozen", "full", "lora"]
Family = Literal["qwen3_vl", "qwen2_5_vl", "internvl", "llava", "llava_next", "llava_onevision"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """Low-rank adapters on every linear layer of a part."""

    rank: int
    alpha: int
    dropout: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what is learnt, besides the data."""

    name: str
    source: str
    """Where in the papers it stands."""
    base: str
    """The weights to start from: a repository with its revision, or a form of nano.py."""
    family: Family
    starts_from: str | None = None
    """The recipe whose result is the base, where it is not `base` itself."""
    tower: How = "full"
    aligner: How = "full"
    llm: How = "full"
    lora: Lora | None = None
    rate: float
    """Peak of the learning rate."""
    tower_rate: float | None = None
    """Of the vision tower, all of it by AdamW, where it has one of its own."""
    matrix_rate: float | None = None
    """Peak rate of linear layers' matrices by Muon, at AdamW's size of step (the tower's too, unless that has a rate of its own); None: AdamW for all. In one process only: Muon
    turns a matrix as a whole."""
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup_share: float = 0.0
    """Of all steps; `warmup_steps` counts instead where it is given."""
    warmup_steps: int | None = None
    batch: int
    """Samples a step, over all devices."""
    epochs: float = 1.0
    precision: Literal["bfloat16", "float32"] = "bfloat16"
    zero_stage: Literal[0, 1, 2, 3] = 2
    weight_decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    clip: float = 1.0
    """Largest norm of the gradient."""
    checkpointing: bool = True
    """Activations are made again in the backward pass."""
    max_tokens: int = 8192
    """Of one sample; a longer one is rejected before any teaching. Also how many tokens one pack holds."""
    max_image_px: int = 1_003_520
    """Larger views are scaled down to this by the family's processor."""
    tags: bool = False
    """`<top>`, `<side>` and `<conclusion>` are tokens that type the views and the question (Dual eq. 3)."""
    views: tuple[str, ...] | None = None
    """Only these views are shown; None: all that a conversation is about (Dual Tables 5 and 6)."""
    reasoning: tuple[str, ...] = ("top", "side", "conclusion")
    """Sections of the reasoning that are taught (Dual Table 5)."""
    kinds: tuple[str, ...] | None = None
    """Only conversations of these kinds; None: all of the input."""
    sight_steps: int = 0
    """Steps in which a tower that starts from nothing is first taught which categories lie where (sight.py)."""
    sight_rate: float = 2e-3
    sight_matrix_rate: float | None = None
    """Of Muon in those steps, for the tower's and aligner's matrices; None: AdamW."""
    sight_batch: int = 16
    """Views of such a step."""
    seed: int = 20261128
    ours: tuple[str, ...] = ()
    """Fields that the paper leaves out: their values are ours."""

    def __post_init__(self) -> None:
        wanted = "lora" in (self.tower, self.aligner, self.llm)
        if wanted != (self.lora is not None):
            raise ValueError(f"{self.name}: expected a rank and alpha exactly where a part is taught by LoRA")
        if (self.tower, self.aligner, self.llm) == ("frozen",) * 3:
            raise ValueError(f"{self.name}: expected a part to teach, found all three frozen")
