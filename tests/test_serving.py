"""The configuration of a server: what is right is read, and every fault is said with its place and without a secret."""

import pytest

from beltline.serving import digest_of, new_key, read

MODEL = {"name": "m", "source": "/m"}
KEY = {"name": "a", "sha256": digest_of("x")}


def test_what_is_left_out_has_a_default_and_nobody_may_ask() -> None:
    serving = read({"models": [MODEL]})
    assert (serving.keys, serving.default, serving.limits.images) == ((), None, 2)
    assert serving.resolve(None) == (serving.models[0], "m") and serving.resolve("other") is None


def test_a_key_is_known_by_its_hash_alone() -> None:
    secret, key = new_key("belt 3")
    other, _ = new_key("belt 3")
    assert (
        secret != other and len(secret) > 40 and key.sha256 == digest_of(secret) and secret not in key.model_dump_json()
    )


def test_names_lead_to_models_and_adapters() -> None:
    models = [MODEL, {"name": "n", "source": "/n", "adapters": "s3://b/a"}]
    serving = read({"models": models, "aliases": {"champion": "n:night"}, "default": "champion"})
    assert serving.resolve("n:day") == (serving.models[1], "n:day")
    assert serving.resolve(None) == serving.resolve("champion") == (serving.models[1], "n:night")
    assert serving.resolve("m:day") is None


@pytest.mark.parametrize(
    ("found", "place", "words"),
    [
        ([], "x", "expected names with values, found list"),
        ({}, "x: models", "Field required"),
        ({"models": []}, "x: as a whole", "at least one model"),
        ({"models": [{"name": "../m", "source": "/m"}]}, "x: models.0.name", "pattern"),
        ({"models": [MODEL, MODEL]}, "x: as a whole", "expected each model once, found m again"),
        ({"models": [MODEL], "keys": [{"name": "a", "key": "bl_plain"}]}, "x: keys.0.key", "not permitted"),
        ({"models": [MODEL], "keys": [{"name": "a", "sha256": "short"}]}, "x: keys.0.sha256", "pattern"),
        ({"models": [MODEL], "keys": [KEY, {**KEY, "name": "b"}]}, "x: as a whole", "expected each hash once"),
        ({"models": [MODEL], "limits": {"image_bytes": 0}}, "x: limits.image_bytes", "greater than or equal to 1"),
        ({"models": [MODEL], "limits": {"imagebytes": 1}}, "x: limits.imagebytes", "not permitted"),
        ({"models": [MODEL], "aliases": {"c": "other"}}, "x: as a whole", "found 'other'"),
        ({"models": [MODEL], "aliases": {"m": "m"}}, "x: as a whole", "none of their names"),
        ({"models": [MODEL], "default": "other"}, "x: as a whole", "found 'other'"),
        ({"models": [{**MODEL, "adapters": "/local"}]}, "x: models.0.adapters", "pattern"),
        ({"models": [MODEL], "prohibited": ["gun", "unicorn"]}, "x: prohibited", "found unicorn"),
    ],
)  # fmt: skip
def test_every_fault_has_its_place_and_no_value_that_may_be_a_secret(found: object, place: str, words: str) -> None:
    with pytest.raises(ValueError) as told:
        read(found, "x")
    said = str(told.value)
    assert any(line.startswith(place) and words in line for line in said.splitlines()) and "bl_plain" not in said


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(ValueError) as told:
        read({"models": [{"name": "m"}], "limits": {"images": 0}, "more": 1}, "x")
    assert [line.split(": ")[1] for line in str(told.value).splitlines()] == [
        "models.0.source",
        "limits.images",
        "more",
    ]
