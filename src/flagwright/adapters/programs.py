"""Name the programs that this process was started from, as far as the system tells.

For the record alone: a program that runs as the same user can give itself any name, or have
itself started by another. Nothing is ever decided by this.
"""

from itertools import islice

MOST, MAX_CHARS = 12, 24


def chain() -> str | None:
    """This program, who started it, and so on up to the first: `flagwright < zsh < tmux`."""
    import psutil

    try:
        own = psutil.Process()
        names = [process.name()[:MAX_CHARS] for process in islice((own, *own.parents()), MOST)]
    except psutil.Error:
        return None
    return " < ".join(names)
