"""The part of `converse` that knows drills: an exam's questions about bags that are in no exam, as conversations.

python -m jobs set_exam --recipe dualxray-lessons --input scans=bags --output bags-questions
python -m jobs converse --recipe drills --input scans=bags --input questions=bags-questions --output bags-drills

A small model that starts from nothing has to learn the words of an exam as well, which a large one knows. The bags must not be those of
the exam; `set_exam --input lesson=bags-drills` says so where they are. No conversation asks about a thing twice: where it lies would then be
read off the first answer and not off the views.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from actors.driller import VERSION, Driller
from beltline.language.conversations import conversation_id
from beltline.library import paths_of
from beltline.scan import Row
from jobs import sources
from jobs.options import Options
from jobs.recipes import ConverseRecipe, values
from jobs.synthesize import check_roles
from jobs.work import Stage, Work

KIND = "drill"


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
        says=("no conversation asks about a thing twice",),
    )


def _specs(options: Options) -> Iterator[tuple[int, Any]]:
    """Conversations about the kept scans, file by file; a scan without questions has none."""
    inputs, of_scan = options.manifests(), defaultdict[int, list[Row]](list)
    for row in sources.kept(options.store, [inputs["questions"]], ["scan", "evidence"]):
        of_scan[row["scan"]].append(row)
    for row in sources.kept(options.store, [inputs["scans"]], []):
        for index, some in enumerate(apart(of_scan[row["id"]])):
            yield conversation_id(row["id"], KIND, index), {"scan": row["id"], "questions": some, "index": index}


def apart(questions: Sequence[Row]) -> list[list[int]]:
    """Ids of questions about one scan, in as few lists as come of putting each into the first where nothing is about its things."""
    lists: list[tuple[list[int], set[int]]] = []
    for row in sorted(questions, key=lambda row: row["id"]):
        things = {one["item"] for one in json.loads(row["evidence"])}
        some, taken = next((one for one in lists if not one[1] & things), ([], set()))
        if not some:
            lists.append((some, taken))
        some.append(row["id"])
        taken |= things
    return [some for some, _ in lists]
