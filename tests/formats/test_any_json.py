"""Whatever an annotation file holds, a survey ends, and each file of the folder is accounted for once."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from beltline.formats import READERS, Entry, load, survey
from beltline.verdict import BadRow
from tests.formats.folders import IMAGE, put

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
_SHEETS: dict[str, tuple[str, Any]] = {
    "dvxray": ("P00001.json", {"objects": [{"label": "Gun", "ol_bb": [1, 2, 9, 9], "sd_bb": [1, 2, 9, 9]}]}),
    "coco": (
        "a.json",
        {
            "images": [{"id": 1, "file_name": "Images/Class 01_Gun/a.png", "width": 80, "height": 60}],
            "categories": [{"id": 1, "name": "Gun"}],
            "annotations": [
                {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "segmentation": [[1, 1, 9, 1, 9, 9]]},
                {"image_id": 1, "category_id": 1, "mask": {"size": [60, 80], "counts": [4800]}},
            ],
        },
    ),
    "stcray": (
        "Json/Class 01_Gun/a.json",
        {"shapes": [{"label": "Gun", "points": [[1, 1], [9, 1], [9, 9]]}], "imageWidth": 80, "imageHeight": 60},
    ),
    "stingbee": (
        "s.json",
        [{"image": "a.png", "conversations": [{"from": "gpt", "value": "<p>gun</p>{<1><2><30><40>}"}]}],
    ),
}
_IMAGES = {"P00001_OL.png": IMAGE, "P00001_SD.png": IMAGE, "Images/Class 01_Gun/a.png": IMAGE}


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something can be replaced in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, below in inner for each in _places(below, (*path, key)))]


def _replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    value = copy.deepcopy(value)
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = new
    return value


@pytest.mark.parametrize("name", _SHEETS)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), new=_json)
@example(data=None, new=10**400)
def test_any_value_anywhere_is_read_or_rejected(
    name: str, tmp_path: Path, data: st.DataObject | None, new: Any
) -> None:
    path, sheet = _SHEETS[name]
    if not (tmp_path / "P00001_OL.png").exists():
        put(tmp_path, _IMAGES)
        put(tmp_path, {path: sheet})
        assert any(_loads(name, tmp_path, entry) for entry in survey(READERS[name], tmp_path)), (
            "the sheet itself is good"
        )
    places = _places(sheet)
    place = places[-1] if data is None else data.draw(st.sampled_from(places))
    put(tmp_path, {path: json.dumps(_replaced(sheet, place, new))})
    try:
        entries = survey(READERS[name], tmp_path)
    except ValueError as error:
        assert not isinstance(error, BadRow) and READERS[name].where in str(error)
        return
    paths = [each for entry in entries for each in entry.files]
    assert set(paths) == {*_IMAGES, path}
    assert [paths.count(each) for each in _IMAGES] == [1, 1, 1]
    for entry in entries:
        assert Entry.of(entry.json()) == entry
        _loads(name, tmp_path, entry)


def _loads(name: str, root: Path, entry: Entry) -> bool:
    try:
        load(READERS[name], root, entry)
    except BadRow:
        return False
    return True
