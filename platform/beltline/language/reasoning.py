"""Reasoning in the form of GSXray: what the top view shows, what the side view shows, what follows, the answer (Dual 4.1).

    chain = Chain(top="The gun <box>[10,20,300,400]</box> lies flat.", side=None, conclusion="So one gun.", answer="1")
    write(chain)                      # "<top>…</top>\\n<conclusion>…</conclusion>\\n<answer>1</answer>"
    read(write(chain)) == chain       # always; anything that `write` could not have written raises BadRow

Boxes stand in the text as `<box>[left,top,right,bottom]</box>`, whole numbers on [0, 1000] of the view that the section is
about. `read` is strict on purpose: a lesson that it mends is a lesson that teaches the fault. To grade what a model says use
`boxes_in` on the text.
"""

import re
from dataclasses import dataclass

from beltline.language.places import Box1000
from beltline.verdict import BadRow

SECTIONS = ("top", "side", "conclusion", "answer")
"""In this order; `side` is left out for a scan of one view."""
UNSEEN = "nothing of it"
"""What a small model is taught to say of a view that shows none of what is asked about: a section may not be empty."""
SHOWN = 120
_NUMBER = r"(0|[1-9]\d{0,2}|1000)"
BOX = re.compile(rf"<box>\[{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}\]</box>")
_LOOSE = re.compile(rf"<box>\s*\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*,\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]\s*</box>")
"""As a student may write it, with spaces."""
_SECTION = r"<{0}>(?P<{0}>(?:(?!</?(?:top|side|conclusion|answer)>).)+)</{0}>"
_WHOLE = re.compile(
    rf"{_SECTION.format('top')}\n(?:{_SECTION.format('side')}\n)?{_SECTION.format('conclusion')}\n{_SECTION.format('answer')}",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain of reasoning. The constructor refuses what could not be read back.

    Raises:
        BadRow: `reasoning/text`, a section is empty, begins or ends in white space, or has an angle bracket that is no box.
    """

    top: str
    side: str | None
    """None for a scan of one view."""
    conclusion: str
    answer: str

    def __post_init__(self) -> None:
        for name in SECTIONS:
            text = getattr(self, name)
            if text is not None:
                _check(name, text)

    def boxes(self, view: str) -> tuple[Box1000, ...]:
        """The boxes of a view's section, in order."""
        return boxes_in(self.top if view == "top" else self.side or "")


def box(xyxy: Box1000) -> str:
    """A box as it stands in a text."""
    return f"<box>[{','.join(str(edge) for edge in xyxy)}]</box>"


def boxes_in(text: str) -> tuple[Box1000, ...]:
    """All boxes of a text, in order; spaces between the numbers do not matter."""
    found = (tuple(int(edge) for edge in match.groups()) for match in _LOOSE.finditer(text))
    return tuple((left, top, right, bottom) for left, top, right, bottom in found)


def write(chain: Chain) -> str:
    """The chain as text."""
    parts = ((name, getattr(chain, name)) for name in SECTIONS)
    return "\n".join(f"<{name}>{text}</{name}>" for name, text in parts if text is not None)


def read(text: str) -> Chain:
    """The chain in a text that `write` wrote.

    Raises:
        BadRow: `reasoning/form`, the sections are not there, not in order or not alone; `reasoning/text`, as for `Chain`.
    """
    match = _WHOLE.fullmatch(text)
    if match is None:
        found = re.findall(r"</?(?:top|side|conclusion|answer)>", text)
        raise BadRow(
            "reasoning/form",
            f"expected <top>, <side>, <conclusion> and <answer>, each closed, one a line and nothing else, "
            f"found {' '.join(found[:12]) or 'none of them'} in {text[:SHOWN]!r}",
        )
    return Chain(**match.groupdict())


def _check(name: str, text: str) -> None:
    if not text or text != text.strip():
        raise BadRow(
            "reasoning/text", f"{name}: expected words without white space around them, found {text[:SHOWN]!r}"
        )
    rest = BOX.sub("", text)
    if "<" in rest or ">" in rest:
        at = min(where for where in (rest.find("<"), rest.find(">")) if where >= 0)
        raise BadRow(
            "reasoning/text",
            f"{name}: expected boxes as <box>[left,top,right,bottom]</box>, whole numbers on [0,1000] without spaces, "
            f"and no other angle brackets, found {rest[at : at + SHOWN]!r}",
        )
    for left, top, right, bottom in boxes_in(text):
        if left > right or top > bottom:
            raise BadRow(
                "reasoning/text", f"{name}: expected left, top, right, bottom, found {(left, top, right, bottom)}"
            )
