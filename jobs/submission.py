"""Jobs of a cluster through its dashboard, by Ray's Jobs: looked over before they are sent, listed, followed, stopped, sent again.

    python -m jobs regenerate --recipe everyday --output corpus --address http://127.0.0.1:8265 --store s3://... --tracking http://...
    python -m jobs list --address http://127.0.0.1:8265

What can be wrong is looked at here, before anything travels: recipe, inputs, the store's rights, whether the cluster answers to our token and
has nodes for every stage. The driver takes a processor of a worker node, so none stands on the head. The token is Ray's own
(RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH or ~/.ray/auth_token); no credential is put into a command, which everybody on the cluster can read.
"""

import argparse
import logging
import re
import shlex
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from beltline.version import find_run, run_of
from jobs.options import Options, read_common, refuse_relative
from jobs.work import Work

POOL = "beltline/pool"
COMMAND = "python -m jobs"
GOING = ("PENDING", "RUNNING")
"""How Ray calls a job that has not ended."""
SAID = re.compile(r"^(?:[a-z_]+: |\w*(?:Error|Exception)\b).*$")
"""A line of a log that says what went wrong: a verb's own sentence, or the last line of a traceback."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a stage wants of a node."""

    stage: str
    pool: str | None
    num_cpus: float
    num_gpus: float


@dataclass(frozen=True, slots=True)
class Node:
    """What a node has."""

    labels: Mapping[str, str]
    num_cpus: float
    num_gpus: float

    def serves(self, need: Need) -> bool:
        fits = self.num_cpus >= need.num_cpus and self.num_gpus >= need.num_gpus
        return fits and need.pool in (None, self.labels.get(POOL))


def names_dashboard(address: str | None) -> bool:
    """Whether an address is a dashboard's, to which a command is sent, and not a cluster's own, which this process joins."""
    return bool(address) and urlsplit(address).scheme in ("http", "https")


def send(module: ModuleType, args: argparse.Namespace, words: Sequence[str]) -> int:
    """Look a command over, send it, and follow it to its end unless told not to; its exit code.

    Raises:
        ValueError: something is wrong with the command, the cluster does not answer, or it lacks what a stage wants.
    """
    refuse_secrets(words)
    work, options = looked_over(module, args)
    done = find_run(options.store, options.output, _run(work, options)) if work and options else None
    if done:
        print(f"{done.ref} is complete already ({done.num_rows} rows, digest {done.digest[:12]}); nothing is sent")
        return 0
    client = connect(args.address)
    needs = needs_of(work, options) if work and options else []
    lacking = missing(needs, nodes(args.address))
    if lacking:
        raise ValueError(f"--address: {lacking[0]}")
    if getattr(args, "dry_run", False):
        print(f"would send to {args.address}: {entrypoint(args, words)}")
        return 0
    return start(client, args, entrypoint(args, words), name_of(args))


def looked_over(module: ModuleType, args: argparse.Namespace) -> tuple[Work | None, Options | None]:
    """What the command would do, its inputs resolved and its store asked; None for a verb that writes no rows."""
    if not hasattr(args, "recipe") or not getattr(args, "output", None):
        for name in ("store", "tracking", "to"):  # what is written beside the driver's code goes with it when it ends
            refuse_relative(f"--{name}", str(getattr(args, name, None) or "/"))
        return None, None
    options = read_common(args)
    if hasattr(module, "prepare"):
        return module.prepare(options, args), options
    options.manifests()
    return None, None


def _run(work: Work, options: Options) -> str:
    from jobs.job import identity

    return run_of(identity(work, options))


def needs_of(work: Work, options: Options) -> list[Need]:
    """What the stages want of a node."""
    stages = work.stages(f"{options.output}/.runs/{_run(work, options)}")
    return [Need(stage.name, stage.pool, stage.num_cpus, stage.num_gpus) for stage in stages]


def missing(needs: Sequence[Need], there: Sequence[Node]) -> list[str]:
    """A sentence for every stage that no node of the cluster can ever take."""
    driver = Need("the driver", None, 1, 0)
    pools = sorted({node.labels.get(POOL, "none") for node in there})
    return [
        f"expected a node with {need.num_cpus:g} CPU and {need.num_gpus:g} GPU"
        f"{f' and label {POOL}={need.pool}' if need.pool else ''} for {need.stage}, "
        f"found {len(there)} nodes of pools {', '.join(pools)}; start such a node (docs/cluster.md), then send again"
        for need in (driver, *needs)
        if not any(node.serves(need) for node in there)
    ]


def refuse_secrets(words: Sequence[str]) -> None:
    """Nothing, unless a word is a URI with a password: everybody on the cluster can read the command.

    Raises:
        ValueError: one is.
    """
    for word in words:
        if "://" in word and urlsplit(word).password:
            hidden = word.replace(str(urlsplit(word).password), "...")
            raise ValueError(
                f"{hidden}: expected no password in a command that is sent, found one; "
                "give the nodes MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead"
            )


def entrypoint(args: argparse.Namespace, words: Sequence[str]) -> str:
    """The command as the cluster runs it: without the address, with the places that came from our environment."""
    left = [word for word in without(words, "--address") if word != "--no-wait"]
    for name in ("store", "tracking"):
        if hasattr(args, name) and not any(word.split("=")[0] == f"--{name}" for word in left):
            left += [f"--{name}", getattr(args, name)]
    return shlex.join([*COMMAND.split(), *left])


def without(words: Sequence[str], name: str) -> list[str]:
    """Words without an option and its value."""
    left: list[str] = []
    skip = False
    for word in words:
        if not skip and word.split("=")[0] != name:
            left.append(word)
        skip = word == name
    return left


def name_of(args: argparse.Namespace) -> str:
    """An id that a person can tell from others."""
    what = getattr(args, "output", None) or getattr(args, "version", None) or "all"
    return f"{args.verb}-{re.sub('[^a-z0-9_-]', '-', what)}-{uuid.uuid4().hex[:8]}"


def connect(address: str) -> Any:
    """A client of the cluster's Jobs.

    Raises:
        ValueError: nobody answers there, or the token is not the cluster's.
    """
    from ray.job_submission import JobSubmissionClient  # ray is imported when something is to be sent

    logging.getLogger("ray").setLevel(logging.ERROR)  # its packing of the code, line by line
    try:
        return JobSubmissionClient(address)
    except Exception as error:  # ConnectionError, RuntimeError, AuthenticationError: what Ray raises is not documented
        raise ValueError(f"--address: {fault(address, str(error))}") from None


def fault(address: str, said: str) -> str:
    """Why a dashboard did not take us, and what to do."""
    if re.search(r"\b40[13]\b|[Uu]nauth|token", said):
        return (
            f"expected {address} to know our token, found it refused; set RAY_AUTH_MODE=token and copy the cluster's "
            "~/.ray/auth_token here, or name it in RAY_AUTH_TOKEN_PATH"
        )
    return (
        f"expected a cluster's dashboard at {address}, found {' '.join(said.split())[:120]}; it listens on the head's loopback: "
        "ssh -L 8265:127.0.0.1:8265 HEAD"
    )


def find(client: Any, name: str) -> Any:
    """A job that the cluster was sent.

    Raises:
        ValueError: it knows none of that id.
    """
    found = {one.submission_id: one for one in client.list_jobs() if one.submission_id}
    if name not in found:
        few = ", ".join(sorted(found)[:10]) or "none"
        raise ValueError(f"{name}: expected a job that this cluster was sent, found {few}")
    return found[name]


def nodes(address: str) -> list[Node]:
    """The living nodes of a cluster."""
    from ray.util.state import list_nodes

    every = list_nodes(
        address=address, detail=True, limit=10_000
    )  # a filter of Ray's takes the dead for an answer cut off
    return [
        Node(dict(one.labels or {}), one.resources_total.get("CPU", 0), one.resources_total.get("GPU", 0))
        for one in every
        if one.state == "ALIVE"
    ]


def start(client: Any, args: argparse.Namespace, command: str, name: str) -> int:
    """Send a command and follow it; 0 when it ends well, or is only sent."""
    from jobs.cluster import runtime_env

    client.submit_job(
        entrypoint=command,
        submission_id=name,
        runtime_env=runtime_env(),
        metadata={"beltline": "1"},
        entrypoint_num_cpus=1,  # on a worker node: the head has none
    )
    print(f"{name} is sent: {command}")
    if getattr(args, "no_wait", False):
        print(f"python -m jobs logs {name} --address {args.address}    # follows it")
        return 0
    return follow(client, name, args.address)


def follow(client: Any, name: str, address: str) -> int:
    """Print a job's log until it ends; its exit code. Whoever stops following stops no job."""
    import asyncio

    async def tail() -> None:
        async for piece in client.tail_job_logs(name):
            print(piece, end="", flush=True)

    try:
        asyncio.run(tail())
    except KeyboardInterrupt:
        print(f"\n{name} goes on: python -m jobs logs {name} --address {address}, or stop {name}")
        return 0
    except RuntimeError as cut:  # with its node, if it has ended; else there is more to come
        if str(client.get_job_info(name).status) in GOING:
            print(f"{name}: {cut}; it goes on: python -m jobs logs {name} --address {address}")
            return 1
    return told(client, name, address)


def told(client: Any, name: str, address: str) -> int:
    """Say how a job ended and what to do; its exit code."""
    found = client.get_job_info(name)
    log = log_of(client, name) if str(found.status) == "FAILED" else ""
    for line in ending(name, str(found.status), found.driver_exit_code, found.message or "", log, address):
        print(line)
    return 0 if str(found.status) in ("SUCCEEDED", *GOING) else found.driver_exit_code or 1


def log_of(client: Any, name: str) -> str:
    """All that a job has said; nothing where its log was lost with its driver's node."""
    try:
        return str(client.get_job_logs(name))
    except RuntimeError:
        return ""


def ending(name: str, status: str, code: int | None, message: str, log: str, address: str) -> Iterator[str]:
    """How a job ended, what it said last, and what to do about it."""
    yield f"{name}: {status}{f', exit code {code}' if code is not None else ''}"
    if status == "STOPPED":
        yield f"what it has finished is kept: python -m jobs resume {name} --address {address}"
    if status != "FAILED":
        return
    lines = [line for line in log.splitlines() if SAID.match(line)]
    yield f"  it said: {lines[-1] if lines else ' '.join(message.split())[:300]}"
    again = f"python -m jobs resume {name} --address {address}"
    if code == 1:
        yield f"  what to do: read python -m jobs logs {name} --address {address}; rows that are finished are kept, and {again} goes on from there"
    elif code == 2:
        yield "  what to do: the command is wrong as the sentence says; give it again, corrected"
    elif code == 3:
        yield f"  what to do: the store gave out; when it answers again, {again} goes on from there"
    else:
        yield f"  what to do: its driver was lost with a node or killed; {again} goes on from there"
