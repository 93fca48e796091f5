"""The ledger: one MLflow run per job, written by the driver alone. The only file that imports mlflow.

Everything is first written to an outbox on disk, event by event, and sent from there by a background thread. So an MLflow
that is down delays nothing and loses nothing: what could not be sent stays in the outbox, and the next job sends it. Sending
an event twice changes nothing (metrics and parameters are keyed), so a sender may be killed at any moment.
"""

import json
import os
import shutil
import socket
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from beltline.version import Manifest

EXPERIMENT = "beltline"
MAX_DIGEST = 36
"""MLflow refuses a longer dataset digest."""


class Ledger:
    """The run of this job. Every method returns at once.

    Args:
        outbox: local folder for events that are not sent yet, of this job and of earlier ones.
        tracking: MLflow tracking URI.
    """

    def __init__(self, outbox: Path, tracking: str, name: str, tags: Mapping[str, str]):
        self.tracking, self._outbox = tracking, outbox
        self._folder = outbox / f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
        self._folder.mkdir(parents=True)
        self._lock = threading.Lock()
        self._add(
            "run",
            name=name,
            tags={**tags, "beltline.outbox": self._folder.name},
            pid=os.getpid(),
            host=socket.gethostname(),
        )
        self._sender = threading.Thread(target=self._send_all, daemon=True)
        self._ended = threading.Event()
        self._sender.start()

    def params(self, params: Mapping[str, Any]) -> None:
        self._add("params", values={key: str(value) for key, value in params.items()})

    def metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        self._add("metrics", values={key: float(value) for key, value in metrics.items()}, step=step)

    def dataset(self, manifest: Manifest, source: str, context: str) -> None:
        """A version that the job has read (context \"input\") or written (\"output\")."""
        digest = manifest.digest[:MAX_DIGEST]
        profile = json.dumps({"version": manifest.version, "rows": manifest.num_rows, **manifest.counts})
        self._add(
            "dataset",
            name=manifest.name,
            digest=digest,
            source=source,
            profile=profile,
            context=context,
            ref=manifest.ref,
        )

    def artifact(self, name: str, data: bytes) -> None:
        (self._folder / "artifacts").mkdir(exist_ok=True)
        (self._folder / "artifacts" / name).write_bytes(data)
        self._add("artifact", name=name)

    def end(self, status: str = "FINISHED", patience_s: float = 120) -> str | None:
        """Close the run; None when all was sent, else a sentence that says where it waits.

        A server that answers is given `patience_s`; one that does not answer is not waited for.
        """
        self._add("end", status=status)
        self._ended.set()
        self._sender.join(patience_s)
        if not self._folder.exists():
            return None
        return f"MLflow at {self.tracking} did not take the run; it waits in {self._folder} and the next job sends it"

    def _add(self, kind: str, **event: Any) -> None:
        line = json.dumps({"kind": kind, "time_ms": time.time_ns() // 1_000_000, **event})
        with self._lock, (self._folder / "events.jsonl").open("a", encoding="utf-8") as events:
            events.write(f"{line}\n")

    def _send_all(self) -> None:
        """Older runs first; then this one until it has ended. Gives up as soon as the server does not answer."""
        try:
            for folder in sorted(path for path in self._outbox.iterdir() if path < self._folder):
                _close_if_dead(folder)
                send(folder, self.tracking)
            while not send(self._folder, self.tracking):
                if not self._ended.wait(timeout=2):
                    continue
                send(self._folder, self.tracking)
                break
        except Exception as error:  # whatever MLflow raises: the events are on disk, the job must not suffer
            (self._folder / "error.txt").write_text(f"{type(error).__name__}: {error}\n", encoding="utf-8")


def send(folder: Path, tracking: str) -> bool:
    """Send what an outbox folder holds and remove it once its run has ended; True when it is gone.

    Raises:
        ConnectionError: the server does not answer.
        Exception: whatever MLflow raises.
    """
    if not (folder / "events.jsonl").exists():
        return True
    _probe(tracking)
    client = _client(tracking)
    state_file = folder / "sent.json"
    state = json.loads(state_file.read_text()) if state_file.exists() else {}
    run_id, sent = state.get("run_id"), state.get("sent", 0)
    for number, event in enumerate(_events(folder)[sent:], start=sent + 1):
        run_id = _send_event(client, run_id, event, folder)
        state_file.write_text(json.dumps({"run_id": run_id, "sent": number}))
        if event["kind"] == "end":
            shutil.rmtree(folder)
            return True
    return False


def _events(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").split("\n")[:-1]  # a torn last line is not sent
    return [json.loads(line) for line in lines]


def _probe(tracking: str) -> None:
    if tracking.startswith("http"):
        try:
            urllib.request.urlopen(f"{tracking.rstrip('/')}/health", timeout=3).close()
        except OSError as error:
            raise ConnectionError(f"{tracking} does not answer: {error}") from error


def _client(tracking: str) -> Any:
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # we have an outbox: better to come back later
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    import mlflow  # slow to import; only the sender's thread waits for it

    return mlflow.MlflowClient(tracking_uri=tracking)


def _send_event(client: Any, run_id: str | None, event: dict[str, Any], folder: Path) -> str:
    kind = event["kind"]
    if kind == "run":
        return _create_run(client, event)
    assert run_id is not None, "the first event of an outbox is its run"
    if kind == "end":
        client.set_terminated(run_id, event["status"], event["time_ms"])
    elif kind == "artifact":
        client.log_artifact(run_id, str(folder / "artifacts" / event["name"]))
    elif kind == "dataset":
        client.log_inputs(run_id, [_dataset_input(event)])
        client.set_tag(run_id, f"beltline.{event['context']}.{event['name']}", event["ref"])
    else:
        _log_values(client, run_id, event)
    return run_id


def _create_run(client: Any, event: dict[str, Any]) -> str:
    """A new run, or the one that an earlier sender made before it was killed."""
    experiment = _experiment(client)
    same = client.search_runs(
        [experiment], f"tags.`beltline.outbox` = '{event['tags']['beltline.outbox']}'", max_results=1
    )
    if same:
        return same[0].info.run_id
    return client.create_run(experiment, event["time_ms"], run_name=event["name"], tags=event["tags"]).info.run_id


def _close_if_dead(folder: Path) -> None:
    """A driver that was killed could not end its run: say so for it."""
    events = _events(folder) if (folder / "events.jsonl").exists() else []
    if not events or events[-1]["kind"] == "end" or events[0]["host"] != socket.gethostname():
        return
    try:
        os.kill(events[0]["pid"], 0)
    except ProcessLookupError:
        line = json.dumps({"kind": "end", "time_ms": events[-1]["time_ms"], "status": "KILLED"})
        with (folder / "events.jsonl").open("a", encoding="utf-8") as journal:
            journal.write(f"{line}\n")


def _log_values(client: Any, run_id: str, event: dict[str, Any]) -> None:
    from mlflow.entities import Metric, Param

    if event["kind"] == "params":
        client.log_batch(run_id, params=[Param(key, value[:6000]) for key, value in event["values"].items()])
    else:
        metrics = [Metric(key, value, event["time_ms"], event["step"]) for key, value in event["values"].items()]
        client.log_batch(run_id, metrics=metrics)


def _dataset_input(event: dict[str, Any]) -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    dataset = Dataset(
        event["name"], event["digest"], "beltline", json.dumps({"uri": event["source"]}), None, event["profile"]
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", event["context"])])


def _experiment(client: Any) -> str:
    found = client.get_experiment_by_name(EXPERIMENT)
    if found:
        return found.experiment_id
    uri = str(client.tracking_uri)
    beside = (
        f"file://{Path(uri.removeprefix('sqlite:///')).parent / 'mlartifacts'}"
        if uri.startswith("sqlite:///")
        else None
    )
    return client.create_experiment(EXPERIMENT, artifact_location=beside)


def flush(outbox: Path, tracking: str) -> Iterable[str]:
    """Send every ended run that waits in an outbox; yields a sentence for each that could not be sent."""
    for folder in sorted(outbox.iterdir()) if outbox.exists() else []:
        try:
            _close_if_dead(folder)
            send(folder, tracking)
        except Exception as error:
            yield f"{folder}: {error}"
