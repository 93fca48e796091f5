"""The published tables: whole, consistent where they claim to be, and noted where they are not."""

import pytest

from beltline.exam.published import TABLES, TITLES, Cell, cells, macro, misprints, rows, table

ROUNDING = 0.051
"""Printed values are rounded to a tenth."""
SUMMED = {
    ("dual", "4"): {
        "GPT-4o", "Qwen3-VL-4B", "Qwen3-VL-8B", "InternVL3.5-8B", "InternVL3.5-30B", "LLaVA-Next-7B + GSXray",
    },
    ("dual", "7"): {"Florence-2", "MiniGPT", "LLaVA 1.5", "GSR-8B"},
    ("dual", "8"): {"BARON", "YOLO11"},
    ("one", "6"): set(),
    ("one", "15"): set(),
}  # fmt: skip
"""Tables whose overall is a mean, with the rows where it is not."""
WRONG_GAINS = {
    ("4", "LLaVA-Next-7B + GSXray", "SR", "accuracy"),
    ("5", "top", "overall", "F1"),
    ("5", "top, side, <side>", "overall", "mIoU"),
    ("6", "InternVL3.5-8B, two views", "overall", "F1"),
}


def only(**said: str) -> Cell:
    (found,) = cells(**said)
    return found


def test_nothing_asked_for_is_everything_and_nonsense_is_nothing() -> None:
    assert len(cells()) == 634 == sum(len(cells(paper=paper)) for paper in TITLES)
    assert cells(paper="three") == cells(row="nobody") == []
    with pytest.raises(ValueError, match=r"expected one of the tables dual 2.*found dual 1$"):
        table("dual", "1")
    with pytest.raises(ValueError, match="tasks and an overall"):
        macro("one", "12", "none")


def test_every_cell_stands_once_and_is_a_percentage_or_a_count() -> None:
    named = [(cell.paper, cell.table, cell.row, cell.task, cell.metric) for cell in cells()]
    assert len(set(named)) == len(named)
    assert all(0 <= cell.value <= 100 for cell in cells() if cell.metric != "count")
    assert {len(rows(each.paper, each.number)) for each in TABLES if each.number == "4"} == {31, 8}


@pytest.mark.parametrize(("paper", "number"), SUMMED)
def test_the_overall_is_the_mean_except_where_a_note_says_not(paper: str, number: str) -> None:
    off = set()
    for row in rows(paper, number):
        metric = "AP50" if (paper, number) == ("dual", "8") else "accuracy"
        overall = only(paper=paper, table=number, row=row, task="overall", metric=metric)
        if abs(overall.value - macro(paper, number, row)) > 0.1:
            off.add(row)
            assert overall.note, overall
    assert off == SUMMED[paper, number]


def test_printed_gains_are_the_difference_to_the_base_row() -> None:
    wrong, seen = set(), 0
    for each in TABLES:
        for row, base in each.bases.items():
            for cell in cells(paper=each.paper, table=each.number, row=row):
                before = only(paper=each.paper, table=each.number, row=base, task=cell.task, metric=cell.metric).value
                seen += cell.gain is not None
                assert cell.gain is not None or cell.value <= before, cell  # a gain is printed wherever there is one
                if cell.gain is not None and abs(cell.value - before - cell.gain) > ROUNDING:
                    wrong.add((cell.table, cell.row, cell.task, cell.metric))
                    assert cell.note, cell
    assert wrong == WRONG_GAINS and seen == 84


def test_counts_add_up_and_give_the_n_of_each_task() -> None:
    for paper, number, row in (("dual", "3", "DualXrayBench"), ("one", "14", "MMXray")):
        *parts, total = (cell.value for cell in cells(paper=paper, table=number, row=row))
        assert sum(parts) == total
    *parts, total = cells(paper="dual", table="2")
    assert sum(cell.value for cell in parts) == 139_961 != total.value and total.note
    asked = {cell.task: cell.value for cell in cells(paper="dual", table="3")}
    assert {cell.task: cell.n for cell in cells(paper="dual", table="4", row="GPT-4o")} == asked


def test_the_same_result_in_two_tables_is_the_same_number() -> None:
    for metric in ("accuracy", "F1", "mIoU"):
        gsr = only(paper="dual", table="4", row="GSR-8B", task="overall", metric=metric).value
        for number, row in (("5", "top, side, <top>, <side>"), ("6", "GSR-8B, two views")):
            assert only(paper="dual", table=number, row=row, task="overall", metric=metric).value == gsr
    for task in ("location", "counting", "identity", "feature", "misleading", "basic", "overall"):
        both = [
            only(paper="one", table=number, row=row, task=task).value
            for number, row in (("6", "OneFocus-7B"), ("15", "both stages"))
        ]
        assert both[0] == both[1]
    for row in rows("one", "12"):
        assert (
            only(paper="one", table="12", row=row).value == only(paper="one", table="15", row=row, task="overall").value
        )


def test_known_misprints_are_noted_and_stay_as_printed() -> None:
    baron = only(paper="dual", table="8", row="BARON", task="overall")
    assert baron.value == 37.8 and "5.8" in baron.note
    assert macro("dual", "8", "BARON") == pytest.approx(5.825)
    assert only(paper="dual", table="4", row="LLaVA-Next-7B + GSXray", task="SR").value == 54.1
    assert baron in misprints() and only(paper="one", table="12", row="none") not in misprints()
