"""Where a version comes from: every version that it was made of, down to the sources and their licences. A walk over manifests alone.

    found = walk(lambda ref: resolve(store, ref), "gsr-nano@1.0.0")
    print("\\n".join(lines(found)))        # gsr-nano@1.0.0 train gsr_nano ... / lessons: nano-drills@1.0.0 converse ...

A manifest names its inputs with the digests that they had when they were read. What is gone now, or has another digest, is said at its place.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from beltline.version import Manifest

Find = Callable[[str], Manifest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A version in a lineage, and what it was made of."""

    ref: str
    role: str = ""
    """What it was to the version that was made of it."""
    digest: str
    fault: str | None = None
    """Why it is not what was read then; None when it is."""
    verb: str = ""
    recipe: str = ""
    who: str = ""
    """The model that spoke, or the weights that learning began with."""
    run: str = ""
    num_rows: int = 0
    commit: str = ""
    created: str = ""
    licences: Mapping[str, int] = field(default_factory=dict)
    parents: tuple["Ancestor", ...] = ()

    def every(self) -> Iterator["Ancestor"]:
        """This one and all that it was made of, each version once, nearest first."""
        seen, level = dict[str, Ancestor](), [self]
        while level:
            fresh = {one.ref: one for one in reversed(level) if one.ref not in seen}
            seen |= fresh
            level = [parent for one in fresh.values() for parent in one.parents]
        yield from seen.values()

    @property
    def sources(self) -> dict[str, dict[str, int]]:
        """Licence to the versions that were made of nothing, each with its kept rows of that licence."""
        found: dict[str, dict[str, int]] = {}
        for one in self.every():
            for licence, rows in one.licences.items() if not one.parents else ():
                found.setdefault(licence, {})[one.ref] = rows
        return found

    @property
    def faults(self) -> list[str]:
        return [f"{one.ref}: {one.fault}" for one in self.every() if one.fault]

    def plain(self) -> dict[str, Any]:
        """As JSON has it, the tree nested."""
        names = ("ref", "role", "digest", "fault", "verb", "recipe", "who", "run", "num_rows", "commit", "created")
        same = {name: getattr(self, name) for name in names}
        return same | {"licences": dict(self.licences), "made_of": [parent.plain() for parent in self.parents]}


def walk(find: Find, ref: str) -> Ancestor:
    """The lineage of a version.

    Args:
        find: the manifest of NAME@VERSION; raises ValueError when it is gone.

    Raises:
        ValueError: the version itself is not there.
    """
    return _known({}, find, find(ref), "")


def _known(known: dict[str, Ancestor], find: Find, manifest: Manifest, role: str) -> Ancestor:
    """A version whose manifest is there, its parents walked once however many were made of it."""
    if manifest.ref not in known:
        parents = tuple(
            _parent(known, find, name, ref, manifest.input_digests.get(name, ""))
            for name, ref in sorted(manifest.inputs.items())
        )
        known[manifest.ref] = Ancestor(
            ref=manifest.ref,
            digest=manifest.digest,
            verb=manifest.verb,
            recipe=str(manifest.recipe.get("name", "")),
            who=_who(manifest),
            run=manifest.run,
            num_rows=manifest.num_rows,
            commit=manifest.commit,
            created=manifest.created,
            licences=manifest.licences,
            parents=parents,
        )
    return _as(known[manifest.ref], role)


def _parent(known: dict[str, Ancestor], find: Find, role: str, ref: str, digest: str) -> Ancestor:
    """An input: as it is, or as it was read where it is gone or another."""
    try:
        found = _known(known, find, find(ref), role)
    except ValueError as error:
        return Ancestor(ref=ref, role=role, digest=digest, fault=f"gone: {error}")
    if digest and found.digest != digest:
        return _as(found, role, f"expected digest {digest}, as it was read, found {found.digest}")
    return found


def _as(one: Ancestor, role: str, fault: str | None = None) -> Ancestor:
    names = [name for name in one.__slots__ if name not in ("role", "fault")]
    return Ancestor(**{name: getattr(one, name) for name in names}, role=role, fault=fault or one.fault)


def _who(manifest: Manifest) -> str:
    """A model's name and revision, or a base."""
    model = manifest.recipe.get("model") or manifest.recipe.get("base") or manifest.recipe.get("describer") or ""
    if isinstance(model, Mapping):
        return "@".join(str(model[name]) for name in ("name", "revision") if model.get(name))
    return str(model)


def label(one: Ancestor) -> str:
    """One version in a line."""
    what = " ".join(word for word in (one.verb, one.recipe, f"by {one.who}" if one.who else "") if word)
    licences = ", ".join(f"{name} {rows}" for name, rows in sorted(one.licences.items())) if not one.parents else ""
    parts = [f"{one.role}: {one.ref}" if one.role else one.ref, what, f"{one.num_rows} rows", one.digest[:12], licences]
    return "  ".join(part for part in parts if part) + (f"  !! {one.fault}" if one.fault else "")


def lines(one: Ancestor, depth: int = 0) -> Iterator[str]:
    """The tree as text, two spaces a generation."""
    yield f"{'  ' * depth}{label(one)}"
    for parent in one.parents:
        yield from lines(parent, depth + 1)
