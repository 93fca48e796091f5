"""A folder of images alone: views of one bag are found by their names, and nothing is left out."""

from pathlib import Path

from beltline.formats import READERS, load, survey
from tests.made import view

READER = READERS["pictures"]


def test_views_of_a_bag_go_together_and_every_file_is_accounted_for(tmp_path: Path) -> None:
    names = ("a_top.png", "a_side.png", "day/a-TOP.png", "day/b side.png", "c.png", "top.png", "words.txt")
    for number, name in enumerate(names):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"words" if name.endswith(".txt") else view(number, (240, 200)).bytes)
    found = {one.source_id: (one.top, one.side, one.reject and one.reject.reason) for one in survey(READER, tmp_path)}
    assert found.pop("words.txt")[2] is not None
    assert found == {
        "a": ("a_top.png", "a_side.png", None),
        "day/a": ("day/a-TOP.png", None, None),
        "day/b side.png": ("day/b side.png", None, None),  # a side view without its top view is looked at alone
        "c.png": ("c.png", None, None),
        "top.png": ("top.png", None, None),
    }
    scan = load(READER, tmp_path, next(one for one in survey(READER, tmp_path) if one.source_id == "a"))
    assert scan.side is not None and scan.side.bytes == view(1, (240, 200)).bytes and scan.items == ()
