"""Tables and trees on screen, for every verb: as wide as the terminal is, or as they need to be in a log, where nothing may be folded.

show(table)
show(tree, width=200)
"""

from rich.console import Console, RenderableType

WIDE = 160


def show(what: RenderableType, width: int = WIDE) -> None:
    """Print it; `width` in letters counts where no terminal says how wide it is."""
    console = Console()
    (console if console.is_terminal else Console(width=width)).print(what, highlight=False)
