"""Alerts and dashboard: well formed, every alert with what to do, and every metric one that the installed Ray really exports."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ALERTS, DASHBOARD = ROOT / "deploy/watch/alerts.yaml", ROOT / "deploy/watch/grafana.json"
METRIC = re.compile(r"\bray_[a-z_]+")
THEIRS = re.compile(r"\b(up|probe_success|node_timex_offset_seconds)\b")


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[dict]:
    return json.loads(DASHBOARD.read_text())["panels"]


@cache
def exported() -> bytes:
    """Ray's own dashboards name its metrics with their prefix, its head's program without."""
    import ray

    place = Path(ray.__file__).parent
    pages = b"".join(path.read_bytes() for path in (place / "dashboard/modules/metrics/dashboards").glob("*.py"))
    return pages + (place / "core/src/ray/gcs/gcs_server").read_bytes()


def is_exported(name: str) -> bool:
    return name.encode() in exported() or name.removeprefix("ray_").encode() in exported()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_what_to_do(rule: dict) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary", "todo"}
    names = METRIC.findall(rule["expr"])
    assert names or THEIRS.search(rule["expr"])
    assert [name for name in names if not is_exported(name)] == []
    assert rule["expr"].count("(") == rule["expr"].count(")")


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel["title"])
def test_a_panel_shows_what_ray_exports(panel: dict) -> None:
    names = [name for target in panel["targets"] for name in METRIC.findall(target["expr"])]
    assert names and [name for name in names if not is_exported(name)] == []


def test_panels_do_not_lie_on_each_other() -> None:
    places = [(one["gridPos"]["x"], one["gridPos"]["y"]) for one in panels()]
    assert len(set(places)) == len(places) and len({one["id"] for one in panels()}) == len(places)


def test_an_invented_metric_would_be_found() -> None:
    assert not is_exported("ray_rows_that_nobody_counts")
