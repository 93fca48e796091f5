"""STING-BEE's questions in their exact layout, and what is known to be the matter with them."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from beltline.exam.audit import audit, chances
from beltline.exam.blind import RULES, affirms, denies
from beltline.exam.blind_learned import LEARNERS, Folded
from beltline.exam.external import stingbee
from beltline.exam.external.spreadsheet import first_sheet
from beltline.scan import scan_id
from beltline.verdict import BadRow

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = "worksheets/sheet1.xml"
ASKS = [
    ("P1.jpg", "Identify the object in the X-ray scan.", ["Gun", "Knife", "Saw"], "Instances Identity", 26000),
    ("P1.jpg", "Is a threat object visible in this X-ray image?", ["No", "Yes"], "Instances Identity", 26001),
    ("P2.jpg", "Where is the Saw?", ["In the middle.", "There is no saw in the image."], "Misleading Question", 26002),
]


def workbook(path: Path, cells: str, strings: Sequence[str] = (), target: str = SHEET, **parts: str) -> Path:
    """The parts of an .xlsx file that hold its first sheet."""
    shared = "".join(f"<si>{text}</si>" for text in strings)
    written = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId7" Target="{target}"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        f"xl/{SHEET}": f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>',
    } | {f"xl/{name}.xml": text for name, text in parts.items()}
    with zipfile.ZipFile(path, "w") as book:
        for name, text in written.items():
            book.writestr(name, text)
    return path


def answered(path: Path, rows: Sequence[tuple[int, str]], head: tuple[str, str] = ("Question ID", "Answer")) -> None:
    letters = sorted({letter for _, letter in rows})
    lines = "".join(
        f'<row r="{place}"><c r="A{place}"><v>{number}</v></c><c r="B{place}" t="s"><v>{letters.index(letter) + 2}</v></c></row>'
        for place, (number, letter) in enumerate(rows, 2)
    )
    strings = [f"<t>{text}</t>" for text in (*head, *letters)]
    workbook(path, f'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>{lines}', strings)


def written(
    folder: Path, part: str = "Sixray", rights: str = "BBB", asks: Sequence[tuple[str, str, list[str], str, int]] = ASKS
) -> Path:
    lines = [
        json.dumps({"image": image, "text": f"{text} Select from the following options:\n{lettered(options)}\nOnly provide the option letter as the answer.", "category": category, "question_id": number})
        for image, text, options, category, number in asks
    ]  # fmt: skip
    (folder / f"{part}_VQA_questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    answered(folder / f"{part}_VQA_answers.xlsx", [(ask[-1], right) for ask, right in zip(asks, rights, strict=True)])
    return folder


def lettered(options: Sequence[str]) -> str:
    return "\n".join(f"{letter}. {option}" for letter, option in zip("ABCDEF", options, strict=False))


def test_an_empty_or_missing_folder_says_what_is_expected_and_where_to_get_it(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(
            ValueError, match=r"expected STING-BEE's VQA benchmark \(github.com/Divs1159/STING-BEE.*jsonl"
        ):
            stingbee.read(folder)


def test_questions_and_answers_of_a_pair_of_files(tmp_path: Path) -> None:
    found = stingbee.read(written(tmp_path))
    one, two, three = found.questions
    assert found.rejects == ()
    assert (one.task, one.question, one.options, one.answer_text) == (
        "ID",
        ASKS[0][1],
        ("Gun", "Knife", "Saw"),
        "Knife",
    )
    assert (two.answer_text, three.answer_text, three.task) == ("Yes", "There is no saw in the image.", "ML")
    assert one.scan == two.scan == scan_id("sixray", "P1") and one.group == two.group == "sixray/P1" != three.group
    assert one.source_id == "Sixray/26000" and one.details["image"] == "P1.jpg" and one.views == ("top",)


def test_numbers_that_restart_in_every_file_stay_apart(tmp_path: Path) -> None:
    written(written(tmp_path), "Pidray", "AAA")
    (tmp_path / "more").mkdir()
    written(tmp_path / "more", "STCray", "CAB", [("3DGun1_B5_L1_C2_Loc1_phi1_th1_2.jpg", *ASKS[0][1:]), *ASKS[1:]])
    questions = stingbee.read(tmp_path).questions
    assert len({one.id for one in questions}) == len(questions) == 9
    assert {one.group for one in questions if "STCray" in str(one.source_id)} == {
        "stcray/3DGun1_B5",
        "stcray/P1",
        "stcray/P2",
    }


def test_bad_rows_are_kept_apart_with_their_line(tmp_path: Path) -> None:
    bad = [
        ("P3.jpg", "Which?", ["Gun"], "Instances Identity", 26003),
        ("P3.jpg", "Which?", ["Gun", "Saw"], "Instances Colour", 26004),
        ("P3.jpg", "Which?", ["Gun", "Saw"], "Complex Reasoning", 26005),
        ASKS[0],
    ]
    folder = written(tmp_path, rights="BBBAAZB", asks=[*ASKS, *bad])
    with (folder / "Sixray_VQA_questions.jsonl").open("a", encoding="utf-8") as lines:
        lines.write('{"image": "P4.jpg"}\nno json\n[]\n')
    found = stingbee.read(folder)
    assert len(found.questions) == 3 and {each.reason for each in found.rejects} == {"exam/bad-question"}
    told = [each.detail for each in found.rejects]
    assert len(told) == 7 and [
        f"line {n}" in each for n, each in zip((4, 5, 6, 8, 9, 10), [*told[:3], *told[4:]], strict=True)
    ]
    assert (
        "2 to 26 different options" in told[0]
        and "'Instances Colour'" in told[1]
        and "a letter of 2 options" in told[2]
    )
    assert "found it again" in told[3]


def test_answers_that_are_not_there(tmp_path: Path) -> None:
    folder = written(tmp_path)
    answered(folder / "Sixray_VQA_answers.xlsx", [(26000, "B")], ("question_id", "correct_answer"))
    found = stingbee.read(folder)
    assert (
        len(found.questions) == 1
        and ["expected an answer, found none" in each.detail for each in found.rejects] == [True] * 2
    )
    answered(folder / "Sixray_VQA_answers.xlsx", [(26000, "B")], ("Question", "Answer"))
    with pytest.raises(BadRow, match="expected columns 'Question ID' and 'Answer'"):
        stingbee.read(folder)
    (folder / "Sixray_VQA_answers.xlsx").unlink()
    with pytest.raises(BadRow, match=r"Sixray_VQA_answers\.xlsx, found no such file"):
        stingbee.read(folder)


def test_cells_of_a_sheet(tmp_path: Path) -> None:
    """Runs of one string, text in the cell, gaps, a column AA, and a target from the root."""
    cells = (
        '<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>in</t></is></c></row>'
        '<row/><row><c><v>1.5</v></c><c><v>2</v></c><c r="AA3" t="str"><f>A1</f><v>sum</v></c></row>'
    )
    path = workbook(tmp_path / "a.xlsx", cells, ["<r><t>on</t></r><r><t>e</t></r>"], f"/xl/{SHEET}")
    assert first_sheet(path) == [["one", "", "in"], [], ["1.5", "2", *[""] * 24, "sum"]]
    assert first_sheet(workbook(tmp_path / "b.xlsx", "")) == []


def test_what_is_no_spreadsheet(tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("Question ID,Answer")
    workbook(tmp_path / "sheetless.xlsx", "", workbook=f'<workbook xmlns="{MAIN}"/>')
    workbook(tmp_path / "elsewhere.xlsx", "", target="worksheets/sheet9.xml")
    workbook(tmp_path / "string.xlsx", '<row><c t="s"><v>3</v></c></row>')
    workbook(tmp_path / "entity.xlsx", "", workbook='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    for name in ("text", "sheetless", "elsewhere", "string", "entity", "none"):
        with pytest.raises(BadRow, match=f"{name}.xlsx: expected an .xlsx file with a sheet"):
            first_sheet(tmp_path / f"{name}.xlsx")


@pytest.mark.scans
def test_the_audit_finds_what_is_known_of_the_public_questions(scans: Path) -> None:
    """The SIXray part: every yes/no answer is Yes, every misleading one denies, and a simple rule is right in 72 or 73 of 100."""
    found = stingbee.read(scans / "stingbee" / "vqa")
    questions = found.questions
    assert (len(questions), found.rejects) == (4722, ())
    polar = [one for one in questions if len(one.options) == 2]
    misleading = [one for one in questions if one.task == "ML"]
    assert len(polar) == 1412 and all(affirms(one.answer_text) for one in polar)
    assert len(misleading) == 885 and all(denies(one.answer_text) for one in misleading)
    counting = [one for one in questions if one.task == "IC"]
    rest = [one for one in questions if one.task not in ("ML", "IC") and len(one.options) > 2]
    known = (
        sum(RULES["always yes"].marks(polar))
        + sum(RULES["always no"].marks(misleading))
        + sum(Folded(LEARNERS["prior given task"], 7).marks(counting))
    )
    assert (known + sum(1 / len(one.options) for one in rest)) / 4722 == pytest.approx(0.728, abs=0.0005)
    assert (known + sum(RULES["first letter"].marks(rest))) / 4722 == pytest.approx(0.726, abs=0.0005)


@pytest.mark.scans
def test_the_audit_finds_more_than_is_known(scans: Path) -> None:
    """Learning from other scans' questions: things that are offered often and never right give the rest away."""
    questions = stingbee.read(scans / "stingbee" / "vqa").questions
    found = audit(questions, seed=7, rounds=300)
    best = found.best()
    assert len(found.refused()) == 6 and best["ML"].accuracy == 1 and best["ML"].gap == pytest.approx(2 / 3, abs=0.001)
    assert found.overall() == pytest.approx(0.93, abs=0.01)
    assert best["ID"].accuracy > 0.9 and best["IC"].accuracy > 0.85
    assert best["ID"].chance == pytest.approx(float(chances([one for one in questions if one.task == "ID"]).mean()))
