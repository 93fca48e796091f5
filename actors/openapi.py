"""What /openapi.json says of a server: bodies, answers and faults path by path, so that clients can be generated and the server tried.

The bodies are read by hand, behind bounds that FastAPI does not have; here they are described.
"""

from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from beltline.chats import ChatRequest
from beltline.language.inspection import Inspection
from beltline.language.inspectionlog import Feedback


class Form(BaseModel):
    """The form of POST /v1/inspect."""

    top: bytes = Field(description="The view from above, PNG or JPEG", json_schema_extra={"format": "binary"})
    side: bytes | None = Field(None, description="The view from the side", json_schema_extra={"format": "binary"})
    question: str | None = Field(None, max_length=16_000)
    model: str | None = Field(None, description="A name of /v1/models; the default model without it")


class Fault(BaseModel):
    """What went wrong: expected, found, and what to do."""

    message: str
    type: str
    param: str | None = None
    code: str


class Faulty(BaseModel):
    error: Fault


class Stored(BaseModel):
    """A correction is kept."""

    event: str
    stored: bool


_MODELS: Final = (ChatRequest, Feedback, Form, Inspection, Faulty, Stored)
_KEYED: Final[list[dict[str, list[str]]]] = [{"key": []}]
_FAULTS: Final = (400, 401, 404, 408, 409, 413, 415, 422, 429, 431, 500, 503, 504)


def _ref(kind: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _json(kind: type[BaseModel], said: str) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": _ref(kind)}}}


def _asks(mime: str, kind: type[BaseModel], answers: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """What FastAPI is told of a path with a body."""
    faults = {code: _json(Faulty, "A fault") for code in _FAULTS}
    body = {"required": True, "content": {mime: {"schema": _ref(kind)}}}
    return {"openapi_extra": {"requestBody": body, "security": _KEYED}, "responses": {**faults, **answers}}


_STREAMED: Final = {"text/event-stream": {"schema": {"type": "string"}}}
_FOUND: Final = _json(Inspection, "What the model found")
PAPERS: Final[dict[str, dict[str, Any]]] = {
    "/": {"include_in_schema": False},
    "/static/{name}": {"include_in_schema": False},
    "/v1/examples/{bag}/{file}": {
        "responses": {200: {"content": {"image/png": {}}}, 404: _json(Faulty, "No such example")}
    },
    "/v1/models": {
        "openapi_extra": {"security": _KEYED},
        "responses": {401: _json(Faulty, "No key"), 429: _json(Faulty, "Too often")},
    },
    "/v1/chat/completions": _asks(
        "application/json",
        ChatRequest,
        {200: {"description": "OpenAI's answer", "content": {"application/json": {}, **_STREAMED}}},
    ),
    "/v1/inspect": _asks("multipart/form-data", Form, {200: {**_FOUND, "content": {**_FOUND["content"], **_STREAMED}}}),
    "/v1/feedback": _asks(
        "application/json", Feedback, {201: _json(Stored, "Kept"), 200: _json(Stored, "Kept before")}
    ),
    "/readyz": {"responses": {503: {"description": "A model does not answer"}}},
    "/metrics": {"responses": {200: {"content": {"text/plain": {}}}}},
}
"""Path to what its route is told."""


def described(app: FastAPI) -> FastAPI:
    """The application with the schemas of its bodies and answers, and with its keys."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = plain()
            _, schemas = models_json_schema(
                [(kind, "validation") for kind in _MODELS], ref_template="#/components/schemas/{model}"
            )
            parts = found.setdefault("components", {})
            parts["schemas"] = {**parts.get("schemas", {}), **schemas["$defs"]}
            parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]
    return app
