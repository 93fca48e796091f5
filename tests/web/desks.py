"""A review desk for a test: a real process of `python -m jobs review`, and what a person at it does first."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from jobs import desk_users

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse"
PATIENCE_MS = 60_000


def users_file(
    folder: Path, leads: tuple[str, ...] = ("ana",), others: tuple[str, ...] = ("ben", "cem", "dee")
) -> Path:
    """A list of users, all with one password."""
    path = folder / "users.json"
    for name in (*leads, *others):
        desk_users.add(path, name, PASSWORD, lead=name in leads)
    return path


@contextmanager
def desk(store: str, name: str, users: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The desk's URL and its process, which is ended in the end."""
    command = [
        sys.executable,
        "-m",
        "jobs",
        "review",
        "--input",
        name,
        "--store",
        store,
        "--users",
        str(users),
        "--port",
        "0",
    ]
    path = os.pathsep.join([str(ROOT / "platform"), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [*command, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    try:
        yield _url(process), process
    finally:
        process.kill()
        process.communicate()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        found = re.search(r"the desk is at (\S+)", line)
        if found:
            return found[1].rstrip("/")
    raise AssertionError(f"the desk did not start: {said}")


def log_in(page: Page, url: str, name: str = "ana") -> None:
    """From the door to the first item."""
    page.goto(url)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    at_rest(page)


def at_rest(page: Page) -> str:
    """Waits until an item (or none) is shown; its id, or "none"."""
    page.wait_for_selector(".desk[data-item]", timeout=PATIENCE_MS)
    return str(page.get_attribute(".desk", "data-item"))


def press(page: Page, *keys: str) -> str:
    """Keys that lead to another item; the id of that."""
    before = page.get_attribute(".desk", "data-shown")
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_function(
        "before => document.querySelector('.desk').dataset.shown !== before", arg=before, timeout=PATIENCE_MS
    )
    return at_rest(page)


def filtered(page: Page, **chosen: str) -> str:
    """Filters by the first word of their names; the id of what is shown then, or "none"."""
    for name, value in chosen.items():
        before = page.get_attribute(".desk", "data-shown")
        page.select_option(f".bar select[aria-label^={name}]", value)
        page.wait_for_function(
            "before => document.querySelector('.desk').dataset.shown !== before", arg=before, timeout=PATIENCE_MS
        )
    return at_rest(page)


def saved(page: Page) -> None:
    """Waits until everything that was done is on the desk's disk."""
    page.wait_for_selector(".desk .saved[data-state=saved]", timeout=PATIENCE_MS)


def shot(page: Page, name: str) -> None:
    """A picture for docs/review.md, when BELTLINE_PICTURES names a folder."""
    folder = os.environ.get("BELTLINE_PICTURES")
    if folder:
        page.wait_for_timeout(200)  # until what fades has faded
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        taken.quantize(96).save(Path(folder) / f"{name}.png", optimize=True)
