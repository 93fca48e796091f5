"""A fuzzer that reads /openapi.json and asks whatever it says may be asked, and whatever it says may not: no answer is a 500."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from actors.receptionist import Receptionist
from beltline.serving import new_key, read
from tests.actors.test_reception import image
from tests.standin import MODEL, StandIn, reception

SECRET, KEY = new_key("fuzzer", per_minute=10_000_000)
CONFIGURATION = {"models": [{"name": MODEL, "source": "/nowhere"}], "keys": [KEY.model_dump(mode="json")]}


def description() -> dict[str, Any]:
    """What the server says of itself, but for its key, which every request of ours has."""
    found = TestClient(Receptionist(StandIn(), read(CONFIGURATION)).app()).get("/openapi.json").json()
    for path in found["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
    del found["components"]["securitySchemes"]
    return found


schemathesis.openapi.format(
    "binary", st.one_of(st.just(image()), st.binary())
)  # or no request would get as far as the model
described = schemathesis.openapi.from_dict(description())


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place: Path = tmp_path_factory.mktemp("fuzz")
    with reception(place, StandIn("<top>A gun.</top>"), keys=CONFIGURATION["keys"]) as up:
        yield up.url


@described.parametrize()
@settings(max_examples=20, derandomize=True, suppress_health_check=list(HealthCheck), deadline=None)
def test_no_request_that_the_description_leads_to_is_a_fault_of_the_server(case: schemathesis.Case, url: str) -> None:
    case.headers["Authorization"] = f"Bearer {SECRET}"
    answer = case.call(base_url=url)
    assert answer.status_code < 500, (case.as_curl_command(), answer.text)
    assert answer.status_code != 401, (case.headers, answer.request.headers)
    case.validate_response(
        answer, checks=[response_schema_conformance, status_code_conformance, content_type_conformance]
    )
