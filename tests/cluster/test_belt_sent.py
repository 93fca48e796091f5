"""Every verb of docs/order.md, in its order, sent to a cluster of four nodes: from nothing to a served model, digests as in one process.

Every other command goes by --address, the rest by `ray job submit`. Sizes are the smallest that are real; the tree that is sent from has
recipes of two steps (sending.py). MLflow is on PostgreSQL, its artifacts and the store are in a bucket. Sixteen bags show nothing about
who passes an exam without looking, so exams are set `--despite-blind`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import httpx
import pytest
from aiohttp import web

from beltline.language.eventlog import EventLog
from beltline.language.review import Action
from beltline.language.review import Event as Decision
from beltline.serving import digest_of, new_key
from beltline.store import Store
from beltline.version import iter_rows, resolve
from tests.cluster.sending import Team, digests, team
from tests.cluster.test_jobs_of_a_cluster import ID, told
from tests.fire import Fire, completion
from tests.ledgers import free_port
from tests.s3 import become

pytestmark = [pytest.mark.cluster, pytest.mark.exhaustive, pytest.mark.scans, pytest.mark.timeout(7200)]
ROOT = Path(__file__).parents[2]
POOLS = ["synthesis", "caption", "train", "train"]
FROM_NOTHING = """
regenerate --recipe everyday --output corpus --limit 6 --blocks 2
verify corpus --deep
ingest --recipe dvxray --root {scans}/dvxray --limit 12 --blocks 2 --output dvxray
ingest --recipe sixray-masks --root {scans}/sixray_masks --limit 12 --blocks 2 --output sixray
ingest --recipe gdxray --root {scans}/gdxray --limit 12 --blocks 2 --output gdxray
curate --recipe backgrounds --input dvxray --blocks 2 --output backgrounds
curate --recipe cutouts --input sixray --input gdxray --blocks 2 --output cutouts
regenerate --recipe anycontrasyn --input backgrounds=backgrounds --input cutouts=cutouts --limit 6 --blocks 2 --output composites
regenerate --recipe scans --input dvxray --limit 4 --blocks 2 --output dvxray-corpus
synthesize --recipe everyday --limit 6 --blocks 2 --output bags
caption --recipe grammar --input bags --blocks 2 --output words
screen --input scans=bags --input captions=words --blocks 2 --output screened
caption --recipe endpoint --model tested@7 --endpoint {url} --in-flight 4 --input bags --blocks 2 --output said
"""
TO_BE_ASKED = """
synthesize --recipe dual-nano --limit 16 --blocks 2 --output nano-bags
synthesize --recipe dual-nano-exam --limit 16 --blocks 2 --output nano-exam-bags
set_exam --recipe dualxray-lessons --input scans=nano-bags --limit 2 --blocks 2 --despite-blind --output nano-questions
converse --recipe drills --input scans=nano-bags --input questions=nano-questions --blocks 2 --output nano-drills
set_exam --recipe dualxray --input scans=nano-exam-bags --input lesson=nano-drills --limit 2 --blocks 2 --despite-blind --output nano-exam
"""
TAUGHT = """
train --recipe gsr_nano --input lessons=nano-drills --input scans=nano-bags --output gsr-nano
examine --input model=gsr-nano --form tagged --input exam=nano-exam --input scans=nano-exam-bags --max-tokens 8 --output nano-replies
promote gsr-nano@1.0.0
compare --input nano-replies
claims --recipe second-view --input base=gsr-nano --input lessons=nano-drills --input scans=nano-bags --input exam=nano-exam \
--input exam-scans=nano-exam-bags --seeds 1 --only 'base, two views' --only 'taught, two views' --output second-view
onepipe --recipe onepipe_nano --input scans=nano-bags --blocks 2 --output told
converse --recipe notes --input scans=nano-bags --input captions=told-seed --blocks 2 --output notes
train --recipe captioner_nano --input lessons=notes --input scans=nano-bags --output captioner
caption --recipe pupil --input model=captioner --input scans=nano-exam-bags --blocks 2 --output others-words
"""
EXAMS = """
examine --recipe endpoint --model tested@7 --endpoint {url} --seeds 1 --input exam=nano-exam --input scans=nano-exam-bags --output by-tested
examine --answerer 'longest option' --input exam=nano-exam --output blind
examine --answerer 'first letter' --input exam=nano-exam --output first
publish
compare --input by-tested --input blind --published dual/4
agree --input exam=nano-exam --input replies=by-tested --input replies=blind --input replies=first --keep-hard --output agreed
assess --exam classification --input scans=bags
set_exam --recipe mmxray --input scans=bags --limit 2 --blocks 2 --despite-blind --output mmxray
review --input screened --close --log {log} --output reviewed
converse --recipe gsxray --input scans=bags --blocks 2 --output chains
converse --recipe mmxray --input scans=bags --blocks 2 --output dialogues
export --input dialogues --format sharegpt --to {folder}/sharegpt-{way}
"""
AFTERWARDS = """
regenerate --recipe everyday --output corpus --limit 7 --blocks 2
diff corpus@1.0.0 corpus
verify gsr-nano@1.0.0 --deep
lineage gsr-nano
compare --input corpus@1.0.0 --input corpus
"""
AT_A_DESK = {"plan", "list", "logs", "stop", "resume", "serve", "inspect"}
"""Of the page's verbs: `plan` asks no cluster, four ask one about its jobs (test_jobs_of_a_cluster.py), and the last two are sent at the end."""
ANCESTORS = ("nano-drills", "nano-questions", "nano-bags")
"""Of the served model."""
KEY = "OPENAI_API_KEY"
"""Of the served model; the nodes have it, as credentials are the nodes' own."""
INSPECT = "inspect --input nano-exam-bags --endpoint {}/v1 --model gsr-nano@1.0.0 --max-tokens 8 --limit 4 --blocks 2 --output inspected"


class Somebody(Fire):
    """Describes where facts are shown, and answers A where a question is."""

    async def _given(self, request: web.Request, data: bytes) -> web.StreamResponse:
        return await super()._given(request, data) if b"Facts:" in data else web.json_response(completion("A"))


def commands(text: str, **places: object) -> list[str]:
    """One a line."""
    return [line.format(**places) for line in text.replace("\\\n", "").splitlines() if line]


def documented() -> set[str]:
    """The verbs of the page."""
    return set(re.findall(r"python -m jobs +([a-z_]+)", (ROOT / "docs" / "order.md").read_text(encoding="utf-8")))


def test_nothing_of_the_page_is_left_out() -> None:
    every = commands(
        FROM_NOTHING + EXAMS + TAUGHT + AFTERWARDS, scans="", url="http://h", log="l", folder="/f", way="w"
    )
    assert documented() == {words.split()[0] for words in every} | AT_A_DESK


@pytest.fixture(scope="module", params=[POOLS, None], ids=["nodes", "launched"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Nodes of this process's making, and those of deploy/cluster.local.yaml under Ray's autoscaler."""
    with team(tmp_path_factory.mktemp("team"), request.param, **{KEY: new_key("tests")[0]}) as one:
        yield one


@pytest.fixture
def store(here: Team, monkeypatch: pytest.MonkeyPatch) -> Store:
    become(monkeypatch, here.bucket)
    return Store(here.uri)


def sent(here: Team, every: list[str]) -> None:
    """One after the other, each by another way than the one before."""
    for number, words in enumerate(every):
        (here.send if number % 2 else here.submit)(words)
        print(f"{'sent' if number % 2 else 'submitted'}: {words}", flush=True)


def decided(here: Team, store: Store) -> str:
    """A log in which somebody has accepted the first caption and rejected the second; its URL, as the nodes know it."""
    url = f"sqlite:///{here.desk}/review.db"
    rows = [row for row in iter_rows(store, resolve(store, "screened")) if row["status"] == "kept"]
    actions: tuple[Action, ...] = ("accept", "reject")
    events = [
        Decision(
            id=f"event {number}",
            queue="screened/captions",
            item=row["id"],
            digest=row["content"],
            round=1,
            reviewer="ana",
            action=action,
            at="2026-11-28T12:00:00Z",
            reason="wrong" if action == "reject" else None,
        )
        for number, (row, action) in enumerate(zip(rows, actions, strict=False))
    ]
    log = EventLog(url)
    assert log.append(events) == len(actions)
    log.close()
    return url


def test_from_nothing_to_a_served_model(here: Team, store: Store, scans: Path) -> None:
    here.desk.mkdir(exist_ok=True)
    with Somebody() as fire:
        places = {"scans": scans, "url": fire.url, "folder": here.desk}
        first = commands(FROM_NOTHING, **places)
        sent(here, first)
        rest = commands(TO_BE_ASKED + TAUGHT + EXAMS + AFTERWARDS, log=decided(here, store), way="sent", **places)
        sent(here, rest)
        alone = here.alone([*first, *(words.replace("-sent", "-alone") for words in rest)])
    found = digests(store)
    assert len(found) > 30 and found == digests(alone)
    assert list((here.desk / "sharegpt-sent").rglob("*")), "the export is where the node was told to put it"
    served(here, store)
    descended(here, store)


def served(here: Team, store: Store) -> None:
    """The champion answers about a bag and about a version, until its job is stopped; then nobody does."""
    port, secret, look = free_port(), here.raylets.environment[KEY], Event()
    config, url = here.desk / "serve.yaml", f"http://127.0.0.1:{port}"
    config.write_text(json.dumps({"keys": [{"name": "tests", "sha256": digest_of(secret)}]}))
    name = ID.search(here.send(f"serve --recipe cpu --port {port} --config {config}", "--no-wait"))[1]
    while not ready(url):
        assert told(here, name)["status"] in ("PENDING", "RUNNING"), here.ask("logs", name, "--no-wait").stdout[-4000:]
        look.wait(2)
    bag = next(row for row in iter_rows(store, resolve(store, "nano-exam-bags")) if row["status"] == "kept")
    views = {view: bag[view]["bytes"] for view in ("top", "side")}
    answer = httpx.post(f"{url}/v1/inspect", headers={"Authorization": f"Bearer {secret}"}, files=views, timeout=300)
    assert answer.raise_for_status().json()["version"] == "gsr-nano@1.0.0"
    here.send(INSPECT.format(url))
    assert resolve(store, "inspected").num_rows == 4
    assert here.ask("stop", name).returncode == 0
    while ready(url):
        look.wait(1)


def descended(here: Team, store: Store) -> None:
    """Lineage names all that the served model was made of, and a file lost by any of it is found."""
    tree = here.run("lineage gsr-nano").stdout
    for name in ANCESTORS:
        found = resolve(store, name)
        assert f"{found.ref} " in tree and found.digest[:12] in tree, tree
        lost = next(one.path for one in found.files if one.path.endswith(".parquet"))
        data = store.read(lost)
        store.remove(lost)
        done = here.run("verify gsr-nano@1.0.0 --deep")
        assert done.returncode == 1 and lost in done.stdout, done.stdout + done.stderr
        store.write(lost, data)
    assert re.search(r"^Apache-2.0: .*nano-bags@1.0.0", tree, re.M), tree
    assert here.run("verify gsr-nano@1.0.0 --deep").returncode == 0


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=15).status_code == 200
    except httpx.HTTPError:
        return False
