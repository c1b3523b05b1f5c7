"""Start the command line: `flagwright`, or `python -m flagwright`."""

import gc
import os
import sys
from pathlib import Path

OBJECTS_BEFORE_A_SEARCH = 100_000
"""Python looks for garbage each 700 objects, and finds none while modules are imported."""


def main() -> None:
    """Run one command and exit with its code."""
    gc.set_threshold(OBJECTS_BEFORE_A_SEARCH)
    # Else pydantic reads the metadata of every installed package, looking for plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")
    from flagwright.surface.cli import cli

    try:
        cli(prog_name="flagwright")
    finally:
        gc.freeze()  # else Python searches all that was imported once more before it ends


if __name__ == "__main__":
    # `python -m` looks for every module in the current folder first, and that is usually the
    # repository that is being judged.
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != Path.cwd()]
    main()
