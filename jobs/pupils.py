"""The part of `examine` that asks a model version of `train`, in this process: small models answer before a server would be up."""

import argparse
from dataclasses import asdict

import pyarrow as pa

from beltline.exam.asking import Examinee
from beltline.library import paths_of
from beltline.verdict import KEPT
from beltline.version import Manifest, iter_rows, run_of
from jobs import models
from jobs.instant import finished, put
from jobs.job import identity
from jobs.options import Options
from jobs.synthesize import check_roles
from jobs.work import ASKED, Work

ROLE = "model"


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
