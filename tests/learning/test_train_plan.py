"""The plan of a run on cards: how many, where, with what environment, and whether they are large enough."""

import re

import pytest

from beltline.learning.recipes import RECIPES
from jobs.train_plan import cluster_env, gpu_hours, lines, placement, total_bytes

pytestmark = pytest.mark.learning
GSR = RECIPES["gsr"]


@pytest.mark.parametrize(("workers", "nodes"), [(1, 1), (8, 1), (9, 2), (16, 2), (64, 8)])
def test_nodes_are_filled_one_by_one(workers: int, nodes: int) -> None:
    found = placement(workers)
    assert (found.nodes, found.strategy) == (nodes, "PACK")
    assert found.label == {"beltline/pool": "train"} and found.resources == {"GPU": 1}


def test_the_environment_of_several_nodes_travels() -> None:
    assert cluster_env(1) == {}
    found = cluster_env(2)
    assert found["FI_PROVIDER"] == "efa" and found["NCCL_SOCKET_IFNAME"].startswith("^lo")
    folders = found["LD_LIBRARY_PATH"].split(":")
    assert {"/opt/amazon/efa/lib", "/opt/amazon/aws-ofi-nccl/lib"} < set(folders)
    assert folders[-1] == "${LD_LIBRARY_PATH}"  # Ray fills in what the node has
    assert found == cluster_env(8)


@pytest.mark.parametrize(("workers", "nodes"), [(8, 1), (16, 2)])
def test_gsr_on_eight_and_on_sixteen_cards(workers: int, nodes: int) -> None:
    said = "\n".join(lines(GSR, GSR.base, 44_019, workers))
    assert "44019 samples" in said and "344 steps of 256" in said  # Dual 5
    assert f"{workers} workers with a GPU each on {nodes} node" in said
    assert "label beltline/pool=train, placement PACK, ZeRO stage 3" in said
    assert ("FI_PROVIDER=efa" in said) == (nodes > 1)
    assert all(f"{name}={value}" in said for name, value in cluster_env(nodes).items())
    row = next(line.split() for line in said.splitlines() if line.strip().startswith("* 3"))
    weights, gradients, states = (float(one) for one in row[2:5])
    taught = 8.767e9 / workers  # bfloat16, float32, three times float32
    assert (weights, gradients, states) == pytest.approx((2e-9 * taught, 4e-9 * taught, 12e-9 * taught), rel=0.01)
    assert float(row[7]) == pytest.approx(sum(float(one) for one in row[2:7]), abs=0.05)
    assert row[8:] == ["fits", "fits"]


def test_hours_are_work_over_speed() -> None:
    """By hand: six FLOPs a weight and token, the head on 300 tokens alone, 44,019 samples twice, 40 % of 989 TFLOP/s; attention is on top."""
    body, head, tower = 8_190_735_360 - 2 * 151_936 * 4096, 151_936 * 4096, 415_891_440
    least = 6 * (body * 1016 + head * 300 + tower * 4 * 616) * 2 * 44_019 / (0.4 * 989e12) / 3600
    found = gpu_hours(GSR, GSR.base, 44_019)
    assert least < found < 1.1 * least
    assert gpu_hours(GSR, GSR.base, 44_019, share=0.2) == pytest.approx(2 * found)
    assert f"{found:.1f} GPU hours" in "\n".join(lines(GSR, GSR.base, 44_019, 8))


def test_a_card_that_is_too_small_is_called_so() -> None:
    """All states on one card: 16 bytes a weight and more."""
    alone = lines(GSR, GSR.base, 100, 1)
    row = next(line.split() for line in alone if line.strip().startswith("none"))
    assert float(row[6]) > 16 * 8.767 and row[7:] == ["too", "large", "too", "large"]
    assert "one process, nothing is shared" in "\n".join(alone)
    assert (
        total_bytes(GSR, GSR.base, 8, stage=2) > total_bytes(GSR, GSR.base, 8, stage=3) > total_bytes(GSR, GSR.base, 16)
    )


@pytest.mark.parametrize("name", ["onefocus_stage1", "onefocus_stage2"])
def test_onefocus_fits_its_paper_s_cards(name: str) -> None:
    """One 5.1 teaches both stages on eight cards of 80 GB."""
    said = "\n".join(lines(RECIPES[name], RECIPES[name].base, 52_124, 8))
    row = re.search(r"\* \d .*", said)
    assert row and row[0].split()[-2:] == ["fits", "fits"]
    assert (name == "onefocus_stage2") == ("goes on from the result of onefocus_stage1" in said)


def test_a_base_that_nobody_knows_is_counted_as_the_recipe_s() -> None:
    said = "\n".join(lines(GSR, "somebody/finetuned", 10, 8))
    assert "Qwen/Qwen3-VL-8B-Instruct (of somebody/finetuned nothing is known)" in said
