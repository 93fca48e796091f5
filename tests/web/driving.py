"""How the tests' inspector uses the page of a running server: her key, two views dropped at once, a correction that is saved."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page, expect

_DROP = """async (views) => {
    const data = new DataTransfer();
    for (const [name, text] of Object.entries(views)) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], `bag_${name}.png`, { type: "image/png" }));
    }
    return data;
}"""


def use_key(page: Page, secret: str) -> None:
    field = page.get_by_label("API key")
    if not field.is_visible():
        page.get_by_role("button", name="Key", exact=False).first.click()
    field.fill(secret)
    page.get_by_role("button", name="Use").click()


def drop(page: Page, views: Mapping[str, bytes]) -> None:
    """Drop PNG files on the page, as from a folder."""
    data = page.evaluate_handle(_DROP, {name: base64.b64encode(png).decode() for name, png in views.items()})
    page.dispatch_event(".pane[data-view=top] .drop", "drop", {"dataTransfer": data})
    for name in views:
        expect(page.locator(f".pane[data-view={name}] .stage")).to_be_visible()


def correct_first(page: Page) -> Any:
    """Move the first item's box in the top view 10 pixels to the right and save; what was sent."""
    page.keyboard.press("1")
    page.keyboard.press("Shift+ArrowRight")
    with page.expect_request("**/v1/feedback") as asked:
        page.get_by_role("button", name="Save correction").click()
    expect(page.locator("#saved")).to_have_text(re.compile("^Saved. Correction"))
    return asked.value.post_data_json
