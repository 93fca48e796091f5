"""Whether freed memory stays: by the page faults that asking for it again costs, in processes of their own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.learning
ASK = """
import resource, torch
{keep}
def ask():
    for _ in range(3):
        step = [torch.ones(3_000_000) for _ in range(20)]    # 240 MB, as a step holds what its way back needs
ask()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
ask()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(keep: str) -> int:
    done = subprocess.run([sys.executable, "-c", ASK.format(keep=keep)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_what_was_freed_is_asked_for_again_with_hardly_a_page_fault() -> None:
    """Hardly: of the forty tensors that live at once, one or two may find their place too short by a few small things laid into it."""
    kept = "from beltline.learning.pages import keep_pages; assert keep_pages()"
    assert 4 * faults(kept) < faults("")


def test_a_library_without_the_call_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from beltline.learning import pages

    monkeypatch.setattr(pages.ctypes, "CDLL", lambda name: object())
    assert not pages.keep_pages()
