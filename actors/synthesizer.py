"""Makes scans: virtual bags, composites of backgrounds and cut-outs, or the rows of a version as they are.

Plain classes, row by row: the constructor loads, the call works. The spec of a row says what to make; everything random in
it follows from the row's id.
"""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache

from beltline import pixels
from beltline.image import cutouts, phantom
from beltline.image.composite import CompositeRecipe, Stage, compose, stage_of
from beltline.image.phantom import BagRecipe
from beltline.library import Library
from beltline.scan import Row, Scan, View
from beltline.store import Store
from beltline.verdict import BadRow, Reject, Verdict, first_reject

Gate = Callable[[Scan], Verdict]
KEPT = 256
"""Backgrounds and cut-outs that a worker keeps decoded: about 2 MB each."""


class Made:
    """Shared by all makers: a spec that a global gate rejected is rejected, then the scan is made, then the gates ask."""

    def __init__(self, gates: Sequence[Gate] = ()):
        self._gates = tuple(gates)

    def __call__(self, row: Row) -> Row:
        spec = json.loads(row["spec"])
        if "reject" in spec:
            return planned(row) | Reject(*spec["reject"]).columns()
        try:
            scan = self.make(row["id"], spec)
        except BadRow as error:
            return planned(row) | error.verdict.columns()
        verdict = first_reject(self._gates, scan)
        return scan.row() | (verdict.columns() if isinstance(verdict, Reject) else {})

    def make(self, key: int, spec: Row) -> Scan:
        raise NotImplementedError


def planned(row: Row) -> Row:
    """What is known of a scan that was never made: enough to make it again."""
    return {"source_id": str(row["id"]), "notes": [f"planned: {row['spec']}"]}


class BagMaker(Made):
    """Virtual bags: the spec holds the planned categories."""

    def __init__(self, recipe: BagRecipe, gates: Sequence[Gate] = ()):
        super().__init__(gates)
        self._recipe = recipe

    def make(self, key: int, spec: Row) -> Scan:
        return phantom.make_scan(self._recipe, key, tuple(spec["categories"]))


class CompositeMaker(Made):
    """AnyContraSyn: the spec names a background and cut-outs by id (One 3.1)."""

    def __init__(
        self,
        recipe: CompositeRecipe,
        store: str,
        backgrounds: Sequence[str],
        cutouts: Sequence[str],
        gates: Sequence[Gate] = (),
    ):
        super().__init__(gates)
        self._recipe = recipe
        self._backgrounds = Library(Store(store), backgrounds)
        self._cutouts = Library(Store(store), cutouts)
        self._scan = lru_cache(maxsize=KEPT)(self._backgrounds.scan)
        self._cutout = lru_cache(maxsize=KEPT)(self._cutouts.scan)
        self._decoded = lru_cache(maxsize=KEPT)(pixels.decode)
        self._staged = lru_cache(maxsize=KEPT)(lambda key: stage_of(self._scan(key)))

    def make(self, key: int, spec: Row) -> Scan:
        chosen = [self._cutout(cutout) for cutout in spec["cutouts"]]
        spares = [[self._cutout(cutout) for cutout in others] for others in spec["spares"]]
        return compose(
            self._recipe, key, self._scan(spec["background"]), chosen, spares, decode=self._decode, stage=self._stage
        )

    def _stage(self, background: Scan) -> Stage:
        return self._staged(background.id)

    def _decode(self, view: View) -> pixels.Rgb:
        return self._decoded(view.bytes)


class Fetcher(Made):
    """Rows of a version as they are: the spec names the id, and optionally what is made of it."""

    def __init__(self, store: str, paths: Sequence[str], gates: Sequence[Gate] = ()):
        super().__init__(gates)
        self._library = Library(Store(store), paths)

    def make(self, key: int, spec: Row) -> Scan:
        return self._library.scan(spec["scan"])


class MixedMaker:
    """Rows of versions as they are, and virtual bags beside them: a spec that names a scan, or planned categories."""

    def __init__(
        self,
        recipe: BagRecipe,
        gates: Sequence[Gate],
        store: str,
        paths: Sequence[str],
        real_gates: Sequence[Gate],
    ):
        self._bags = BagMaker(recipe, gates)
        self._scans = Fetcher(store, paths, real_gates)

    def __call__(self, row: Row) -> Row:
        return self._scans(row) if "scan" in json.loads(row["spec"]) else self._bags(row)


class BackgroundMaker(Fetcher):
    """Scans without an item become backgrounds with a density level (CleanDET)."""

    def make(self, key: int, spec: Row) -> Scan:
        return cutouts.as_background(super().make(key, spec))


class CutoutMaker(Fetcher):
    """One item of a scan, alone on white (CleanDET): the spec names scan and item.

    An item that has a box and no mask is cut out against the white background, or by the SAM-type model in the folder
    `segmenter`.
    """

    def __init__(self, store: str, paths: Sequence[str], gates: Sequence[Gate] = (), segmenter: str | None = None):
        super().__init__(store, paths, gates)
        self._segment = _promptable(segmenter) if segmenter else cutouts.segment_on_white

    def make(self, key: int, spec: Row) -> Scan:
        found = cutouts.cutouts_of(self._library.scan(spec["scan"]), self._segment, only=spec["item"])
        if not found:
            raise BadRow(
                "cutout/no-mask",
                f"item {spec['item']} of scan {spec['scan']} has neither a mask nor a box to cut along",
            )
        return found[0]


def _promptable(weights: str) -> cutouts.Segmenter:
    from actors.segmenter import PromptableSegmenter  # torch takes seconds to import, and only this maker needs it

    return PromptableSegmenter(weights)
