"""How a server is laid out: recipes for a processor, one card and eight, and what Ray Serve is told of them.

    plan = deploy(RECIPES["cpu"], serving, host="127.0.0.1", port=8000)       # a Serve YAML as plain data: `serve deploy` takes it too

Every model is an application of its own beside the front's, so that one can come and another go while the front answers. The library's
defaults never scale and never say no (a billion requests a replica); these do. Ray is not imported here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isqrt
from typing import Any, Final

from beltline.serving import Served, Serving

FRONT: Final = "front"
ADAPTERS: Final = 8
"""LoRA adapters that a replica holds at once."""
PATIENCE_S: Final = 600.0
"""In which a model's replica that is to go must have ended what it has in hand: the front has ended it sooner, by its deadline. It is no limit of
the configuration, since a model whose arguments change is started anew, and a limit may change while clients wait."""
STREAM_MS: Final = 100
"""Of an answer go on in one piece: each piece is paid for in three processes, and nobody reads ten pieces a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeRecipe:
    """Where models run, and how many of each."""

    name: str
    gpus: int
    """Of each replica; 0 runs on the processor."""
    card: str | None = None
    """As Ray names it."""
    replicas: tuple[int, int]
    """Of each model, at least and at most."""
    target: int
    """Requests that a replica has in hand before another is started."""
    front: tuple[int, int] = (1, 1)
    """Replicas of the front. Rates, queues and /metrics are each replica's own."""
    engine: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    seqs: int
    """Requests that an engine has in hand at once."""


_QUIET: Final = {"RAYLLM_ENABLE_REQUEST_PROMPT_LOGS": "0", "VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1"}
_CPU: Final = {**_QUIET, "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "1"}
_CARD: Final = {"max_model_len": 16_384, "gpu_memory_utilization": 0.9, "dtype": "bfloat16"}
RECIPES: Final = {
    recipe.name: recipe
    for recipe in (
        ServeRecipe(
            name="cpu",
            gpus=0,
            replicas=(1, 1),
            target=8,
            seqs=8,
            engine={
                "max_model_len": 4096,
                "dtype": "float32",
                "enforce_eager": True,
                "distributed_executor_backend": "mp",
            },
            environment=_CPU,
        ),
        ServeRecipe(name="gpu", gpus=1, replicas=(1, 1), target=48, seqs=64, engine=_CARD, environment=_QUIET),
        ServeRecipe(
            name="h200x8",
            gpus=1,
            card="H200",
            replicas=(1, 8),
            target=96,
            front=(2, 4),
            seqs=128,
            engine=_CARD,
            environment=_QUIET,
        ),
    )
}


def deploy(recipe: ServeRecipe, serving: Serving, host: str, port: int) -> dict[str, Any]:
    """What `serve deploy` takes: the front and every model."""
    return {
        "proxy_location": "EveryNode" if recipe.front[1] > 1 else "HeadOnly",
        "http_options": {"host": host, "port": port, "request_timeout_s": serving.limits.deadline_s + 30},
        "logging_config": {"enable_access_log": False},
        "applications": [*(model(recipe, one, serving) for one in serving.models), front(recipe, serving)],
    }


def front(recipe: ServeRecipe, serving: Serving) -> dict[str, Any]:
    """The application that answers at /. What `user_config` holds can be changed without a restart."""
    least, most = recipe.front
    deployment = {
        "name": "Front",
        "max_ongoing_requests": 4 * (serving.limits.in_flight + serving.limits.queued)
        + 64,  # it says no itself, sooner
        "autoscaling_config": {
            "min_replicas": least,
            "max_replicas": most,
            "target_ongoing_requests": serving.limits.in_flight,
        },
        "graceful_shutdown_timeout_s": serving.limits.deadline_s + 10,
        "health_check_period_s": 10,
        "health_check_timeout_s": 30,
        "user_config": {"serving": serving.model_dump(mode="json")},
        "ray_actor_options": {"num_cpus": 1, "runtime_env": {"env_vars": {"OMP_NUM_THREADS": "1"}}},
    }
    return {
        "name": FRONT,
        "route_prefix": "/",
        "import_path": "jobs.serve_app:front",
        "args": {},
        "deployments": [deployment],
    }


def model(recipe: ServeRecipe, served: Served, serving: Serving) -> dict[str, Any]:
    """The application of a model; only the front reaches it."""
    args = {"llm": llm(recipe, served, serving)}
    return {"name": app_name(served.name), "route_prefix": None, "import_path": "jobs.serve_app:model", "args": args}


def app_name(model: str) -> str:
    return f"model-{model}"


def llm(recipe: ServeRecipe, served: Served, serving: Serving) -> dict[str, Any]:
    """The LLMConfig of a model."""
    side = isqrt(served.view_px)
    images = {"count": serving.limits.images, "width": side, "height": side}  # memory is measured with what we send
    shared = {
        "max_num_seqs": recipe.seqs,
        "limit_mm_per_prompt": {"image": images, "video": 0},
        "enable_log_requests": False,
    }
    lora = {"enable_lora": True, "max_loras": ADAPTERS, "max_lora_rank": 64} if served.adapters else {}
    least, most = recipe.replicas
    bundle = {"CPU": 1, "GPU": recipe.gpus} if recipe.gpus else {"CPU": 1}
    engine = {**shared, **recipe.engine, **lora, **served.engine}
    workers = engine.get("tensor_parallel_size", 1) * engine.get("pipeline_parallel_size", 1)
    config: dict[str, Any] = {
        "model_loading_config": {"model_id": served.name, "model_source": served.source},
        "accelerator_type": recipe.card,
        "placement_group_config": {"bundles": [bundle] * workers},
        "engine_kwargs": engine,
        "log_engine_metrics": True,
        "experimental_configs": {"stream_batching_interval_ms": STREAM_MS},
        "runtime_env": {"env_vars": dict(recipe.environment)},
        "deployment_config": {
            "max_ongoing_requests": 2 * recipe.seqs,
            "max_queued_requests": 2 * recipe.seqs,
            "autoscaling_config": {
                "min_replicas": least,
                "max_replicas": most,
                "target_ongoing_requests": recipe.target,
            },
            "graceful_shutdown_timeout_s": PATIENCE_S,
            "health_check_period_s": 10,
            "health_check_timeout_s": 30,
        },
    }
    if served.adapters:
        config["lora_config"] = {"dynamic_lora_loading_path": served.adapters, "max_num_adapters_per_replica": ADAPTERS}
    return config
