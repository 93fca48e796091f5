"""A contact sheet: some rows of a version on one page, both views with boxes, and the caption's first sentences."""

import json
import textwrap
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from beltline.masks import bounds
from beltline.pixels import Rgb, decode, encode_png, foreground
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
    ImageDraw.Draw(page).text((MARGIN, 12), title, fill="black", font=font(20))
    for number, cell in enumerate(cells):
        line, column = divmod(number, COLUMNS)
        page.paste(cell, (MARGIN + column * (CELL_WH[0] + MARGIN), 48 + line * height))
    return encode_png(np.asarray(page))


def _cell(row: Row) -> Image.Image:
    views = [view for view in VIEWS if row.get(view) and row[view]["bytes"]]
    width = (CELL_WH[0] - MARGIN * (len(views) - 1)) // len(views)
    pictures = [annotated(row, view, (width, CELL_WH[1])) for view in views]
    text = _text(row)
    picture_height = max(picture.height for picture in pictures)
    cell = Image.new("RGB", (CELL_WH[0], picture_height + 18 * (text.count("\n") + 1) + 8), "white")
    for number, picture in enumerate(pictures):
        cell.paste(picture, (number * (width + MARGIN), 0))
    ImageDraw.Draw(cell).multiline_text((0, picture_height + 4), text, fill="#333333", font=font(13), spacing=3)
    return cell


def annotated(row: Row, view: str, size_wh: tuple[int, int]) -> Image.Image:
    """The part of the view that is not empty belt, fitted into `size_wh`, with boxes and names in their items' colours."""
    rgb = decode(row[view]["bytes"])
    x0, y0, x1, y1 = _content(rgb)
    scale = min(size_wh[0] / (x1 - x0), size_wh[1] / (y1 - y0))
    size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    picture = Image.fromarray(rgb).crop((x0, y0, x1, y1)).resize(size, Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(picture)
    for item in row["items"] or []:
        if item[f"{view}_xyxy"] is not None:
            box = [(edge - start) * scale for edge, start in zip(item[f"{view}_xyxy"], (x0, y0, x0, y0), strict=True)]
            _draw_box(pen, item["category"], box, COLOURS[item["item"] % len(COLOURS)], size[0])
    pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline="#cccccc")
    return picture


def _content(rgb: Rgb) -> tuple[int, int, int, int]:
    """The foreground's bounds with a border; the whole view when it is blank."""
    height, width = rgb.shape[:2]
    box = bounds(foreground(rgb)) or (0, 0, width, height)
    border = max(width, height) // 25
    x0, y0 = max(0, int(box[0]) - border), max(0, int(box[1]) - border)
    return x0, y0, min(width, int(box[2]) + border), min(height, int(box[3]) + border)


def _draw_box(pen: ImageDraw.ImageDraw, name: str, box: list[float], colour: str, width: int) -> None:
    """A name stands above its box where there is room, else inside its upper edge."""
    corner = max(box[0], box[2] - 1), max(box[1], box[3] - 1)  # a thin box may be less than a pixel here
    pen.rectangle((box[0], box[1], *corner), outline=colour, width=2)
    left, _, right, bottom = pen.textbbox((0, 0), name, font=font(12))
    x = max(0, min(box[0], width - (right - left) - 4))
    y = box[1] - bottom - 3 if box[1] > bottom + 3 else box[1] + 2
    pen.text((x + 2, y), name, fill=colour, font=font(12), stroke_width=2, stroke_fill="white")


def _text(row: Row) -> str:
    text = json.loads(row["caption"]).get("whole", "") if row.get("caption") else f"{row['source']} {row['source_id']}"
    lines = textwrap.wrap(text, 78)
    return "\n".join(
        lines if len(lines) <= MAX_TEXT_LINES else [*lines[: MAX_TEXT_LINES - 1], lines[MAX_TEXT_LINES - 1] + " …"]
    )


def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own, so that a page looks the same everywhere."""
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont)
    return found
