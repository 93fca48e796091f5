"""What the papers claim of their ablations, as conditions that a model is taught and asked under, and the differences that are to be seen.

    claim = CLAIMS["second-view"]
    [cell.name for cell in claim.cells]          # what is taught, from which lessons, and how it is asked
    claim.gaps                                   # which of them the paper finds above which

How sure a difference is: claim_tables.py.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One condition: how a model is taught from the base, and how it is then asked."""

    name: str
    teach: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """One after the other: recipe, and the roles of the lessons it is given. None: the base is asked as it is."""
    views: str | None = None
    """Only this view is shown when it is asked."""
    row: str | None = None
    """Of the paper's table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a paper says of its conditions."""

    name: str
    source: str
    table: str
    """PAPER/TABLE of published.py."""
    cells: tuple[Cell, ...]
    gaps: tuple[tuple[str, str], ...]
    """(better, worse): the paper finds the first above the second."""

    def __post_init__(self) -> None:
        known = {cell.name for cell in self.cells}
        if missing := {name for gap in self.gaps for name in gap} - known:
            raise ValueError(f"{self.name}: expected gaps between its cells, found {sorted(missing)}")


def _views(family: str) -> tuple[Cell, ...]:
    """Dual Table 6: one and two views, before and after teaching."""
    return (
        Cell(name="base, one view", views="top", row="Qwen2.5-VL-7B, one view"),
        Cell(name="base, two views", row="Qwen2.5-VL-7B, two views"),
        Cell(name="taught, one view", teach=((f"{family}-top-reasoned", ("lessons",)),), views="top", row="GSR-8B, one view"),
        Cell(name="taught, two views", teach=((f"{family}-both-reasoned", ("lessons",)),), row="GSR-8B, two views"),
    )  # fmt: skip


def _stages(family: str) -> tuple[Cell, ...]:
    """One Table 12: synthetic scans in neither stage, in one, in both."""
    real, made = ("captions",), ("captions", "captions-made")
    words, more = ("lessons",), ("lessons", "lessons-made")
    cells = {"none": (real, words), "stage 1": (made, words), "stage 2": (real, more), "both stages": (made, more)}
    return tuple(
        Cell(name=name, row=name, teach=((f"{family}_stage1", first), (f"{family}_stage2", second)))
        for name, (first, second) in cells.items()
    )


def _reasons(family: str) -> tuple[Cell, ...]:
    """Dual Table 5: sections of the reasoning, with one view and with two. Two are conditions of `second-view` and have their names: of
    cells that were taught for one claim, another's table finds them under the same --output."""
    cells = {
        "taught without reasoning, one view": ("top", "top"),
        "taught, one view": ("top-reasoned", "top, <top>"),
        "taught without reasoning, two views": ("both", "top, side"),
        "taught, two views": ("both-reasoned", "top, side, <top>, <side>"),
    }
    return tuple(
        Cell(name=name, row=row, teach=((f"{family}-{recipe}", ("lessons",)),), views="top" if row[:9] != "top, side" else None)
        for name, (recipe, row) in cells.items()
    )  # fmt: skip


def _parts(family: str) -> tuple[Cell, ...]:
    """One Table 4: what is taught, in full (F) or by LoRA (L)."""
    full = {"projector": "projector", "ViT": "vit", "LLM": "llm", "projector + ViT": "vit-projector", "projector + LLM": "projector-llm"}  # fmt: skip
    recipes = {f"{what}, F": name for what, name in full.items()} | {"ViT, L": "vit-lora", "LLM, L": "llm-lora"}
    return (
        Cell(name="base", views="top", row="base"),
        *(
            Cell(name=row, row=row, teach=((f"{family}-{name}", ("lessons",)),), views="top")
            for row, name in recipes.items()
        ),
    )


CLAIMS: Final[dict[str, Claim]] = {
    claim.name: claim
    for claim in (
        Claim(
            name="second-view",
            source="Dual 5.4, Table 6: the second view helps those who were taught with it",
            table="dual/6",
            cells=_views("gsr_nano"),
            gaps=(("taught, two views", "taught, one view"), ("base, two views", "base, one view")),
        ),
        Claim(
            name="synthetic-scans",
            source="One 5.8, Table 12: synthetic scans help in stage 2, and most in both",
            table="one/12",
            cells=_stages("onefocus_base"),
            gaps=(("stage 1", "none"), ("stage 2", "none"), ("both stages", "none"), ("both stages", "stage 2")),
        ),
        Claim(
            name="reasoning",
            source="Dual 5.4, Table 5: what each view's section of the reasoning adds",
            table="dual/5",
            cells=_reasons("gsr_nano"),
            gaps=(
                ("taught, one view", "taught without reasoning, one view"),
                ("taught without reasoning, two views", "taught without reasoning, one view"),
                ("taught, two views", "taught without reasoning, two views"),
            ),
        ),
        Claim(
            name="components",
            source="One 4, Table 4 (there by BLEU and ROUGE of captions): what to teach, in full or by LoRA",
            table="one/4",
            cells=_parts("onefocus_base"),
            gaps=(
                ("LLM, F", "projector, F"),
                ("LLM, F", "ViT, F"),
                ("LLM, F", "projector + LLM, F"),
                ("LLM, L", "LLM, F"),
                ("ViT, L", "ViT, F"),
            ),
        ),
    )
}
