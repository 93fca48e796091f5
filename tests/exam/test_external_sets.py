"""Exams on public sets, each on a tiny folder in the set's exact layout."""

import json
from pathlib import Path
from typing import Any

import pytest

from beltline.exam.external.sets import (
    SETS,
    ask_all,
    categories,
    detected,
    entries,
    located,
    present,
    questions,
    read_labels,
    scans,
)
from beltline.exam.metrics import detection, labelsets
from beltline.formats import READERS
from beltline.labels import OPIXRAY, PIDRAY, STCRAY
from beltline.verdict import BadRow
from tests.formats.folders import IMAGE, put


def sheet(images: dict[int, str], boxes: list[tuple[int, int, list[float]]], *names: str) -> dict[str, Any]:
    return {
        "images": [{"id": key, "file_name": name, "width": 80, "height": 60} for key, name in images.items()],
        "annotations": [
            {"id": n, "image_id": image, "category_id": category, "bbox": box}
            for n, (image, category, box) in enumerate(boxes)
        ],
        "categories": [{"id": key, "name": name} for key, name in enumerate(names, 1)],
    }


def labelme(label: str) -> dict[str, Any]:
    shape = {"label": label, "points": [[10, 10], [30, 20]], "shape_type": "rectangle"}
    return {"shapes": [shape], "imageWidth": 80, "imageHeight": 60}


def opixray(part: str, name: str, *lines: str) -> dict[str, Any]:
    return {f"{part}/{part}_image/{name}.jpg": IMAGE, f"{part}/{part}_annotation/{name}.txt": "\n".join(lines)}


def stcray(part: str, folder: str, stem: str, label: str) -> dict[str, Any]:
    place = f"STCray_{part}Set"
    return {f"{place}/Images/{folder}/{stem}.jpg": IMAGE, f"{place}/Json_BB/{folder}/{stem}.json": labelme(label)}


PIDRAY_FILES = {
    "annotations/xray_train.json": sheet({1: "xray_00001.png"}, [(1, 1, [0, 0, 9, 9])], "Gun"),
    "train/xray_00001.png": IMAGE,
    "annotations/xray_test_easy.json": sheet({1: "xray_easy00001.png"}, [(1, 1, [10, 10, 20, 20]), (1, 1, [40, 10, 9, 9])], "Gun"),
    "easy/xray_easy00001.png": IMAGE,
    "annotations/xray_test_hidden.json": sheet(
        {1: "xray_hidden00001.png"}, [(1, 2, [1, 2, 30, 40]), (1, 1, [5, 5, 9, 9])], "Scissors", "Powerbank"
    ),
    "hidden/xray_hidden00001.png": IMAGE,
}  # fmt: skip
PIXRAY_FILES = {
    "annotations/pixray_train.json": sheet({1: "a.jpg"}, [(1, 1, [0, 0, 9, 9])], "Battery"),
    "train/a.jpg": IMAGE,
    "annotations/pixray_test.json": sheet({1: "b.jpg", 2: "c.jpg"}, [(1, 1, [0, 0, 9, 9]), (1, 2, [9, 9, 9, 9]), (2, 1, [3, 3, 9, 9])], "Battery", "Gun"),
    "test/b.jpg": IMAGE,
    "test/c.jpg": IMAGE,
}  # fmt: skip
LAYOUTS: dict[str, dict[str, Any]] = {
    "stcray-classification": stcray("Train", "Class 02_Gun", "Gun1_B1_L1_C1_Loc1_phi1_th1_1", "Gun")
    | stcray("Test", "Class 08_Hammer", "Hammer1_B4_L2_C1_Loc1_phi2_th1_2", "Hammer"),
    "pidray-classification": PIDRAY_FILES,
    "opixray-classification": opixray("train", "000001", "000001.jpg Scissor 1 2 30 40")
    | opixray("test", "000002", "000002.jpg Utility_Knife 1 2 30 40", "000002.jpg Utility_Knife 5 2 60 40")
    | opixray("test", "000003", "000003.jpg Scissor 1 2 30 40", "000003.jpg Folding_Knife 1 2 30 40"),
    "pidray-detection": PIDRAY_FILES,
    "pixray-ovxd": PIXRAY_FILES,
    "pidray-ovxd": PIDRAY_FILES,
    "det-compass": {
        "all.json": sheet({1: "sub/d.png"}, [(1, 1, [4, 4, 8, 8])], "Corkscrew"),
        "sub/d.png": IMAGE,
    },
    "coco-detection": {"all.json": sheet({1: "e.png"}, [(1, 1, [4, 4, 8, 8])], "Gun"), "e.png": IMAGE},
    "coco-classification": {
        "all.json": sheet({1: "e.png", 2: "f.png"}, [(1, 1, [4, 4, 8, 8]), (2, 2, [4, 4, 8, 8])], "Gun", "Axe"),
        "e.png": IMAGE,
        "f.png": IMAGE,
    },
}
HELD = {
    "stcray-classification": ["Hammer1_B4_L2_C1_Loc1_phi2_th1_2"],
    "pidray-classification": ["xray_easy00001", "xray_hidden00001"],
    "opixray-classification": ["000002", "000003"],
    "pidray-detection": ["xray_easy00001", "xray_hidden00001"],
    "pixray-ovxd": ["b", "c"],
    "pidray-ovxd": ["xray_easy00001", "xray_hidden00001"],
    "det-compass": ["sub/d"],
    "coco-detection": ["e"],
    "coco-classification": ["e", "f"],
}


def test_every_set_has_its_fixture() -> None:
    assert set(LAYOUTS) == set(HELD) == set(SETS)


@pytest.mark.parametrize("name", SETS)
def test_another_folder_says_what_is_expected_and_where_to_get_it(name: str, tmp_path: Path) -> None:
    put(tmp_path, {"README.md": "nothing here"})
    with pytest.raises(ValueError) as told:
        entries(SETS[name], tmp_path)
    assert READERS[SETS[name].reader].where in str(told.value)
    with pytest.raises(ValueError, match="nowhere"):
        entries(SETS[name], tmp_path / "nowhere")


@pytest.mark.parametrize("name", SETS)
def test_the_test_part_alone_is_asked(name: str, tmp_path: Path) -> None:
    held = scans(SETS[name], put(tmp_path, LAYOUTS[name]))
    assert sorted(scan.source_id for scan in held) == HELD[name]


def test_a_folder_without_its_test_part(tmp_path: Path) -> None:
    files = {path: content for path, content in PIDRAY_FILES.items() if "train" in path}
    with pytest.raises(ValueError, match=r"pidray-detection: expected scans of the test part .* found 1 other scans"):
        entries(SETS["pidray-detection"], put(tmp_path, files))


def test_a_choice_among_all_categories_for_scans_of_one(tmp_path: Path) -> None:
    exam = SETS["opixray-classification"]
    held = list(scans(exam, put(tmp_path, LAYOUTS[exam.name])))
    (one,) = questions(exam, held)
    assert one.options == tuple(sorted(OPIXRAY)) and one.answer_text == "utility knife" and one.answer == "E"
    assert (one.scan, one.source_id, one.task, one.exam) == (held[0].id, "000002", "identity", exam.name)
    assert [present(exam, scan) for scan in held] == [{"utility knife"}, {"scissors", "folding knife"}]


def test_names_that_a_set_tells_apart_count_as_what_the_exam_knows(tmp_path: Path) -> None:
    exam = SETS["pidray-classification"]
    (scan,) = scans(
        SETS["opixray-classification"], put(tmp_path, opixray("test", "1", "1.jpg Utility_Knife 1 2 30 40"))
    )
    assert present(exam, scan) == {"knife"}
    (other,) = scans(SETS["det-compass"], put(tmp_path / "d", LAYOUTS["det-compass"]))
    assert present(exam, other) == frozenset() and present(SETS["det-compass"], other) == {"corkscrew"}
    assert (
        categories(SETS["det-compass"], [other]) == ("corkscrew",)
        and list(questions(SETS["det-compass"], [other])) == []
    )


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("A, C", {"baton", "gun"}),
        ("<answer>B and D</answer>", {"bullet", "hammer"}),
        ("C", {"gun"}),
        ("There is a gun and a power bank.", {"gun", "power bank"}),
        ("A hammer, but not a gun.", {"hammer"}),
        ("None of these items", set()),
        ("No prohibited items.", set()),
        ("A, Z", None),
        ("", None),
        ("I'm sorry, I can't assist with that.", None),
    ],
)
def test_labels_that_a_reply_lists(reply: str, expected: set[str] | None) -> None:
    names = sorted(PIDRAY)
    assert (names[0], names[1], names[2], names[3]) == ("baton", "bullet", "gun", "hammer")
    assert read_labels(reply, names).value == expected


def test_all_that_is_there_is_asked_and_scored(tmp_path: Path) -> None:
    exam = SETS["pidray-classification"]
    held = list(scans(exam, put(tmp_path, PIDRAY_FILES)))
    names = categories(exam, held)
    assert ask_all(names).endswith("K. sprayer\nL. wrench") and "\nC. gun\n" in ask_all(names)
    truth = [present(exam, scan) for scan in held]
    assert truth == [{"gun"}, {"power bank", "scissors"}]
    said = [read_labels(reply, names).value or frozenset() for reply in ("C", "power bank")]
    found = labelsets.score(truth, said, names)
    assert found.micro_precision == 1 and found.micro_recall == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match=r"zip\(\)|longer"):
        ask_all([*STCRAY, *PIDRAY])


def test_boxes_of_the_unseen_categories_alone_count(tmp_path: Path) -> None:
    root = put(tmp_path, PIXRAY_FILES)
    exam = SETS["pixray-ovxd"]
    gold = located(exam, scans(exam, root))
    assert gold.image.tolist() == ["b", "c"] and set(gold.category.tolist()) == {"battery"}
    assert gold.xyxy.tolist() == [[0, 0, 9, 9], [3, 3, 12, 12]]
    pidray = located(SETS["pidray-ovxd"], scans(SETS["pidray-ovxd"], put(tmp_path / "p", PIDRAY_FILES)))
    assert sorted(pidray.category.tolist()) == ["power bank", "scissors"]
    assert len(located(SETS["pidray-detection"], scans(SETS["pidray-detection"], tmp_path / "p"))) == 4


def test_a_detectors_results_are_scored_by_the_same_names(tmp_path: Path) -> None:
    root, exam = put(tmp_path, PIXRAY_FILES), SETS["pixray-ovxd"]
    told = [
        {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "score": 0.9},
        {"image_id": 2, "category_id": 1, "bbox": [60, 40, 9, 9], "score": 0.4},
        {"image_id": 1, "category_id": 2, "bbox": [9, 9, 9, 9], "score": 0.8},  # taught, so it does not count
    ]
    (root / "results.json").write_text(json.dumps(told))
    listed = root / "annotations" / "pixray_test.json"
    predicted = detected(root / "results.json", listed, exam)
    assert (predicted.image.tolist(), predicted.score.tolist()) == (["b", "c"], [0.9, 0.4])
    found = detection.score(located(exam, scans(exam, root)), predicted, score_source="detector")
    assert found.ap50 == pytest.approx(0.5, abs=0.01) and found.at50.recall == 0.5
    (root / "empty.json").write_text("[]")
    assert len(detected(root / "empty.json", listed, exam)) == 0


def test_results_are_named_by_path_where_names_may_occur_twice(tmp_path: Path) -> None:
    root = put(tmp_path, LAYOUTS["det-compass"])
    (root / "r.json").write_text(json.dumps([{"image_id": 1, "category_id": 1, "bbox": [4, 4, 8, 8], "score": 1}]))
    assert detected(root / "r.json", root / "all.json", SETS["det-compass"]).image.tolist() == ["sub/d"]


@pytest.mark.parametrize(
    "row",
    [
        {"image_id": 9, "category_id": 1, "bbox": [0, 0, 9, 9], "score": 1},
        {"image_id": 1, "category_id": 9, "bbox": [0, 0, 9, 9], "score": 1},
        {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9], "score": 1},
        {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]},
        {"image_id": [1], "category_id": 1, "bbox": [0, 0, 9, 9], "score": 1},
        "no box",
    ],
)
def test_a_bad_result_is_named_by_its_place(row: Any, tmp_path: Path) -> None:
    root = put(tmp_path, PIXRAY_FILES)
    (root / "results.json").write_text(json.dumps([row]))
    with pytest.raises(BadRow, match=r"results.json, box 0"):
        detected(root / "results.json", root / "annotations" / "pixray_test.json", SETS["pixray-ovxd"])
