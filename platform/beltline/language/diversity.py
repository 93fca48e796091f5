"""How varied a corpus of captions is: distinct n-grams, self-BLEU, lengths, beside the same scans in one fixed template.

    distinct-n      different n-grams / n-grams, of the sampled captions together
    self-BLEU       each caption's BLEU-4 (sacrebleu) with the other sampled ones as references, averaged; 100 = all alike
    length          words a caption: mean, and the tenth, fiftieth and ninetieth percentile

All three depend on how many captions they are taken over: distinct-n falls and self-BLEU rises with the number. So they are taken over
samples of fixed size, drawn by hash of the id, and the baseline over the same scans: "An X-ray image of [class] in
[package] at [location]", the wording of the caption sets before MMXray. BLEU's signature is kept with the number.

    figures = measure(captions_by_id)               # Figures; lines(figures, template_figures) are the card's
"""

import hashlib
import heapq
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from beltline.language.facts import Facts, ItemFacts
from beltline.language.lexicon import article, noun

MAX_CAPTIONS = 2000
"""For distinct-n and lengths."""
EVEN_WORDS = 5000
MAX_BLEU_HYPOTHESES, MAX_BLEU_REFERENCES = 50, 50
"""Self-BLEU is quadratic: so many captions, each against so many others."""
_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured, and over how many."""

    captions: int
    distinct_1: float | None
    distinct_2: float | None
    """None without such n-grams. They fall with the number of words, so long captions seem poorer than short ones here."""
    distinct_2_even: float | None
    """distinct-2 of the first 5,000 words of the sample: comparable across captions of any length; None for fewer words."""
    self_bleu: float | None
    """0 to 100; None for fewer than two captions, or without sacrebleu."""
    bleu_captions: int
    signature: str | None
    mean_words: float | None
    words_at: tuple[int, int, int] | None
    """Words at the 10th, 50th and 90th percentile."""


def sample(ids: Iterable[int], size: int) -> list[int]:
    """`size` ids, those whose sha256 is smallest: the same ones on every run, and most of them in a grown corpus."""
    return sorted(heapq.nsmallest(size, ids, key=_place))


def measure(captions: Mapping[int, str]) -> Figures:
    """The figures of captions by id, over samples of bounded size."""
    chosen = [captions[key] for key in sample(captions, MAX_CAPTIONS)]
    words = [_words(text) for text in chosen]
    compared = [captions[key] for key in sample(captions, max(MAX_BLEU_HYPOTHESES, MAX_BLEU_REFERENCES + 1))]
    bleu = self_bleu(compared)
    lengths = sorted(len(one) for one in words)
    return Figures(
        captions=len(chosen),
        distinct_1=distinct(words, 1),
        distinct_2=distinct(words, 2),
        distinct_2_even=distinct(_first(words, EVEN_WORDS), 2),
        self_bleu=bleu[0] if bleu else None,
        bleu_captions=len(compared),
        signature=bleu[1] if bleu else None,
        mean_words=sum(lengths) / len(lengths) if lengths else None,
        words_at=(_at(lengths, 10), _at(lengths, 50), _at(lengths, 90)) if lengths else None,
    )


def distinct(words: Sequence[Sequence[str]], n: int) -> float | None:
    """Different n-grams / n-grams over all texts; n-grams do not reach from one text into the next."""
    grams = [gram for text in words for gram in zip(*(text[start:] for start in range(n)), strict=False)]
    return len(set(grams)) / len(grams) if grams else None


def _first(words: Sequence[Sequence[str]], number: int) -> list[Sequence[str]]:
    """The first so many words, the last text cut off; nothing when there are fewer."""
    found: list[Sequence[str]] = []
    left = number
    for text in words:
        found.append(text[:left])
        left -= len(found[-1])
    return [] if left else found


def self_bleu(texts: Sequence[str]) -> tuple[float, str] | None:
    """The mean of each text's BLEU-4 against the others, 0 to 100, and sacrebleu's signature.

    Sentence BLEU with sacrebleu's defaults (13a tokens, exponential smoothing); None for fewer than two texts or without sacrebleu.
    """
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ModuleNotFoundError:
        return None
    if len(texts) < 2:
        return None
    metric = BLEU(effective_order=True)
    scores = []
    for index in range(min(len(texts), MAX_BLEU_HYPOTHESES)):
        others = list(islice((text for k, text in enumerate(texts) if k != index), MAX_BLEU_REFERENCES))
        scores.append(metric.sentence_score(texts[index], others).score)
    return sum(scores) / len(scores), str(metric.get_signature())


def template(facts: Facts) -> str:
    """The fixed template's caption of a scan; one sentence for each item."""
    package = facts.container or "bag"
    if not facts.items:
        return f"An X-ray image of nothing in {article(package)} {package}."
    return " ".join(_templated(item, facts, f"{article(package)} {package}") for item in facts.items)


def _templated(item: ItemFacts, facts: Facts, package: str) -> str:
    seen = next((seen for view in facts.views if (seen := item.seen(view)) is not None), None)
    place = (seen.place if seen else None) or "an unclear place"
    return f"An X-ray image of {article(noun(item.category).one)} {noun(item.category).one} in {package} at {place}."


def lines(ours: Figures, fixed: Figures) -> list[tuple[str, str, str]]:
    """Rows for a card: what, the captions, the fixed template."""
    rows = [
        ("captions sampled", str(ours.captions), str(fixed.captions)),
        ("distinct-1", _shown(ours.distinct_1, 4), _shown(fixed.distinct_1, 4)),
        ("distinct-2", _shown(ours.distinct_2, 4), _shown(fixed.distinct_2, 4)),
        (
            f"self-BLEU of {ours.bleu_captions} (lower is more varied)",
            _shown(ours.self_bleu, 1),
            _shown(fixed.self_bleu, 1),
        ),
        ("words a caption", _shown(ours.mean_words, 1), _shown(fixed.mean_words, 1)),
        ("words, 10th / 50th / 90th percentile", _three(ours.words_at), _three(fixed.words_at)),
    ]
    return rows + ([("BLEU signature", ours.signature, fixed.signature or "")] if ours.signature else [])


def _shown(value: float | None, digits: int) -> str:
    return "not measured" if value is None else f"{value:.{digits}f}"


def _three(values: tuple[int, int, int] | None) -> str:
    return "not measured" if values is None else " / ".join(map(str, values))


def _place(key: int) -> bytes:
    return hashlib.sha256(f"diversity\0{key}".encode()).digest()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _at(ordered: Sequence[int], percent: int) -> int:
    """Nearest rank."""
    return ordered[max(-(-percent * len(ordered) // 100), 1) - 1]
