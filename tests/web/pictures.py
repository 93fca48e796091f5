"""The pictures of the page in docs: a made bag, and words composed from what lies in it, as a model that is right would say them.

python -m tests.web.pictures docs/pictures
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from beltline.image.phantom import RECIPES, make_scan
from beltline.language.inspection import inspect
from beltline.language.lexicon import noun
from beltline.language.reasoning import Chain, box, write
from beltline.scan import Scan
from tests.web.conftest import FLAGS
from tests.web.intercepted import Desk, stream

OF, ROW = "everyday", 3
WINDOWS = {"page.png": (1280, 800), "page-narrow.png": (390, 844)}


def words(scan: Scan) -> str:
    """What the views show, item by item."""
    said = {}
    for view, shown in (("top", scan.top), ("side", scan.side)):
        assert shown is not None
        parts = []
        for item in scan.items:
            xyxy = getattr(item, f"{view}_xyxy")
            left, top, right, bottom = (
                round(1000 * edge / side) for edge, side in zip(xyxy, (shown.width, shown.height) * 2, strict=True)
            )
            parts.append(f"{noun(item.category).one} {box((left, top, right, bottom))}")
        said[view] = f"Here lie a {', a '.join(parts[:-1])} and a {parts[-1]}."
    return write(
        Chain(**said, conclusion="Both views show the same things. The cleaver is prohibited.", answer="cleaver")
    )


def main(folder: Path) -> None:
    scan = make_scan(RECIPES[OF], ROW)
    assert scan.side is not None
    sizes = {"top": (scan.top.width, scan.top.height), "side": (scan.side.width, scan.side.height)}
    found = inspect(words(scan), sizes, id="i1", model="example", version="example@1.0.0")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        for name, (width, height) in WINDOWS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark")
            desk = Desk(context.new_page())
            desk.answers["v1/inspect"] = [stream([("inspection", found.model_dump_json())])]
            desk.key()
            for view, shown in (("top", scan.top), ("side", scan.side)):
                desk.choose(view, shown.bytes)
            desk.page.keyboard.press("Control+Enter")
            expect(desk.page.locator("#verdict")).to_be_visible()
            desk.page.keyboard.press("1")
            desk.page.screenshot(path=folder / name)
            context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
