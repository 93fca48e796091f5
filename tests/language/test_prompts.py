"""Instruction texts: complete, and bound to what they say."""

import json
from dataclasses import replace

import pytest

from beltline.language.captions import json_schema
from beltline.language.facts import Facts
from beltline.language.prompts import PROMPTS, render, told


@pytest.mark.parametrize("name", [name for name, prompt in PROMPTS.items() if "{schema}" in prompt.text])
def test_every_prompt_is_filled_in(random_facts, name):
    facts = random_facts(3, num_items=3)
    system, user = render(PROMPTS[name], facts)
    assert (system["role"], user["role"]) == ("system", "user")
    assert not any(f"{{{hole}}}" in user["content"] for hole in ("facts", "views", "boxes", "schema"))
    assert told(facts) in user["content"] and json.dumps(json_schema(), sort_keys=True) in user["content"]
    assert PROMPTS[name].label.startswith(f"{name}@20")


def test_a_bag_without_items_and_one_view():
    facts = Facts(views=("top",))
    assert json.loads(told(facts)) == {"views": ["top"], "counts": {}, "items": [], "overlaps": []}
    assert "one X-ray view" in render(PROMPTS["hierarchical-caption"], facts)[1]["content"]


def test_the_facts_are_all_there(random_facts):
    for seed in range(30):
        facts = random_facts(seed)
        shown = json.loads(told(facts))
        assert shown["counts"] == facts.counts()
        assert len(shown["overlaps"]) == len(facts.overlaps)
        for item, entry in zip(facts.items, shown["items"], strict=True):
            assert entry["category"] == item.category and entry.get("colour") == item.colour
            assert all(
                entry[v] is None if item.seen(v) is None else tuple(entry[v]["box"]) == item.seen(v).box
                for v in facts.views
            )


def test_the_sha_changes_with_the_text():
    prompt = PROMPTS["hierarchical-caption"]
    assert prompt.sha == replace(prompt).sha != replace(prompt, text=prompt.text + " ").sha
    assert len({prompt.sha for prompt in PROMPTS.values()}) == len(PROMPTS)


def test_facts_that_look_like_holes_stay_as_they_are():
    facts = Facts(views=("top",), container="{schema}")
    assert '"container": "{schema}"' in render(PROMPTS["hierarchical-caption"], facts)[1]["content"]
