"""How long does scoring take? An exam of MMXray's size with a thousand draws of bags, and AP of 20,000 boxes against pycocotools.

    OMP_NUM_THREADS=1 nice python -m benchmarks.score [--questions 17669] [--boxes 20000] [--rounds 1000] [--ap-rounds 200]

The replies: as many, free text of five kinds, read, graded, scored and put into a table: all that `examine --score` does to a version.
The exam: 17,669 answers on 2,924 bags in six tasks with the counts of One App. D, some invalid or refused. The boxes: 20,000
predictions of 20 categories in 4,000 images, each engine from the same arrays, in one run; pycocotools reads the same thresholds.
Values must agree to 1e-12 with distinct scores and in legacy mode. Seconds are processor time of this one process, all threads
together, the best of three for AP (wall time of a busy machine says nothing). Prints one JSON object.
"""

import argparse
import contextlib
import io
import json
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from beltline.exam import scoring, tables
from beltline.exam.metrics import choices, coco, detection, precision
from beltline.exam.metrics.choices import Answer
from beltline.exam.metrics.matching import Located
from beltline.exam.tasks import Question
from beltline.scan import Row

T = TypeVar("T")
COUNTS = {"Location": 3430, "Counting": 2495, "Identity": 2924, "Feature": 1545, "Misleading": 5848, "Basic": 1427}
NUM_BAGS, NUM_IMAGES, NUM_CATEGORIES = 2924, 4000, 20


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=17_669)
    parser.add_argument("--boxes", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=1000, help="draws of bags for the exam")
    parser.add_argument("--ap-rounds", type=int, default=200, help="draws of bags for AP")
    options = parser.parse_args()
    report = {"replies": replies(options.questions), "exam": exam(options.questions, options.rounds)}
    report |= {"ap": boxes(options.boxes)}
    print(json.dumps(report | {"ap_bootstrap": drawn(options.boxes, options.ap_rounds)}))


def timed(call: Callable[[], T], times: int = 1) -> tuple[T, float]:
    """What a call gives, and its processor seconds, the best of so many."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        found = call()
        seconds.append(time.process_time() - start)
    return found, round(min(seconds), 3)


def answers(num: int, seed: int = 5) -> list[Answer]:
    """Answers in the proportions of MMXray's exam: 70 % right, 3 % invalid, 1 % refused, four options."""
    rng, total = np.random.default_rng(seed), sum(COUNTS.values())
    tasks = np.repeat(list(COUNTS), list(COUNTS.values()))[np.arange(num) * total // num]
    gold, other = rng.choice(list("ABCD"), num), rng.choice(list("ABCD"), num)
    fate = rng.random(num)
    given = np.where(fate < 0.7, gold, other)
    return [
        Answer(
            task=str(tasks[i]),
            bag=f"bag{rng.integers(NUM_BAGS):05}",
            gold=str(gold[i]),
            given=None if fate[i] > 0.96 else str(given[i]),
            missing=None if fate[i] <= 0.96 else "refused" if fate[i] > 0.99 else "invalid",
        )
        for i in range(num)
    ]


def exam(num: int, rounds: int) -> dict[str, object]:
    """All figures of all tasks, with their intervals."""
    rows = answers(num)
    scores, seconds = timed(lambda: choices.score(rows, rounds=rounds))
    span = scores.macro["accuracy"]
    return {
        "questions": num,
        "bags": len({row.bag for row in rows}),
        "rounds": rounds,
        "seconds": seconds,
        "macro_accuracy": [round(value, 4) for value in (span.estimate, span.low, span.high)],
    }


SAID = (
    "{letter}",
    "The answer is {letter}.",
    "I think it is {text}.",
    "<think>It could be A or B. The outline is long and thin.</think>So I choose {letter}.",
    "I cannot tell from this picture.",
)


def asked(num: int, seed: int = 5) -> tuple[list[Question], list[Row]]:
    """Questions of the exam's tasks, and a free-text reply to each: 60 % right where they can be read."""
    rng, total = np.random.default_rng(seed), sum(COUNTS.values())
    tasks = np.repeat(list(COUNTS), list(COUNTS.values()))[np.arange(num) * total // num]
    bags, letters, forms = rng.integers(0, NUM_BAGS, num), rng.integers(0, 4, num), rng.integers(0, len(SAID), num)
    right = rng.random(num) < 0.6
    options = ("a gun", "a folding knife", "an axe", "scissors")
    questions = [
        Question(
            exam="mmxray",
            task=str(tasks[i]),
            question=f"What lies at place {i}?",
            options=options,
            answer="ABCD"[letters[i]],
            group=f"bag{bags[i]:05}",
        )
        for i in range(num)
    ]
    said = [(letters[i] + (not right[i])) % 4 for i in range(num)]
    rows = [
        {
            "question_id": one.id,
            "seed": 0,
            "reply": SAID[forms[i]].format(letter="ABCD"[said[i]], text=options[said[i]]),
        }
        for i, one in enumerate(questions)
    ]
    return questions, rows


def replies(num: int) -> dict[str, object]:
    """From free text to the table, 1,000 draws of bags."""
    questions, rows = asked(num)
    lines, seconds = timed(lambda: tables.rows(scoring.score(scoring.grade(questions, rows))))
    return {"replies": num, "seconds": seconds, "overall": lines[-2][7:9]}


def scene(num: int, seed: int = 6) -> tuple[Located, Located]:
    """Gold boxes in pixels, four fifths as many as predictions; half of the predictions near a gold box of their category."""
    rng, golds = np.random.default_rng(seed), num * 4 // 5
    corner = rng.integers(0, 500, (golds, 2)).astype(float)
    xyxy = np.concatenate([corner, corner + rng.integers(20, 140, (golds, 2))], 1)
    image, kind = rng.integers(0, NUM_IMAGES, golds), rng.integers(0, NUM_CATEGORIES, golds)
    pick = rng.integers(0, golds, num)
    moved = xyxy[pick] + rng.normal(0, 6, (num, 4)) + np.where(rng.random((num, 1)) < 0.5, 0, 300)
    moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
    return Located.of(image, kind, xyxy), Located.of(image[pick], kind[pick], moved, rng.permutation(num) / num)


def boxes(num: int) -> dict[str, object]:
    """The same boxes through every engine: seconds, AP25, AP50 and mAP, and by how much they differ from pycocotools'."""
    gold, distinct = scene(num)
    equal = Located.of(distinct.image, distinct.category, distinct.xyxy)
    images = np.union1d(gold.image, distinct.image)
    report: dict[str, object] = {"boxes": num, "gold": len(gold)}
    for name, said in (("distinct", distinct), ("legacy", equal)):
        theirs, slow = timed(lambda said=said: pycoco(gold, said), 3)
        ours, fast = timed(lambda said=said: quick(gold, said, images), 3)
        report[name] = {
            "pycocotools_seconds": slow,
            "seconds": fast,
            "times_faster": round(slow / fast, 1),
            "largest_difference": float(np.abs(np.subtract(ours, theirs)).max()),
            "ap25_ap50_map": [round(float(value), 4) for value in ours],
        }
    for name, said, source in (("whole_report", distinct, "detector"), ("whole_report_merged_ties", equal, "constant")):
        found, seconds = timed(lambda said=said, source=source: detection.score(gold, said, score_source=source))
        report[name] = {"seconds": seconds, "ap25_ap50_map": [round(v, 4) for v in (found.ap25, found.ap50, found.map)]}
    return report


def quick(gold: Located, said: Located, images: np.ndarray) -> tuple[float, float, float]:
    """AP by faster-coco-eval as the platform calls it, 100 boxes an image and category as pycocotools."""
    return figures(np.array(list(coco.average_precisions(gold, said, images, 100).values())))


def figures(each: np.ndarray) -> tuple[float, float, float]:
    """AP25, AP50, mAP from (categories, thresholds)."""
    return float(each[:, 0].mean()), float(each[:, 1].mean()), float(each[:, 1:].mean())


def pycoco(gold: Located, said: Located) -> tuple[float, float, float]:
    """AP by pycocotools, from the same arrays, for all areas only."""
    images, kinds = np.union1d(gold.image, said.image).tolist(), np.unique(gold.category).tolist()
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": [{"id": number} for number in images],
            "categories": [{"id": number} for number in kinds],
            "annotations": entries(gold),
        }
        truth.createIndex()
        run = COCOeval(truth, truth.loadRes(entries(said)), "bbox")
        run.params.iouThrs, run.params.maxDets = precision.THRESHOLDS, [100]
        run.params.areaRng, run.params.areaRngLbl = [[0, 1e10]], ["all"]
        run.evaluate()
        run.accumulate()
    return figures(run.eval["precision"][:, :, :, 0, 0].mean(1).T)


def entries(of: Located) -> list[dict[str, object]]:
    """COCO's entries of all boxes."""
    xywh = np.concatenate([of.xyxy[:, :2], of.xyxy[:, 2:] - of.xyxy[:, :2]], 1)
    rows = zip(of.image.tolist(), of.category.tolist(), xywh.tolist(), of.score.tolist(), strict=True)
    return [
        {
            "id": i,
            "image_id": image,
            "category_id": kind,
            "bbox": box,
            "area": box[2] * box[3],
            "score": score,
            "iscrowd": 0,
        }
        for i, (image, kind, box, score) in enumerate(rows, 1)
    ]


def drawn(num: int, rounds: int) -> dict[str, object]:
    """AP with intervals, two images a bag."""
    gold, said = scene(num)
    bags = {image: f"bag{image // 2}" for image in range(NUM_IMAGES)}
    found, seconds = timed(lambda: detection.bootstrap(gold, said, bags, rounds=rounds))
    span = found["ap50"]
    return {
        "rounds": rounds,
        "seconds": seconds,
        "ap50": [round(value, 4) for value in (span.estimate, span.low, span.high)],
    }


if __name__ == "__main__":
    main()
