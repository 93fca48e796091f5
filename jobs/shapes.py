"""How vLLM runs a model: cards, engines, lengths, and what follows from them as vLLM's own arguments.

    engine = Vllm(source="Qwen/Qwen3-VL-235B-A22B-Thinking", tensor_parallel=8)
    engine.arguments(model)         # the same that `vllm serve` would be started with

Ray is not imported here.
"""

from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Any

from beltline.language.models import Model

PROMPT_TOKENS = 8192
"""Of instruction, facts of 40 items, and schema."""
PIXELS_PER_TOKEN = 28 * 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Vllm:
    """Where the weights are and how vLLM runs them. Nothing of it stands in a recipe: the answers are fixed by the cache."""

    source: str
    """A folder with weights, or their name on a hub."""
    engines: int = 1
    """A fixed pool: one that grows as it goes takes minutes for each."""
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    gpus: float = 1
    """Of each of an engine's workers; 0 runs on the CPU."""
    max_num_seqs: int = 64
    """Rows that an engine has in hand at once."""

    def __post_init__(self) -> None:
        if min(self.engines, self.tensor_parallel, self.pipeline_parallel, self.max_num_seqs) < 1:
            raise ValueError(f"vllm: expected at least one engine, worker and sequence, found {self}")

    @property
    def is_folder(self) -> bool:
        return Path(self.source).is_dir()

    @property
    def workers(self) -> int:
        return self.tensor_parallel * self.pipeline_parallel

    def placement(self) -> dict[str, Any]:
        """The placement group of one engine: its workers on one node, unless they are a pipeline."""
        bundle = {"CPU": 1, "GPU": self.gpus} if self.gpus else {"CPU": 1}
        strategy = "PACK" if self.pipeline_parallel > 1 else "STRICT_PACK"
        return {"bundles": [bundle] * self.workers, "strategy": strategy}

    def max_model_len(self, model: Model) -> int:
        """Tokens of prompt and answer: no more than the longest of both, since memory is set aside for them."""
        return PROMPT_TOKENS + 2 * model.max_image_px // PIXELS_PER_TOKEN + model.sampling.max_tokens

    def arguments(self, model: Model) -> dict[str, Any]:
        """vLLM's engine arguments."""
        side = isqrt(model.max_image_px)
        image = {"count": 2, "width": side, "height": side}  # memory is measured with what we send, not with 16 Mpx
        held = {"backend": "guidance", "disable_any_whitespace": True}  # else blanks without end are valid JSON
        if model.thinking:
            held["reasoning_parser"] = "qwen3"  # the schema binds the answer, not the thoughts before it
        on_cpu = {"distributed_executor_backend": "mp", "enforce_eager": True, "dtype": "float32"}
        return {
            "max_num_seqs": self.max_num_seqs,
            "max_model_len": self.max_model_len(model),
            "tensor_parallel_size": self.tensor_parallel,
            "pipeline_parallel_size": self.pipeline_parallel,
            "limit_mm_per_prompt": {"image": image, "video": 0},
            "structured_outputs_config": held,
            **({} if self.gpus else on_cpu),
            **({} if self.is_folder else {"revision": model.revision}),
        }

    def environment(self) -> dict[str, str]:
        """Of the engine's processes: nobody is told of them; a folder is not looked for on a hub; on the CPU a small cache,
        and threads that share their cores with others."""
        alone = {"VLLM_NO_USAGE_STATS": "1", **({"HF_HUB_OFFLINE": "1"} if self.is_folder else {})}
        on_cpu = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"}
        return {**alone, **({} if self.gpus else on_cpu)}
