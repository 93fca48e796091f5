"""The describer: never wrong about its facts, varied, and in decent English."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from beltline.labels import CATEGORIES
from beltline.language.facts import Facts
from beltline.language.grammar import describe
from beltline.language.lexicon import article, listed, noun
from beltline.language.screening import screen
from beltline.verdict import KEEP, BadRow


def test_a_bag_without_items(random_facts):
    for seed in range(80):
        facts = random_facts(seed, num_items=0)
        caption = describe(facts, (1, seed))
        assert caption.items == () and (caption.side is None) == (len(facts.views) == 1)
        assert "of interest" in caption.whole
        assert screen(facts, caption).verdict() is KEEP


@pytest.mark.parametrize("block", range(6))
def test_what_it_says_passes_every_screen_in_full(random_facts, block):
    for seed in range(100 * block, 100 * block + 100):
        facts = random_facts(seed)
        screening = screen(facts, describe(facts, (2, seed)))
        assert screening.coverage.found == {} and screening.coverage.part == screening.coverage.whole > 0
        assert screening.alignment.found == {} and screening.alignment.part == screening.alignment.whole
        assert screening.contradiction.found == {} and screening.contradiction.part == 0
        assert screening.verdict() is KEEP


def test_the_seed_decides_the_words(random_facts):
    facts = random_facts(4, num_items=4)
    assert describe(facts, (1, 2)) == describe(facts, (1, 2))
    assert len({describe(facts, (1, key)).text() for key in range(300)}) == 300
    assert len({describe(facts, (1, key)).top for key in range(300)}) > 250


def test_more_items_than_a_caption_holds(random_facts):
    facts = random_facts(4, num_items=41)
    with pytest.raises(BadRow, match="caption/schema"):
        describe(facts, (1, 2))


def test_long_names_and_many_alike(random_facts):
    facts = random_facts(9, num_items=12)
    alike = replace(facts, items=tuple(replace(item, category="scissors") for item in facts.items))
    caption = describe(alike, (1, 1))
    assert {entry.quantity for entry in caption.items} == {"many"}
    assert "12 pairs of scissors" in caption.whole


@pytest.mark.parametrize(
    ("category", "one", "three"),
    [
        ("axe", "an axe", "three axes"),
        ("utility knife", "a utility knife", "three utility knives"),
        ("umbrella", "an umbrella", "three umbrellas"),
        ("scissors", "a pair of scissors", "three pairs of scissors"),
        ("handcuffs", "a pair of handcuffs", "three pairs of handcuffs"),
        ("columnar block battery", "a columnar block battery", "three columnar block batteries"),
        ("orange liquid", "a bottle of orange liquid", "three bottles of orange liquid"),
        ("wrench", "a wrench", "three wrenches"),
        ("chopsticks", "a set of chopsticks", "three sets of chopsticks"),
        ("glass", "a glass", "three glasses"),
    ],
)
def test_nouns(category, one, three):
    assert noun(category).counted(1) == one
    assert noun(category).counted(3) == three


def test_every_category_reads_well():
    for category in CATEGORIES:
        said = noun(category)
        assert (said.one != said.many and not said.one.endswith("s")) or said.one.startswith(("pair", "set", "bundle"))
        assert not re.search(r"\d$", said.one), f"{category}: a reader does not know what the number means"


def test_lists_and_articles():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert [article(word) for word in ("upright", "universal", "USB stick", "orange", "hammer")] == [
        "an",
        "a",
        "a",
        "an",
        "a",
    ]


def test_the_english_is_tidy(random_facts):
    for seed in range(300):
        text = describe(random_facts(seed), (3, seed)).text()
        assert not re.search(r"  |\{|\}|\.\.| \.| ,|\ba [aeio]\w|\ban [^aeiou\W]|None", text), text
        for sentence in re.split(r"(?<=\.) ", text):
            assert sentence[0].isupper() or sentence[0].isdigit(), sentence
            assert sentence.endswith(".") or sentence is text, sentence


def ngrams(texts: list[str], size: int) -> Counter[tuple[str, ...]]:
    words = [text.lower().split() for text in texts]
    return Counter(tuple(w[k : k + size]) for w in words for k in range(len(w) - size + 1))


def test_it_is_more_varied_than_a_template(random_facts):
    bags: list[Facts] = [random_facts(seed, num_items=1) for seed in range(300)]
    ours = [describe(facts, (5, seed)).top for seed, facts in enumerate(bags)]
    fixed = [
        f"An X-ray image of {f.items[0].category} in {f.container or 'bag'} at {f.items[0].top and f.items[0].top.place}"
        for f in bags
    ]
    openings = [len({" ".join(text.split()[:3]) for text in texts}) for texts in (ours, fixed)]
    assert openings[0] >= 20 * openings[1]
    # how much of a caption stands, four words at a time, in another caption about another bag
    repeated = [
        sum(n for n in grams.values() if n > 1) / grams.total() for grams in (ngrams(ours, 6), ngrams(fixed, 6))
    ]
    assert repeated[0] < repeated[1]
