"""Makes conversations about the scans of a version: the spec of a row names the scan, the kind and which one of its kind.

The facts are those that a caption was written from where captions are given, and are measured from the views otherwise.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from beltline.language import gsxray, questions, turns
from beltline.language.conversations import Conversation
from beltline.language.facts import Facts, facts_of
from beltline.language.lessons import About
from beltline.library import Library
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.verdict import BadRow

Composer = Callable[[Facts, int, About, int], Conversation]
COMPOSERS: dict[str, Composer] = {
    "gsxray": gsxray.compose,
    "dialogue": questions.compose,
    "caption": turns.compose_caption,
    "localisation": turns.compose_localisation,
}
"""Kind to (facts, seed, whose, index) -> conversation."""


class Converser:
    """Row work for `converse`.

    Args:
        store: URI of the versions.
        scans: row files of the version of scans.
        captions: row files of a version of captions of these scans, or None.
        seed: the recipe's.
    """

    def __init__(self, store: str, scans: Sequence[str], captions: Sequence[str] | None, seed: int):
        self._scans = Library(Store(store), scans)
        self._captions = None if captions is None else Library(Store(store), captions)
        self._seed = seed

    def __call__(self, row: Row) -> Row:
        """A row of conversations.SCHEMA; one that cannot be made keeps what it would have been about, and its reason."""
        spec = json.loads(row["spec"])
        planned = {"scan": spec["scan"], "kind": spec["kind"]}
        try:
            scan = self._scan(spec["scan"])
            planned |= {"scan_content": scan["content"], "group": scan["group"]}
            facts, about = self._facts(scan)
            return COMPOSERS[spec["kind"]](facts, self._seed, about, spec["index"]).row()
        except BadRow as error:
            return planned | error.verdict.columns()

    def _scan(self, key: int) -> Row:
        try:
            return self._scans.row(key)
        except KeyError as error:
            raise BadRow("conversation/stale", "the described scan is not in the version of scans") from error

    def _facts(self, scan: Row) -> tuple[Facts, About]:
        about = About(scan=scan["id"], scan_content=scan["content"], group=scan["group"])
        if self._captions is None:
            return facts_of(Scan.of(scan)), about
        words = self._captions.row(scan["id"])
        if words["scan_content"] != scan["content"]:
            detail = f"the scan has changed since it was described: {words['scan_content'][:12]}…"
            raise BadRow("conversation/stale", detail)
        return Facts.of(words["facts"]), replace(about, caption=words["caption"], describer=words["describer"])
