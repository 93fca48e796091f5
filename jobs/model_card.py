"""The card of a model version: what it is, what it was taught from, how to load it, what it is not. README.md among its weights.

    text = model_card(recipe, inputs, told, steps)

Nothing in it depends on where, when or how fast the model was taught, so the same teaching writes the same card.
"""

from collections.abc import Mapping, Sequence

from beltline import card
from beltline.language.showing import NAMED, TAGGED
from beltline.learning.recipe import Recipe
from beltline.scan import Row
from beltline.version import Manifest

FILE, ADAPTER = "README.md", "adapter"
WORDS = {"frozen": "frozen", "full": "in full", "lora": "by LoRA"}


def model_card(recipe: Recipe, base: str, inputs: Mapping[str, Manifest], told: Row, steps: Sequence[Row]) -> str:
    """Markdown, with the head that a hub reads.

    Args:
        base: what the weights started from, as the manifest names it.
        told: `Student.told`: samples, steps, parameters, what was left out.
        steps: rows of models.STEPS.
    """
    parts = [
        ["---", "library_name: transformers", "pipeline_tag: image-text-to-text", "---", f"# {recipe.name}", ""],
        [f"Taught with Beltline. Recipe `{recipe.name}` ({recipe.source}), from `{base}`, family {recipe.family}.", ""],
        ["## Recipe", "", *card.table(("what", "value"), _recipe(recipe)), ""],
        [
            "## Taught from",
            "",
            *card.table(("role", "version", "kept rows", "digest", "licences"), _inputs(inputs)),
            "",
        ],
        ["## Course", "", *card.table(("what", "value"), _course(told, steps)), ""],
        _loading(recipe),
        _limits(),
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _recipe(recipe: Recipe) -> list[tuple[str, object]]:
    """What decides the weights; a value that the paper leaves out is marked."""
    names = (
        "rate",
        "tower_rate",
        "schedule",
        "warmup_share",
        "warmup_steps",
        "batch",
        "epochs",
        "precision",
        "zero_stage",
    )
    more = (
        "weight_decay",
        "betas",
        "clip",
        "max_tokens",
        "max_image_px",
        "tags",
        "views",
        "reasoning",
        "kinds",
        "seed",
    )
    rows: list[tuple[str, object]] = [(part, WORDS[getattr(recipe, part)]) for part in ("tower", "aligner", "llm")]
    if recipe.lora:
        rows.append((_named("lora", recipe), f"rank {recipe.lora.rank}, alpha {recipe.lora.alpha}"))
    return [*rows, *((_named(name, recipe), _value(getattr(recipe, name))) for name in names + more)]


def _named(name: str, recipe: Recipe) -> str:
    return f"{name} (ours)" if {name, "all"} & set(recipe.ours) else name


def _value(value: object) -> object:
    if value is None:
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def _inputs(inputs: Mapping[str, Manifest]) -> list[tuple[object, ...]]:
    return [
        (role, one.ref, one.counts["kept"], one.digest, ", ".join(one.licences) or "none said")
        for role, one in inputs.items()
    ]


def _course(told: Row, steps: Sequence[Row]) -> list[tuple[str, object]]:
    parameters = told["parameters"]
    rows: list[tuple[str, object]] = [
        ("samples", told["samples"]),
        ("left out", len(told["left_out"])),
        ("steps", len(steps)),
        ("tokens", sum(step["tokens"] for step in steps)),
        ("tokens with a loss", sum(step["supervised"] for step in steps)),
        ("parameters", parameters["all"]),
        ("of them taught", parameters["taught"]),
    ]
    if steps:
        rows += [("loss of the first step", f"{steps[0]['loss']:.4f}"), ("of the last", f"{steps[-1]['loss']:.4f}")]
    return rows


def _loading(recipe: Recipe) -> list[str]:
    form = TAGGED if recipe.tags else NAMED
    beside = (
        f"What LoRA has learnt lies in `{ADAPTER}/` too, for PEFT; the weights here are whole, it is merged in them."
    )
    return [
        *("## How to load", "", "```python"),
        "from transformers import AutoModelForImageTextToText, AutoProcessor",
        *("model = AutoModelForImageTextToText.from_pretrained(FOLDER)", "processor = AutoProcessor.from_pretrained(FOLDER)"),
        *("```", "", "```", "vllm serve FOLDER --limit-mm-per-prompt '{\"image\": 2, \"video\": 0}'", "```", ""),
        f"Show it views as it was taught: `{form.top}` before the top view, `{form.side}` before the side view"
        + (f", `{form.question}` before the question (`examine --form {form.name}`)." if form.question else "."),
        *(["", beside] if recipe.lora else []),
        "",
    ]  # fmt: skip


def _limits() -> list[str]:
    return [
        *("## Limits", ""),
        "It answers in the form that it was taught, right or wrong, and says nothing of how sure it is. What it can do is what",
        "`examine` finds on an exam whose bags are not among those above, and nothing else; scans of other machines, palettes and",
        "sizes are other work. No answer of it is a decision about a bag: a person decides.",
    ]
