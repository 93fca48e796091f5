"""Where a version comes from, on made manifests: every ancestor once, down to the licences; what is gone or another is said at its place."""

import random
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pytest

from beltline.lineage import Ancestor, lines, walk
from beltline.lineage_page import HEIGHT, WIDTH, columns, page, picture, places
from beltline.version import Manifest

MADE_OF: dict[str, dict[str, str]] = {
    "dvxray": {},
    "bags": {},
    "scans": {"backgrounds": "dvxray", "cutouts": "bags"},
    "words": {"scans": "scans"},
    "lessons": {"scans": "scans", "captions": "words"},
    "gsr": {"lessons": "lessons", "scans": "scans"},
}


def digest(name: str) -> str:
    return (name.encode().hex() * 64)[:64]


def manifest(name: str, made_of: dict[str, str], **more: Any) -> Manifest:
    inputs = {role: f"{other}@1.0.0" for role, other in made_of.items()}
    digests = {role: digest(other) for role, other in made_of.items()}
    said: dict[str, Any] = {
        "digest": digest(name), "recipe": {"name": f"{name}-recipe"}, "verb": f"make-{name}", "run": f"run-{name}", "num_rows": 7, "counts": {"kept": 7},
        "licences": {f"{name}-licence": 7}, "reasons": {}, "columns": {}, "parent": None, "change": {},
        "commit": "c" * 40, "libraries": {}, "created": "2026-11-28T00:00:00+00:00", "files": [],
    }  # fmt: skip
    return Manifest(name=name, version="1.0.0", inputs=inputs, input_digests=digests, **said | more)


def finder(*gone: str, **others: Manifest) -> Callable[[str], Manifest]:
    def find(ref: str) -> Manifest:
        name = ref.split("@")[0]
        if name in gone:
            raise ValueError(f"version: expected {ref}, found none")
        return others.get(name) or manifest(name, MADE_OF[name])

    return find


def test_every_ancestor_with_its_digest_and_licence() -> None:
    found = walk(finder(), "gsr@1.0.0")
    assert {one.ref: one.digest for one in found.every()} == {f"{name}@1.0.0": digest(name) for name in MADE_OF}
    assert found.sources == {"dvxray-licence": {"dvxray@1.0.0": 7}, "bags-licence": {"bags@1.0.0": 7}}
    assert found.faults == []
    roles = {(parent.role, parent.ref) for parent in found.parents}
    assert roles == {("lessons", "lessons@1.0.0"), ("scans", "scans@1.0.0")}


def test_the_tree_says_every_way() -> None:
    text = list(lines(walk(finder(), "gsr@1.0.0")))
    assert text[0].startswith("gsr@1.0.0  make-gsr gsr-recipe  7 rows")
    assert sum("dvxray@1.0.0" in line for line in text) == 3, "of gsr directly, of the lessons, of their captions"
    deep = next(line for line in text if "captions: words@1.0.0" in line)
    assert deep.startswith("    captions"), "two generations below"
    assert "dvxray-licence 7" in next(line for line in text if "dvxray@1.0.0" in line)


@pytest.mark.parametrize("gone", ["dvxray", "words", "lessons"])
def test_what_is_gone_keeps_its_place_and_digest(gone: str) -> None:
    found = walk(finder(gone), "gsr@1.0.0")
    (fault,) = found.faults
    assert fault.startswith(f"{gone}@1.0.0: gone") and digest(gone) in {one.digest for one in found.every()}
    assert any("!! gone" in line for line in lines(found))


def test_a_version_that_was_made_anew_is_another() -> None:
    other = manifest("words", MADE_OF["words"], digest="f" * 64)
    (fault,) = walk(finder(words=other), "gsr@1.0.0").faults
    assert f"expected digest {digest('words')}, as it was read, found {'f' * 64}" in fault


def test_the_version_itself_must_be_there() -> None:
    with pytest.raises(ValueError, match=r"expected gsr@1\.0\.0"):
        walk(finder("gsr"), "gsr@1.0.0")


def test_each_manifest_is_read_once_however_many_ways_lead_to_it() -> None:
    """30 generations of two, each made of both before it: a billion ways."""
    asked: list[str] = []

    def find(ref: str) -> Manifest:
        asked.append(ref)
        number = int(ref.split("@")[0][1:])
        before = {"a": f"v{number - 1}", "b": f"v{number - 2}"} if number > 1 else {}
        return manifest(f"v{number}", before)

    found = walk(find, "v30@1.0.0")
    assert sorted(set(asked)) == sorted(f"v{number}@1.0.0" for number in range(31))
    assert sum(1 for _ in found.every()) == 31


@pytest.mark.parametrize("model", [{"name": "Qwen", "revision": "7"}, "Qwen@7"])
def test_who_spoke(model: Any) -> None:
    spoken = manifest("words", MADE_OF["words"], recipe={"name": "r", "model": model})
    found = walk(finder(words=spoken), "words@1.0.0")
    assert found.who == "Qwen@7" and "by Qwen@7" in next(lines(found))


def grown(seed: int) -> Ancestor:
    """A lineage of chance: each version made of up to three earlier ones."""
    rng = random.Random(seed)
    made = {number: rng.sample(range(number), min(number, rng.randint(0, 3))) for number in range(12)}

    def find(ref: str) -> Manifest:
        number = int(ref.split("@")[0][1:])
        return manifest(f"v{number}", {f"r{other}": f"v{other}" for other in made[number]})

    return walk(find, "v11@1.0.0")


@pytest.mark.parametrize("seed", range(8))
def test_every_arrow_points_to_the_right_and_no_box_lies_on_another(seed: int) -> None:
    root = grown(seed)
    at, depth = places(root), columns(root)
    for one in root.every():
        for parent in one.parents:
            assert at[parent.ref][0] + WIDTH < at[one.ref][0] and depth[parent.ref] > depth[one.ref]
    boxes = sorted(at.values())
    assert all(
        x1 + WIDTH <= x2 or y1 + HEIGHT <= y2 for number, (x1, y1) in enumerate(boxes) for x2, y2 in boxes[number + 1 :]
    )
    drawn = ElementTree.fromstring(picture(root))
    assert len(drawn.findall("{*}rect")) == len(at)
    assert len(drawn.findall("{*}path")) == sum(len(one.parents) for one in root.every())


def test_the_page_names_all_and_escapes_what_it_is_told() -> None:
    evil = manifest("words", MADE_OF["words"], recipe={"name": "<script>alert(1)</script>"})
    text = page(walk(finder("dvxray", words=evil), "gsr@1.0.0"), {"run-gsr": "http://mlflow/#/runs/1"})
    assert all(digest(name) in text for name in MADE_OF) and "<script" not in text
    assert '<a href="http://mlflow/#/runs/1">run-gsr</a>' in text
    assert re.search(r'class="fault">dvxray@1.0.0: gone', text) and "bags-licence" in text
