"""`serve` without starting anything: what it would deploy is what Ray Serve takes, its keys, and which model it chooses."""

import asyncio
from pathlib import Path

import httpx
import pytest
import uvicorn
import yaml
from uvicorn.lifespan.on import LifespanOn

from beltline.serving import digest_of, new_key, read
from jobs.__main__ import main
from jobs.serve_recipes import RECIPES, deploy
from tests.standin import StandIn

MODELS = {
    "models": [{"name": "m@1.0.0", "source": "/m", "adapters": "s3://bucket/adapters"}, {"name": "n", "source": "/n"}]
}


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_ray_serve_takes_the_plan_and_no_default_of_the_library_decides(name: str) -> None:
    """The library's defaults never scale and never say no."""
    from ray.serve.llm import LLMConfig
    from ray.serve.schema import ServeDeploySchema

    plan = ServeDeploySchema.model_validate(deploy(RECIPES[name], read(MODELS), "0.0.0.0", 8000))
    assert [(app.name, app.route_prefix) for app in plan.applications] == [
        ("model-m@1.0.0", None),
        ("model-n", None),
        ("front", "/"),
    ]
    front = plan.applications[-1].deployments[0]
    scaling = [
        front.autoscaling_config,
        *(
            LLMConfig.model_validate(app.args["llm"]).deployment_config["autoscaling_config"]
            for app in plan.applications[:-1]
        ),
    ]
    assert all(
        {"min_replicas", "max_replicas", "target_ongoing_requests"} <= set(one)
        and one["target_ongoing_requests"] < 1000
        for one in scaling
    )
    for app in plan.applications[:-1]:
        llm = LLMConfig.model_validate(app.args["llm"])
        assert (
            llm.deployment_config["max_ongoing_requests"] < 1000 and llm.deployment_config["max_queued_requests"] < 1000
        )
        assert llm.runtime_env["env_vars"]["RAYLLM_ENABLE_REQUEST_PROMPT_LOGS"] == "0"
        assert llm.engine_kwargs["limit_mm_per_prompt"]["image"]["count"] == 2
    assert plan.applications[0].args["llm"]["lora_config"]["dynamic_lora_loading_path"] == "s3://bucket/adapters"
    assert "lora_config" not in plan.applications[1].args["llm"]


def test_a_replica_of_the_front_starts_answers_and_takes_another_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Serve's replica does it: the application is built, started through uvicorn's lifespan, and configured before the first request."""
    from jobs import serve_app

    monkeypatch.setattr(serve_app, "Handles", StandIn)
    secret, key = new_key("tests")
    keyed = read({**MODELS, "keys": [key.model_dump(mode="json")]}).model_dump(mode="json")

    async def life() -> list[list[str]]:
        front = serve_app.Front()
        config = uvicorn.Config(app := await front.__serve_build_asgi_app__(), lifespan="on", log_level="critical")
        lifespan = LifespanOn(config)
        await lifespan.startup()
        assert not lifespan.should_exit
        found = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            for aliases in ({}, {"champion": "n"}):
                await front.reconfigure({"serving": {**keyed, "aliases": aliases}})
                answer = await client.get("/v1/models", headers={"Authorization": f"Bearer {secret}"})
                found.append([one["id"] for one in answer.raise_for_status().json()["data"]])
        await lifespan.shutdown()
        return found

    assert asyncio.run(life()) == [["m@1.0.0", "m@1.0.0:late", "n"], ["champion", "m@1.0.0", "m@1.0.0:late", "n"]]


def test_a_dry_run_is_a_serve_yaml_without_a_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "serve.yaml"
    config.write_text("models: [{name: m, source: /m}]\nkeys: [{name: a, sha256: " + digest_of("x") + "}]\n")
    assert main(["serve", "--recipe", "h200x8", "--config", str(config), "--store", str(tmp_path), "--dry-run"]) == 0
    plan = yaml.safe_load(capsys.readouterr().out)
    front = plan["applications"][-1]["deployments"][0]["user_config"]["serving"]
    assert front["keys"][0]["sha256"] == digest_of("x") and front["feedback"].endswith("feedback.db")


def test_with_nothing_given_a_fresh_machine_gets_a_model_that_has_learnt_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "serve",
        "--recipe",
        "cpu",
        "--store",
        str(tmp_path),
        "--tracking",
        f"sqlite:///{tmp_path / 'none.db'}",
        "--dry-run",
    ]
    plans = []
    for _ in range(2):
        assert main(words) == 0
        plans.append(yaml.safe_load(capsys.readouterr().out)["applications"][0])
    source = Path(plans[0]["args"]["llm"]["model_loading_config"]["model_source"])
    assert plans[0] == plans[1] and (source / "model.safetensors").exists() and not (tmp_path / "none.db").exists()


def test_a_new_key_is_shown_once_with_the_line_that_keeps_its_hash(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--recipe", "cpu", "--new-key", "belt 3"]) == 0
    secret, *line = capsys.readouterr().out.splitlines()
    (key,) = yaml.safe_load("\n".join(line))["keys"]
    assert (key["name"], key["sha256"]) == ("belt 3", digest_of(secret)) and secret not in "\n".join(line)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models: [", "expected a YAML file"),
        ("- a", "expected names with values"),
        ("models: [{name: m, source: /m}]\nlimit: {}", "limit: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_file_stops_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    config = tmp_path / "serve.yaml"
    config.write_text(text)
    assert main(["serve", "--recipe", "cpu", "--config", str(config), "--store", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err


def test_a_folder_without_weights_and_a_version_that_is_none_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["--model", str(tmp_path)], ["--input", "model=nothing"]):
        assert main(["serve", "--recipe", "cpu", "--store", str(tmp_path), *words, "--dry-run"]) == 2
    assert "expected a folder with config.json" in capsys.readouterr().err
