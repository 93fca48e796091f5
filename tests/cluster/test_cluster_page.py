"""docs/cluster.md is true as far as one machine goes: its commands are run in their order, and those that cannot be run here are named here."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster.sending import Team
from tests.cluster.test_jobs_of_a_cluster import ID

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]
PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"
NOT_HERE = ("aws ", "ray up ", "ray attach ", "kubectl ")
"""They want an account of AWS or a cluster of Kubernetes."""
SAID = ("export ",)
"""They set what the tests hand over by themselves."""
STARTS = ("ray start ", "umask 077 && ray get-auth-token ")
"""A cluster's own: test_the_local_form.py, and below."""


def commands() -> list[str]:
    """The page's commands, in order, without their comments."""
    text = PAGE.read_text(encoding="utf-8")
    lines = [line.strip().split("  #")[0] for line in text.splitlines() if re.match(r" {4,7}[a-z]", line)]
    return [re.sub(r"\s{2,}", " ", line).strip() for line in lines if not line.startswith("EFA")]


def test_every_command_is_known() -> None:
    ways = (*NOT_HERE, *SAID, *STARTS, "python -m jobs ")
    assert [line for line in commands() if not line.startswith(ways)] == []
    assert sum(line.startswith("python -m jobs ") for line in commands()) >= 9


def test_the_token_is_made_for_its_owner_alone(tmp_path: Path, small: Team) -> None:
    (line,) = [one for one in commands() if "ray get-auth-token" in one]
    environment = small.raylets.environment | {"HOME": str(tmp_path), "RAY_AUTH_TOKEN_PATH": ""}
    done = subprocess.run(line, shell=True, env=environment, capture_output=True, text=True)
    made = tmp_path / ".ray" / "auth_token"
    assert done.returncode == 0 and len(made.read_text()) >= 32, done.stderr
    assert made.stat().st_mode & 0o777 == 0o600


@pytest.mark.exhaustive
def test_work_and_where_it_comes_from(small: Team) -> None:
    """From the plan to the comparison; a corpus of four and then five scans instead of 100,000."""
    here = replace(small, place="page")
    lines = [one.removeprefix("python -m jobs ") for one in commands() if one.startswith("python -m jobs ")]
    plan, regenerate, listed, logs, stop, resume, lineage, verify, compare = lines
    assert here.run(plan).returncode == 0
    regenerate = regenerate.split(" --address")[0].replace("100000 --workers 64", "4 --workers 2")
    said = here.send(f"{regenerate} --blocks 2")
    name = ID.search(said)[1]
    assert here.ask(*listed.split()).returncode == 0
    for line, expected in ((logs, "corpus@1.0.0"), (stop, "has ended already"), (resume, "nothing to do")):
        done = here.ask(line.split()[0], name)
        assert done.returncode == 0 and expected in done.stdout, done.stdout + done.stderr
    here.send(regenerate.replace("--limit 4", "--limit 5") + " --blocks 2")
    done = here.run(lineage)
    assert done.returncode == 0 and "corpus@1.1.0" in done.stdout, done.stdout + done.stderr
    assert here.run(verify).returncode == 0
    done = here.run(compare.replace("corpus@2.0.0", "corpus@1.1.0"))
    assert done.returncode == 0 and "what differs" in done.stdout, done.stdout + done.stderr
