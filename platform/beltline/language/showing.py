"""How views are shown to a model beside its question: the same form for whoever teaches and whoever asks.

    parts(("top", "side"), "How many knives are there?", TAGGED)
    # [("text", "<top>"), ("view", "top"), ("text", "<side>"), ("view", "side"), ("text", "<conclusion>How many ...")]

A model that was taught in one form is asked in that form, or its answers are worth less than it knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What stands before a view, and before the question where views are shown."""

    name: str
    top: str
    side: str
    question: str = ""


NAMED: Final = Form(name="named", top="Top view:", side="Side view:")
"""Words that any model understands."""
TAGGED: Final = Form(name="tagged", top="<top>", side="<side>", question="<conclusion>")
"""Tokens that type the views and the question (Dual eq. 3), for a model that was taught them."""
FORMS: Final = {form.name: form for form in (NAMED, TAGGED)}


def parts(views: Sequence[str], question: str, form: Form = NAMED) -> list[tuple[Literal["text", "view"], str]]:
    """Texts, and views by name, in the order in which a model reads them; a question without views stands alone."""
    shown: list[tuple[Literal["text", "view"], str]] = []
    for view in views:
        shown += [("text", getattr(form, view)), ("view", view)]
    return [*shown, ("text", f"{form.question if views else ''}{question}")]
