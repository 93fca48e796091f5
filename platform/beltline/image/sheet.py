"""A contact sheet: some rows of a version on one page, both views with boxes, and the caption's first sentences."""

import json
import textwrap
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from beltline.pixels import Rgb, decode, encode_png
from beltline.scan import VIEWS, Row

CELL_WH = (520, 300)
MARGIN = 12
COLUMNS = 3
COLOURS = ("#d81b60", "#1e64c8", "#1b7f3b", "#8e24aa", "#c75000", "#00707f", "#6d4c41", "#3f51b5")
"""Dark enough to be read on white; an item has the same colour in both views."""
MAX_TEXT_LINES = 5


def contact_sheet(rows: Sequence[Row], title: str) -> bytes:
    """PNG bytes of a sheet of `rows` (scan columns, and `caption` if there is one)."""
    cells = [_cell(row) for row in rows]
    height = max((cell.height for cell in cells), default=0) + MARGIN
    num_lines = -(-len(cells) // COLUMNS)
    page = Image.new("RGB", (COLUMNS * (CELL_WH[0] + MARGIN) + MARGIN, num_lines * height + 48), "white")
    ImageDraw.Draw(page).text((MARGIN, 12), title, fill="black", font=_font(20))
    for number, cell in enumerate(cells):
        line, column = divmod(number, COLUMNS)
        page.paste(cell, (MARGIN + column * (CELL_WH[0] + MARGIN), 48 + line * height))
    return encode_png(np.asarray(page))


def _cell(row: Row) -> Image.Image:
    views = [_annotated(row, view) for view in VIEWS if row.get(view) and row[view]["bytes"]]
    width = (CELL_WH[0] - MARGIN * (len(views) - 1)) // len(views)
    views = [_fit(view, width, CELL_WH[1]) for view in views]
    text = _text(row)
    picture_height = max(view.height for view in views)
    cell = Image.new("RGB", (CELL_WH[0], picture_height + 18 * (text.count("\n") + 1) + 8), "white")
    for number, view in enumerate(views):
        cell.paste(view, (number * (width + MARGIN), 0))
    ImageDraw.Draw(cell).multiline_text((0, picture_height + 4), text, fill="#333333", font=_font(13), spacing=3)
    return cell


def _annotated(row: Row, view: str) -> Image.Image:
    """The view with its boxes; names stand where they hide least, above their box or inside its top edge."""
    picture = Image.fromarray(_pixels(row, view))
    pen = ImageDraw.Draw(picture)
    line = max(1, round(picture.width / 260))
    font = _font(max(11, picture.width // 36))
    for item in row["items"] or []:
        box = item[f"{view}_xyxy"]
        if box is None:
            continue
        colour = COLOURS[item["item"] % len(COLOURS)]
        pen.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline=colour, width=line)
        _name(pen, item["category"], box, colour, font, picture.width)
    pen.rectangle((0, 0, picture.width - 1, picture.height - 1), outline="#cccccc")
    return picture


def _name(
    pen: ImageDraw.ImageDraw, name: str, box: list[float], colour: str, font: ImageFont.FreeTypeFont, width: int
) -> None:
    left, _, right, bottom = pen.textbbox((0, 0), name, font=font)
    x = min(box[0], width - (right - left) - 4)
    y = box[1] - bottom - 3 if box[1] > bottom + 3 else box[1] + 2
    pen.rectangle((x, y, x + right - left + 4, y + bottom + 2), fill="white")
    pen.text((x + 2, y), name, fill=colour, font=font)


def _pixels(row: Row, view: str) -> Rgb:
    return decode(row[view]["bytes"])


def _fit(picture: Image.Image, width: int, height: int) -> Image.Image:
    scale = min(width / picture.width, height / picture.height)
    return picture.resize(
        (max(1, round(picture.width * scale)), max(1, round(picture.height * scale))), Image.Resampling.LANCZOS
    )


def _text(row: Row) -> str:
    text = (
        json.loads(row["caption"]).get("summary", "") if row.get("caption") else f"{row['source']} {row['source_id']}"
    )
    lines = textwrap.wrap(text, 78)
    return "\n".join(
        lines if len(lines) <= MAX_TEXT_LINES else [*lines[: MAX_TEXT_LINES - 1], lines[MAX_TEXT_LINES - 1] + " …"]
    )


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
