"""Freed memory stays with the process: a step of teaching on processors asks for the same megabytes as the last one.

    keep_pages()    # once, before teaching

glibc gives memory back to the kernel when much of it is freed, and the kernel clears each page again when it is asked for: an element-wise
product of 1,400 by 768 numbers then costs 1 ms instead of 0.05 (docs/log.md). See mallopt(3).
"""

import ctypes
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_MAX: Final = -4


def keep_pages() -> bool:
    """Whether the C library can be asked; one without `mallopt` goes on as it is."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_MMAP_MAX, 0)) and bool(mallopt(_TRIM_THRESHOLD, -1))
