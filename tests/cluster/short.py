"""A folder for a node of Ray's: short, since sockets lie below it, whose names may have 107 bytes; away afterwards.

Ray's processes write there a moment after their node was stopped: what appears while the folder is being removed is left behind, and no
test fails of it.
"""

import tempfile


def short_folder() -> "tempfile.TemporaryDirectory[str]":
    """One of its own for each node or cluster."""
    return tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True)
