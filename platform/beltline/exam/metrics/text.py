"""Words against words: BLEU-1, BLEU-4, ROUGE-1, ROUGE-L, each with the signature that makes it a number.

"BLEU-4" of the same three captions runs from 9.6 to 26.4 by library and smoothing, so a figure without its signature means nothing.
BLEU is sacrebleu's corpus BLEU (13a tokens, exponential smoothing, mixed case); ROUGE is rouge-score's F1, averaged over captions,
without stemming. Both 0 to 100. Chinese is cut into characters: rouge-score's own tokens would leave nothing of it.

    words = score(predicted, references)
    words.bleu4, words.signatures["bleu4"]
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU

from beltline.exam.metrics import intervals
from beltline.exam.metrics.intervals import Floats, Interval

Language = Literal["en", "zh"]
ROUGES = {"rouge1": "rouge1", "rouge_l": "rougeL"}
IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
ZH_TOKEN = re.compile(rf"[{IDEOGRAPHS}]|[a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Words:
    """Figures 0 to 100."""

    bleu1: float
    bleu4: float
    rouge1: float
    rouge_l: float
    num: int
    num_empty: int
    """Predictions without a word. They are scored."""
    signatures: dict[str, str]
    """Figure -> how it was made."""


class Characters:
    """Tokens of Chinese for rouge-score: each ideograph, and runs of Latin letters and digits."""

    def tokenize(self, text: str) -> list[str]:
        """`安检 X ray` to 安, 检, x, ray."""
        return ZH_TOKEN.findall(text.lower())


def score(predicted: Sequence[str], references: Sequence[str], *, language: Language = "en") -> Words:
    """Captions against one reference each, in the same order.

    Raises:
        ValueError: none, another number of references, or a reference without a token in this language.
    """
    _check(predicted, references, language)
    bleu1, bleu4 = bleu(1, language), bleu(4, language)
    figures = {
        name: bleu.corpus_score(predicted, [references]).score for name, bleu in (("bleu1", bleu1), ("bleu4", bleu4))
    }
    each = rouge_each(predicted, references, language)
    return Words(
        bleu1=float(figures["bleu1"]),
        bleu4=float(figures["bleu4"]),
        rouge1=float(each[:, 0].mean()),
        rouge_l=float(each[:, 1].mean()),
        num=len(predicted),
        num_empty=sum(not text.strip() for text in predicted),
        signatures={
            "bleu1": f"{bleu1.get_signature()}|order:1",
            "bleu4": f"{bleu4.get_signature()}|order:4",
            **{name: rouge_signature(kind, language) for name, kind in ROUGES.items()},
        },
    )


def bleu(order: int, language: Language = "en") -> BLEU:
    """sacrebleu's BLEU of n-grams up to `order`."""
    return BLEU(max_ngram_order=order, tokenize="zh" if language == "zh" else "13a")


def rouge_each(predicted: Sequence[str], references: Sequence[str], language: Language = "en") -> Floats:
    """ROUGE-1 and ROUGE-L F1 of each caption, 0 to 100, shape (N, 2)."""
    scorer = RougeScorer(list(ROUGES.values()), use_stemmer=False, tokenizer=Characters() if language == "zh" else None)
    found = [scorer.score(target, said) for said, target in zip(predicted, references, strict=True)]
    return 100 * np.array([[one[kind].fmeasure for kind in ROUGES.values()] for one in found]).reshape(-1, 2)


def rouge_signature(kind: str, language: Language = "en") -> str:
    """How a ROUGE figure was made."""
    tokens = "characters" if language == "zh" else "a-z0-9"
    return f"{kind}|f1|mean over captions|stem:no|case:lower|tok:{tokens}|rouge-score:{version('rouge-score')}"


def bleu_rows(
    predicted: Sequence[str], references: Sequence[str], order: int, language: Language = "en"
) -> NDArray[np.int64]:
    """Counts of each caption of which corpus BLEU is made, shape (N, 2 order + 2): matches, n-grams, length, reference's length."""
    measure = bleu(order, language)
    each = [measure.corpus_score([said], [[target]]) for said, target in zip(predicted, references, strict=True)]
    return np.array([[*one.counts, *one.totals, one.sys_len, one.ref_len] for one in each], np.int64).reshape(
        -1, 2 * order + 2
    )


def bleu_of(totals: Floats) -> Floats:
    """Corpus BLEU of sums of `bleu_rows`, shape (R, 2 order + 2) to (R,), 0 to 100."""
    order = totals.shape[1] // 2 - 1
    return np.array([_bleu_of_one([int(value) for value in line], order) for line in totals])


def bleu_interval(
    predicted: Sequence[str],
    references: Sequence[str],
    clusters: Sequence[str],
    *,
    order: int = 4,
    language: Language = "en",
    rounds: int = 1000,
    seed: int = 0,
) -> Interval:
    """Corpus BLEU with bounds; bags are drawn, and BLEU is made anew of each draw, since it is no mean over captions.

    Raises:
        ValueError: as `score`.
    """
    _check(predicted, references, language)
    counts = bleu_rows(predicted, references, order, language)
    return intervals.bootstrap(counts, clusters, bleu_of, rounds=rounds, seed=seed)


def _bleu_of_one(sums: list[int], order: int) -> float:
    correct, total, (said, target) = sums[:order], sums[order : 2 * order], sums[2 * order :]
    return float(BLEU.compute_bleu(correct, total, said, target, smooth_method="exp", max_ngram_order=order).score)


def _check(predicted: Sequence[str], references: Sequence[str], language: Language) -> None:
    if not predicted or len(predicted) != len(references):
        raise ValueError(
            f"score: expected one reference for each of at least one caption, found {len(references)} for {len(predicted)}"
        )
    token = ZH_TOKEN if language == "zh" else re.compile("[a-z0-9]")
    for number, text in enumerate(references):
        if not token.search(text.lower()):
            raise ValueError(
                f"score: expected references with words in {language!r}, found {text[:40]!r} (row {number}); "
                "for Chinese give language='zh'"
            )
