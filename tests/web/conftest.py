"""A real browser for the tests of pages: Debian's Chromium, driven by Playwright; axe-core looks for what keeps people out.

`page` is a new page of 1280 by 800 in a context of its own; `violations(page)` are the serious ones that axe-core finds on it.
Nothing outside the machine is asked: names other than this machine's are not resolved.

The browser lives for one file: Playwright's loop runs in the test's own thread as long as its driver does, and neither a second
driver nor any `asyncio.run` can start beside it in the same worker.
"""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
PATIENCE_MS = 60_000
"""A busy machine is slow, not wrong: Playwright's own five seconds for what is expected are too few on shared cores."""
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a person who comes for the first time."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def violations() -> Callable[[Page], list[dict[str, Any]]]:
    """What axe-core finds on a page and calls serious or critical."""

    def found(page: Page) -> list[dict[str, Any]]:
        return [one for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]

    return found
