"""A job's process killed in the middle, at a point that is looked for and never slept for."""

import signal
import subprocess
from collections.abc import Callable

ROWS = 24
EVERYDAY = f"regenerate --recipe everyday --limit {ROWS} --output corpus"
"""The job that is killed, taken to S3 and to an older processor, and must always come to the same digest."""


def kill_when(process: "subprocess.Popen[bytes]", reached: Callable[[], bool]) -> None:
    """SIGKILL as soon as `reached()`; AssertionError when the process ends before that."""
    while not reached():
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"the job ended with {process.returncode} before it could be killed")
    process.send_signal(signal.SIGKILL)
    process.wait()
