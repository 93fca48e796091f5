"""The Ray cluster of a job: the one at --address, the one that it was submitted to, or one of our own on this machine."""

import logging
import os
from pathlib import Path

import ray

from jobs.options import Options

ROOT = Path(__file__).parent.parent
EXCLUDES = ["/data/", "/mlflow.db", "/mlartifacts/", "/mlruns/", ".git/", "*.parquet", "/docs/"]

TRAVELS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION")
"""Of the environment, what says where the store is. Credentials do not travel: the nodes have their own."""

SUBMITTED = "RAY_JOB_CONFIG_JSON_ENV_VAR"
"""Set for a driver that `ray job submit` started; RAY_ADDRESS is set then too."""


def connect(options: Options, num_stages: int) -> None:
    """Connect once; a second call finds the connection and does nothing."""
    if ray.is_initialized():
        return
    address = options.address or os.environ.get("RAY_ADDRESS")
    if address:
        submitted = SUBMITTED in os.environ  # then the code is there, and Ray refuses to be told of it twice
        travels = {} if submitted else {"runtime_env": runtime_env()}
        ray.init(address=address, logging_level=logging.ERROR, **travels)
        return
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # else every actor pool prints a warning about Ray itself
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Logical CPUs must exceed the largest actor pools together, or the read never gets one and the plan stalls.
    num_cpus = options.workers * (num_stages + 1) + 2
    environment = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}", "OMP_NUM_THREADS": "1"}
    ray.init(
        num_cpus=num_cpus,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        runtime_env={"env_vars": environment},
    )


def runtime_env() -> dict[str, object]:
    """What travels to a cluster that does not have the package: jobs and actors as files, beltline as a module."""
    where = {name: os.environ[name] for name in TRAVELS if name in os.environ}
    return {
        "env_vars": where,
        "working_dir": str(ROOT),
        "py_modules": [str(ROOT / "platform" / "beltline")],
        "excludes": EXCLUDES,
    }
