"""What differs between versions and runs: nothing of what is the same, all of what is not; and the page that shows it."""

import xml.etree.ElementTree as ElementTree

import pytest

from beltline import card
from beltline.differing import NOTHING, Side, differences, flat, of_manifest, of_run
from beltline.page import html
from tests.test_lineage import MADE_OF, manifest


def test_a_version_does_not_differ_from_itself() -> None:
    one = manifest("words", MADE_OF["words"])
    assert list(differences([of_manifest("a", one), of_manifest("b", one)])) == []


def test_only_what_differs_is_said_and_where() -> None:
    before = manifest(
        "words", MADE_OF["words"], recipe={"name": "r", "model": {"name": "Qwen", "seed": 1}, "kinds": [1, 2]}
    )
    after = before.model_copy(
        update={
            "recipe": {"name": "r", "model": {"name": "Qwen", "seed": 2}, "kinds": [1, 2]},
            "inputs": {"scans": "scans@2.0.0"},
            "reasons": {"screen/coverage": 3},
            "libraries": {"ray": "2.60.0"},
        }
    )
    found = {
        section: (head, rows)
        for section, head, rows in differences([of_manifest("a", before), of_manifest("b", after)])
    }
    assert found["recipe"] == (("recipe", "a", "b"), [("model.seed", "1", "2")])
    assert found["data"][1] == [("scans", "scans@1.0.0", "scans@2.0.0")]
    assert found["outcome"][1] == [("rejected screen/coverage", NOTHING, "3")]
    assert found["code"][1] == [("ray", NOTHING, "2.60.0")]


@pytest.mark.parametrize("number", [2, 3, 5])
def test_many_sides_and_one_that_differs(number: int) -> None:
    sides = [
        Side(str(one), {"recipe": {"same": "x", "rate": "2" if one == number - 1 else "1"}}) for one in range(number)
    ]
    ((section, head, rows),) = differences(sides)
    assert section == "recipe" and len(head) == number + 1
    assert rows == [("rate", *["1"] * (number - 1), "2")]


def test_a_run_beside_a_version() -> None:
    tags = {"beltline.input.scans": "scans@1.0.0", "mlflow.user": "me"}
    run = of_run("run", {"rate": "0.1"}, {"loss": 0.25}, tags)
    found = {section: dict((row[0], row[1:]) for row in rows) for section, _, rows in differences([run, of_manifest("v", manifest("words", MADE_OF["words"]))])}  # fmt: skip
    assert found["recipe"]["rate"] == ("0.1", NOTHING) and found["outcome"]["loss"] == ("0.25", NOTHING)
    assert "scans" not in found["data"], "both read the same"


def test_nested_values_have_dotted_names() -> None:
    assert flat({"a": {"b": {"c": 1}, "d": None}, "e": "x"}) == {"a.b.c": "1", "a.d": "null", "e": "x"}


NASTY = ["<b>", "a|b", "a\\|b", "back\\", "&amp;", '"quoted"']


def test_a_table_arrives_cell_by_cell_whatever_is_in_it() -> None:
    head, rows = ("name", "value"), [(text, str(number)) for number, text in enumerate(NASTY)]
    text = html("What <differs>", "\n## one\n\n" + "\n".join(card.table(head, rows)) + "\n")
    page = ElementTree.fromstring(text.removeprefix("<!doctype html>").replace('<meta charset="utf-8">', ""))
    cells = [["".join(cell.itertext()) for cell in row] for row in page.iter("tr")]
    assert cells == [list(head), *map(list, rows)]
    assert [one.text for one in page.iter("h1")] == ["What <differs>"] and [one.text for one in page.iter("h2")] == [
        "one"
    ]
