"""Questions on real scans: what their masks and boxes settle is asked, and nothing more."""

from pathlib import Path

import numpy as np
import pytest

from beltline.exam.mmxray import candidates
from beltline.formats import READERS, load, survey
from beltline.scan import Scan

pytestmark = pytest.mark.scans


def held(scans: Path, reader: str, folder: str) -> list[Scan]:
    root = scans / folder
    return [load(READERS[reader], root, entry) for entry in survey(READERS[reader], root) if entry.reject is None]


def test_the_box_of_a_real_gun_is_the_right_option(scans: Path) -> None:
    (scan,) = [scan for scan in held(scans, "gdxray", "gdxray") if scan.items]
    (gun,) = scan.items
    asked = [q for q in candidates(scan, seed=1, content="digest") if q.words.get("kind") == "box"]
    assert len(asked) == 1
    said = np.array([float(edge) for edge in asked[0].answer_text.strip("[]").split(",")])
    true = np.array(gun.top_xyxy) * 1000 / np.array([scan.top.width, scan.top.height] * 2)
    assert np.abs(said - true).max() <= 0.5 + 1e-9
    assert [one.xyxy for one in asked[0].evidence] == [gun.top_xyxy]


def test_what_a_source_may_not_label_is_not_said_to_be_absent(scans: Path) -> None:
    found = [q for scan in held(scans, "sixray-masks", "sixray_masks") for q in candidates(scan, seed=1, content="x")]
    assert {q.words["category"] for q in found} == {"gun", "knife"}
    assert not [q for q in found if q.answer_text in ("0", "No")]


def test_a_bag_without_a_threat_is_asked_for_what_it_lacks(scans: Path) -> None:
    bags = held(scans, "dvxray", "dvxray")
    assert len(bags) > 10
    for scan in bags:
        answers = {q.answer_text for q in candidates(scan, seed=1, content="x")}
        assert {"0"} <= answers <= {"0", "Yes", "No"} | {text for text in answers if "shows no" in text}
