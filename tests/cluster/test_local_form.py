"""deploy/cluster.local.yaml as docs/cluster.md starts it: Ray's autoscaler brings up four nodes with their labels, and a command that is sent there ends as in one process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from beltline.store import Store
from tests.cluster.launched import launched
from tests.cluster.sending import LEAN, digests

pytestmark = [pytest.mark.cluster, pytest.mark.exhaustive, pytest.mark.timeout(900)]


def test_four_nodes_come_up_and_take_a_command(tmp_path: Path, jobs: Callable[..., int]) -> None:
    words = "synthesize --recipe dual-nano --limit 8 --blocks 4 --workers 2 --output bags"
    places = ["--store", str(tmp_path / "sent"), "--tracking", f"sqlite:///{tmp_path}/sent.db"]
    with launched(tmp_path, **LEAN) as raylets:
        done = raylets.ask(*words.split(), *places)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert jobs(words) == 0
    assert digests(Store(str(tmp_path / "sent"))) == digests(Store(str(tmp_path / "store")))
