"""The reader: what stands in a request's body, once the porter has carried it in; anything odd in it is refused before a model is asked.

feedback = await parsed(Feedback, request)
views, question, model = await form(request, serving)
"""

import asyncio
from typing import Final, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from actors.inspector import check_question
from actors.porter import inside
from beltline.serving import Refusal, Serving, faults
from beltline.uploads import Upload, admitted

M = TypeVar("M", bound=BaseModel)
FIELDS: Final = ("top", "side", "question", "model")
NAMES: Final = {
    405: ("no_such_method", "expected another method for this path"),
    404: ("no_such_path", "expected a path of /openapi.json, found another"),
}


async def parsed(kind: type[M], request: Request) -> M:
    """A JSON body as a value of `kind`; its faults are said without the values."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "content_type", "expected application/json, found another content type")
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        raise Refusal(400, "fields", "; ".join(faults(error)[:5])[:1000]) from None


async def form(request: Request, serving: Serving) -> tuple[dict[str, Upload], str | None, str | None]:
    """The views, the question and the model of an inspection."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Refusal(
            415, "content_type", "expected multipart/form-data with the views as files, found another content type"
        )
    try:
        form = await request.form(max_files=2, max_fields=2, max_part_size=4 * serving.limits.prompt_chars)
    except Exception:  # all of it is in memory: only its form can be at fault, and parsers have many words for that
        raise Refusal(
            400, "form", f"expected a form with {', '.join(FIELDS)}, each once, found one that cannot be read"
        ) from None
    parts = form.multi_items()
    texts = {name: part for name, part in parts if isinstance(part, str)}
    files = {name: await part.read() for name, part in parts if isinstance(part, UploadFile)}
    await form.close()
    if (
        len(texts) + len(files) != len(parts)
        or not set(files) <= {"top", "side"}
        or not set(texts) <= {"question", "model"}
    ):
        raise Refusal(
            400,
            "form",
            "expected files `top` and `side` and texts `question` and `model`, each at most once, found others",
        )
    if "top" not in files:
        raise Refusal(400, "no_top", "expected a file named `top`, the view from above, found none")
    check_question(texts.get("question"), serving)
    views: dict[str, Upload] = {
        name: await asyncio.to_thread(admitted, files[name], serving.limits, name)
        for name in ("top", "side")
        if name in files
    }
    return views, texts.get("question"), texts.get("model") or None


async def refused(_: Request, fault: Exception) -> Response:
    """Any fault as OpenAI's clients read it."""
    if isinstance(fault, HTTPException):
        code, message = NAMES.get(fault.status_code, ("request", "expected another request"))
        fault = Refusal(fault.status_code, code, message)
    elif isinstance(fault, RequestValidationError):
        fault = Refusal(400, "fields", "expected a request as /openapi.json describes it")
    refusal = fault if isinstance(fault, Refusal) else inside(fault)
    return JSONResponse(refusal.body(), refusal.status, refusal.headers())
