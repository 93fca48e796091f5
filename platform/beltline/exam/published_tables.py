"""Every number of both papers' result tables, as printed; beltline.exam.published reads them.

One line is one row of a table: name | cells in the order of the columns. "55.1+4.8" is a value and the gain that is printed beside it, "-"
a cell that the paper leaves empty. `notes` say where a printed number cannot be right. Values are as printed (percent, counts), never mended.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A printed table."""

    paper: str
    """dual (DualXrayBench, GSR) or one (MMXray, OneFocus)."""
    number: str
    title: str
    columns: tuple[tuple[str, str], ...]
    """(task, metric) of each column."""
    rows: str
    n: dict[str, int] = field(default_factory=dict)
    """Questions or images of a task, where the paper states it."""
    bases: dict[str, str] = field(default_factory=dict)
    """Row to the row that its gains are printed against."""
    notes: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(row, task, metric) to what is wrong or open there; "" stands for all."""


TASKS = ("CT", "OR", "SR", "SD", "OA", "CO", "PA", "SA")
"""DualXrayBench: counting, object recognition, spatial relation, spatial distance, occluded area, contact or occlusion, placement, place."""
ASKED = {"CT": 200, "OR": 200, "SR": 200, "SD": 200, "OA": 196, "CO": 199, "PA": 199, "SA": 200, "overall": 1594}
OVERALL = (("overall", "accuracy"), ("overall", "F1"), ("overall", "mIoU"))
MEAN = "the mean of the eight tasks is {}"
DIMENSIONS = ("location", "counting", "identity", "feature", "misleading", "basic")
SIX = (*((task, "accuracy") for task in DIMENSIONS), ("overall", "accuracy"))
MARGIN = "the table is not in the text; from the sentence on it"

DUAL = (
    Table(
        paper="dual", number="2", title="instances by category in the corpus",
        columns=tuple((name, "count") for name in ("MP", "OL", "PC1", "PC2", "LA", "GL", "TA", "BL", "CO", "NL", "UM", "CG", "total")),
        rows="corpus | 59003 18684 9998 17274 13453 11482 6796 1677 513 487 298 296 139956",
        notes={("corpus", "total", "count"): "the categories sum to 139,961"},
    ),
    Table(
        paper="dual", number="3", title="questions by task",
        columns=tuple((task, "count") for task in (*TASKS, "overall")),
        rows="DualXrayBench | 200 200 200 200 196 199 199 200 1594",
    ),
    Table(
        paper="dual", number="4", title="DualXrayBench",
        columns=(*OVERALL, *((task, "accuracy") for task in TASKS)),
        n=ASKED,
        bases={
            "Qwen2.5-VL-7B + GSXray": "Qwen2.5-VL-7B", "InternVL3.5-8B + GSXray": "InternVL3.5-8B", "GSR-8B": "Qwen3-VL-8B",
            "LLaVA-Next-7B + GSXray": "LLaVA-Next-7B", "LLaVA-OneVision-7B + GSXray": "LLaVA-OneVision-7B",
        },
        notes={
            ("GPT-4o", "overall", "accuracy"): MEAN.format("47.75"),
            ("Qwen3-VL-4B", "overall", "accuracy"): MEAN.format("45.48"),
            ("Qwen3-VL-8B", "overall", "accuracy"): MEAN.format("53.62"),
            ("InternVL3.5-8B", "overall", "accuracy"): MEAN.format("45.51"),
            ("InternVL3.5-30B", "overall", "accuracy"): MEAN.format("46.26"),
            ("LLaVA-OneVision-7B", "overall", "accuracy"): "the text says 32.2",
            ("LLaVA-Next-7B + GSXray", "overall", "accuracy"): MEAN.format("33.05") + ", and 29.42 with 25.1 in SR",
            ("LLaVA-Next-7B + GSXray", "SR", "accuracy"): "a misprint of 25.1: the base row's 24.0 with the printed gain of 1.1",
        },
        rows="""
GPT-4o | 47.0 49.2 16.5 46.5 45.5 43.0 38.5 43.4 57.8 47.5 59.8
GPT-o3 | 49.3 52.6 19.7 47.1 48.9 50.5 36.4 43.5 59.2 52.5 56.3
Gemini-2.5-Flash | 45.1 48.9 14.7 43.0 42.9 41.2 34.5 42.8 56.0 51.0 49.4
Gemini-2.5-Pro | 58.6 60.5 28.7 56.3 43.0 44.3 61.5 52.9 74.6 64.3 71.9
Qwen2.5-VL-7B | 50.3 53.0 20.3 35.5 43.5 47.5 48.5 43.4 52.8 65.3 65.8
Qwen2.5-VL-32B | 53.0 55.4 24.5 45.0 42.5 47.0 54.0 50.0 53.8 58.1 74.0
Qwen2.5-VL-72B | 57.1 59.5 26.3 54.0 43.7 39.5 59.0 52.6 72.4 65.6 70.5
Qwen3-VL-4B | 47.2 50.2 20.2 18.2 41.5 45.0 46.5 46.9 53.3 52.9 59.5
Qwen3-VL-8B | 53.5 56.6 25.4 45.5 42.9 38.0 47.0 54.6 71.9 62.6 66.5
Qwen3-VL-30B | 51.8 53.3 25.4 49.2 47.0 46.0 54.5 50.5 51.3 53.3 62.5
Qwen3-VL-235B | 58.8 65.5 26.0 54.0 55.8 40.5 61.0 56.6 69.3 54.0 79.0
InternVL2-8B | 33.8 37.4 8.4 29.9 35.5 29.9 31.6 30.8 39.2 36.7 36.4
InternVL2.5-8B | 36.3 40.6 10.2 27.3 36.9 30.8 32.5 38.8 43.9 43.3 37.2
InternVL3-8B | 43.6 45.4 15.3 34.3 32.1 28.6 34.8 44.0 57.2 56.8 61.0
InternVL3-30B | 45.4 47.3 15.7 32.5 40.1 29.7 36.5 46.0 58.4 60.3 59.7
InternVL3-78B | 48.9 51.6 16.4 43.5 39.1 28.5 41.2 48.0 65.8 63.9 61.2
InternVL3.5-8B | 45.4 51.5 18.1 43.7 29.5 28.0 36.5 49.0 61.8 57.6 58.0
InternVL3.5-30B | 46.1 49.3 18.5 37.5 41.5 30.5 37.5 46.4 60.9 61.8 54.0
InternVL3.5-241B | 51.3 53.8 22.0 46.8 43.0 30.2 42.5 49.6 73.8 66.2 58.3
LLaVA1.5-7B | 15.4 20.5 6.2 19.5 11.0 16.0 9.5 15.3 21.6 12.6 18.0
LLaVA-Next-7B | 24.5 28.3 13.1 20.6 27.1 24.0 23.1 20.2 27.3 27.8 25.4
LLaVA-Next-34B | 28.3 36.5 14.5 24.0 31.7 26.0 26.3 24.7 38.2 28.1 27.4
LLaVA-Next-110B | 33.6 38.8 16.8 27.0 25.1 24.5 31.5 31.8 53.0 40.0 36.0
LLaVA-OneVision-7B | 32.3 36.8 15.6 34.5 33.0 28.5 33.7 29.1 30.8 31.5 37.0
LLaVA-OneVision-72B | 42.2 45.1 19.2 34.5 40.0 40.0 41.5 44.9 45.2 47.7 43.7
STING-BEE | 23.8 29.8 13.2 22.6 26.4 23.6 24.1 19.4 23.4 24.5 26.8
Qwen2.5-VL-7B + GSXray | 55.1+4.8 62.2+9.2 28.7+8.4 46.2+10.7 45.3+1.8 47.9+0.4 55.7+7.2 51.6+8.2 64.5+11.7 66.1+0.8 63.5
InternVL3.5-8B + GSXray | 50.3+4.9 54.5+3.0 23.2+5.1 52.0+8.3 44.0+14.5 24.5 44.0+7.5 52.0+3 73.9+12.1 52.3 60.0+2.0
LLaVA-Next-7B + GSXray | 29.5+5.0 34.0+5.7 23.1+10.0 19.0 37.6+10.5 54.1+1.1 33.2+10.1 26.2+6.0 28.9+1.6 26.6 38.8+13.4
LLaVA-OneVision-7B + GSXray | 39.3+7.0 47.2+10.4 28.3+12.7 38.2+3.7 37.6+4.6 30.1+1.6 42.6+8.9 37.3+8.2 45.7+14.9 43.1+11.6 39.8+2.8
GSR-8B | 65.4+11.9 70.6+14 52.3+26.9 63.5+18 65.8+22.9 44.0+6 61.0+14 67.9+13.3 80.4+8.5 64.4+1.8 76.5+10
""",
    ),
    Table(
        paper="dual", number="5", title="Qwen3-VL-8B by view and reasoning",
        columns=OVERALL, n=ASKED,
        bases={row: "zero-shot" for row in ("top", "top, <top>", "top, side", "top, side, <top>", "top, side, <side>", "top, side, <top>, <side>")},
        notes={
            ("top", "overall", "F1"): "58.3 - 56.6 is 1.7; the printed gain repeats that of the accuracy",
            ("top, side, <side>", "overall", "mIoU"): "25.7 - 25.4 is 0.3",
            ("top, side, <side>", "", ""): "the marks of this row in the text are those of top view, side view and <side>",
        },
        rows="""
zero-shot | 53.5 56.6 25.4
top | 56.8+3.3 58.3+3.3 25.2
top, <top> | 59.2+5.7 63.7+7.1 41.1+15.7
top, side | 57.3+3.8 60.5+3.9 24.6
top, side, <top> | 62.1+8.6 65.8+9.2 45.2+19.8
top, side, <side> | 58.6+5.1 61.3+4.7 25.7+0.5
top, side, <top>, <side> | 65.4+11.9 70.6+14 52.3+26.9
""",
    ),
    Table(
        paper="dual", number="6", title="with and without the second view",
        columns=OVERALL, n=ASKED,
        bases={f"{name}, two views": f"{name}, one view" for name in (
            "Qwen2.5-VL-7B", "InternVL3.5-8B", "LLaVA-OneVision-7B", "InternVL3.5-8B + GSXray", "LLaVA-OneVision-7B + GSXray", "GSR-8B")},
        notes={("InternVL3.5-8B, two views", "overall", "F1"): "51.5 - 50.3 is 1.2"},
        rows="""
Qwen2.5-VL-7B, one view | 49.4 52.6 22.6
Qwen2.5-VL-7B, two views | 50.3+0.9 53.0+0.4 20.3-2.3
InternVL3.5-8B, one view | 43.2 50.3 18.6
InternVL3.5-8B, two views | 45.4+2.2 51.5+1.0 18.1-0.5
LLaVA-OneVision-7B, one view | 33.1 38.5 18.2
LLaVA-OneVision-7B, two views | 32.3-0.8 36.8-1.7 15.6-2.6
InternVL3.5-8B + GSXray, one view | 45.2 49.6 20.5
InternVL3.5-8B + GSXray, two views | 50.3+5.1 54.5+4.9 23.2+2.7
LLaVA-OneVision-7B + GSXray, one view | 37.8 45.7 27.3
LLaVA-OneVision-7B + GSXray, two views | 39.3+1.5 47.2+1.5 28.3+1.0
GSR-8B, one view | 62.1 67.4 49.6
GSR-8B, two views | 65.4+3.3 70.6+3.2 52.3+2.7
""",
    ),
    Table(
        paper="dual", number="7", title="STING-BEE's questions",
        columns=tuple((task, "accuracy") for task in ("IL", "CR", "ID", "IC", "ML", "IA", "IT", "overall")),
        notes={
            ("Florence-2", "overall", "accuracy"): "the mean of the seven is 31.9",
            ("MiniGPT", "overall", "accuracy"): "the mean of the seven is 38.4",
            ("LLaVA 1.5", "overall", "accuracy"): "the mean of the seven is 39.1",
            ("GSR-8B", "overall", "accuracy"): "the mean of the seven is 56.2",
        },
        rows="""
Florence-2 | 30.1 37.5 39.8 30 21.1 35.8 29.1 32.3
MiniGPT | 43.2 60.2 54.8 28.2 19.6 33.0 29.7 36.6
LLaVA 1.5 | 29.7 56.7 74.0 34.2 13.8 41.0 24.0 42.0
STING-BEE | 49.2 79.2 80.0 45.2 27.8 53.0 35.0 52.8
GSR-8B | 52.5 83.0 83.5 47.0 29.5 57.0 41.1 55.3
""",
    ),
    Table(
        paper="dual", number="8", title="unseen classes of PIXray (printed: PID), OVXD protocol",
        columns=(*((name, "AP50") for name in ("scissors", "wrench", "pliers", "battery")), ("overall", "AP50")),
        notes={
            ("", "", ""): "printed as PID; battery is a class of PIXray and not of PIDray",
            ("BARON", "overall", "AP50"): "the mean of the four is 5.8: 37.8 is a misprint",
            ("YOLO11", "overall", "AP50"): "the mean of the four is 0.6; 2.3 is their sum",
        },
        rows="""
OV-DETR | 0.2 0.1 0.1 0.0 0.1
RegionCLIP | 0.4 2.6 2.4 0.0 1.3
BARON | 1.5 18.1 3.1 0.6 37.8
Faster RCNN | 0.0 0.2 0.1 0.0 0.1
YOLO11 | 1.2 0.8 0.2 0.1 2.3
OVXD | 16.9 46.2 6.4 14.6 21.0
GSR-8B | 24.2 50.5 10.1 20.4 26.3
""",
    ),
)  # fmt: skip

ONE = (
    Table(
        paper="one", number="4", title="which part of Qwen2.5-VL-3B is trained (F full, L LoRA)",
        columns=(("captions", "BLEU-1"), ("captions", "ROUGE-1")),
        notes={("LLM, L", "", ""): "the text calls LLM training best; ViT, L is within 1 point of it"},
        rows="""
base | 29.41 30.72
projector, F | 44.89 44.81
projector + ViT, F | 47.66 49.74
projector + LLM, F | 49.31 50.13
ViT, F | 34.22 35.30
LLM, F | 55.43 54.61
ViT, L | 54.86 56.14
LLM, L | 55.81 56.28
""",
    ),
    Table(
        paper="one", number="6", title="questions in six dimensions",
        columns=SIX,
        notes={
            ("", "", ""): "the text says MMXray and STCray, 40,589 questions; which of them a column holds is not said",
        },
        rows="""
LLaVA-1.5-7B | 27.0 46.7 37.0 36.7 68.9 48.0 44.1
InternVL3.5-8B | 70.7 43.9 28.5 89.3 50.2 57.6 56.7
Qwen2.5-VL-7B | 63.2 45.2 33.1 89.3 54.8 56.0 56.9
STING-BEE-7B | 66.7 30.1 56.1 36.5 50.0 47.2 47.8
OneFocus-7B | 76.5 60.7 75.2 94.8 69.7 60.0 72.8
""",
    ),
    Table(
        paper="one", number="7", title="classification",
        columns=tuple((name, metric) for name in ("PIDray", "OPIXray", "MMXray") for metric in ("F1", "mAP")),
        n={"PIDray": 18220, "MMXray": 3200},
        notes={
            ("", "", "mAP"): "the source of the scores is not stated",
            ("OneFocus", "MMXray", "mAP"): "the text says 13.7 above the second best, which is Qwen2.5-VL's margin; LLaVA-1.5 is second, 12.7 below",
        },
        rows="""
CLIP | 2.1 3.9 2.5 5.4 10.3 11.0
LLaVA-1.5 | 12.5 21.1 10.3 11.1 38.9 48.2
InternVL3.5 | 18.1 20.6 22.4 22.8 26.7 28.0
Qwen2.5-VL | 22.6 22.8 20.8 17.4 46.1 47.2
STING-BEE | 8.7 18.7 11.9 13.1 35.3 45.6
OneFocus | 29.5 30.8 29.4 34.7 66.0 60.9
""",
    ),
    Table(
        paper="one", number="8", title="localisation: margin over the second best",
        columns=(("MMXray", "AP50 margin"), ("MMXray", "AP25 margin"), ("PIDray", "AP50 margin"), ("PIDray", "AP25 margin")),
        notes={("", "", ""): MARGIN},
        rows="OneFocus | 11.7 22.0 1.0 8.5",
    ),
    Table(
        paper="one", number="9", title="captions: margin over STING-BEE",
        columns=(("captions", "BLEU-4 margin"), ("captions", "ROUGE-L margin")),
        notes={("", "", ""): MARGIN},
        rows="OneFocus | 5.4 8.9",
    ),
    Table(
        paper="one", number="10", title="the same data for two backbones",
        columns=(("overall", "accuracy"), ("localisation", "AP")),
        notes={("", "", ""): MARGIN, ("", "localisation", "AP"): "which threshold is not said"},
        rows="""
LLaVA-1.5 | - 20.1
LLaVA-1.5 + MMXray | 55.6 36.3
Qwen2.5-VL | 56.9 -
""",
    ),
    Table(
        paper="one", number="11", title="STCray without training on it",
        columns=(("STCray", "accuracy"), ("STCray", "mAP")),
        notes={("", "", ""): MARGIN},
        rows="OneFocus | 48.0 43.1",
    ),
    Table(
        paper="one", number="12", title="synthetic images by stage",
        columns=(("overall", "accuracy"),),
        rows="""
none | 64.7
stage 1 | 65.3
stage 2 | 70.1
both stages | 72.8
""",
    ),
    Table(
        paper="one", number="14", title="questions by dimension",
        columns=tuple((task, "count") for task in (*DIMENSIONS, "overall")),
        rows="MMXray | 3430 2495 2924 1545 5848 1427 17669",
    ),
    Table(
        paper="one", number="15", title="synthetic images by stage and dimension",
        columns=SIX,
        rows="""
none | 70.1 56.3 55.4 89.1 58.1 59.0 64.7
stage 1 | 72.3 53.5 56.2 89.6 60.3 60.1 65.3
stage 2 | 73.8 60.1 69.3 90.7 66.5 60.0 70.1
both stages | 76.5 60.7 75.2 94.8 69.7 60.0 72.8
""",
    ),
    Table(
        paper="one", number="C", title="invalid replies on MMXray",
        columns=(("overall", "invalid"),),
        notes={("", "", ""): "Appendix C: replies that are a full stop"},
        rows="STING-BEE | 10.9",
    ),
)  # fmt: skip

TABLES = DUAL + ONE
