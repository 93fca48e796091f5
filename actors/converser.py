"""Makes conversations about the scans of a version: the spec of a row names the scan, the kind and which one of its kind.

The facts are those that a caption was written from where captions are given, and are measured from the views otherwise.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from beltline.language import gsxray, questions, surveys, turns
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
    "notes": turns.compose_notes,
    "survey": surveys.compose,
}
"""Kind to (facts, seed, whose, index) -> conversation."""


class Material:
    """What conversations are made of: a scan of a version, its facts, and its caption where captions are given.

    Args:
        store: URI of the versions.
        scans: row files of the version of scans.
        captions: row files of a version of captions of these scans, or None.
    """

    def __init__(self, store: str, scans: Sequence[str], captions: Sequence[str] | None):
        self._scans = Library(Store(store), scans)
        self._captions = None if captions is None else Library(Store(store), captions)

    def scan(self, key: int) -> Row:
        """Raises BadRow: `conversation/stale`, there is no such scan."""
        try:
            return self._scans.row(key)
        except KeyError as error:
            raise BadRow("conversation/stale", "the described scan is not in the version of scans") from error

    def told(self, scan: Row) -> tuple[Facts, About]:
        """Raises BadRow: `conversation/stale`, the scan is not the one that was described."""
        about = About(scan=scan["id"], scan_content=scan["content"], group=scan["group"])
        if self._captions is None:
            return facts_of(Scan.of(scan)), about
        words = self._captions.row(scan["id"])
        if words["scan_content"] != scan["content"]:
            detail = f"the scan has changed since it was described: {words['scan_content'][:12]}…"
            raise BadRow("conversation/stale", detail)
        told = {"caption": words["caption"], "describer": words["describer"], "notes": words.get("raw")}
        return Facts.of(words["facts"]), replace(about, **told)


class Converser:
    """Row work for `converse` without a model.

    Args:
        store, scans, captions: as for Material.
        seed: the recipe's.
    """

    def __init__(self, store: str, scans: Sequence[str], captions: Sequence[str] | None, seed: int):
        self._material, self._seed = Material(store, scans, captions), seed

    def __call__(self, row: Row) -> Row:
        """A row of conversations.SCHEMA; one that cannot be made keeps what it would have been about, and its reason."""
        spec = json.loads(row["spec"])
        planned = plan(spec)
        try:
            scan = self._material.scan(spec["scan"])
            planned |= owner(scan)
            facts, about = self._material.told(scan)
            return COMPOSERS[spec["kind"]](facts, self._seed, about, spec["index"]).row()
        except BadRow as error:
            return planned | error.verdict.columns()


def plan(spec: Row) -> Row:
    """What is known of a conversation before it is made."""
    return {"scan": spec["scan"], "kind": spec["kind"]}


def owner(scan: Row) -> Row:
    return {"scan_content": scan["content"], "group": scan["group"]}
