"""Models in MLflow: each version of weights once, with its lineage; the marks that it got on exams; and who is champion.

    found = find(client, "gsr-nano@1.0.0", digest)        # None where no run has told of it
    promote(tracking, manifest, "champion")               # MLflow's registry: models:/gsr-nano@champion

A model is known by its version and the digest of it, so the same is found again from another experiment and nothing is entered twice.
"""

import json
from collections.abc import Mapping
from typing import Any

from beltline.version import Manifest

VERSION, DIGEST, SOURCE = "beltline.version", "beltline.digest", "beltline.source"


def told(manifest: Manifest, source: str) -> dict[str, Any]:
    """A model version as an event of the ledger: its recipe as parameters, where it comes from as tags."""
    values = {f"recipe.{name}": value for name, value in manifest.recipe.items()}
    params = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    tags = {
        VERSION: manifest.ref,
        DIGEST: manifest.digest,
        SOURCE: source,
        "beltline.commit": manifest.commit,
    }
    for role, ref in manifest.inputs.items():
        tags |= {f"beltline.input.{role}": ref, f"beltline.input.{role}.digest": manifest.input_digests[role]}
    return {"name": manifest.name, "params": params, "tags": tags}


def put(client: Any, experiment: str, run_id: str, event: Mapping[str, Any]) -> None:
    """Enter a model, unless it is there."""
    tags = event["tags"]
    if find(client, tags[VERSION], tags[DIGEST], experiment) is None:
        made = client.create_logged_model(experiment, event["name"], run_id, tags, event["params"], "beltline")
        client.finalize_logged_model(made.model_id, "READY")


def find(client: Any, ref: str, digest: str, experiment: str) -> Any | None:
    """The model of a version, if a run has told of it."""
    same = f"tags.`{VERSION}` = '{ref}' AND tags.`{DIGEST}` = '{digest}'"
    found = client.search_logged_models([experiment], filter_string=same, max_results=1)
    return found[0] if found else None


def promote(client: Any, experiment: str, manifest: Manifest, alias: str) -> str:
    """Give a model version an alias in MLflow's registry, taking it from whoever had it; its number there.

    Raises:
        ValueError: MLflow knows no such model.
    """
    model = find(client, manifest.ref, manifest.digest, experiment)
    if model is None:
        raise ValueError(
            f"{manifest.ref}: expected a model that MLflow has of `train`, found none; is it another server's?"
        )
    if not client.search_registered_models(f"name = '{manifest.name}'"):
        client.create_registered_model(manifest.name)
    every = client.search_model_versions(f"name = '{manifest.name}'")
    known = [one for one in every if (one.tags.get(VERSION), one.tags.get(DIGEST)) == (manifest.ref, manifest.digest)]
    found = known[0] if known else _registered(client, manifest, model)
    client.set_registered_model_alias(manifest.name, alias, found.version)
    return str(found.version)


def champions(client: Any, alias: str = "champion") -> list[str]:
    """NAME@VERSION of every model that has an alias, the one last changed first."""
    found = [one for one in client.search_registered_models() if alias in (one.aliases or {})]
    newest = sorted(found, key=lambda one: (-(one.last_updated_timestamp or 0), one.name))
    versions = (client.get_model_version_by_alias(one.name, alias) for one in newest)
    return [one.tags[VERSION] for one in versions if VERSION in one.tags]


def _registered(client: Any, manifest: Manifest, model: Any) -> Any:
    """A version of the registry; the weights stay in the store, where the tag says."""
    tags = {name: model.tags[name] for name in (VERSION, DIGEST, SOURCE)}
    place, run = (
        model.artifact_location,
        model.source_run_id,
    )  # models:/ID would be looked for at MLflow's usual address
    return client.create_model_version(manifest.name, place, run, tags, model_id=model.model_id)
