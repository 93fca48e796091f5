"""Who is asked for captions, and how: the values of a recipe that decide what a model is asked.

QWEN = Model(name="Qwen/Qwen2.5-VL-32B-Instruct", revision="main", family=QWEN25_VL)
asdict(QWEN)        # literals only: it goes into recipes, manifests and the name of a run
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from beltline.language import captions
from beltline.language.captions import Bounds
from beltline.language.families import Family
from beltline.language.prompts import PROMPTS

Engine = Literal["endpoint", "vllm"]
HOTTEST = 2.0
MAX_EDGE_PX = 99_999
"""The schema's bound on a pixel: one for all sizes of images, since an engine compiles each schema anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the engine draws tokens."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 16_384
    """Of thinking and answer together."""
    seed: int = 20261122

    def on(self, attempt: int, step: float) -> "Sampling":
        """The sampling of a later attempt: hotter by a step each, and with a seed of its own."""
        temperature = round(min(self.temperature + attempt * step, HOTTEST), 6)
        return replace(self, temperature=temperature, seed=self.seed + attempt)


SAMPLING, BOUNDS = Sampling(), Bounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Who is asked, and how. Literals only: it stands in recipes, and so in the name of a run."""

    name: str
    """As the server knows it, or a folder with weights."""
    revision: str
    """Of the weights: the same name with other weights is another describer. An engine that loads weights checks it out of a
    hub; a server is taken at its word."""
    family: Family
    engine: Engine = "endpoint"
    prompt: str = "hierarchical-caption"
    """Name in prompts.PROMPTS."""
    thinking: bool = False
    """It thinks aloud before it answers."""
    sampling: Sampling = SAMPLING
    max_image_px: int = 1_310_720
    """Larger views are shown smaller; at most what the model's own processor would leave as it is."""
    bounds: Bounds = BOUNDS
    attempts: int = 3
    """How often a scan is asked for until an answer is a caption."""
    temperature_step: float = 0.3

    def __post_init__(self) -> None:
        if self.prompt not in PROMPTS or self.attempts < 1:
            raise ValueError(f"model {self.name}: expected a prompt of {sorted(PROMPTS)} and attempts of at least 1")

    @property
    def label(self) -> str:
        """For the `describer` column."""
        return f"{self.name}@{self.revision}"

    def on(self, attempt: int) -> Sampling:
        """The sampling of an attempt, from 0."""
        return self.sampling.on(attempt, self.temperature_step)

    def schema(self) -> dict[str, Any]:
        """JSON schema of the answer; boxes as the family counts them."""
        return captions.json_schema(self.bounds, 1000 if self.family.boxes == "thousandths" else MAX_EDGE_PX)
