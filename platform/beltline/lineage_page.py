"""The lineage of a version as a page: a picture with an arrow from every version to what was made of it, and a table with whole digests.

    page(walk(find, "gsr-nano@1.0.0"), {"<run>": "http://mlflow:5000/#/..."})      # HTML with nothing to load

Columns are generations by the longest way, so that every arrow points to the right.
"""

from collections.abc import Mapping
from html import escape

from beltline.lineage import Ancestor

WIDTH, HEIGHT, GAP_X, GAP_Y = 230, 54, 50, 18
STYLE = """body{font:14px system-ui,sans-serif;margin:2em;color:#1a1a1a;background:#fff}table{border-collapse:collapse}
td,th{border:1px solid #767676;padding:.3em .6em;text-align:left}code{font-size:12px}.fault{color:#a30000;font-weight:bold}
.scroll{overflow-x:auto}rect{fill:#eef3fb;stroke:#2b4c7e}rect.fault{fill:#fdecec;stroke:#a30000}text{font:12px system-ui,sans-serif}
path{stroke:#2b4c7e;fill:none;marker-end:url(#tip)}"""
HEAD = ("version", "made by", "rows", "digest", "run", "licences", "commit")


def columns(root: Ancestor) -> dict[str, int]:
    """Generations above each version: 0 for the root, its parents at least 1, by the longest way."""
    found: dict[str, int] = {}

    def visit(one: Ancestor, depth: int) -> None:
        if depth >= found.get(one.ref, -1):
            found[one.ref] = depth
            for parent in one.parents:
                visit(parent, depth + 1)

    visit(root, 0)
    return found


def places(root: Ancestor) -> dict[str, tuple[int, int]]:
    """Left upper corner of each version's box in pixels; sources on the left, the root on the right."""
    depth = columns(root)
    last, rows, found = max(depth.values()), dict[int, int](), {}
    for one in root.every():
        column = last - depth[one.ref]
        found[one.ref] = (10 + column * (WIDTH + GAP_X), 10 + rows.get(column, 0) * (HEIGHT + GAP_Y))
        rows[column] = rows.get(column, 0) + 1
    return found


def picture(root: Ancestor) -> str:
    """The lineage as SVG."""
    at = places(root)
    wide = max(x for x, _ in at.values()) + WIDTH + 10
    high = max(y for _, y in at.values()) + HEIGHT + 10
    boxes = "".join(_box(one, *at[one.ref]) for one in root.every())
    arrows = "".join(_arrow(at[parent.ref], at[one.ref]) for one in root.every() for parent in one.parents)
    tip = '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto"><path d="M0 0L8 4L0 8" /></marker></defs>'
    title = f"<title>What {escape(root.ref)} was made of</title>"
    return f'<svg role="img" width="{wide}" height="{high}" xmlns="http://www.w3.org/2000/svg">{title}{tip}{arrows}{boxes}</svg>'


def _box(one: Ancestor, x: int, y: int) -> str:
    words = (one.ref, f"{one.verb} {one.recipe}".strip() or "gone", f"{one.num_rows} rows  {one.digest[:12]}")
    lines = "".join(
        f'<text x="{x + 8}" y="{y + 16 + 15 * number}">{escape(word[:36])}</text>' for number, word in enumerate(words)
    )
    mark = ' class="fault"' if one.fault else ""
    return f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"{mark} />{lines}'


def _arrow(tail: tuple[int, int], head: tuple[int, int]) -> str:
    x1, y1, x2, y2 = tail[0] + WIDTH, tail[1] + HEIGHT // 2, head[0], head[1] + HEIGHT // 2
    middle = (x1 + x2) // 2
    return f'<path d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}" />'


def page(root: Ancestor, runs: Mapping[str, str] = {}) -> str:
    """HTML that needs nothing else.

    Args:
        runs: where MLflow shows the run of a version, by the name of the run in its manifest.
    """
    head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    rows = "".join(_row(one, runs.get(one.run, "")) for one in root.every())
    licences = "".join(
        f"<li>{escape(name)}: {', '.join(f'{escape(ref)} ({rows} rows)' for ref, rows in sorted(there.items()))}</li>"
        for name, there in sorted(root.sources.items())
    )
    faults = "".join(f'<li class="fault">{escape(one)}</li>' for one in root.faults)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lineage of {escape(root.ref)}</title><style>{STYLE}</style></head>'
        f'<body><main><h1>Lineage of {escape(root.ref)}</h1><div class="scroll" tabindex="0">{picture(root)}</div>'
        f"<h2>Versions</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<h2>Licences of the sources</h2><ul>{licences or '<li>no source names one</li>'}</ul>"
        f"{f'<h2>Not as it was read</h2><ul>{faults}</ul>' if faults else ''}</main></body></html>"
    )


def _row(one: Ancestor, link: str) -> str:
    made = " ".join(word for word in (one.verb, one.recipe, f"by {one.who}" if one.who else "") if word)
    run = f'<a href="{escape(link, quote=True)}">{escape(one.run)}</a>' if link else escape(one.run)
    licences = ", ".join(f"{name} {rows}" for name, rows in sorted(one.licences.items()))
    cells = (escape(one.ref), escape(made), str(one.num_rows), f"<code>{one.digest}</code>", run, escape(licences))
    return (
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in (*cells, f"<code>{escape(one.commit[:12])}</code>")) + "</tr>"
    )
