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


@pytest.mark.parametrize(("device", "times"), [("cpu", 1), ("cuda", 0)])
def test_a_student_on_processors_asks_for_it_before_it_takes_any(
    device: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from actors import student
    from beltline.learning.recipes import RECIPES

    asked: list[bool] = []
    monkeypatch.setattr(student, "keep_pages", lambda: asked.append(True))
    lesson = student.Lesson(
        recipe=RECIPES["gsr_nano"], base="/nowhere", store="/nowhere", lessons=(), scans=(), device=device
    )
    with pytest.raises((OSError, ValueError)):  # there is no base
        student.Student(lesson)
    assert len(asked) == times


def test_a_library_without_the_call_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from beltline.learning import pages

    monkeypatch.setattr(pages.ctypes, "CDLL", lambda name: object())
    assert not pages.keep_pages()
