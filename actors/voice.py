"""What a small model of our own says, through the answer cache and many questions at a time: of examinees and captioners alike.

    voice = Voice(AnswerCache(store, asked), folder, TAGGED)
    replies = voice([(key, ([("top", top), ("side", side)], "What does this bag hold?")), ...], max_tokens=320)

Answers are greedy, so one question has one answer; what is answered is never asked again, and a finished run loads no model.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from beltline.cache import AnswerCache, name_of
from beltline.language.asking import Reply
from beltline.language.showing import Form
from beltline.learning.speak import Asked, Speaker

AT_ONCE = 32
Named = tuple[Mapping[str, Any], Asked]
"""Everything that decides the answer, for the cache, and the question itself."""


class Voice:
    """A local model that answers.

    Args:
        cache: where answers lie.
        folder: its weights.
        form: how it was taught to be shown views.
    """

    def __init__(self, cache: AnswerCache, folder: str, form: Form, device: str = "cpu"):
        self._cache, self._folder, self._form, self._device = cache, folder, form, device
        self._speaker: Speaker | None = None

    def __call__(self, asked: Sequence[Named], max_tokens: int) -> Iterator[Reply]:
        """A reply a question, in order: from the cache, or all that it lacks in one go and then into the cache."""
        names = [name_of(key) for key, _ in asked]
        known = {name: self._cache.known(name) for name in names}
        new = {name: one for name, (_, one) in zip(names, asked, strict=True) if known[name] is None}
        for name, (text, reason) in zip(new, self._spoken(list(new.values()), max_tokens), strict=True):
            known[name] = self._cache.keep(name, asdict(Reply(text=text, finish_reason=reason)))
        return (Reply(**_said(known[name])) for name in names)

    def _spoken(self, asked: Sequence[Asked], max_tokens: int) -> list[tuple[str, str]]:
        if not asked:
            return []
        if self._speaker is None:
            self._speaker = Speaker(self._folder, self._form, self._device)
        return self._speaker(asked, max_tokens)


def _said(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    assert answer is not None, "what was not known has been asked"
    return dict(answer)
