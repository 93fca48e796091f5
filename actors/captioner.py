"""Says what a scan shows: asks a describer, through the answer cache, and screens what it said."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from beltline.cache import AnswerCache
from beltline.language import captions, grammar
from beltline.language.facts import Facts, facts_of
from beltline.language.judging import Judge
from beltline.language.screening import screen
from beltline.library import Library
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.verdict import BadRow

Describer = Callable[[Facts, tuple[int, int]], captions.Caption]

WORDS = ("facts", *(field.name for field in captions.FIELDS))

DESCRIBERS: dict[str, tuple[str, Describer]] = {"grammar": (grammar.VERSION, grammar.describe)}
"""Name to (version, describer): the version is part of what was asked, so a changed describer is asked again."""


class Captioner:
    """Row work for `caption`.

    Args:
        store: URI; answers lie below it.
        asked: the run's journal folder.
        describer: name in DESCRIBERS.
        seed: the recipe's.
    """

    def __init__(self, store: str, asked: str, describer: str, seed: int):
        self._cache = AnswerCache(Store(store), asked)
        self._name, self._seed = describer, seed
        self._version, self._describe = DESCRIBERS[describer]

    def __call__(self, row: Row) -> Row:
        facts = facts_of(Scan.of(row))
        request = {
            "describer": self._name,
            "version": self._version,
            "seed": self._seed,
            "id": row["id"],
            "facts": facts.json(),
        }
        answer = self._cache.ask(request, lambda: {"caption": self._ask(facts, row["id"])})
        caption = captions.write(captions.read(answer["caption"]))
        return {"facts": facts.json(), "caption": caption, "describer": f"{self._name}@{self._version}"}

    def _ask(self, facts: Facts, key: int) -> str:
        return captions.write(self._describe(facts, (self._seed, key)))


class VersionCaptioner:
    """Reads the row's scan from a version and describes it; images stay in the version that has them."""

    def __init__(self, store: str, paths: Sequence[str], captioner: Mapping[str, Any]):
        self._library = Library(Store(store), paths)
        self._caption = Captioner(**captioner)

    def __call__(self, row: Row) -> Row:
        scan = self._library.row(row["id"])
        return self._caption(scan) | {"scan_content": scan["content"]}


class VersionScreener:
    """Reads the row's caption from a version and screens it against the facts that it was written from.

    Raises:
        BadRow: the scan has changed since it was described, or is gone.
    """

    def __init__(self, store: str, paths: Sequence[str], contents: Sequence[str], judge: Judge | None = None):
        self._captions = Library(Store(store), paths)
        self._scans = Library(Store(store), contents, ["id", "content"])  # not their images
        self._screen = Screener(judge)

    def __call__(self, row: Row) -> Row:
        words = self._captions.row(row["id"])
        content = self._content(row["id"])
        same = {name: words[name] for name in ("scan_content", *WORDS)}
        if content != words["scan_content"]:
            raise BadRow(
                "screen/stale", f"the scan has changed since this caption was written: {words['scan_content'][:12]}…"
            )
        return same | self._screen(same)

    def _content(self, key: int) -> str:
        try:
            return str(self._scans.row(key)["content"])
        except KeyError as error:
            raise BadRow(
                "screen/stale", "the scan that this caption describes is not in the version of scans"
            ) from error


class Screener:
    """Row work for `screen`: coverage, alignment, contradiction, and the verdict; `judge` as in judging.py."""

    def __init__(self, judge: Judge | None = None):
        self._judge = judge

    def __call__(self, row: Row) -> Row:
        screening = screen(Facts.of(row["facts"]), captions.read(row["caption"]), self._judge)
        return screening.columns() | screening.verdict().columns()
