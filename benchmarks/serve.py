"""Claim: behind our front a model answers as many requests as bare `vllm serve`, and the slowest as soon.

    RAY_worker_niceness=0 python -m benchmarks.serve [--folder FOLDER] [--rounds 5] [--requests 100] [--at-once 16]

Workload: streamed chats on a bag's two views, 500 a side, 16 at once, as the official clients send them. The model is a tiny Qwen3-VL
that knows two bags by heart (tests/served.py), so each answer is known and is compared word for word; a pixel of each view is another in
every request, so that no request finds its views or its prompt in a cache of the last one. Both servers have the same weights, the same
engine arguments and the same environment; ours is `python -m jobs serve --recipe cpu` with key, bounds and queue. Both are up; one alone
is asked at a time, side after side, round after round, in turn first, by one client in one process. Answers are to take 300 ms or more.
Processor milliseconds a request are given process by process, since on few cores they are what throughput is made of.
Target: throughput at least 0.9 of the bare one's, the 99th percentile at most 1.2 times the bare one's, each as the median over rounds;
the percentile over all requests is given beside it.
"""

import argparse
import asyncio
import base64
import contextlib
import itertools
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import numpy as np
import psutil

from beltline.pixels import decode, encode_png
from beltline.serving import read
from jobs.serve_recipes import RECIPES, llm
from tests.bare import bare
from tests.served import QUESTION, Bag, bags, configuration, serving, teach

NAME, MAX_TOKENS = "by-heart", 400
WORTH, SLOWEST = 0.9, 1.2
WARM = 16


@contextmanager
def sides(folder: Path, place: Path, at_once: int) -> Iterator[dict[str, tuple[str, dict[str, str]]]]:
    """Both servers, up: name to address and headers."""
    limits = {"max_tokens": MAX_TOKENS, "in_flight": at_once}
    config, key = configuration(place, folder, limits=limits)
    served = read(json.loads(config.read_text()))
    arguments = llm(RECIPES["cpu"], served.models[0], served)["engine_kwargs"]
    with bare(folder, NAME, arguments, RECIPES["cpu"].environment) as url, serving(place, config, key) as ours:
        yield {"bare": (url(), {}), "ours": (f"{ours.url}/v1", ours.headers)}


def spent(side: str) -> Counter[str]:
    """Processor seconds so far of a side's processes, by name; the client is in none of them."""
    found: Counter[str] = Counter()
    for server in psutil.Process().children():
        if ("vllm.entrypoints" in " ".join(server.cmdline())) == (side == "bare"):
            for one in (server, *server.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    times = one.cpu_times()
                    found[called(one.cmdline())] += times.user + times.system
    return found


def called(words: list[str]) -> str:
    """A process's name for a person: its title, or its script or module."""
    if words and "python" not in words[0].rsplit("/", 1)[-1]:
        return words[0].rsplit("/", 1)[-1].split(".")[0][:60]
    told = [word for word in words[1:] if not word.startswith("-")]
    return told[0].rsplit("/", 1)[-1] if told else "python"


def marked(data: bytes, number: int) -> str:
    """A view with one pixel changed, another for each number, as a data URL."""
    pixels = np.array(decode(data))
    pixels[number // pixels.shape[1] % pixels.shape[0], number % pixels.shape[1]] = (number % 251, 7, 7)
    return f"data:image/png;base64,{base64.b64encode(encode_png(pixels)).decode()}"


def body(bag: Bag, number: int) -> bytes:
    """A chat as the model was taught to be asked."""
    said: list[dict[str, Any]] = []
    for view, data in bag.views.items():
        said += [
            {"type": "text", "text": f"<{view}>"},
            {"type": "image_url", "image_url": {"url": marked(data, number)}},
        ]
    said.append({"type": "text", "text": f"<conclusion>{QUESTION}"})
    asked = {"model": NAME, "messages": [{"role": "user", "content": said}], "max_tokens": MAX_TOKENS}
    return json.dumps({**asked, "temperature": 0, "stream": True}).encode()


async def ask(session: aiohttp.ClientSession, url: str, data: bytes) -> tuple[float, float, int, str]:
    """Seconds to the end and to the first word, pieces with words, and the words.

    Raises:
        RuntimeError: the server did not answer, or not to the end.
    """
    began, first, words = time.perf_counter(), None, list[str]()
    async with session.post(f"{url}/chat/completions", data=data) as answer:
        lines = [line async for line in answer.content] if answer.status != 200 else []
        if lines:
            raise RuntimeError(f"expected an answer, found {answer.status}: {b''.join(lines)[:300]!r}")
        async for line in answer.content:
            if not line.startswith(b"data: {"):
                ended = line.startswith(b"data: [DONE]")
                if ended:
                    return time.perf_counter() - began, first or 0.0, len(words), "".join(words)
                continue
            told = json.loads(line[6:])
            if "error" in told:
                raise RuntimeError(f"expected words, found {told}")
            new = told["choices"][0]["delta"].get("content") if told["choices"] else None
            if new:
                first = first or time.perf_counter() - began
                words.append(new)
    raise RuntimeError("expected data: [DONE] at the end, found none")


async def load(url: str, headers: dict[str, str], bodies: list[bytes], at_once: int) -> tuple[float, list[Any]]:
    """Seconds for all of them, so many at once, and what came of each, in their order."""
    told: list[Any] = [None] * len(bodies)
    left = iter(enumerate(bodies))
    head = {**headers, "Content-Type": "application/json"}
    whole = aiohttp.ClientTimeout(total=600)
    async with aiohttp.ClientSession(headers=head, timeout=whole, connector=aiohttp.TCPConnector(limit=0)) as session:

        async def client() -> None:
            for number, data in left:
                told[number] = await ask(session, url, data)

        began = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(at_once)))
        return time.perf_counter() - began, told


def measured(folder: Path, rounds: int, requests: int, at_once: int) -> dict[str, Any]:
    known, number = bags(), itertools.count()
    found: dict[str, list[dict[str, Any]]] = {"bare": [], "ours": []}
    with tempfile.TemporaryDirectory() as place, sides(folder, Path(place), at_once) as both:
        for name, side in both.items():
            asyncio.run(load(*side, [body(known[one % 2], next(number)) for one in range(WARM)], at_once))
            assert name in found
        for turn in range(rounds):
            bodies = [body(known[one % 2], next(number)) for one in range(requests)]
            for name in ("bare", "ours") if turn % 2 == 0 else ("ours", "bare"):
                before = spent(name)
                seconds, told = asyncio.run(load(*both[name], bodies, at_once))
                found[name].append({"seconds": seconds, "told": told, "spent": spent(name) - before})
                print(f"round {turn + 1}, {name}: {len(told) / seconds:.2f} a second", file=sys.stderr, flush=True)
    return found | {"known": [bag.text for bag in known]}


def figures(found: dict[str, Any]) -> dict[str, Any]:
    """Per side and compared."""
    said, texts = {}, found["known"]
    for name in ("bare", "ours"):
        rounds = found[name]
        takes = [[one[0] for one in each["told"]] for each in rounds]
        every = [one for each in rounds for one in each["told"]]
        said[name] = {
            "per_s": [round(len(each["told"]) / each["seconds"], 2) for each in rounds],
            "p50_ms": [round(1000 * float(np.percentile(one, 50))) for one in takes],
            "p99_ms": [round(1000 * float(np.percentile(one, 99))) for one in takes],
            "p99_ms_of_all": round(1000 * float(np.percentile([one[0] for one in every], 99))),
            "first_word_p50_ms": round(1000 * median(one[1] for one in every)),
            "processor_ms": processor_ms(rounds, len(every)),
            "pieces_p50": median(one[2] for one in every),
            "as_taught": round(sum(one[3] == texts[at % 2] for each in rounds for at, one in enumerate(each["told"])) / len(every), 3),
        }  # fmt: skip
    bare_, ours = said["bare"], said["ours"]
    return {
        **said,
        "same_words": round(sum(a[3] == b[3] for x, y in zip(found["bare"], found["ours"], strict=True)
                                for a, b in zip(x["told"], y["told"], strict=True)) / sum(len(x["told"]) for x in found["bare"]), 3),
        "median_answer_ms": round(median(bare_["p50_ms"])),
        "throughput_ratio": round(median(b / a for a, b in zip(bare_["per_s"], ours["per_s"], strict=True)), 3),
        "p99_ratio": round(median(b / a for a, b in zip(bare_["p99_ms"], ours["p99_ms"], strict=True)), 3),
        "p99_ratio_of_all": round(ours["p99_ms_of_all"] / bare_["p99_ms_of_all"], 3),
        "targets": {"throughput_ratio": WORTH, "p99_ratio": SLOWEST},
    }  # fmt: skip


def processor_ms(rounds: list[dict[str, Any]], requests: int) -> dict[str, float]:
    """Processor milliseconds a request, of each process that took one or more, and of all."""
    took = sum((each["spent"] for each in rounds), Counter[str]())
    each = {name: round(1000 * seconds / requests, 1) for name, seconds in took.most_common()}
    return {name: ms for name, ms in each.items() if ms >= 1} | {"all": round(sum(each.values()), 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="a model that tests.served has taught; else one is taught first")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100, help="of each side in each round")
    parser.add_argument("--at-once", type=int, default=16)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # both servers end with it
    with tempfile.TemporaryDirectory() as place:
        folder = args.folder or teach(Path(place))
        found = measured(folder, args.rounds, args.requests, args.at_once)
    about = {"benchmark": "serve", "rounds": args.rounds, "requests": args.requests, "at_once": args.at_once}
    print(json.dumps({**about, **figures(found), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main()
