"""How fast is the review desk? From a decision to the next picture beside a bare Gradio event, and opening 50,000 items beside 500.

    nice python -m benchmarks.desk [--items 10000] [--large 50000] [--small 500] [--decisions 12] [--rounds 5]

A queue of `--items` scans (160 by 120 pixels, two views) in a real desk, and a Gradio page with one button whose event answers at
once, in the same Chromium, both running, `--decisions` of each by turns in every round. The time of a decision is from the key's
press to the next item's pictures on the canvas, each decision made when the one before is on disk, as a person would; after the
rounds as many again as fast as the keys go. The ratio is the median of the rounds' ratios of medians. Opening is from the command to the
desk's "ready", and from there to the first picture in the browser; sizes by turns. Ratios alone mean something on a busy machine.
Prints one JSON object.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from beltline.scan import scan_id
from beltline.store import Store
from tests import made
from tests.web.conftest import FLAGS
from tests.web.desks import desk, log_in, users_file

BARE = """
import gradio, uvicorn, socket, fastapi
with gradio.Blocks(analytics_enabled=False) as page:
    button, text = gradio.Button("go", elem_id="go"), gradio.Textbox(elem_id="text")
    button.click(lambda old: str(int(old or 0) + 1), text, text)
app = gradio.mount_gradio_app(fastapi.FastAPI(), page, "", ssr_mode=False, theme=gradio.themes.Base(font=["sans-serif"], font_mono=["monospace"]))
listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen()
print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])
"""
CLICK = """() => new Promise((done) => {
  const field = document.querySelector("#text textarea, #text input"), before = field.value, from = performance.now();
  const look = () => (field.value !== before ? done(performance.now() - from) : requestAnimationFrame(look));
  document.querySelector("#go").click();
  look();
})"""
DECIDE = """() => new Promise((done) => {
  const root = document.querySelector(".desk"), before = root.dataset.shown, from = performance.now();
  const look = () => (root.dataset.shown !== before ? done(performance.now() - from) : requestAnimationFrame(look));
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
  look();
})"""
SAVED = "document.querySelector('.desk .saved').dataset.state === 'saved'"


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("items", 10_000), ("large", 50_000), ("small", 500), ("decisions", 12), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=number)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        users = users_file(Path(folder))
        stores = {num: filled(Path(folder) / str(num), num) for num in {args.items, args.large, args.small}}
        rounds, storm = by_turns(browser, stores[args.items], users, args.decisions, args.rounds)
        opens = opening(browser, [stores[args.small], stores[args.large]], users, args.rounds)
        browser.close()
    found = {
        "items": args.items,
        "gradio_event_ms": shown([time for bare, _ in rounds for time in bare]),
        "decision_ms": shown([time for _, paced in rounds for time in paced]),
        "decision_storm_ms": shown(storm),
        "decision_by_event": statistics.median(
            statistics.median(paced) / statistics.median(bare) for bare, paced in rounds
        ),
        "open_s": {str(num): shown(times) for num, times in zip((args.small, args.large), opens, strict=True)},
        "large_by_small": statistics.median(opens[1]) / statistics.median(opens[0]),
    }
    print(json.dumps(found, indent=1))


def shown(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"median": round(statistics.median(ordered), 2), "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 2)}


def filled(folder: Path, num: int) -> str:
    """A store with a version of `num` scans; the pictures of all are one of 16 pairs."""
    store = Store(str(folder)).absolute()
    some = [made.scan(number).row() | {"status": "kept", "reason": None, "detail": None} for number in range(16)]
    rows = [some[k % 16] | {"id": scan_id("bench", k), "source_id": str(k)} for k in range(num)]
    made.version_of_rows(store, rows, made.SCAN_ROWS, "bags", num_files=max(1, num // 64))
    return store.uri


@contextmanager
def gradio_page(browser: Browser) -> Iterator[Page]:
    """A page with one button, served by a process of its own as the desk is."""
    process = subprocess.Popen([sys.executable, "-c", BARE], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        page = browser.new_page()
        page.goto(process.stdout.readline().strip())
        page.wait_for_selector("#go")
        yield page
    finally:
        process.kill()
        process.wait()


def by_turns(
    browser: Browser, store: str, users: Path, num: int, rounds: int
) -> tuple[list[tuple[list[float], list[float]]], list[float]]:
    """Milliseconds of bare events and of decisions per round, and of a storm of decisions. A first round is not counted."""
    with desk(store, "bags", users) as (url, _), gradio_page(browser) as bare:
        page = browser.new_context().new_page()
        log_in(page, url)
        times = [([_clicked(bare) for _ in range(num)], [_paced(page) for _ in range(num)]) for _ in range(rounds + 1)]
        storm = [float(page.evaluate(DECIDE)) for _ in range(num * rounds)]
        page.wait_for_function(SAVED)
    return times[1:], storm


def _clicked(page: Page) -> float:
    page.wait_for_timeout(250)
    return float(page.evaluate(CLICK))


def _paced(page: Page) -> float:
    page.wait_for_function(SAVED)
    page.wait_for_timeout(250)
    return float(page.evaluate(DECIDE))


def opening(browser: Browser, stores: list[str], users: Path, rounds: int) -> list[list[float]]:
    """Seconds from the command to the first picture."""
    times: list[list[float]] = [[] for _ in stores]
    for _ in range(rounds):
        for number, store in enumerate(stores):
            start = time.monotonic()
            with desk(store, "bags", users) as (url, _):
                context = browser.new_context()
                log_in(context.new_page(), url)
                times[number].append(time.monotonic() - start)
                context.close()
    return times


if __name__ == "__main__":
    main()
