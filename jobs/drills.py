"""The part of `converse` that knows drills: an exam's questions about bags that are in no exam, as conversations.

python -m jobs set_exam --recipe dualxray-lessons --input scans=bags --output bags-questions
python -m jobs converse --recipe drills --input scans=bags --input questions=bags-questions --output bags-drills

A small model that starts from nothing has to learn the words of an exam as well, which a large one knows. The bags must not be those of
the exam; `set_exam --input lesson=bags-drills` says so where they are.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa

from actors.driller import VERSION, Driller
from beltline.language.conversations import conversation_id
from beltline.library import paths_of
from jobs import sources
from jobs.options import Options
from jobs.recipes import ConverseRecipe, values
from jobs.synthesize import check_roles
from jobs.work import Stage, Work

KIND = "drill"
MOST = 10
"""Questions of one conversation."""


def prepare(options: Options, recipe: ConverseRecipe, schema: pa.Schema) -> Work:
    """Raises ValueError: the inputs are not scans and questions."""
    inputs = options.manifests()
    check_roles(inputs, {"scans", "questions"})
    kwargs = {"store": options.store.uri, **{role: paths_of(inputs[role]) for role in ("scans", "questions")}}
    return Work(
        verb="converse",
        recipe=values(recipe, None) | {"version": VERSION},
        inputs=inputs,
        specs=lambda: islice(_specs(options), options.limit),
        stages=lambda folder: [Stage(name="converse", make=Driller, kwargs=kwargs)],
        schema=schema,
        says=(f"at most {MOST} questions a conversation",),
    )


def _specs(options: Options) -> Iterator[tuple[int, Any]]:
    """Conversations about the kept scans, file by file; a scan without questions has none."""
    inputs, of_scan = options.manifests(), defaultdict[int, list[int]](list)
    for row in sources.kept(options.store, [inputs["questions"]], ["scan"]):
        of_scan[row["scan"]].append(row["id"])
    for row in sources.kept(options.store, [inputs["scans"]], []):
        for index, some in enumerate(_batched(sorted(of_scan[row["id"]]))):
            yield conversation_id(row["id"], KIND, index), {"scan": row["id"], "questions": some, "index": index}


def _batched(keys: list[int]) -> Iterator[list[int]]:
    return (keys[at : at + MOST] for at in range(0, len(keys), MOST))
