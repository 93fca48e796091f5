"""Real vLLM on the CPU: what tiny models of both families answer is a caption, and the same in the cluster and from a server."""

import json

import jsonschema
import pytest

from beltline.cache import calls
from beltline.version import resolve
from tests.vllm.asking import NUM_BAGS, Asked, answers

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]


def test_every_answer_obeys_the_schema_and_ends_by_itself(asked: Asked) -> None:
    said = answers(asked.cluster)
    assert len(said) == NUM_BAGS
    for answer in said.values():
        jsonschema.validate(json.loads(answer["text"]), asked.model.schema())
        assert answer["finish_reason"] == "stop" and answer["completion_tokens"] < asked.model.sampling.max_tokens


def test_answers_become_captions_of_their_bags(asked: Asked) -> None:
    words = asked.words()
    assert words.num_rows == NUM_BAGS
    assert set(words.reasons) <= {"caption/box"}  # nonsense may lie beside the image; it may not be misread
    total, repeated = calls(asked.cluster, f"words/.runs/{words.run}/asked")
    assert total - repeated == NUM_BAGS and (asked.before or not repeated)


def test_a_server_of_the_same_model_says_the_same_token_for_token(asked: Asked) -> None:
    here, there = answers(asked.cluster), answers(asked.server)
    assert here == there and len({answer["text"] for answer in here.values()}) > 1
    assert asked.words().digest == resolve(asked.server, "words").digest
