"""Multi-label classification: which categories are in the bag, as sets.

The only public definition of "F1 / mAP" for a VLM that names categories is STING-BEE's script: macro precision, recall and F1 with
zero_division=0, and scikit-learn's average precision on the hard 0/1 predictions, macro. It discards predictions without a valid
label; here none is: they are empty sets. Beside it stand the variants that others call mAP, and what a silent model would get:
average precision of a constant is the prevalence, not 0, and a class that never occurs gives 0 and drags the mean.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import sklearn
from numpy.typing import ArrayLike, NDArray
from sklearn import metrics as sk

from beltline.exam.metrics.intervals import Floats, divide


@dataclass(frozen=True, kw_only=True)
class SetScores:
    """All figures 0 to 1; NaN where nothing defines them."""

    macro_precision: float
    macro_recall: float
    macro_f1: float
    """Headline; STING-BEE's, over all classes, a class without positives and predictions counting 0."""
    micro_precision: float
    """Pooled over all decisions; names outside the classes are false positives."""
    micro_recall: float
    micro_f1: float
    samples_f1: float
    """Mean over scans; a scan with nothing in it and nothing said scores 1."""
    weighted_f1: float
    """Mean over classes, weighted by how often each occurs."""
    map: float
    """Mean average precision over the classes that occur (headline)."""
    map_all_classes: float
    """STING-BEE's: a class that never occurs counts 0."""
    map_prevalence: float
    """What a constant prediction would get as `map`: the mean prevalence of the classes that occur."""
    num: int
    num_empty: int
    """Predictions that name none of the classes. They are scored."""
    num_foreign: int
    """Names outside the classes."""
    num_absent_classes: int
    """Classes that never occur, left out of `map`."""
    score_source: str
    signature: str


def score(
    gold: Sequence[Collection[str]],
    predicted: Sequence[Collection[str]],
    classes: Sequence[str],
    *,
    confidence: ArrayLike | None = None,
    score_source: str = "hard",
) -> SetScores:
    """Sets of names per scan.

    Args:
        gold: what is there, one set per scan; every name one of `classes`.
        predicted: what was said, in the same order; an empty set where nothing could be read.
        classes: all names that count, once each.
        confidence: for average precision, shape (scans, classes); left out: the hard 0/1 predictions.
        score_source: what the confidences are, such as `logprob` or `self-reported`; `hard` without them.

    Raises:
        ValueError: no scan, another number of predictions, a gold name outside the classes, or confidences unsaid.
    """
    _check(gold, predicted, classes, confidence, score_source)
    truth, said = indicator(gold, classes), indicator(predicted, classes)
    foreign = np.array([len(set(names) - set(classes)) for names in predicted])
    precision, recall, f1, _ = sk.precision_recall_fscore_support(truth, said, average="macro", zero_division=0)
    right, told, asked = (truth & said).sum(), said.sum() + foreign.sum(), truth.sum()
    each = average_precisions(truth, said if confidence is None else np.asarray(confidence, float))
    occurs = truth.any(0)
    return SetScores(
        macro_precision=float(precision),
        macro_recall=float(recall),
        macro_f1=float(f1),
        micro_precision=float(divide(right, told)),
        micro_recall=float(divide(right, asked)),
        micro_f1=float(divide(2 * right, told + asked)),
        samples_f1=samples_f1(truth, said, foreign),
        weighted_f1=float(sk.f1_score(truth, said, average="weighted", zero_division=0)),
        map=float(each[occurs].mean()) if occurs.any() else float("nan"),
        map_all_classes=float(each.mean()),
        map_prevalence=float(truth.mean(0)[occurs].mean()) if occurs.any() else float("nan"),
        num=len(truth),
        num_empty=int((~said.any(1)).sum()),
        num_foreign=int(foreign.sum()),
        num_absent_classes=int((~occurs).sum()),
        score_source=score_source,
        signature=f"f1:macro|zero_division:0|ap:step|scores:{score_source}|scikit-learn:{sklearn.__version__}",
    )


def indicator(sets: Sequence[Collection[str]], classes: Sequence[str]) -> NDArray[np.bool_]:
    """Which class is in which set, shape (scans, classes)."""
    return np.array([[name in names for name in classes] for names in sets], bool).reshape(len(sets), len(classes))


def average_precisions(truth: NDArray[np.bool_], confidence: ArrayLike) -> Floats:
    """Average precision of each class, shape (classes,): 0 for a class that never occurs."""
    columns = np.asarray(confidence, float)
    return np.array(
        [
            sk.average_precision_score(gold, said) if gold.any() else 0.0
            for gold, said in zip(truth.T, columns.T, strict=True)
        ]
    )


def samples_f1(truth: NDArray[np.bool_], said: NDArray[np.bool_], foreign: NDArray[np.int64]) -> float:
    """Mean over scans of 2 right / (said + there); 1 where both are empty."""
    both = truth.sum(1) + said.sum(1) + foreign
    return float(np.where(both > 0, divide(2 * (truth & said).sum(1), both), 1.0).mean())


def counted(gold: Sequence[Collection[str]], predicted: Sequence[Collection[str]], classes: Sequence[str]) -> Floats:
    """Per scan what `intervals.bootstrap` sums for `macro_f1`: right, said, there of each class; shape (scans, 3 classes)."""
    truth, said = indicator(gold, classes), indicator(predicted, classes)
    return np.stack([truth & said, said, truth], axis=2).reshape(len(truth), -1).astype(float)


def macro_f1(totals: Floats) -> Floats:
    """Macro F1 of sums from `counted`, shape (R, 3 classes) to (R,); a class neither there nor said counts 0, as in scikit-learn."""
    right, said, there = totals[:, 0::3], totals[:, 1::3], totals[:, 2::3]
    return np.nan_to_num(divide(2 * right, said + there)).mean(1)


def _check(
    gold: Sequence[Collection[str]],
    predicted: Sequence[Collection[str]],
    classes: Sequence[str],
    confidence: ArrayLike | None,
    source: str,
) -> None:
    if not len(gold) or len(gold) != len(predicted):
        raise ValueError(
            f"score: expected one prediction for each of at least one scan, found {len(predicted)} for {len(gold)}"
        )
    if len(set(classes)) != len(classes) or not classes:
        raise ValueError(f"score: expected classes, each once, found {list(classes)}")
    if wrong := sorted({name for names in gold for name in names} - set(classes)):
        raise ValueError(
            f"score: expected gold names among the {len(classes)} classes, found {wrong}; map aliases first (labels.py)"
        )
    if (confidence is None) != (source == "hard"):
        raise ValueError(
            f"score: expected score_source 'hard' without confidences and another name with them, found {source!r}"
        )
    if confidence is not None and np.shape(confidence) != (len(gold), len(classes)):
        raise ValueError(
            f"score: expected confidences of shape {(len(gold), len(classes))}, found {np.shape(confidence)}"
        )
