"""The browser of the tests sees a page, and axe-core finds a fault that was put into it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.web
SOUND = "<!doctype html><html lang='en'><head><title>bag</title></head><body><main><h1>bag</h1></main></body></html>"


def test_a_picture_without_words_is_found(page: Page, violations: Callable[[Page], list[dict[str, Any]]]) -> None:
    page.set_content(SOUND)
    assert violations(page) == []
    page.set_content(SOUND.replace("</main>", "<img src='data:,'></main>"))
    assert [one["id"] for one in violations(page)] == ["image-alt"]
