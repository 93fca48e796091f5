"""Learns: a model, a syllabus, an engine, and what is kept of it. One on each worker; alone it needs no cluster.

    student = Student(lesson)                     # loads
    student.learn(report=print, keep=lambda step: student.save_state(folder))
    student.graduate(Path("gsr-nano"))            # an ordinary Hugging Face folder, adapters merged

Every worker builds the same plan from the same rows; rank and world say which part of each step is its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from actors.eyes import Eyes, open_eyes
from actors.syllabus import Syllabus
from beltline.learning.adapt import adapt, num_parameters
from beltline.learning.encode import load_processor
from beltline.learning.loop import Report, teach
from beltline.learning.packing import prepare
from beltline.learning.pages import keep_pages
from beltline.learning.plain import Plain
from beltline.learning.plan import Plan
from beltline.learning.recipe import Recipe
from beltline.learning.tags import add_tags
from beltline.learning.taught import Taught
from beltline.scan import VIEWS
from beltline.store import Store

STATE, ADAPTER = "state.pt", "adapter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a student needs to begin. Literals only: it travels to every worker."""

    recipe: Recipe
    base: str
    """A local folder with a model, or the name of one on a hub."""
    store: str
    lessons: tuple[str, ...]
    """Row files of the conversations."""
    scans: tuple[str, ...]
    """Row files of their scans."""
    limit: int | None = None
    device: str = "cpu"
    blank: bool = True
    """The base starts from nothing; one that is given has had its first lesson."""


class Student:
    """A model while it learns.

    Args:
        lesson: what it learns, from what.
        rank: of this worker.
        world: workers in all.
        make_engine: (taught, recipe, steps, device) to an engine of loop.py; one process by default.
    """

    def __init__(self, lesson: Lesson, rank: int = 0, world: int = 1, make_engine: Callable[..., Any] = Plain):
        self.lesson, recipe = lesson, lesson.recipe
        if lesson.device == "cpu":
            keep_pages()
        self.processor = load_processor(lesson.base, recipe)
        self.taught = Taught(self._opened())
        self.syllabus = Syllabus(
            Store(lesson.store), lesson.lessons, lesson.scans, recipe, self.processor, lesson.limit
        )
        self.plan = Plan(
            self.syllabus.lengths, recipe.batch, recipe.epochs, recipe.seed, world, max_tokens=recipe.max_tokens
        )
        self.parameters = num_parameters(self.taught)
        self._make_engine = make_engine
        self.step = 0
        """The next one."""

    @cached_property
    def engine(self) -> Any:
        """Made when it is first asked for: DeepSpeed takes the weights apart as they are then, so a student looks before."""
        made = self._make_engine(self.taught, self.lesson.recipe, self.plan.num_steps, self.lesson.device)
        self.syllabus.features = made.features
        return made

    def look(self) -> bool:
        """The tower's first lesson; False where the recipe has none, or the student has begun already."""
        recipe = self.lesson.recipe
        wanted = self.lesson.blank and self.step == 0 and recipe.sight_steps > 0 and recipe.tower == "full"
        if wanted:
            store, names = Store(self.lesson.store), recipe.views or VIEWS
            eyes = Eyes(store, self.lesson.scans, self.processor, names, device=self.lesson.device)
            open_eyes(self.taught.to(self.lesson.device), eyes, recipe)
        return wanted

    def told(self) -> dict[str, Any]:
        """How it begins, in plain values: samples, batch, steps, step, parameters, and why samples were left out."""
        return {
            "samples": len(self.syllabus),
            "batch": self.plan.batch,
            "steps": self.plan.num_steps,
            "step": self.step,
            "parameters": self.parameters,
            "left_out": [verdict.reason for _, verdict in self.syllabus.rejected],
        }

    def learn(
        self, report: Callable[[Report], None], keep: Callable[[int], None] | None = None, stop: int | None = None
    ) -> None:
        """All steps that are left, or up to `stop`; `keep` is called after each with the number of the next."""

        def after(done: Report) -> None:
            self.step = done.step + 1
            report(done)
            if keep:
                keep(self.step)

        supervised = self.syllabus.supervised
        teach(self.engine, self.plan, supervised, self.syllabus, after, start=self.step, stop=stop)

    def save_state(self, folder: Path) -> None:
        """Everything that going on needs; written under another name first, so that a kill leaves the old one."""
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{STATE}.part"
        torch.save({"step": self.step, "engine": self.engine.state()}, part)
        part.replace(folder / STATE)

    def restore(self, folder: Path) -> None:
        """Go on from what `save_state` wrote."""
        found = torch.load(folder / STATE, map_location=self.lesson.device, weights_only=True)
        self.engine.restore(found["engine"])
        self.step = int(found["step"])

    def graduate(self, folder: Path, weights: dict[str, Any] | None = None) -> None:
        """The taught model as an ordinary folder: adapters merged, tags in the tokenizer, the processor's bounds kept.

        What LoRA has learnt lies beside it in `adapter/`, as PEFT loads it on the base, the tags' rows in it.

        Args:
            weights: all of them whole, by the model's names, from an engine that has taken the model apart.
        """
        model = self.taught.model
        if weights is not None:
            model = self._opened()
            model.load_state_dict(weights)
        save_model(model, self.processor, folder)

    def _opened(self) -> Any:
        """The base with the parts open that the recipe teaches."""
        recipe = self.lesson.recipe
        model = load_model(self.lesson.base, recipe)
        tags = add_tags(model, self.processor.tokenizer) if recipe.tags else []
        return adapt(prepare(model), recipe, tags)


def load_model(base: str, recipe: Recipe) -> Any:
    """The weights of a base: float32 where they are taught in full, as they come where they are frozen."""
    from transformers import AutoModelForImageTextToText

    whole = recipe.precision == "float32" or recipe.lora is None
    dtype = torch.float32 if whole else torch.bfloat16
    return AutoModelForImageTextToText.from_pretrained(base, dtype=dtype, attn_implementation="sdpa")


def save_model(model: Any, processor: Any, folder: Path) -> None:
    """Weights and processor as transformers and vLLM load them; an adapter is merged in a copy, the model goes on unchanged."""
    from beltline.learning.nano import name_text_part

    if hasattr(model, "merge_and_unload"):
        save_adapter(model, folder / ADAPTER)
    merged = _merged(model)
    merged.save_pretrained(folder)
    processor.save_pretrained(folder)
    name_text_part(folder)


def save_adapter(model: Any, folder: Path) -> None:
    """An adapter alone. Where its base lay on this machine is left out: the manifest names it with its digest."""
    for config in model.peft_config.values():
        config.base_model_name_or_path = ""
    model.save_pretrained(folder, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # PEFT's card, empty but for headings


def _merged(model: Any) -> Any:
    if not hasattr(model, "merge_and_unload"):
        return model
    import copy

    return copy.deepcopy(model).merge_and_unload()


def figures(reports: Sequence[Report]) -> dict[str, float]:
    """What the last steps were, for a ledger."""
    last = reports[-1]
    seconds = sum(one.seconds for one in reports)
    tokens = sum(one.tokens for one in reports)
    return {
        "loss": last.loss,
        "grad_norm": last.norm,
        "rate": last.rate,
        "epoch": last.epoch,
        "tokens_per_second": tokens / max(seconds, 1e-9),
        "samples_per_second": sum(one.samples for one in reports) / max(seconds, 1e-9),
    }
