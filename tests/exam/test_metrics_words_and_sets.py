"""Grounded boxes, label sets and words, each against another way to the same number."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.translate.bleu_score import corpus_bleu
from sklearn import metrics as sk

from beltline.exam.metrics import grounding, intervals, labelsets, text

SEEDS = st.integers(0, 2**32 - 1)
CLASSES = ["gun", "knife", "saw", "axe"]
SETS = st.lists(
    st.tuples(st.sets(st.sampled_from(CLASSES)), st.sets(st.sampled_from(CLASSES))), min_size=1, max_size=25
)
SAID = ["a knife lies in the top left corner", "two guns, one battery", "", "a bottle stands beside the laptop ."]
TRUE = [
    "a knife lies at the top left of the bag",
    "two guns and one battery",
    "a saw",
    "a bottle stands beside a laptop.",
]


def test_no_evidence() -> None:
    nothing = grounding.overlap([], [[0, 0, 1, 1]])
    assert math.isnan(nothing.iou) and math.isnan(nothing.iou_of_evidence)
    whole = grounding.summary([nothing])
    assert (
        (whole.num_questions, whole.num_silent) == (0, 0) and math.isnan(whole.miou) and math.isnan(whole.miou_of_boxes)
    )
    silent = grounding.summary([grounding.overlap([[0, 0, 1, 1]], [])])
    assert (silent.miou, silent.num_questions, silent.num_silent) == (0, 1, 1)
    with pytest.raises(ValueError, match="a kind for each"):
        grounding.overlap([[0, 0, 1, 1]], [[0, 0, 1, 1]], ["top"], [])


def test_grounding_by_hand() -> None:
    """Evidence [0,10) and [20,30) squares; one exact, one half covered (50 / 100), one far away: 1.5 over 3, over 2."""
    one = grounding.overlap([[0, 0, 10, 10], [20, 0, 30, 10]], [[20, 0, 25, 10], [0, 0, 10, 10], [50, 50, 60, 60]])
    assert (one.iou_sum, one.iou, one.iou_of_evidence) == pytest.approx((1.5, 0.5, 0.75))
    two = grounding.overlap([[0, 0, 10, 10]], [[0, 0, 10, 10]], [("top", "gun")], [("side", "gun")])
    whole = grounding.summary([one, two])
    assert (whole.miou, whole.miou_of_evidence, whole.miou_of_boxes) == pytest.approx((0.25, 0.375, 0.5))
    span = intervals.bootstrap(grounding.rows([one, two, grounding.overlap([], [])]), ["a", "b", "c"], rounds=10)
    assert span.estimate == pytest.approx(whole.miou)


@given(SEEDS)
@settings(max_examples=40)
def test_grounding_is_the_best_of_all_assignments_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (rng.integers(0, 20, (int(rng.integers(1, 5)), 2)).astype(float) for _ in range(2))
    a, b = (np.concatenate([box, box + rng.integers(2, 15, box.shape)], 1) for box in (a, b))
    kinds_a, kinds_b = rng.integers(0, 2, len(a)).tolist(), rng.integers(0, 2, len(b)).tolist()
    pairs = np.array(
        [[one_iou(p, q) * (k == m) for q, m in zip(b, kinds_b, strict=True)] for p, k in zip(a, kinds_a, strict=True)]
    )
    tall = pairs if len(a) >= len(b) else pairs.T
    best = max(
        sum(tall[row, column] for column, row in enumerate(rows))
        for rows in itertools.permutations(range(len(tall)), tall.shape[1])
    )
    found = grounding.overlap(a, b, kinds_a, kinds_b)
    assert found.iou_sum == pytest.approx(best) and 0 <= found.iou <= found.iou_of_evidence <= 1
    assert grounding.overlap(a, b[::-1], kinds_a, kinds_b[::-1]).iou_sum == pytest.approx(best)


def one_iou(p: np.ndarray, q: np.ndarray) -> float:
    """Of boxes on whole numbers, by counting unit squares."""
    cells = [set(itertools.product(range(int(x[0]), int(x[2])), range(int(x[1]), int(x[3])))) for x in (p, q)]
    return len(cells[0] & cells[1]) / len(cells[0] | cells[1])


def test_boxes_everywhere_gain_nothing_and_broken_boxes_cost() -> None:
    tiles = [[x, y, x + 10, y + 10] for x in range(0, 100, 10) for y in range(0, 100, 10)]
    carpet = grounding.overlap([[0, 0, 10, 10]], tiles)
    assert carpet.iou == 0.01 and carpet.iou_of_evidence == 1
    broken = grounding.overlap([[0, 0, 10, 10]], [[np.nan, 0, 10, 10], [10, 10, 0, 0], [0, 0, 10, 10]])
    assert broken.iou == pytest.approx(1 / 3)


def test_no_scans_no_classes() -> None:
    for gold, said, classes, message in (
        ([], [], CLASSES, "at least one scan"),
        ([{"gun"}], [set()], [], "classes, each once"),
        ([{"tank"}], [set()], CLASSES, "map aliases"),
    ):
        with pytest.raises(ValueError, match=message):
            labelsets.score(gold, said, classes)
    with pytest.raises(ValueError, match="'hard' without"):
        labelsets.score([{"gun"}], [set()], CLASSES, score_source="logprob")
    with pytest.raises(ValueError, match="of shape"):
        labelsets.score([{"gun"}], [set()], CLASSES, confidence=[[1]], score_source="logprob")


@given(SETS)
@settings(max_examples=60)
def test_label_sets_agree_with_scikit_learn_and_with_counting(pairs: list[tuple[set[str], set[str]]]) -> None:
    gold, said = [a for a, _ in pairs], [b for _, b in pairs]
    truth, told = (np.array([[c in one for c in CLASSES] for one in sets], int) for sets in (gold, said))
    found = labelsets.score(gold, said, CLASSES)
    f1 = [
        2 * sum(c in a and c in b for a, b in pairs) / max(1, sum((c in a) + (c in b) for a, b in pairs))
        for c in CLASSES
    ]
    assert found.macro_f1 == pytest.approx(np.mean(f1))
    assert labelsets.macro_f1(labelsets.counted(gold, said, CLASSES).sum(0)[None])[0] == pytest.approx(np.mean(f1))
    assert found.samples_f1 == pytest.approx(sk.f1_score(truth, told, average="samples", zero_division=1))
    if told.any() or truth.any():
        assert found.micro_f1 == pytest.approx(sk.f1_score(truth, told, average="micro", zero_division=0))
    hard = [by_hand(truth[:, i], told[:, i]) for i in range(len(CLASSES))]
    assert found.map_all_classes == pytest.approx(np.mean(hard))
    if truth.any():
        assert found.map == pytest.approx(
            np.mean([ap for ap, occurs in zip(hard, truth.any(0), strict=True) if occurs])
        )
    assert (found.num, found.num_empty) == (len(pairs), sum(not one for one in said))


def by_hand(truth: np.ndarray, told: np.ndarray) -> float:
    """AP of 0/1 scores: precision * recall at the first step, prevalence for the rest of the way."""
    if not truth.any():
        return 0.0
    right = (truth & told).sum()
    recall, accuracy = right / truth.sum(), right / max(1, told.sum())
    return float(recall * accuracy + (1 - recall) * truth.mean())


def test_a_silent_model_gets_the_prevalence_and_no_prediction_is_dropped() -> None:
    """Three scans of four with a gun, one with a knife; saw and axe never: 0.75 and 0.25, mean 0.5, over all classes 0.25."""
    gold = [{"gun"}, {"gun"}, {"gun"}, {"knife"}]
    silent = labelsets.score(gold, [set()] * 4, CLASSES)
    assert (silent.map, silent.map_prevalence, silent.map_all_classes) == pytest.approx((0.5, 0.5, 0.25))
    assert (silent.num, silent.num_empty, silent.num_absent_classes, silent.macro_f1) == (4, 4, 2, 0)
    bogus = labelsets.score(gold, [{"gun"}, {"unicorn"}, {"gun"}, {"knife"}], CLASSES)
    assert (bogus.num, bogus.num_empty, bogus.num_foreign) == (4, 1, 1)
    assert (bogus.micro_precision, bogus.micro_recall) == pytest.approx((0.75, 0.75))


def test_confidences_rank() -> None:
    gold, sure = [{"gun"}, set(), {"gun"}], np.array([[0.9], [0.8], [0.7]])
    found = labelsets.score(gold, [{"gun"}] * 3, ["gun"], confidence=sure, score_source="logprob")
    assert found.map == pytest.approx((1 + 2 / 3) / 2) and "scores:logprob" in found.signature


def test_no_words() -> None:
    for said, true in (([], []), (["a"], [])):
        with pytest.raises(ValueError, match="at least one caption"):
            text.score(said, true)
    with pytest.raises(ValueError, match="language='zh'"):
        text.score(["刀"], ["刀在左边"])
    assert text.score([""], ["a knife"]).num_empty == 1


def test_bleu_agrees_with_sacrebleu_and_nltk() -> None:
    """nltk has neither tokens nor smoothing: on tokenised text where every order matches, the same number."""
    words = text.score(SAID, TRUE)
    assert words.bleu4 == pytest.approx(sacrebleu.corpus_bleu(SAID, [TRUE]).score)
    said, true = zip(
        *[(a, b) for a, b in zip(SAID, TRUE, strict=True) if a], strict=True
    )  # nltk gives silence a length of 1
    parts, words = [[tokens(one) for one in side] for side in (said, true)], text.score(said, true)
    for order, ours in ((1, words.bleu1), (4, words.bleu4)):
        theirs = corpus_bleu([[one] for one in parts[1]], parts[0], weights=[1 / order] * order)
        assert ours == pytest.approx(100 * theirs)
    assert "tok:13a|smooth:exp" in words.signatures["bleu4"] and words.signatures["bleu1"].endswith("order:1")


def tokens(line: str) -> list[str]:
    return line.replace(",", " ,").replace(".", " .").split()


def test_rouge_by_counting() -> None:
    """ROUGE-1 by bags of words, ROUGE-L by the longest common subsequence, F1 of each caption, then the mean."""
    words = text.score(SAID, TRUE)
    pairs = [
        ([w for w in tokens(a) if w.isalnum()], [w for w in tokens(b) if w.isalnum()])
        for a, b in zip(SAID, TRUE, strict=True)
    ]
    one = [200 * sum((Counter(a) & Counter(b)).values()) / (len(a) + len(b)) for a, b in pairs]
    longest = [200 * common(a, b) / (len(a) + len(b)) for a, b in pairs]
    assert (words.rouge1, words.rouge_l) == pytest.approx((np.mean(one), np.mean(longest)))
    assert all(name in words.signatures for name in ("bleu1", "bleu4", "rouge1", "rouge_l"))


def common(a: list[str], b: list[str]) -> int:
    if not a or not b:
        return 0
    return common(a[:-1], b[:-1]) + 1 if a[-1] == b[-1] else max(common(a[:-1], b), common(a, b[:-1]))


def test_chinese_has_words() -> None:
    """刀在包左边 against 刀在包的左边: 5 of 5 and 5 of 6 characters; with rouge-score's own tokens this would be 0."""
    words = text.score(["刀在包左边"], ["刀在包的左边"], language="zh")
    assert words.rouge1 == pytest.approx(100 * 10 / 11) and words.bleu1 > 50
    assert "characters" in words.signatures["rouge1"] and "tok:zh" in words.signatures["bleu4"]


def test_bleu_of_a_draw_is_bleu_of_those_captions() -> None:
    for order in (1, 4):
        counts = text.bleu_rows(SAID, TRUE, order)
        times = np.array([[2, 0, 1, 1.0], [1, 1, 1, 1]])
        twice = [0, 0, 2, 3]
        expected = [
            text.bleu(order).corpus_score([SAID[i] for i in rows], [[TRUE[i] for i in rows]]).score
            for rows in (twice, range(4))
        ]
        assert text.bleu_of(times @ counts) == pytest.approx(expected)
    span = text.bleu_interval(SAID, TRUE, ["a", "b", "a", "b"], rounds=50)
    assert span.estimate == pytest.approx(text.score(SAID, TRUE).bleu4) and span.low <= span.estimate <= span.high
