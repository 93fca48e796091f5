"""Diversity: definitions on small texts, independent references, bounded samples, and the describer above the template."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU

from beltline.language import diversity
from beltline.language.diversity import distinct, lines, measure, sample, self_bleu, template
from beltline.language.grammar import describe


def test_nothing():
    figures = measure({})
    assert (figures.captions, figures.distinct_1, figures.self_bleu, figures.words_at) == (0, None, None, None)
    assert all("not measured" in row[1] or row[1] == "0" for row in lines(figures, figures))


@pytest.mark.parametrize(
    ("texts", "n", "expected"),
    [
        ([], 1, None),
        ([["a"]], 2, None),
        ([["a", "b", "a"]], 1, 2 / 3),
        ([["a", "b"], ["a", "b"]], 2, 1 / 2),
        ([["a", "b"], ["b", "a"]], 2, 1.0),  # no gram reaches from one text into the next
    ],
)
def test_distinct(texts, n, expected):
    assert distinct(texts, n) == expected


def test_self_bleu_is_sacrebleus_against_the_others():
    texts = ["a gun lies on the left of the bag", "a knife lies on the right", "two phones overlap in the middle of it"]
    metric = BLEU(effective_order=True)
    wanted = np.mean([metric.sentence_score(one, [t for t in texts if t != one]).score for one in texts])
    score, signature = self_bleu(texts)
    assert score == pytest.approx(wanted) and "13a" in signature
    assert self_bleu(["the same words here"] * 3)[0] == pytest.approx(100)
    assert self_bleu(["one"]) is None


@given(st.lists(st.integers(0, 2**63 - 1), unique=True, max_size=60), st.integers(1, 20))
def test_a_sample_is_of_its_size_and_keeps_what_it_has(ids, size):
    chosen = sample(ids, size)
    assert len(chosen) == min(size, len(ids)) and set(chosen) <= set(ids)
    assert sample(reversed(ids), size) == chosen
    assert set(sample([*ids, 2**63], size)) - {2**63} <= set(chosen)


def test_percentiles_are_nearest_ranks():
    figures = measure({k: " ".join(["w"] * (k + 1)) for k in range(10)})
    assert figures.words_at == (1, 5, 9) and figures.mean_words == 5.5


def test_the_template_says_class_package_and_location(random_facts):
    facts = random_facts(3, num_items=2)
    text = template(facts)
    assert text.count("An X-ray image of ") == 2 and (facts.container or "bag") in text
    assert "nothing" in template(random_facts(3, num_items=0))


def test_the_describer_is_more_varied_than_the_template(random_facts):
    facts = {seed: random_facts(seed) for seed in range(120)}
    ours = measure({seed: describe(one, (1, seed)).text() for seed, one in facts.items()})
    fixed = measure({seed: template(one) for seed, one in facts.items()})
    assert ours.self_bleu < fixed.self_bleu
    assert ours.distinct_2_even > 2 * fixed.distinct_2_even
    assert ours.words_at[1] > fixed.words_at[1]


def test_large_corpora_are_sampled(monkeypatch):
    seen: list[int] = []
    monkeypatch.setattr(diversity, "self_bleu", lambda texts: seen.append(len(texts)))
    figures = measure({k: f"a bag number {k}" for k in range(20_000)})
    assert figures.captions == diversity.MAX_CAPTIONS and seen == [diversity.MAX_BLEU_REFERENCES + 1]


def test_an_even_number_of_words_makes_lengths_comparable():
    short = {k: "a b c d" for k in range(1250)}
    assert measure(short).distinct_2_even == distinct([["a", "b", "c", "d"]] * 1250, 2) == 3 / 3750
    assert measure({k: "a b c d" for k in range(1249)}).distinct_2_even is None
    assert measure({0: " ".join(["a", "b"] * 2600)}).distinct_2_even == 2 / 4999
