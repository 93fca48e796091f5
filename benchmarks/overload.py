"""Claim: under twice the load that it can bear the front lets nobody hang: who is refused hears 503 and when to come again, who is
accepted waits at most half as long again as at 80 % of capacity, and afterwards all is as before.

    python -m benchmarks.overload                                    # the real front, and a model that takes a second and eight at once
    python -m benchmarks.overload --url http://host:8000 --key bl_... --capacity 12 --top top.png --side side.png     # a server

Requests come when they come (exponential gaps, seeded), whether or not others have been answered. Prints one JSON object.
"""

import argparse
import asyncio
import io
import json
import platform
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from PIL import Image

from actors.inspector import Voice
from beltline.serving import Served
from tests.standin import reception

AT_ONCE, TAKES_S = 8, 1.0
PHASES = (("before", 0.8), ("twice", 2.0), ("after", 0.8))
TEXT = "<top>A gun <box>[1,2,3,4]</box>.</top>\n<side>A gun <box>[1,2,3,4]</box>.</side>\n<conclusion>A gun.</conclusion>\n<answer>gun</answer>"


class Metronome(Voice):
    """A model that takes so long and has so many in hand; more than that wait, as an engine's do."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def chat(self, body: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        async with self._places:
            for part in (TEXT[:40], TEXT[40:]):
                await asyncio.sleep(TAKES_S / 2)
                yield {"choices": [{"index": 0, "delta": {"content": part}}]}

    async def adapters(self, model: Served) -> list[str]:
        return []


@contextmanager
def front() -> Iterator[tuple[str, str]]:
    """The front with that model: address and key."""
    limits = {"in_flight": AT_ONCE, "queued": AT_ONCE // 2}
    with reception(Path(), Metronome(), feedback=None, limits=limits) as desk:
        yield desk.url, desk.key


async def load(
    url: str, key: str, views: dict[str, bytes], rate: float, seconds: float, seed: int
) -> list[tuple[int, float, bool]]:
    """Status, seconds and whether Retry-After was said, of every request; status 0 never came back."""
    gaps = np.random.default_rng(seed).exponential(1 / rate, int(rate * seconds))
    timeout = aiohttp.ClientTimeout(total=180)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(at: float) -> tuple[int, float, bool]:
            await asyncio.sleep(at)
            form = aiohttp.FormData()
            for name, data in views.items():
                form.add_field(name, data, filename=f"{name}.png")
            began = time.monotonic()
            try:
                async with session.post(
                    f"{url}/v1/inspect", data=form, headers={"Authorization": f"Bearer {key}"}
                ) as answer:
                    await answer.read()
                    return answer.status, time.monotonic() - began, "Retry-After" in answer.headers
            except (aiohttp.ClientError, TimeoutError):
                return 0, time.monotonic() - began, False

        return await asyncio.gather(*(ask(float(at)) for at in np.cumsum(gaps)))


def told(answers: list[tuple[int, float, bool]]) -> dict[str, Any]:
    accepted = [seconds for status, seconds, _ in answers if status == 200]
    refused = [one for one in answers if one[0] == 503]
    p50, p99 = np.percentile(accepted, [50, 99]) if accepted else (None, None)
    return {
        "requests": len(answers),
        "statuses": dict(Counter(str(status) for status, _, _ in answers)),
        "accepted_p50_s": round(float(p50), 3),
        "accepted_p99_s": round(float(p99), 3),
        "refused_p99_s": round(float(np.percentile([one[1] for one in refused], 99)), 3) if refused else None,
        "refused_without_retry_after": sum(not one[2] for one in refused),
        "hung": sum(status == 0 for status, _, _ in answers),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--key")
    parser.add_argument("--capacity", type=float, default=AT_ONCE / TAKES_S, help="requests a second that it can bear")
    parser.add_argument("--top")
    parser.add_argument("--side")
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)).save(out, "PNG")
    views = {
        name: open(path, "rb").read() if path else out.getvalue()
        for name, path in (("top", args.top), ("side", args.side))
    }
    with front() if args.url is None else _given(args.url, args.key) as (url, key):
        found = {
            name: told(asyncio.run(load(url, key, views, share * args.capacity, args.seconds, seed)))
            for seed, (name, share) in enumerate(PHASES)
        }
    ratios = {
        name: round(found[name]["accepted_p99_s"] / found["before"]["accepted_p99_s"], 3) for name in ("twice", "after")
    }
    print(
        json.dumps(
            {
                "model": args.url or "metronome",
                "capacity_per_s": args.capacity,
                "seconds": args.seconds,
                **found,
                "p99_ratios": ratios,
                "machine": platform.machine(),
            }
        )
    )


@contextmanager
def _given(url: str, key: str) -> Iterator[tuple[str, str]]:
    yield url, key


if __name__ == "__main__":
    main()
