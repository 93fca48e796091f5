"""The applications of a server under Ray Serve: the front, and a model by `ray.serve.llm`. A Serve YAML names them.

import_path: jobs.serve_app:front        # actors/receptionist.py behind a replica
import_path: jobs.serve_app:model        # vLLM behind a replica
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

from ray import serve

from actors.inspector import Voice, event
from actors.receptionist import Receptionist
from beltline.serving import Refusal, Served, read
from beltline.store import Store
from jobs.serve_recipes import app_name

PAGE = Path(__file__).parent / "page"
ADAPTERS_S = 15.0
"""How long a list of adapters holds."""
TAKEN_S = 10.0
"""In which a replica takes a request, if one is there: what the front lets through, the replicas have places for."""


class Handles(Voice):
    """A voice (actors/inspector.py) that reaches the models through Serve's handles; adapters by Serve's multiplexing."""

    def __init__(self) -> None:
        self._handles: dict[str, Any] = {}
        self._adapters: dict[str, tuple[float, list[str]]] = {}

    async def chat(self, body: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        async with contextlib.aclosing(self._said(body)) as answer:
            async for said in answer:
                for chunk in _chunks(said):
                    yield chunk

    async def events(self, body: Mapping[str, Any]) -> AsyncIterator[str]:
        """As the engine wrote them: what Serve hands over at once, 50 ms of an answer, goes on in one piece and is not read."""
        async with contextlib.aclosing(self._said(body)) as answer:
            async for said in answer:
                if text := _events(said):
                    yield text

    async def _said(self, body: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
        """What LLMServer yields."""
        answer = self._handle(body["model"]).chat.remote(_request(body), None)
        try:
            await _taken(answer)
            async for said in answer:
                yield said
        except Refusal:
            raise
        except Exception as fault:
            raise _said_of(fault) from fault
        finally:
            answer.cancel()

    async def adapters(self, model: Served) -> list[str]:
        """The subfolders of the model's folder of adapters, as they were a moment ago."""
        if model.adapters is None:
            return []
        at, found = self._adapters.get(model.adapters, (-ADAPTERS_S, []))
        if time.monotonic() - at > ADAPTERS_S:
            found = await asyncio.to_thread(_folders, model.adapters)
            self._adapters[model.adapters] = time.monotonic(), found
        return found

    def _handle(self, name: str) -> Any:
        if name not in self._handles:
            base, _, adapter = name.partition(":")
            handle = serve.get_app_handle(app_name(base))
            self._handles[name] = handle.options(stream=True, **({"multiplexed_model_id": name} if adapter else {}))
        return self._handles[name]


async def _taken(answer: Any) -> None:
    """Until a replica has taken the request. Serve would wait for one as long as the request lives.

    Raises:
        Refusal: none has, within TAKEN_S.
    """
    try:
        await asyncio.wait_for(answer._to_object_ref_gen(), TAKEN_S)
    except TimeoutError:
        raise Refusal(
            503, "model_away", "the model is not there at the moment; send the request again later", 5.0
        ) from None


def _request(body: Mapping[str, Any]) -> Any:
    from ray.serve.llm.openai_api_models import ChatCompletionRequest

    asked = ChatCompletionRequest.model_validate(body)
    for message, given in zip(asked.messages, body["messages"], strict=True):
        message["content"] = given["content"]  # pydantic makes an iterator of it, which does not travel
    return asked


def _chunks(said: Any) -> Iterator[dict[str, Any]]:
    """What LLMServer yields: lists or strings of `data: {...}`, a response, or an error."""
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, str):
            lines = (line.removeprefix("data:").strip() for line in one.splitlines() if line.startswith("data:"))
            found = [json.loads(line) for line in lines if line != "[DONE]"]
        else:
            found = [one.model_dump(mode="json")]
        for chunk in found:
            if "error" in chunk and not chunk.get("choices"):
                raise _refused_by_model(chunk["error"] or {})
            yield chunk


def _events(said: Any) -> str:
    """The same as text; the end that the engine writes is left out.

    Raises:
        Refusal: there is a fault in it.
    """
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        return "".join(event(chunk) for chunk in _chunks(said))
    text = "".join(said)
    if '"error"' in text:  # a fault, or a word of the answer: only then it is read
        list(_chunks(said))
    return text.replace("data: [DONE]\n\n", "")


def _refused_by_model(error: Mapping[str, Any]) -> Refusal:
    """Without vLLM's own words, which may hold the prompt."""
    if error.get("code") in (400, 404, 422):
        return Refusal(
            400,
            "refused_by_model",
            "expected a request that fits the model, found one that is too long or too large for it; send less",
        )
    return Refusal(502, "model_failed", "the model failed at this request; send it again")


def _said_of(fault: Exception) -> Refusal:
    """What the outside hears of a fault on the way to a model."""
    kind = type(fault).__name__
    if kind == "BackPressureError":
        return Refusal(
            503, "busy", "expected a free place, found as many requests as can be answered soon; come again later", 1.0
        )
    if any(one in kind for one in ("ActorDied", "ActorUnavailable", "ActorError", "EngineDead")):
        return Refusal(503, "model_gone", "the model's process ended while it had this request; send it again", 1.0)
    if kind in ("RayServeException", "DeploymentUnavailableError", "KeyError"):
        return Refusal(503, "model_away", "the model is not there at the moment; send the request again later", 5.0)
    if "EngineGenerate" in kind:
        return Refusal(502, "model_failed", "the model failed at this request; send it again")
    raise fault


def _folders(uri: str) -> list[str]:
    """Names of the folders directly below a place on S3 that hold an adapter."""
    store = Store(uri)
    names = (path.strip("/").rsplit("/", 1)[-1] for path in store.list(""))
    return sorted(name for name in names if store.exists(f"{name}/adapter_config.json"))


class Front:
    """One replica of the front."""

    def __init__(self) -> None:
        self._desk: Receptionist | None = None
        self._app: Any = None

    async def reconfigure(self, found: dict[str, Any]) -> None:
        """Take another configuration; nothing in hand is disturbed."""
        serving = read(found["serving"])
        if self._desk is None:
            self._desk = Receptionist(Handles(), serving, page=PAGE)
            self._app = self._desk.app()
        else:
            self._desk.change(serving)

    async def __serve_build_asgi_app__(self) -> Any:
        """An application that answers as the configuration of the moment says."""

        async def answer(scope: Any, receive: Any, send: Any) -> None:  # uvicorn takes a bound method for ASGI 2
            await self._answer(scope, receive, send)

        return answer

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        while True:
            said = (await receive())["type"]
            await send({"type": f"{said}.complete"})
            if said == "lifespan.shutdown":
                return


def front(_: dict[str, Any]) -> Any:
    """The front's application; the YAML's deployment `Front` says the rest."""
    return serve.deployment(name="Front")(serve.ingress()(Front)).bind()


def model(args: dict[str, Any]) -> Any:
    """A model's application: an LLMServer of ray.serve.llm. Only here is vLLM imported before it is needed: that takes long."""
    from ray.serve.llm import LLMConfig, build_llm_deployment

    return build_llm_deployment(LLMConfig.model_validate(args["llm"]))
