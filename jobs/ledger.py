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
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from beltline.version import Manifest
from jobs import logged_models
from jobs.outbox import EVENTS, FAULT, close_if_dead, events, held, read_state, write_state

EXPERIMENT = "beltline"
MAX_DIGEST = 36
"""MLflow refuses a longer dataset digest."""
SEND_EVERY_S, RETRY_AFTER_S = 2.0, 30.0
AT_ONCE = 200
"""Calls of `metrics` that travel as one request, at most."""


class Ledger:
    """The run of this job. Every method returns at once.

    Args:
        outbox: local folder for events that are not sent yet, of this job and of earlier ones.
        tracking: MLflow tracking URI.
        experiment: where the run is put.
    """

    def __init__(self, outbox: Path, tracking: str, name: str, tags: Mapping[str, str], experiment: str = EXPERIMENT):
        self.tracking, self._outbox = tracking, outbox
        self._folder = outbox / f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
        self._folder.mkdir(parents=True)
        self._alive = held(self._folder)  # while it is held, no other job sends or closes this run
        self._lock = threading.Lock()
        self._add(
            "run",
            name=name,
            experiment=experiment,
            tags={**tags, "beltline.outbox": self._folder.name},
            pid=os.getpid(),
            host=socket.gethostname(),
        )
        self._sender = threading.Thread(target=self._send_all, daemon=True)
        self._ended = threading.Event()
        self._sender.start()

    def params(self, params: Mapping[str, Any]) -> None:
        self._add("params", values={key: str(value) for key, value in params.items()})

    def metrics(
        self,
        metrics: Mapping[str, float],
        step: int = 0,
        model: Manifest | None = None,
        dataset: Manifest | None = None,
    ) -> None:
        """Figures of this run; with a model they are also its marks on a dataset, where the model is known."""
        whose = {"model": [model.ref, model.digest]} if model else {}
        on = {"dataset": [dataset.name, dataset.digest[:MAX_DIGEST]]} if dataset else {}
        self._add("metrics", values={key: float(value) for key, value in metrics.items()}, step=step, **whose, **on)

    def model(self, manifest: Manifest, source: str) -> None:
        """A model version that this job has made."""
        self._add("model", **logged_models.told(manifest, source))

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
        if self._alive and not self._sender.is_alive():
            self._alive.close()
        if not self._folder.exists():
            return None
        return f"MLflow at {self.tracking} did not take the run; it waits in {self._folder} and the next job sends it"

    def _add(self, kind: str, **event: Any) -> None:
        line = json.dumps({"kind": kind, "time_ms": time.time_ns() // 1_000_000, **event})
        with self._lock, (self._folder / EVENTS).open("a", encoding="utf-8") as journal:
            journal.write(f"{line}\n")

    def _send_all(self) -> None:
        """Older runs once, then this one until it has ended, however long the server is away in between."""
        for _ in flush(self._outbox, self.tracking, before=self._folder):
            pass  # what cannot be sent stays, and nothing of this run depends on it
        pause = SEND_EVERY_S
        while not self._ended.wait(pause):
            pause = SEND_EVERY_S if _try_to_send(self._folder, self.tracking) is None else RETRY_AFTER_S
        _try_to_send(self._folder, self.tracking)


def flush(outbox: Path, tracking: str, before: Path | None = None) -> Iterator[str]:
    """Send what jobs that live no more have left, oldest first, up to `before`; yields a sentence for each that stays.

    Each for itself: one that cannot be sent stops no other. A server that does not answer is asked once.
    """
    everyone = sorted(path for path in outbox.iterdir() if path.is_dir()) if outbox.exists() else []
    waiting = [folder for folder in everyone if before is None or folder < before]
    try:
        if waiting:
            _probe(tracking)
    except ConnectionError as error:
        yield str(error)
        return
    for folder in waiting:
        lock = held(folder)
        if lock is None:  # its own driver lives and sends it, or has sent it just now
            continue
        with lock:
            fault = _try_to_send(folder, tracking, dead=True)
        if fault:
            yield fault


def _try_to_send(folder: Path, tracking: str, *, dead: bool = False) -> str | None:
    """None, or why not, which is also written down beside the events."""
    try:
        if dead:
            close_if_dead(folder)
        send(folder, tracking)
        return None
    except Exception as error:  # whatever MLflow raises: the events are on disk, the job must not suffer
        fault = f"{type(error).__name__}: {error}"
        if folder.exists():
            (folder / FAULT).write_text(f"{fault}\n", encoding="utf-8")
        return f"{folder}: {fault}"


def send(folder: Path, tracking: str) -> bool:
    """Send what an outbox folder holds and remove it once its run has ended; True when it is gone.

    Raises:
        ConnectionError: the server does not answer.
        Exception: whatever MLflow raises.
    """
    if not (folder / EVENTS).exists():
        return True
    _probe(tracking)
    client = _client(tracking)
    run_id, sent = read_state(folder)
    for number, event in together(events(folder)[sent:], sent):
        run_id = _send_event(client, run_id, event, folder)
        write_state(folder, run_id, number)
        if event["kind"] == "end":
            shutil.rmtree(folder)
            return True
    return False


def together(waiting: Iterable[dict[str, Any]], sent: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Events with the number that is sent after each; figures in a row are one event with `each`, so that they travel at once."""
    kept: list[dict[str, Any]] = []
    for event in waiting:
        if kept and (event["kind"] != "metrics" or len(kept) == AT_ONCE):
            sent += len(kept)
            yield sent, {"kind": "metrics", "each": kept}
            kept = []
        if event["kind"] == "metrics":
            kept.append(event)
        else:
            sent += 1
            yield sent, event
    if kept:
        yield sent + len(kept), {"kind": "metrics", "each": kept}


def connect(tracking: str, experiment: str) -> tuple[Any, str]:
    """A client, and the id of an experiment, which is made when it is not there.

    Raises:
        ConnectionError: the server does not answer.
    """
    _probe(tracking)
    client = _client(tracking)
    return client, _experiment(client, experiment)


def runs_of(tracking: str, runs: Iterable[str], experiment: str = EXPERIMENT) -> dict[str, str]:
    """Where MLflow shows the finished job of each run of a store; of what it does not know, or when it does not answer, nothing.

    Args:
        runs: names of runs as manifests have them.
    """
    found: dict[str, str] = {}
    try:
        client, known = connect(tracking, experiment)
    except ConnectionError:
        return found
    for name in set(runs):
        same = f"tags.`beltline.run` = '{name}' AND attributes.status = 'FINISHED'"
        for one in client.search_runs([known], same, max_results=1):
            where = tracking.rstrip("/") if tracking.startswith("http") else "mlflow:"
            found[name] = f"{where}/#/experiments/{known}/runs/{one.info.run_id}"
    return found


def fetched(tracking: str, run: str) -> tuple[dict[str, str], dict[str, float], dict[str, str]]:
    """Parameters, last figures and tags of a run of MLflow.

    Raises:
        ValueError: the server does not answer, or knows no such run.
    """
    try:
        _probe(tracking)
        data = _client(tracking).get_run(run).data
    except Exception as error:  # ConnectionError, MlflowException
        raise ValueError(
            f"{run}: expected a run of MLflow at {tracking}, found none: {' '.join(str(error).split())[:120]}"
        ) from None
    return dict(data.params), dict(data.metrics), dict(data.tags)


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
    elif kind == "model":
        logged_models.put(client, client.get_run(run_id).info.experiment_id, run_id, event)
    elif kind == "artifact":
        client.log_artifact(run_id, str(folder / "artifacts" / event["name"]))
    elif kind == "dataset":
        client.log_inputs(run_id, [_dataset_input(event)])
        client.set_tag(run_id, f"beltline.{event['context']}.{event['name']}", event["ref"])
    else:
        log_values(client, run_id, event)
    return run_id


def _create_run(client: Any, event: dict[str, Any]) -> str:
    """A new run, or the one that an earlier sender made before it was killed."""
    experiment = _experiment(client, event.get("experiment", EXPERIMENT))
    same = client.search_runs(
        [experiment], f"tags.`beltline.outbox` = '{event['tags']['beltline.outbox']}'", max_results=1
    )
    if same:
        return same[0].info.run_id
    return client.create_run(experiment, event["time_ms"], run_name=event["name"], tags=event["tags"]).info.run_id


def log_values(client: Any, run_id: str, event: dict[str, Any]) -> None:
    """Send an event of kind "params" or "metrics"."""
    from mlflow.entities import Param

    if event["kind"] == "params":
        client.log_batch(run_id, params=[Param(key, value[:6000]) for key, value in event["values"].items()])
    else:
        metrics = [metric for one in event.get("each", [event]) for metric in _metrics(client, one)]
        client.log_batch(run_id, metrics=metrics)


def _metrics(client: Any, event: dict[str, Any]) -> Iterator[Any]:
    from mlflow.entities import Metric

    at = (event["time_ms"], event["step"], _model_id(client, event), *event.get("dataset", ()))
    yield from (Metric(key, value, *at) for key, value in event["values"].items())


def _model_id(client: Any, event: dict[str, Any]) -> str | None:
    """The model that has got these marks; None where no run of this server has told of it."""
    if "model" not in event:
        return None
    ref, digest = event["model"]
    found = logged_models.find(client, ref, digest, _experiment(client))
    return str(found.model_id) if found else None


def _dataset_input(event: dict[str, Any]) -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    dataset = Dataset(
        event["name"], event["digest"], "beltline", json.dumps({"uri": event["source"]}), None, event["profile"]
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", event["context"])])


def _experiment(client: Any, name: str = EXPERIMENT) -> str:
    found = client.get_experiment_by_name(name)
    if found:
        return found.experiment_id
    uri = str(client.tracking_uri)
    beside = (
        f"file://{Path(uri.removeprefix('sqlite:///')).parent / 'mlartifacts'}"
        if uri.startswith("sqlite:///")
        else None
    )
    return client.create_experiment(name, artifact_location=beside)
