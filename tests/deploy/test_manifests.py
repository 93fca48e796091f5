"""cluster.yaml, its local form, KubeRay's manifests, images: as Ray and KubeRay read them, labelled alike, and without a secret.

kuberay-1.7.0.json holds names, types and allowed values of the custom resources of KubeRay 1.7.0 down to pod templates, nothing else.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.recipes import CAPTIONS

ROOT = Path(__file__).parents[2]
KUBERAY = json.loads((Path(__file__).parent / "kuberay-1.7.0.json").read_text())
LAUNCHED = ("cluster.yaml", "deploy/cluster.local.yaml")
MANIFESTS = sorted((ROOT / "deploy" / "kuberay").glob("*.yaml"))
IMAGES = sorted((ROOT / "deploy" / "images").glob("*.Dockerfile"))
POOLS = {"head", "synthesis", "caption", "train", "serve"}


def documents(path: Path) -> Iterator[dict[str, Any]]:
    yield from (one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one)


def launched(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def clusters() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every RayCluster, by itself or inside a job or a service."""
    for path in MANIFESTS:
        for one in documents(path):
            spec = one["spec"]
            found = spec if one["kind"] == "RayCluster" else spec.get("rayClusterSpec") or spec.get("rayClusterConfig")
            if found:
                yield path.name, found


@pytest.mark.parametrize("name", LAUNCHED)
def test_the_launcher_takes_it(name: str) -> None:
    """Ray's own schema, and what its autoscaler checks beyond it."""
    from ray.autoscaler._private.util import validate_config

    validate_config(launched(name) | {"cluster_synced_files": []})


def test_the_launcher_refuses_what_it_does_not_know() -> None:
    from jsonschema import ValidationError
    from ray.autoscaler._private.util import validate_config

    wrong = launched("cluster.yaml") | {"cluster_synced_files": []}
    wrong["available_node_types"]["head"]["label"] = {"beltline/pool": "head"}
    with pytest.raises(ValidationError, match="label"):
        validate_config(wrong)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_kuberay_knows_every_field(path: Path) -> None:
    import jsonschema

    for one in documents(path):
        if one["kind"] in KUBERAY:
            jsonschema.validate(one["spec"], KUBERAY[one["kind"]] | {k: v for k, v in KUBERAY.items()})


def test_kuberays_names_are_checked() -> None:
    import jsonschema

    (wrong,) = documents(ROOT / "deploy/kuberay/rayjob.yaml")
    wrong["spec"]["rayClusterSpec"]["authOptions"]["mode"] = "tokens"
    with pytest.raises(jsonschema.ValidationError, match="tokens"):
        jsonschema.validate(wrong["spec"], KUBERAY["RayJob"] | {k: v for k, v in KUBERAY.items()})


def test_pools_are_told_apart_by_one_label_everywhere() -> None:
    aws = launched("cluster.yaml")["available_node_types"]
    assert {name: one["labels"]["beltline/pool"] for name, one in aws.items()} == {name: name for name in POOLS}
    for name, spec in clusters():
        groups = {group["groupName"]: group["labels"]["beltline/pool"] for group in spec["workerGroupSpecs"]}
        assert groups and all(group == pool and pool in POOLS for group, pool in groups.items()), name
        assert spec["headGroupSpec"]["labels"] == {"beltline/pool": "head"}
    local = launched("deploy/cluster.local.yaml")["available_node_types"]
    assert {one["labels"]["beltline/pool"] for name, one in local.items() if "labels" in one} <= POOLS
    assert CAPTIONS, "recipes exist that ask for a pool"


def test_no_work_on_the_head_and_a_token_everywhere() -> None:
    aws = launched("cluster.yaml")
    assert aws["available_node_types"]["head"]["resources"] == {"CPU": 0, "GPU": 0}
    starts = [*aws["head_start_ray_commands"], *aws["worker_start_ray_commands"]]
    assert all("RAY_AUTH_MODE=token" in one for one in starts if "ray start" in one)
    (head,) = [one for one in starts if "--head" in one]
    assert "--dashboard-host=127.0.0.1" in head
    assert all("--object-spilling-directory=/mnt/nvme" in one for one in starts if "ray start" in one)
    for name, spec in clusters():
        assert spec["authOptions"]["mode"] == "token", name
        assert spec["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0", name
        assert spec["gcsFaultToleranceOptions"]["backend"] in ("redis", "rocksdb"), name


def test_cards_of_a_node() -> None:
    """Sixteen network cards of p5en, the first with the node's address; groups and subnets at the card and not at the node, as Ray asks."""
    for pool in ("caption", "train", "serve"):
        node = launched("cluster.yaml")["available_node_types"][pool]["node_config"]
        cards = node["NetworkInterfaces"]
        assert {one["NetworkCardIndex"] for one in cards} == set(range(16))
        assert [one["InterfaceType"] for one in cards].count("efa-only") == 16 and cards[0][
            "InterfaceType"
        ] == "interface"
        assert all(one["SubnetId"] and one["Groups"] for one in cards)
        assert not {"SubnetId", "SecurityGroupIds"} & node.keys()
    spot = launched("cluster.yaml")["available_node_types"]["synthesis"]["node_config"]
    assert spot["InstanceMarketOptions"] == {"MarketType": "spot"}


def test_nodes_have_roles_of_our_own_that_may_little() -> None:
    """Ray would give the head EC2 and S3 in full."""
    aws = launched("cluster.yaml")["available_node_types"]
    roles = {name: one["node_config"]["IamInstanceProfile"]["Name"] for name, one in aws.items()}
    assert roles.pop("head") == "beltline-head" and set(roles.values()) == {"beltline-worker"}
    for path in (ROOT / "deploy/aws").glob("*.json"):
        for one in json.loads(path.read_text())["Statement"]:
            actions = [one["Action"]] if isinstance(one["Action"], str) else one["Action"]
            assert not any("*" in action for action in actions), f"{path.name}: {one['Sid']}"
    worker = json.loads((ROOT / "deploy/aws/worker.json").read_text())["Statement"]
    assert not any(action.startswith("ec2:") for one in worker for action in one["Action"])


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_an_image_is_no_root_and_follows_the_lock(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "Not built by us yet" in text
    assert [line for line in text.splitlines() if line.startswith("USER")][-1] == "USER 1000"
    assert "--constraint" in text and ".lock" in text and ":latest" not in text
    assert "RAY_AUTH_MODE=token" in text
    copied = re.findall(r"^COPY (.+) \S+$", text, re.M)
    assert all((ROOT / name).exists() for names in copied for name in names.split())


SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|(?i:password|secret|token)\s*[:=]\s*[\"']?[A-Za-z0-9/+]{12,}[\"']?\s*$",
    re.M,
)
ALLOWED = ("secretName:", "secretKeyRef", "auth_token")


def secrets_in(text: str) -> list[str]:
    """Lines that hold something like a credential."""
    return [line for line in text.splitlines() if SECRET.search(line) and not any(word in line for word in ALLOWED)]


def deployed() -> list[Path]:
    folders = [path for folder in ("deploy", "mlflow") for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [ROOT / "cluster.yaml", ROOT / "jobs/runtime_env.yaml", *folders]


@pytest.mark.parametrize("path", deployed(), ids=lambda path: path.name)
def test_no_secret_lies_in_a_file(path: Path) -> None:
    assert secrets_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    ["AWS_ACCESS_KEY_ID=AKIA" + "A" * 16, "password: correcthorsebatterystaple", "-----BEGIN RSA PRIVATE KEY-----"],
)
def test_a_secret_would_be_found(line: str) -> None:
    assert secrets_in(line)
