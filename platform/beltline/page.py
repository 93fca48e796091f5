"""Markdown of ours as a page that needs nothing else: headings, tables, paragraphs, and a picture.

html("Models compared", "## ours\n\n| task | accuracy |\n|---|---|\n| counting | 61.2 |\n", picture=png)

Not a reader of markdown in general: it knows what `beltline.card` and the verbs write.
"""

import base64
from html import escape

STYLE = """body{font:14px system-ui,sans-serif;margin:2em;color:#1a1a1a;background:#fff}table{border-collapse:collapse}
td,th{border:1px solid #767676;padding:.3em .6em;text-align:right}td:first-child,th:first-child{text-align:left}img{max-width:100%}
.scroll{overflow-x:auto}"""


def html(title: str, markdown: str, picture: bytes | None = None) -> str:
    """A whole page.

    Args:
        picture: PNG, shown after the title; the tables say the same in figures.
    """
    shown = f'<img alt="{escape(title)}, plotted; the tables below have the figures" src="data:image/png;base64,{base64.b64encode(picture).decode()}">' if picture else ""  # fmt: skip
    body = "".join(_block(block) for block in markdown.split("\n\n") if block.strip())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{shown}{body}</main></body></html>\n"
    )


def _block(block: str) -> str:
    """What stands between two empty lines."""
    lines = block.strip().split("\n")
    if lines[0].startswith("#"):
        level = min(6, len(lines[0]) - len(lines[0].lstrip("#")))
        return f"<h{level}>{escape(lines[0].lstrip('# '))}</h{level}>" + (
            _block("\n".join(lines[1:])) if lines[1:] else ""
        )
    if lines[0].startswith("|"):
        return _table(lines)
    return f"<p>{escape(' '.join(lines))}</p>"


def _table(lines: list[str]) -> str:
    cells = [
        [escape(cell.strip().replace("\\|", "|").replace("\\\\", "\\")) for cell in _split(line)] for line in lines
    ]
    head = "".join(f'<th scope="col">{cell}</th>' for cell in cells[0])
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells[2:])
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _split(line: str) -> list[str]:
    """Cells of a line; an escaped bar is part of its cell."""
    return line.strip().strip("|").replace("\\|", "\0").replace("|", "\n").replace("\0", "\\|").split("\n")
