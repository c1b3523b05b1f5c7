"""Write into a tree whose names keep turning into links, and count what lands outside.

    python -m benchmarks.swap_race [--seconds 30]

Other processes swap, as fast as they can, a folder with a link to a folder outside, a file with
a link to a file outside, and a file with a second name of one. Meanwhile plans are applied and
taken back. Every refusal is fine; a byte outside that changes is not.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from flagwright.adapters.workspace import write_all
from flagwright.core.record import sha256
from flagwright.core.records.plan import FileEdit
from flagwright.errors import FlagwrightError

ONE, OTHER = b"x = 1\n", b"x = 2\n"
FILES = ("pkg/a.py", "pkg/deep/b.py", "link.py", "twin.py")


def make(folder: Path) -> tuple[Path, Path]:
    """A tree, and the place outside where everything must stay as it is."""
    tree, outside = folder / "tree", folder / "outside"
    for top in (tree, outside):
        for path in FILES:
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(ONE)
    return tree, outside


def swap_for_link(tree: Path, outside: Path, name: str) -> None:
    """Exchange a file or folder and a link to the one outside, by renames only."""
    aside, link = tree.parent / f"aside-{name}", tree.parent / f"link-{name}"
    link.symlink_to(outside / name)
    while True:
        (tree / name).rename(aside)
        link.rename(tree / name)
        (tree / name).rename(link)
        aside.rename(tree / name)


def swap_for_twin(tree: Path, outside: Path, name: str) -> None:
    """Exchange a file and a second name of the one outside."""
    aside = tree.parent / f"aside-{name}"
    while True:
        (tree / name).rename(aside)
        os.link(outside / name, tree / name)
        (tree / name).unlink()
        aside.rename(tree / name)


def started(work: Callable[[Path, Path, str], None], *given: object) -> int:
    child = os.fork()
    if child:
        return child
    while True:
        try:
            work(*given)  # type: ignore[arg-type]
        except OSError:  # The writer, or the other side of a swap, took a name away.
            _begin_anew(*given)  # type: ignore[arg-type]


def _begin_anew(tree: Path, _outside: Path, name: str) -> None:
    for path in (tree.parent / f"aside-{name}", tree.parent / f"link-{name}", tree / name):
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
    for file in FILES:
        if file.split("/")[0] == name:
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            (tree / file).write_bytes(ONE)


def edit(path: str, before: bytes, after: bytes) -> tuple[FileEdit, bytes]:
    sides = {"before_sha256": sha256(before), "after_sha256": sha256(after)}
    return FileEdit.model_validate({"path": path, "patch": "", **sides}), after


def race(folder: Path, seconds: float) -> dict[str, object]:
    """Swap and write for so long; what came of it."""
    tree, outside = make(folder)
    ends: Counter[str] = Counter()
    swapping = [
        started(swap_for_link, tree, outside, "pkg"),
        started(swap_for_link, tree, outside, "link.py"),
        started(swap_for_twin, tree, outside, "twin.py"),
    ]
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for path in FILES:
                for before, after in ((ONE, OTHER), (OTHER, ONE)):
                    try:
                        write_all(tree, [edit(path, before, after)], lock_dir=folder / "locks")
                        ends["written"] += 1
                    except FlagwrightError as error:
                        ends[error.code] += 1
    finally:
        for child in swapping:
            os.kill(child, 9)
            os.waitpid(child, 0)
    now = {str(p.relative_to(outside)): p.read_bytes() for p in outside.rglob("*") if p.is_file()}
    changed = [path for path, text in now.items() if text != ONE] + sorted(set(FILES) - set(now))
    return {"seconds": seconds, "outside": sorted({*changed, *(set(now) - set(FILES))}), **ends}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flagwright-race-") as folder:
        found = race(Path(folder), asked.seconds)
    print(json.dumps(found))
    sys.exit(bool(found["outside"]))


if __name__ == "__main__":
    main()
