"""What a frozen tower has seen is not opened again: the same samples, the same losses, and no pixels in memory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beltline.learning.recipe import Lora
from beltline.learning.recipes import RECIPES
from beltline.scan import Row
from tests.learning.conftest import FAMILIES, Corpus

pytestmark = pytest.mark.learning
Make = Callable[..., Any]
FROZEN = replace(
    RECIPES["gsr_nano"], batch=1, epochs=2, llm="lora", lora=Lora(rank=4, alpha=8), tower="frozen", aligner="frozen"
)


def of(family: str) -> Any:
    return replace(FROZEN, family=family, tags=family == "qwen3_vl")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_sample_without_its_pixels_is_the_same_sample(pupil: Make, family: str) -> None:
    import torch

    from beltline.learning.encode import encode
    from beltline.learning.features import Features
    from beltline.learning.packing import pack

    found = pupil(of(family))
    opened = [one for one in found.encoded if one.images]
    grids = {image: grid for one in opened for image, grid in zip(one.images, one.grids, strict=True)}
    again = [
        encode(draft, [replace(view, bytes=b"") for view in sample.views], found.processor, grids)
        for draft, sample in zip(found.drafts, found.samples, strict=True)
        if sample.views
    ]
    for one, other in zip(opened, again, strict=True):
        assert other.views == {} and other.images == one.images
        assert all(
            torch.equal(getattr(one, name), getattr(other, name)) for name in ("ids", "labels", "types", "grids")
        )
    features = Features.of(found.taught, found.recipe)
    whole, mixed = pack(opened, found.model), pack([*again[:2], *opened[2:]], found.model)
    features.of_pack(pack(opened[:2], found.model))
    assert mixed.opened == tuple(image for one in opened[2:] for image in one.images)
    assert torch.equal(whole.positions, mixed.positions)
    assert torch.equal(found.taught(whole), found.taught(mixed, features.of_pack(mixed)))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_second_epoch_opens_nothing(
    corpus: Corpus, tiny_base: Callable[[str], Path], family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from actors.student import Lesson, Student
    from beltline.learning import encode

    write(tmp_path, corpus)
    opened, opens = list[str](), encode._opened
    monkeypatch.setattr(encode, "_opened", lambda view: opened.append(view.sha256) or opens(view))
    paths = {name: (f"status=kept/{name}.parquet",) for name in ("lessons", "scans")}
    lesson = Lesson(recipe=of(family), base=str(tiny_base(family)), store=str(tmp_path), blank=False, **paths)
    losses = []
    for blind in (False, True):
        student, opened[:] = Student(lesson), []
        assert student.engine
        if blind:
            student.syllabus.features = None
        student.learn(lambda report: losses.append(report.loss), stop=student.plan.num_steps // 2)
        views = {shown.sha256 for views in student.syllabus._views for shown in views}
        assert set(opened) == views and (len(opened) > len(views)) is blind  # two conversations about each bag
        opened[:] = []
        student.learn(lambda report: losses.append(report.loss))
        assert opened == []
        assert (
            any(made.views for made in student.syllabus._made.values()) is blind
        )  # pixels that nobody needs are not held
    assert losses[: len(losses) // 2] == losses[len(losses) // 2 :]


@pytest.mark.parametrize("views", [("top",), None])
def test_first_sight_is_of_the_views_that_are_taught(
    corpus: Corpus, tiny_base: Callable[[str], Path], views: tuple[str, ...] | None, tmp_path: Path
) -> None:
    """A side view that is no image does no harm where only the top view is taught."""
    from PIL import UnidentifiedImageError

    from actors.student import Lesson, Student

    broken = {key: row | {"side": row["side"] | {"bytes": b"no image"}} for key, row in corpus.scans.items()}
    write(tmp_path, replace(corpus, scans=broken))
    recipe = replace(RECIPES["gsr_nano"], sight_steps=3, sight_batch=4, views=views)
    paths = {name: (f"status=kept/{name}.parquet",) for name in ("lessons", "scans")}
    student = Student(Lesson(recipe=recipe, base=str(tiny_base("qwen3_vl")), store=str(tmp_path), **paths))
    if views:
        assert student.look()
    else:
        with pytest.raises(UnidentifiedImageError):
            student.look()


def write(folder: Path, corpus: Corpus) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from beltline.language import conversations
    from beltline.scan import SCHEMA

    def rows(some: list[Row], schema: pa.Schema) -> pa.Table:
        return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in some], schema=schema)

    (kept := folder / "status=kept").mkdir()
    said = [row | {"id": number} for number, row in enumerate(corpus.conversations)]
    pq.write_table(rows(said, conversations.SCHEMA), kept / "lessons.parquet")
    pq.write_table(
        rows([*corpus.scans.values()], SCHEMA.append(pa.field("content", pa.string()))), kept / "scans.parquet"
    )
