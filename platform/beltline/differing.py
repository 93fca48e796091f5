"""What differs between versions, or between runs: recipe, data, outcome and code, as tables of what is not the same in all of them.

sides = [of_manifest("ours", ours), of_manifest("base", base)]
for section, head, rows in differences(sides): ...
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beltline.scan import canonical_json
from beltline.version import Manifest

SECTIONS = ("recipe", "data", "outcome", "code")
NOTHING = "–"
Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""Section, head, rows."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of those that are compared: its name, and by section what is said of it."""

    name: str
    said: Mapping[str, Mapping[str, str]]


def of_manifest(name: str, manifest: Manifest) -> Side:
    """A version; nested values of its recipe under dotted names."""
    data = {role: ref for role, ref in manifest.inputs.items()}
    data |= {f"{role}, digest": digest[:12] for role, digest in manifest.input_digests.items()}
    outcome: dict[str, Any] = {
        "version": manifest.ref,
        "digest": manifest.digest[:12],
        "rows": manifest.num_rows,
        **manifest.counts,
    }
    outcome |= {f"rejected {reason}": count for reason, count in manifest.reasons.items()}
    outcome |= {f"licence {licence}": count for licence, count in manifest.licences.items()}
    code = {"commit": manifest.commit[:12], **manifest.libraries}
    recipe = {"verb": manifest.verb, **flat(manifest.recipe)}
    return Side(name, {"recipe": recipe, "data": data, "outcome": texts(outcome), "code": texts(code)})


def of_run(name: str, params: Mapping[str, str], metrics: Mapping[str, float], tags: Mapping[str, str]) -> Side:
    """A run of MLflow: parameters are its recipe, last figures its outcome; what it read is in its tags."""
    data = {
        key.removeprefix("beltline.input."): value for key, value in tags.items() if key.startswith("beltline.input.")
    }
    outcome = {key: f"{value:g}" for key, value in metrics.items()}
    outcome |= {
        key.removeprefix("beltline."): value for key, value in tags.items() if key.startswith("beltline.output.")
    }
    return Side(name, {"recipe": dict(params), "data": data, "outcome": outcome, "code": {}})


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested values under dotted names; lists as JSON."""
    found: dict[str, str] = {}
    for key, inner in value.items():
        found |= flat(inner, f"{prefix}{key}.") if isinstance(inner, Mapping) else texts({f"{prefix}{key}": inner})
    return found


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else canonical_json(value) for key, value in values.items()}


def differences(sides: Sequence[Side]) -> Iterator[Table]:
    """A table for each section in which the sides differ; a row for each name whose values are not all the same."""
    for section in SECTIONS:
        there = [side.said.get(section, {}) for side in sides]
        names = dict.fromkeys(name for one in there for name in one)  # in the order of the first side
        rows = [(name, *(one.get(name, NOTHING) for one in there)) for name in names]
        different = [row for row in rows if len(set(row[1:])) > 1]
        if different:
            yield section, (section, *(side.name for side in sides)), different
