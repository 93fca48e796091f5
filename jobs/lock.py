"""A lock that a process holds while it lives: the kernel lets go of it, however the process ends.

A process id in a file tells less: a killed driver may wait as a zombie, and its number may be another's by now.

    lock = take(Path("data/corpus/.runs/1f3a/driver"))    # None when a living process has it
    lock.close()
"""

import fcntl
from pathlib import Path
from typing import IO


def take(path: Path) -> IO[str] | None:
    """The locked file, made when it is missing, to be kept and closed; None when another holder lives."""
    held = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        return None
    except OSError:  # a file system that knows no locks: as good as alone
        pass
    return held
