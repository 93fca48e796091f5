"""A caption in its parts for a person to check: what the facts do not support is marked in the text, what is missing is listed.

The marks are the screens' own findings (screening.py), so that a reviewer sees what the machine saw and why.

    marked = mark(facts, caption)
    marked.parts[0].spans        # (Span(start=12, end=20, kind="unsupported", why="..."),)
    marked.missing               # {"item/2/colour": "..."}
"""

import re
from dataclasses import dataclass

from beltline.language.captions import Caption
from beltline.language.facts import Facts
from beltline.language.screening import screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Letters of a part that a screen objects to."""

    start: int
    end: int
    kind: str
    """unsupported or contradicting."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One text of a caption."""

    name: str
    """top, side, whole, or items/<index>."""
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A caption with all that the screens found."""

    parts: tuple[Part, ...]
    missing: dict[str, str]
    """Key of a fact -> what was wanted."""
    notes: dict[str, str]
    """Findings that no words stand for, by key: an entry whose box fits nothing."""
    percents: dict[str, float | None]


def mark(facts: Facts, caption: Caption) -> Marked:
    """Screens a caption and lays the findings over its texts."""
    screening = screen(facts, caption)
    found = [("unsupported", key, why) for key, why in screening.alignment.found.items()]
    found += [
        ("contradicting", key, why) for pair, why in screening.contradiction.found.items() for key in _sides(pair)
    ]
    parts = [_part(name, text, found) for name, text in texts(caption)]
    shown = {span.why for part in parts for span in part.spans}
    notes = {key: why for _, key, why in found if why not in shown}
    shares = {name: getattr(screening, name).percent for name in ("coverage", "alignment", "contradiction")}
    return Marked(parts=tuple(parts), missing=screening.coverage.found, notes=notes, percents=shares)


def texts(caption: Caption) -> list[tuple[str, str]]:
    """Every text of a caption with its name."""
    scenes = [("top", caption.top), *([("side", caption.side)] if caption.side else []), ("whole", caption.whole)]
    return scenes + [(f"items/{index}", item.text) for index, item in enumerate(caption.items)]


def _sides(pair: str) -> list[str]:
    """The keys of the two mentions in a pair's key, `presence/top/0/gun/side/1/gun`."""
    match = re.fullmatch(r"[a-z]+/(top/.*)/(side/.*)", pair)
    return list(match.groups()) if match else [pair]


def _part(name: str, text: str, found: list[tuple[str, str, str]]) -> Part:
    spans: list[Span] = []
    for kind, key, why in found:
        place = _place(name, text, key)
        if place and all(place[1] <= span.start or place[0] >= span.end for span in spans):
            spans.append(Span(start=place[0], end=place[1], kind=kind, why=why))
    return Part(name=name, text=text, spans=tuple(sorted(spans, key=lambda span: span.start)))


def _place(name: str, text: str, key: str) -> tuple[int, int] | None:
    """Where a mention's phrase stands, in the sentence that its key names or, failing that, anywhere in the part."""
    if not key.startswith(f"{name}/"):
        return None
    number, _, phrase = key.removeprefix(f"{name}/").partition("/")
    if not phrase or not number.isdigit():
        return None
    ends = [0, *(match.end() for match in re.finditer(r"[.!?;]\s+", text)), len(text)]
    start = ends[min(int(number), len(ends) - 2)]
    wanted = re.compile(re.escape(phrase).replace(r"\ ", r"[\s-]+"), re.IGNORECASE)
    match = wanted.search(text, start) or wanted.search(text)
    return match.span() if match else None
