"""The parts of `examine` and `caption` that ask a model version of `train`, in this process: small models answer before a server would be up."""

import argparse
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from beltline.exam.asking import Examinee
from beltline.language import grammar, notes
from beltline.language.showing import FORMS, NAMED, TAGGED
from beltline.library import paths_of
from beltline.verdict import KEPT
from beltline.version import Manifest, iter_rows, run_of
from jobs import models
from jobs.instant import finished, put
from jobs.job import identity
from jobs.options import Options
from jobs.synthesize import check_roles
from jobs.work import ASKED, Work

ROLE, CAPTIONER = "model", "pupil"


def examined(options: Options, args: argparse.Namespace, schema: pa.Schema) -> Manifest | None:
    """The version of replies; None for a dry run.

    Raises:
        ValueError: the inputs are not a model, an exam and its scans.
    """
    inputs, store = options.manifests(), options.store
    check_roles(inputs, {ROLE, "exam", "scans"}, repeated=True)
    model = inputs[ROLE]
    who = _examinee(model, args)
    work = Work(
        verb="examine",
        recipe=asdict(who) | {"name": "pupil", "model": who.label},
        inputs=inputs,
        specs=lambda: (),
        stages=lambda folder: [],
        schema=schema,
    )
    done = finished(work, options)
    if done or options.dry_run:
        return done
    from actors.reciter import Reciter  # torch and transformers are imported where a model is asked

    folder = f"{options.output}/.runs/{run_of(identity(work, options))}"
    scans = [path for role, one in inputs.items() if role.split(".")[0] == "scans" for path in paths_of(one)]
    reciter = Reciter(store.uri, f"{folder}/{ASKED}", who, str(models.local(store, model)), scans, args.device)
    asked = sorted(
        (row for row in iter_rows(store, inputs["exam"]) if row["status"] == KEPT),
        key=lambda row: (row["scan"] or 0, row["id"]),
    )
    return put(work, options, list(reciter.replies(asked)))


def describes(model: Manifest) -> dict[str, Any]:
    """What decides the captions of a model version that was taught to take notes, besides the scans."""
    form = TAGGED if model.recipe.get("tags") else NAMED
    return {
        "name": CAPTIONER,
        "model": _label(model),
        "form": form.name,
        "notes": notes.VERSION,
        "told": grammar.VERSION,
    }


def captioned(work: Work, options: Options, args: argparse.Namespace) -> int:
    """The version of captions, notes put into sentences by the grammar; 0."""
    if finished(work, options):
        return 0
    from actors.notetaker import NoteTaker

    who, form = work.recipe["model"], FORMS[work.recipe["form"]]
    asked = f"{options.output}/.runs/{run_of(identity(work, options))}/{ASKED}"
    folder, scans = str(models.local(options.store, work.inputs[ROLE])), paths_of(work.inputs["scans"])
    taker = NoteTaker(options.store.uri, asked, who, folder, form, scans, args.device)
    put(work, options, list(taker.rows([key for key, _ in work.specs()])))
    return 0


def _label(model: Manifest) -> str:
    return f"{model.name}@{model.version}-{model.digest[:12]}"


def _examinee(model: Manifest, args: argparse.Namespace) -> Examinee:
    """The model as its replies name it: name and number, and its digest so that other weights are never taken for it."""
    views = None if args.views is None else () if args.views == "none" else (args.views,)
    return Examinee(
        name=model.name,
        revision=f"{model.version}-{model.digest[:12]}",
        temperature=0.0,
        max_tokens=args.max_tokens,
        reasoned=args.reasoned,
        form=args.form,
        views=views,
    )
