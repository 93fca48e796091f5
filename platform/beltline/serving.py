"""What is served, to whom, and how much: the configuration of a server, checked in whole before anything starts.

    serving = read({"models": [{"name": "gsr-nano", "source": "/models/gsr-nano"}], "keys": [{"name": "belt 3", "sha256": "..."}]})
    name, secret, line = new_key("belt 3")         # the secret is shown once; only its hash is written down

Every fault is said with its place, what was expected and what was found. A key stands there as its sha256 alone: a secret of 256 random
bits needs no slow hash, and a file that is read by others gives nothing away.
"""

import hashlib
import secrets
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from beltline.labels import CATEGORIES

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$")]
Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
PREFIX: Final = "bl_"
"""How a secret begins: what looks for leaked secrets finds it."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Key(Strict):
    """Who may ask."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the secret."""
    per_minute: Positive = 600
    """Requests; as many at once as in ten seconds."""


class Limits(Strict):
    """How much one request may be, and how many there may be at once on each replica of the front."""

    image_bytes: Positive = 8 << 20
    image_px: Positive = 16_000_000
    side_px: Positive = 8192
    min_side_px: Positive = 16
    images: Positive = 2
    """Of one request."""
    messages: Positive = 32
    prompt_chars: Positive = 16_000
    """Of all texts of one request."""
    body_bytes: Positive = 24 << 20
    body_s: Seconds = 20
    """In which the whole body must have come."""
    deadline_s: Seconds = 120
    """In which the answer must have been given."""
    max_tokens: Positive = 1024
    """Of an answer; fewer may be asked for."""
    in_flight: Positive = 16
    """Requests that the models have in hand."""
    queued: Annotated[int, Field(ge=0)] = 8
    """Requests that wait for that; one more is told to come again."""
    queue_s: Seconds = 10
    """How long one may wait."""


class Served(Strict):
    """A model under its name."""

    name: Name
    source: Annotated[str, Field(min_length=1)]
    """A folder with weights on every node, or where they lie on S3."""
    version: str | None = None
    """NAME@VERSION of our store, for whoever wants to know what answered."""
    form: Literal["named", "tagged"] = "tagged"
    """How views are shown to it (language/showing.py)."""
    question: Annotated[str, Field(min_length=1)] = (
        "What lies in this bag, and is any of it prohibited? Say what each view shows."
    )
    """What an inspection asks when its inspector asks nothing."""
    view_px: Positive = 1_003_520
    """A larger view is made smaller before the model sees it."""
    adapters: Annotated[str, Field(pattern=r"^s3://[^/]+/.+$")] | None = None
    """The folder on S3 whose subfolders are LoRA adapters; a client says MODEL:ADAPTER."""
    engine: dict[str, Any] = {}
    """vLLM's own arguments, over those of the recipe."""


class Serving(Strict):
    """A server."""

    models: tuple[Served, ...]
    aliases: dict[Name, str] = {}
    """Another name -> MODEL or MODEL:ADAPTER. Moving one moves its clients, and takes no restart."""
    default: str | None = None
    """What an inspection asks; the first model where it is not given."""
    keys: tuple[Key, ...] = ()
    """Nobody may ask where there are none."""
    limits: Limits = Limits()
    feedback: str | None = None
    """Where corrections are kept: sqlite:///FILE or postgresql+psycopg://..."""
    examples: tuple[int, ...] = (1, 2, 3)
    """Bags of our own making that the page offers, by their number in a recipe of image/phantom."""
    examples_of: str = "everyday"
    prohibited: frozenset[str] | None = None
    """Categories that make a bag a threat, where others than those of language/inspection.py are meant."""

    @field_validator("prohibited")
    @classmethod
    def _known(cls, names: frozenset[str] | None) -> frozenset[str] | None:
        wrong = sorted((names or frozenset()) - set(CATEGORIES))
        if wrong:
            raise ValueError(f"expected categories of beltline.labels, found {', '.join(wrong)}")
        return names

    @model_validator(mode="after")
    def _consistent(self) -> "Serving":
        names = [one.name for one in self.models]
        if not names:
            raise ValueError("expected at least one model, found none")
        for what, found in (
            ("model", names),
            ("key", [one.name for one in self.keys]),
            ("hash", [one.sha256 for one in self.keys]),
        ):
            again = sorted({one for one in found if found.count(one) > 1})
            if again:
                raise ValueError(f"expected each {what} once, found {', '.join(again)} again")
        for alias, target in [*self.aliases.items(), *([("default", self.default)] if self.default else [])]:
            self._check_target(alias, target, names)
        return self

    def _check_target(self, alias: str, target: str, names: list[str]) -> None:
        base = self.aliases.get(target, target) if alias == "default" else target
        if alias in names or base.split(":")[0] not in names:
            raise ValueError(
                f"{alias}: expected an alias of one of {', '.join(names)} and of none of their names, found {target!r}"
            )

    def resolve(self, asked: str | None) -> tuple[Served, str] | None:
        """The model that a client means, and its name with the adapter's, as the engine knows it; None where there is none such."""
        name = asked or self.default or self.models[0].name
        target = self.aliases.get(name, name)
        base, _, adapter = target.partition(":")
        found = next((one for one in self.models if one.name == base), None)
        return None if found is None or (adapter and found.adapters is None) else (found, target)


def read(found: Any, place: str = "configuration") -> Serving:
    """The configuration in plain data, as a YAML file holds it.

    Raises:
        ValueError: every fault of it, one a line.
    """
    if not isinstance(found, dict):
        raise ValueError(f"{place}: expected names with values, found {type(found).__name__}")
    try:
        return Serving.model_validate(found)
    except ValidationError as error:
        raise ValueError("\n".join(f"{place}: {line}" for line in faults(error))) from None


def faults(error: ValidationError) -> list[str]:
    """What pydantic found, as sentences; without the values, which may be secrets or images."""
    return [f"{'.'.join(str(part) for part in one['loc']) or 'as a whole'}: {one['msg']}" for one in error.errors()]


def digest_of(secret: str) -> str:
    """How a secret is written down."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_key(name: str, per_minute: int = 600) -> tuple[str, Key]:
    """A new secret, and what the configuration keeps of it."""
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret, Key(name=name, sha256=digest_of(secret), per_minute=per_minute)


class Refusal(Exception):
    """A request that is not answered: what its sender is told, and nothing of the inside."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: float | None = None):
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after_s = status, code, message, retry_after_s

    @property
    def kind(self) -> str:
        """OpenAI's `type`."""
        kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
        return kinds.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")

    def body(self) -> dict[str, Any]:
        """As OpenAI's clients read it."""
        return {"error": {"message": self.message, "type": self.kind, "param": None, "code": self.code}}

    def headers(self) -> dict[str, str]:
        more = {"Retry-After": str(max(1, round(self.retry_after_s)))} if self.retry_after_s is not None else {}
        return {**more, **({"WWW-Authenticate": "Bearer"} if self.status == 401 else {})}
