"""The tower's first lesson: cells say what lies in them, and a tower learns it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beltline.learning.recipes import RECIPES
from tests.learning.conftest import Corpus

pytestmark = pytest.mark.learning


def test_no_masks_no_categories() -> None:
    from beltline.learning.sight import cells

    assert cells([], ["gun"], (5, 4)).shape == (20, 1) and not cells([], ["gun"], (5, 4)).any()


def test_a_cell_says_how_much_of_it_a_category_covers() -> None:
    from beltline.learning.sight import cells

    gun, half, other = (np.zeros((64, 96), bool) for _ in range(3))
    gun[32:64, 32:64] = True  # all of one cell: the second row, the second column
    half[0:32, 0:16] = True
    found = cells([("gun", gun), ("knife", half), ("shoe", other)], ["knife", "gun"], (3, 2))
    expected = np.zeros((6, 2))
    expected[4, 1], expected[0, 0] = 1.0, 0.5
    assert np.allclose(found, expected)


def test_edges_are_those_of_the_item_that_covers_most_of_a_cell() -> None:
    from beltline.learning.sight import edges

    assert edges([], (3, 2)).isnan().all() and edges([], (3, 2)).shape == (6, 4)
    broad, small = np.zeros((64, 96), bool), np.zeros((64, 96), bool)
    broad[0:64, 0:48] = True  # the left column of cells, and half of the middle one
    small[0:32, 32:64] = True  # all of the middle cell above
    found = edges([small, broad], (3, 2)).numpy()
    whole, part = (0, 0, 0.5, 1), (1 / 3, 0, 2 / 3, 0.5)
    assert np.allclose(found[[0, 3, 4]], whole) and np.allclose(found[1], part)
    assert np.isnan(found[[2, 5]]).all()


def test_an_edge_lies_between_two_marks() -> None:
    import torch

    from beltline.learning.sight import MARKS, marked

    assert marked(torch.empty(0, 4)).shape == (0, 4, MARKS)
    places = torch.tensor([[0.0, 0.013, 0.5, 0.999], [1.0, 1.2, -0.1, 0.02]])
    found = marked(places)
    assert torch.allclose(found.sum(-1), torch.ones(2, 4), atol=1e-5)
    assert torch.allclose(found @ torch.linspace(0, 1, MARKS), places.clamp(0, 1), atol=1e-5)
    assert ((found > 1e-4).sum(-1) <= 2).all() and found[1, 3].argmax() == 1


@pytest.mark.parametrize("matrix_rate", [None, 1e-2])
def test_a_tower_learns_where_things_lie(
    pupil: Callable[..., Any], corpus: Corpus, tmp_path: Path, matrix_rate: float | None
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq
    import torch

    from actors.eyes import Eyes, open_eyes
    from beltline.scan import SCHEMA
    from beltline.store import Store

    recipe = replace(RECIPES["gsr_nano"], sight_steps=30, sight_batch=4, sight_rate=5e-3, sight_matrix_rate=matrix_rate)
    found = pupil(recipe)
    rows = [{name: row.get(name) for name in SCHEMA.names} for row in corpus.scans.values()]
    folder = tmp_path / "status=kept"
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), folder / "part.parquet")
    eyes = Eyes(Store(str(tmp_path)), ["status=kept/part.parquet"], found.processor)
    assert len(eyes) == 2 * len(rows)
    alone = Eyes(Store(str(tmp_path)), ["status=kept/part.parquet"], found.processor, ("top",))
    tops = [some.batch([at])[0]["pixel_values"] for some, at in ((alone, 1), (eyes, 2))]
    assert len(alone) == len(rows) and torch.equal(*tops)
    (plain, there), (turned, mirrored) = eyes.batch([0]), eyes.batch([len(eyes)])
    assert not torch.equal(plain["pixel_values"], turned["pixel_values"])
    down, across = (int(side) // 2 for side in plain["image_grid_thw"][0, 1:])
    shares = there[:, :-4].unflatten(0, (down, across)).flip(1).flatten(0, 1)
    assert torch.allclose(shares, mirrored[:, :-4], atol=1e-5) and not torch.equal(shares, there[:, :-4])
    words = found.model.get_input_embeddings().weight.detach().clone()
    losses = open_eyes(found.taught, eyes, recipe)
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    assert torch.equal(words, found.model.get_input_embeddings().weight)  # the language part has no part in it


def test_scans_without_masks_are_refused(pupil: Callable[..., Any], tmp_path: Path) -> None:
    from actors.eyes import Eyes, open_eyes
    from beltline.store import Store

    found = pupil(RECIPES["gsr_nano"])
    with pytest.raises(ValueError, match="scans with masks"):
        open_eyes(found.taught, Eyes(Store(str(tmp_path)), [], found.processor), found.recipe)


def test_matrices_are_turned_by_muon_where_asked(pupil: Callable[..., Any]) -> None:
    """A step of Muon has no direction that is longer than others; the head, which is thrown away, is AdamW's."""
    import torch

    from beltline.learning.adapt import part_of
    from beltline.learning.sight import Sight

    for matrix_rate in (None, 1e-2):
        found = pupil(RECIPES["gsr_nano"])
        sight = Sight(found.taught, 2, (1e-3, matrix_rate), 100)
        each = [(id(p), type(one).__name__) for one in sight.optimizers for group in one.param_groups for p in group["params"]]  # fmt: skip
        held = dict(each)
        assert len(held) == len(each)  # none has two
        eyes = {name: p for name, p in found.model.named_parameters() if part_of(name) != "llm"}
        assert {id(p) for p in (*eyes.values(), *sight.head.parameters())} == held.keys()
        by_muon = {name for name, p in eyes.items() if held[id(p)] == "Muon"}
        linear = {f"{name}.weight" for name, m in found.model.named_modules() if isinstance(m, torch.nn.Linear)}
        assert by_muon == (eyes.keys() & linear if matrix_rate else set())
        assert held[id(sight.head.weight)] == "AdamW"
