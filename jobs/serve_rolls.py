"""A server brought up under Ray Serve, changed while it answers, and let go.

start(recipe, serving, args)               # comes back when every application runs
roll(recipe, serving, new, args)           # another configuration, without a request lost
stop()
"""

import argparse
import logging
import os
import threading

from beltline.serving import Served, Serving, read
from beltline.store import Store
from jobs import cluster
from jobs.options import Options
from jobs.serve_recipes import ServeRecipe, deploy

log = logging.getLogger("beltline")
OURS = {
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",
    "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "60",
    "RAY_SERVE_LOG_TO_STDERR": "0",
    "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "1",
    "RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP": "0",
    "RAY_SERVE_REQUEST_PATH_LOG_BUFFER_SIZE": "1000",
}
"""For a cluster of our own: on a busy machine a process takes longer to start than Serve waits, and what Serve spends on itself is the model's."""


def start(recipe: ServeRecipe, serving: Serving, args: argparse.Namespace) -> None:
    """Bring it up, or change what is up into this."""
    import ray
    from ray import serve
    from ray.serve.schema import ServeDeploySchema

    if not ray.is_initialized():
        os.environ.update({name: os.environ.get(name, value) for name, value in OURS.items()})
        stages = 1 + len(serving.models)
        options = Options(recipe="", output="x", workers=4, store=Store(args.store), address=args.address)
        cluster.connect(options, num_stages=stages)
    plan = ServeDeploySchema.model_validate(deploy(recipe, serving, args.host, args.port))
    from ray.serve.context import _get_global_client  # as the command `serve run` does it

    try:
        serve.start(
            proxy_location=plan.proxy_location,
            http_options=plan.http_options.model_dump(),
            logging_config=plan.logging_config,
        )
    except (TimeoutError, ray.exceptions.ActorDiedError) as slow:
        log.warning("the proxy takes long to start (%s); going on", type(slow).__name__)
    _get_global_client().deploy_apps(plan, _blocking=False)  # it would wait a minute, and an engine takes longer
    _wait({one.name for one in plan.applications})


def _wait(names: set[str]) -> None:
    """Until every application is up.

    Raises:
        RuntimeError: one of them will not be.
    """
    from ray import serve

    pause, said = threading.Event(), ""
    while True:
        apps = serve.status().applications
        states = {name: str(apps[name].status.value) if name in apps else "DEPLOYING" for name in sorted(names)}
        bad = [
            f"{name}: {apps[name].message}" for name, state in states.items() if state in ("DEPLOY_FAILED", "UNHEALTHY")
        ]
        if bad:
            raise RuntimeError("\n".join(bad))
        told = ", ".join(f"{name} {state.lower()}" for name, state in states.items())
        if told != said:
            log.info("%s", told)
            said = told
        if set(states.values()) == {"RUNNING"}:
            return
        pause.wait(1.0)


def stop() -> None:
    """Let what is in hand end, and go."""
    import ray
    from ray import serve

    serve.shutdown()
    ray.shutdown()


def roll(recipe: ServeRecipe, old: Serving, new: Serving, args: argparse.Namespace) -> bool:
    """From one configuration to another without a request lost: what is new comes before what is old goes.

    A model that changes under its name is made anew in its place: give what changes another name, and move the alias.

    Returns:
        Whether it is there. A model that does not come up changes nothing: what was served before is served on.
    """
    try:
        _rolled(recipe, old, new, args)
    except RuntimeError as error:
        log.error("not taken over, what was served is served on: %s", error)
        start(recipe, old, args)
        return False
    log.info("served now: %s", ", ".join(one.name for one in new.models))
    return True


def _rolled(recipe: ServeRecipe, old: Serving, new: Serving, args: argparse.Namespace) -> None:
    names = {one.name for one in new.models}
    come = [one for one in new.models if one.name not in {known.name for known in old.models}]
    gone = [one for one in old.models if one.name not in names]
    if come:
        start(recipe, _with(old, *old.models, *come), args)
    if gone:
        start(recipe, _with(new, *new.models, *gone), args)
        threading.Event().wait(old.limits.queue_s)  # who waits for a turn has been told the old name
    start(recipe, new, args)


def _with(serving: Serving, *models: Served) -> Serving:
    """A configuration with other models."""
    return read({**serving.model_dump(mode="json"), "models": [one.model_dump(mode="json") for one in models]})
