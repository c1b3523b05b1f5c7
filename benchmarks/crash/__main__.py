"""Interrupt an apply over 20 files at every call that changes the disk, and see what is left.

    python -m benchmarks.crash [--files 20] [--every 1] [--first 1]

Each moment is met three times: the process is killed, the call fails once, the disk is full
from then on. After it the next start settles; then every file must be as before or every file
as planned, and the ledger must say which. Needs a C compiler, for the library that interrupts.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.crash.run import crash


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--every", type=int, default=1, help="Take each n-th moment only.")
    parser.add_argument("--first", type=int, default=1, help="From that moment on.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flagwright-crash-") as folder:
        found = crash(Path(folder), **vars(asked))
    print(json.dumps(found.figures(), indent=1))
    for line in found.torn:
        print(line)
    sys.exit(bool(found.torn))


if __name__ == "__main__":
    main()
