"""The first sheet of an .xlsx file as rows of text, by the standard library alone.

    rows = first_sheet(path)          # [["Question ID", "Answer"], ["26000", "B"], ...]

An .xlsx is a zip of XML parts: the workbook names its sheets, a relation says where each lies, and cells that hold text point into a
table of shared strings. Formulas give their stored value; styles, dates and merged cells are not understood.
"""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from beltline.verdict import BadRow

BAD = "exam/bad-spreadsheet"
MOST_BYTES = 1 << 28
"""A part that unpacks to more is refused."""
_CELL = re.compile(r"([A-Z]{1,3})\d+")
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def first_sheet(path: Path) -> list[list[str]]:
    """Every row of the first sheet; cells that are left out are ''.

    Raises:
        BadRow: not an .xlsx file, or one without a sheet.
    """
    try:
        with zipfile.ZipFile(path) as book:
            shared = _shared(book)
            return [_row(row, shared) for row in _part(book, _first(book)).iterfind("{*}sheetData/{*}row")]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, ElementTree.ParseError, OSError) as error:
        if isinstance(error, BadRow):
            raise
        raise BadRow(
            BAD, f"{path.name}: expected an .xlsx file with a sheet, found {type(error).__name__}: {error}"
        ) from error


def _first(book: zipfile.ZipFile) -> str:
    """Where the first sheet lies in the zip."""
    sheet = _part(book, "xl/workbook.xml").find("{*}sheets/{*}sheet")
    relations = _part(book, "xl/_rels/workbook.xml.rels")
    targets = {each.get("Id"): each.get("Target", "") for each in relations.iterfind("{*}Relationship")}
    if sheet is None or sheet.get(_ID) not in targets:
        raise ValueError("a workbook without a sheet")
    target = targets[sheet.get(_ID)]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _part(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if book.getinfo(name).file_size > MOST_BYTES:
        raise ValueError(f"{name} of {book.getinfo(name).file_size} bytes")
    data = book.read(name)
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise ValueError(f"a DOCTYPE in {name}: entities are refused")
    return ElementTree.fromstring(data)


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    # a string with several formats lies in several runs, each with its text
    return [
        "".join(text.text or "" for text in each.iterfind(".//{*}t")) for each in _part(book, "xl/sharedStrings.xml")
    ]


def _row(row: ElementTree.Element, shared: list[str]) -> list[str]:
    cells: dict[int, str] = {}
    for number, cell in enumerate(row.iterfind("{*}c")):
        place = _CELL.fullmatch(cell.get("r", ""))
        cells[_column(place[1]) if place else number] = _text(cell, shared)
    return [cells.get(number, "") for number in range(max(cells, default=-1) + 1)]


def _text(cell: ElementTree.Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iterfind(".//{*}t"))
    value = cell.findtext("{*}v") or ""
    return shared[int(value)] if cell.get("t") == "s" else value


def _column(letters: str) -> int:
    """A is 0, Z 25, AA 26."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
