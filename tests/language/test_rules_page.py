"""The page of rules is what second tables are written from: its words must be the words that the screens know."""

from pathlib import Path

from beltline.language import lexicon, screening

PAGE = (Path(__file__).parents[2] / "docs" / "screening-rules.md").read_text(encoding="utf-8")


def test_the_page_lists_every_class_with_its_words():
    assert "\n".join(lexicon.glossary()) in PAGE


def test_the_page_is_of_this_version_of_the_rules():
    assert f"({screening.RULES})" in PAGE.split("\n")[0]


def test_the_page_names_the_limits():
    limits = (screening.MIN_COVERAGE_PERCENT, screening.MIN_ALIGNMENT_PERCENT, screening.MAX_CONTRADICTION_PERCENT)
    assert "Exactly {}, {} and {} % are kept".format(*limits) in PAGE
