"""What a worker holds while it teaches, in bytes: weights, gradients, optimizer states, activations. Arithmetic alone: no torch, no model.

    held = held_by(weights, stage=3, world=8)                     # of learning.bases.weights_of
    seen = activations(Shape.of(config), recipe, Load.of(8192))   # one pack
    total = held.total + seen.peak

Weights are held in the recipe's precision; gradients, the master copy and the two moments of Adam in float32. ZeRO shares states (stage 1),
gradients (2) and weights (3) among all workers; the padding of DeepSpeed's flat buffers is counted, so that for bfloat16 all three are what
its engine holds, to the byte (in float32 stage 2 leaves gradients in its bucket and holds more). Activations are what
autograd saves in transformers' own modules with this package's attention; kernels that save less only make it better.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from beltline.learning.recipe import Recipe

CARDS: Final = {"H100": 80.0, "H200": 141.0}
"""GB of memory (10^9 bytes), of NVIDIA's data sheets."""
RESERVED: Final = 6e9
"""Bytes that a CUDA context, NCCL's channels and a fragmented allocator take beside what is counted. Ours: an allowance, not measured."""
PERSISTENT: Final = 100_000
"""DeepSpeed's stage 3 keeps smaller weights whole on every worker (`stage3_param_persistence_threshold`)."""
BUCKET: Final = 200_000_000
"""Elements of a bucket in which gradients are reduced; two of them where communication overlaps with the backward pass."""
VISUAL, SUPERVISED = 0.6, 0.3
"""Shares of a pack's tokens: two views of 700 x 450 px, 100 tokens of prompt and 300 of answer (616 and 300 of 1016)."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One tensor of a model."""

    numel: int
    group: int | None
    """Its group in the optimizer; None where it is frozen."""
    whole: bool = False
    """No part of what is shared."""
    moments: int = 2
    """Numbers that the optimizer keeps of each of its elements: two of AdamW, one of Muon."""


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes that a worker holds from step to step."""

    weights: int
    gradients: int
    states: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.states


def held_by(weights: Sequence[Weight], stage: int, world: int, element: int = 2, small: int = PERSISTENT) -> Held:
    """What each of `world` workers of DeepSpeed holds.

    Args:
        stage: of ZeRO, 0 to 3.
        element: bytes of a weight; 2 for bfloat16.
        small: weights of fewer elements stay whole at stage 3.
    """
    taught = [each for each in weights if each.group is not None]
    frozen = [each for each in weights if each.group is None]
    part = _shards(taught, world) if stage == 3 else _padded(taught, world) // world
    whole = sum(each.numel for each in taught) if stage == 0 else _padded(taught, world)
    if stage == 3:
        kept = sum(each.numel for each in weights if each.numel < small and not each.whole)
        here = part + _shards(frozen, world) + kept
    else:
        here = whole + sum(each.numel for each in frozen)
    return Held(element * here, 4 * (part if stage >= 2 else whole), 12 * (whole if stage == 0 else part))


def held_alone(weights: Sequence[Weight], recipe: Recipe) -> Held:
    """What the one worker of plain.py holds: weights that are taught in float32, frozen ones as they came."""
    taught = sum(each.numel for each in weights if each.group is not None)
    frozen = sum(each.numel for each in weights) - taught
    low = recipe.precision == "bfloat16" and recipe.lora is not None
    states = sum(4 * each.moments * each.numel for each in weights if each.group is not None)
    return Held(4 * taught + (2 if low else 4) * frozen, 4 * taught, states)


def _padded(weights: Iterable[Weight], world: int) -> int:
    """Elements of the flat buffers of stages 1 and 2, each a multiple of two elements a worker."""
    sizes: dict[int, int] = {}
    for each in weights:
        if each.group is not None:
            sizes[each.group] = sizes.get(each.group, 0) + each.numel
    return sum(ceil(size / (2 * world)) * 2 * world for size in sizes.values())


def _shards(weights: Iterable[Weight], world: int) -> int:
    """Elements of a worker's shards at stage 3, tensor by tensor."""
    return sum(each.numel if each.whole else ceil(each.numel / world) for each in weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Dimensions of a model that its activations follow from."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head: int
    inner: int
    vocabulary: int
    normed: bool
    """Queries and keys are normed (Qwen3)."""
    width: int
    """Of the tower."""
    blocks: int
    tower_inner: int
    family: str
    merged: int
    """Patches of a visual token."""
    mergers: int
    patch: int
    """Numbers in a patch."""

    @classmethod
    def of(cls, config: Any) -> "Shape":
        """From a config of transformers."""
        text, tower, family = config.text_config, config.vision_config, config.model_type
        qwen = family.startswith("qwen")
        side = tower.patch_size[0] if isinstance(tower.patch_size, (tuple, list)) else tower.patch_size
        head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
        return cls(
            hidden=text.hidden_size,
            layers=text.num_hidden_layers,
            heads=text.num_attention_heads,
            kv_heads=text.num_key_value_heads,
            head=head,
            inner=text.intermediate_size,
            vocabulary=text.vocab_size,
            normed="qwen3" in text.model_type,
            width=tower.hidden_size,
            blocks=tower.num_hidden_layers,
            tower_inner=tower.intermediate_size,
            family=family,
            merged=4 if qwen or family == "internvl" else 1,
            mergers=1 + len(getattr(tower, "deepstack_visual_indexes", ())),
            patch=3 * side * side * (2 if qwen else 1),
        )


@dataclass(frozen=True, slots=True)
class Load:
    """What one pack asks of a model."""

    tokens: int
    supervised: int
    visual: int
    """Of the tokens."""

    @classmethod
    def of(cls, tokens: int) -> "Load":
        """A full pack, by the usual shares."""
        return cls(tokens, round(SUPERVISED * tokens), round(VISUAL * tokens))


@dataclass(frozen=True, slots=True)
class Activations:
    """Bytes of one pack."""

    saved: int
    """What the backward pass finds saved."""
    again: int
    """What it makes again of the largest layer, with checkpointing; 0 without."""
    logits: int
    """What the loss takes for a moment besides: logits and their gradient."""

    @property
    def peak(self) -> int:
        return self.saved + max(self.again, self.logits)


def activations(shape: Shape, recipe: Recipe, load: Load, element: int = 2) -> Activations:
    """What autograd saves for a pack, and what is needed beside it."""
    flows = recipe.tower != "frozen" or recipe.aligner != "frozen" or recipe.llm != "frozen"
    attends, feeds = (flows * part(shape, recipe.llm, element) for part in (_attends, _feeds))
    layer = load.tokens * (attends + feeds)
    last = load.tokens * attends + num_fed(shape, load) * feeds
    block = load.visual * shape.merged * _block(shape, recipe.tower, element) if recipe.tower != "frozen" else 0
    one = load.tokens * shape.hidden * element
    layers = one * shape.layers if recipe.checkpointing else layer * (shape.layers - 1) + last
    kept_block = load.visual * shape.merged * shape.width * element if recipe.checkpointing else block
    edges = load.visual * _edges(shape, recipe, element) + _loss(shape, recipe, load, element)
    seen = kept_block * shape.blocks if block else 0
    again = max(layer, block) if recipe.checkpointing else 0
    transient = load.supervised * shape.vocabulary * (4 + 2 * (element == 2))
    return Activations(layers + seen + edges, again, transient)


def num_fed(shape: Shape, load: Load) -> int:
    """Tokens of a pack that the last layer feeds forward: those that carry a loss, or all where something is added to its output (last.py)."""
    return load.supervised if shape.mergers - 1 < shape.layers else load.tokens


def _norm(width: int, taught: bool, element: int) -> int:
    """RMSNorm: the input in float32, and the normed value where a weight learns from it."""
    return width * (4 + element * taught)


def _attends(shape: Shape, how: str, element: int) -> int:
    """The part of a layer in which tokens look at each other, and its norm: bytes a token."""
    full, fed = how == "full", how != "frozen"  # a linear layer saves its input only if it, or its adapter, learns
    asks, keys = shape.heads * shape.head, shape.kv_heads * shape.head
    normed = _norm(asks, full, element) + _norm(keys, full, element) if shape.normed else 0
    attention = element * (2 * asks + 2 * keys + asks * fed) + 4 * shape.heads
    return _norm(shape.hidden, full, element) + element * shape.hidden * fed + normed + attention


def _feeds(shape: Shape, how: str, element: int) -> int:
    """The part of a layer in which each token is for itself, and its norm: bytes a token."""
    full, fed = how == "full", how != "frozen"
    return _norm(shape.hidden, full, element) + element * (shape.hidden * fed + (3 + fed) * shape.inner)


def _block(shape: Shape, how: str, element: int) -> int:
    """A block of the tower, bytes a patch."""
    full, width, inner = how == "full", shape.width, shape.tower_inner
    rms = shape.family == "qwen2_5_vl"
    norm = _norm(width, full, element) if rms else element * width
    fused = shape.family.startswith("qwen")  # queries and keys are turned, values keep the whole projection alive
    attention = element * width * ((5 if fused else 3) + 2)
    scaled = 2 * element * width if shape.family == "internvl" and full else 0
    wide = 4 if rms else 3 if shape.family in ("llava", "llava_next") else 2
    return 2 * (norm + element * width) + attention + scaled + element * wide * inner


def _edges(shape: Shape, recipe: Recipe, element: int) -> int:
    """What lies between pixels and language, bytes a visual token: patches, mergers or projector."""
    found = shape.merged * shape.patch * element if recipe.tower == "full" else 0
    if recipe.tower == recipe.aligner == "frozen":
        return 0
    taught = recipe.aligner != "frozen"
    if shape.family.startswith("qwen"):
        return found + shape.mergers * element * shape.merged * shape.width * (2 + 2 * taught)
    before = 2 * shape.merged * shape.width if shape.family == "internvl" else shape.width
    return found + element * (before * taught + shape.hidden * (1 + taught))


def _loss(shape: Shape, recipe: Recipe, load: Load, element: int) -> int:
    """The last norm, and logits of tokens that carry a loss."""
    full = recipe.llm == "full"
    last = num_fed(shape, load) * _norm(shape.hidden, full, element)
    return last + load.supervised * (4 * shape.vocabulary + element * shape.hidden * full)


def buffers(stage: int, world: int, shape: Shape, element: int = 2) -> int:
    """What communication takes: two buckets of gradients; at stage 3 also whole weights of the layers at work and of the next."""
    if world == 1:
        return 0
    gathered = min(1_000_000_000, 2 * shape.hidden * shape.vocabulary) if stage == 3 else 0
    return 2 * BUCKET * element + gathered * element
