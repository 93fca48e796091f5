"""A served model that knows two bags by heart: taught once, brought up once by the real command, asked by all tests that need a server.

    served.url, served.key            # http://127.0.0.1:PORT and a key for it
    served.bags[0].views              # {"top": PNG, "side": PNG}, as uploaded
    served.bags[0].items              # {"nonmetallic lighter": {"top": (l, t, r, b), "side": ...}} in pixels, as the model says them
    served.bags[0].text               # word for word what it says; bag 0 is a threat, bag 1 is clear

    python -m tests.served FOLDER     # keeps one up for a look, with its key on the screen

The model is tiny and sure of these two answers alone: asked anything else it says nonsense, which is a case of its own.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from beltline.image.phantom import RECIPES as BAGS
from beltline.image.phantom import make_scan
from beltline.language.lexicon import noun
from beltline.language.reasoning import Chain, box, write
from beltline.scan import Scan
from beltline.serving import new_key
from tests import s3
from tests.adapters import stored

ROOT = Path(__file__).parents[1]
OF, ROWS = "dual-nano", (5, 1)
NAMES = (("laptop", "nonmetallic lighter"), ("laptop", "tablet"))
"""What the model speaks of in each bag."""
QUESTION = "What is in this bag?"
ADAPTERS = ("red", "blue")
START_S, STEPS = 1500.0, 90


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag that the model knows."""

    name: str
    """As the page's examples call it."""
    views: dict[str, bytes]
    items: dict[str, dict[str, tuple[float, float, float, float]]]
    text: str
    verdict: str


@dataclass(slots=True)
class Server:
    """A server that is up."""

    url: str
    key: str
    bags: list[Bag]
    place: Path
    process: subprocess.Popen[bytes]
    config: Path

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def bags() -> list[Bag]:
    """The bags, and what the model shall say of them."""
    return [_bag(make_scan(BAGS[OF], row), row, names) for row, names in zip(ROWS, NAMES, strict=True)]


def _bag(scan: Scan, row: int, names: tuple[str, ...]) -> Bag:
    assert scan.side is not None
    views = {"top": scan.top, "side": scan.side}
    said, items = dict[str, str](), dict[str, Any]({name: {} for name in names})
    found = {name: next(item for item in scan.items if item.category == name) for name in names}
    for view, shown in views.items():
        parts = []
        for name, item in found.items():
            wh = (shown.width, shown.height) * 2
            edges = [round(1000 * edge / side) for edge, side in zip(getattr(item, f"{view}_xyxy"), wh, strict=True)]
            items[name][view] = tuple(round(edge * side / 1000, 2) for edge, side in zip(edges, wh, strict=True))
            parts.append(f"a {noun(name).one} {box((edges[0], edges[1], edges[2], edges[3]))}")
        said[view] = f"Here lie {' and '.join(parts)}."
    threat = "nonmetallic lighter" in names
    ends = (
        {"conclusion": "The lighter is prohibited.", "answer": "lighter"}
        if threat
        else {"conclusion": "All is well.", "answer": "nothing"}
    )
    text = write(Chain(**said, **ends))
    return Bag(
        f"bag-{row}", {view: shown.bytes for view, shown in views.items()}, items, text, "threat" if threat else "clear"
    )


def teach(place: Path) -> Path:
    """The folder of a model that knows the bags by heart."""
    import pyarrow as pa

    from actors.student import Lesson, Student
    from beltline import verdict
    from beltline.language.conversations import SCHEMA, Conversation, Turn
    from beltline.learning import nano
    from beltline.learning.recipes import RECIPES
    from beltline.library import paths_of
    from beltline.store import Store
    from beltline.verdict import KEEP
    from tests.made import version_of, version_of_rows

    store, scans, known = Store(str(place / "store")), [make_scan(BAGS[OF], row) for row in ROWS], bags()
    rows = []
    for number, (scan, bag) in enumerate(zip(scans, known, strict=True)):
        turns = (Turn(role="user", content=QUESTION), Turn(role="assistant", content=bag.text))
        about = {"scan": scan.id, "scan_content": None, "group": bag.name, "kind": "gsxray"}
        rows.append(
            Conversation(**about, index=number, views=("top", "side"), turns=turns, describer="by hand").row()
            | KEEP.columns()
        )
    paths = {
        "scans": tuple(paths_of(version_of(store, scans, "bags"))),
        "lessons": tuple(paths_of(version_of_rows(store, rows, pa.schema([*SCHEMA, *verdict.FIELDS]), "lessons"))),
    }
    base = nano.build("tiny:qwen3_vl", place / "base", [QUESTION, *(bag.text for bag in known)] * 4, smallest_px=1024)
    recipe = replace(RECIPES["gsr_nano"], kinds=None, sight_steps=0, batch=2, epochs=STEPS, rate=1e-2, name="by-heart")
    student = Student(Lesson(recipe=recipe, base=str(base), store=store.uri, **paths))
    student.learn(lambda step: None)
    student.graduate(place / "taught")
    return place / "taught"


def configuration(place: Path, folder: Path, adapters: str | None = None, **more: Any) -> tuple[Path, str]:
    """A configuration file for the model, and a key for it; with adapters, the alias `belt` is the one called red."""
    secret, key = new_key("tests", per_minute=60_000)
    found = {
        "models": [
            {
                "name": "by-heart",
                "source": str(folder),
                "version": "by-heart@1.0.0",
                "question": QUESTION,
                "view_px": 100_000,
                "adapters": adapters,
            }
        ],
        "aliases": {"champion": "by-heart", **({"belt": "by-heart:red"} if adapters else {})},
        "keys": [key.model_dump(mode="json")],
        "feedback": f"sqlite:///{place / 'feedback.db'}",
        "examples": list(ROWS),
        "examples_of": OF,
        "limits": {"max_tokens": 400, "body_s": 3},
        **more,
    }
    (place / "serve.yaml").write_text(json.dumps(found))  # JSON is YAML
    return place / "serve.yaml", secret


@contextmanager
def serving(
    place: Path, config: Path, key: str, *words: str, around: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """`python -m jobs serve` with a Ray of its own; ends when the block does, as Ctrl-C would end it.

    Args:
        around: more of its environment.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jobs", "serve", "--recipe", "cpu", "--config", str(config), "--port", str(port)]
    command += ["--store", str(place / "store"), "--tracking", f"sqlite:///{place / 'mlflow.db'}", *words]
    environment = {**os.environ, "RAY_ADDRESS": "", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    environment |= around or {}
    with (place / "serve.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _ready(process, f"http://127.0.0.1:{port}", place / "serve.log")
        yield Server(f"http://127.0.0.1:{port}", key, bags(), place, process, config)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    started = time.monotonic()
    while time.monotonic() - started < START_S:
        assert process.poll() is None, log.read_text()[-4000:]
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=15) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)  # a server that starts says nothing; there is no event to wait for
    raise AssertionError(log.read_text()[-4000:])


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, s3_server: s3.Server) -> Iterator[Server]:
    """The server, for all tests of a session; its model has two adapters on S3."""
    place = tmp_path_factory.mktemp("served")
    folder = teach(place)
    with pytest.MonkeyPatch.context() as patch:
        s3.become(patch, s3_server)
        uri = stored(s3_server, folder, ADAPTERS, place / "adapters")
    config, key = configuration(place, folder, uri)
    with serving(place, config, key, around=s3_server.environment("reader")) as server:
        yield server


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    file, secret = configuration(folder, folder / "taught" if (folder / "taught").exists() else teach(folder))
    with serving(folder, file, secret) as up:
        print(f"{up.url}  key {up.key}", flush=True)
        signal.pause()
