"""Put real commits behind a flag, and let the projects' own tests say whether the law holds.

With the flag off, the old tests have to end as they do on the old code; with the flag on, the new
tests as they do on the new code. What a commit leaves to no flag would blur that, so a commit
counts where all of it wraps. Also told: commits whose flag was asked while a file of the
project was imported, which must be none, and tests that asked at all, since others prove nothing.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[1] / "policies" / "wrapping.toml").read_text())
)
CONVENTION = Convention(
    import_line="from acme_flags import app_flags_client",
    check='app_flags_client.is_enabled("{flag}")',
)
CLIENT = """
import atexit, json, os, sys
root, is_on = os.environ["ACME_ROOT"], os.environ["ACME_FLAGS"] == "on"
place, owner = os.environ["ACME_ASKED"], os.getpid()
asked = {"reads": 0, "imports": []}
class Client:
    def is_enabled(self, flag):
        asked["reads"] += 1
        frame = sys._getframe(1)
        while frame and "importlib" not in frame.f_code.co_filename:
            name = frame.f_code.co_filename
            is_own = name.startswith(root + os.sep) and not is_test(name)
            if frame.f_code.co_name == "<module>" and is_own:
                asked["imports"].append(f"{name}:{frame.f_lineno}")
            frame = frame.f_back
        return is_on
def is_test(path):
    parts = os.path.relpath(path, root).split(os.sep)
    return any(part.startswith(("test", "conftest")) for part in parts)
app_flags_client = Client()
@atexit.register
def leave():
    if os.getpid() == owner:
        with open(place, "w") as file:
            json.dump(asked, file)
"""


@dataclass(frozen=True)
class Ran:
    """How the tests of one state ended."""

    ends: dict[str, str]
    reads: int
    imports: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """A clone, and how its tests are run."""

    clone: Path
    python: str
    tests: tuple[str, ...]
    source: str

    def git(self, *arguments: str) -> bytes:
        """What a git command prints."""
        command = ["git", "-C", str(self.clone), *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def commits(self) -> Iterator[str]:
        """Newest first, without merges and first commits."""
        listed = self.git("rev-list", "--no-merges", "--min-parents=1", "HEAD", "--", self.source)
        yield from listed.decode().split()

    def unpack(self, commit: str, folder: Path, *paths: str) -> None:
        """Write the files of a commit."""
        packed = self.git("archive", commit, *paths)
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="tar")

    def files(self, commit: str) -> list[FileChange]:
        """The Python files under the source that a commit changes."""
        listed = self.git("diff-tree", "-r", "-M", "-z", "--no-commit-id", commit).decode()
        parts, found = iter(listed.split("\0")[:-1]), []
        for head in parts:
            _, mode, *blobs, status = head.split()
            old = new = next(parts)
            if status[0] == "R":
                new = next(parts)
            if new.endswith(".py") and POLICY.treatment(new) == "wrapped":
                kind = {"A": "added", "D": "deleted", "R": "renamed"}.get(status[0], "modified")
                before, after = (None if not b.strip("0") else self._blob(b) for b in blobs)
                known = {"path": new, "kind": kind, "before": before, "after": after}
                known |= {"renamed_from": old} if kind == "renamed" else {}
                known |= {"mode": mode} if kind != "deleted" else {}
                found.append(FileChange.model_validate(known))
        return found

    def _blob(self, name: str) -> bytes:
        return self.git("cat-file", "blob", name)

    def run(self, folder: Path, *, on: bool) -> Ran:
        """Run the tests that stand in a folder."""
        with tempfile.TemporaryDirectory() as beside:
            (Path(beside) / "acme_flags.py").write_text(CLIENT)
            asked, ends = Path(beside) / "asked.json", Path(beside) / "ends.xml"
            places = [str(folder / self.source), str(folder), beside]
            more = {"PYTHONPATH": os.pathsep.join(places), "PYTHONDONTWRITEBYTECODE": "1"}
            more |= {"ACME_FLAGS": "on" if on else "off", "ACME_ASKED": str(asked)}
            more |= {"ACME_ROOT": str(folder)}
            options = [
                "-q",
                "-p",
                "no:cacheprovider",
                "-W",
                "ignore",
                f"--junitxml={ends}",
                *self.tests,
            ]
            subprocess.run(
                [self.python, "-m", "pytest", *options],
                cwd=folder,
                env=os.environ | more,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=900,
            )
            nothing: dict[str, Any] = {"reads": 0, "imports": []}
            told = json.loads(asked.read_text()) if asked.exists() else nothing
            return Ran(_ends(ends), told["reads"], tuple(sorted(set(told["imports"]))))


def _ends(report: Path) -> dict[str, str]:
    if not report.exists():
        return {"all of it": "did not run"}
    cases = ElementTree.parse(report).iter("testcase")
    return {
        f"{case.get('classname')}::{case.get('name')}": ", ".join(
            sorted({part.tag for part in case} & {"failure", "error", "skipped"})
        )
        or "passed"
        for case in cases
    }


def wrapped(project: Project, commit: str) -> Wrapped | None:
    """A commit behind a flag; none where it needs none."""
    with tempfile.TemporaryDirectory() as folder:
        project.unpack(commit, Path(folder))
        modules = {
            str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*.py")
        }
    change = Change(base="a", head="b", files=tuple(project.files(commit)), digest="0" * 64)
    plan = wrap_change(
        change, flag="new-tax", convention=CONVENTION, policy=POLICY, modules=modules
    )
    return plan if plan.files else None


def judged(project: Project, commit: str, plan: Wrapped) -> tuple[Ran, Ran, list[str]]:
    """The runs with the flag off and on, and each test that ends as it should not."""
    with tempfile.TemporaryDirectory() as root:
        old, new, off, on = (Path(root) / name for name in ("old", "new", "off", "on"))
        project.unpack(f"{commit}^", old)
        for folder in (new, off, on):
            project.unpack(commit, folder)
        for folder in (off, on):
            for file in plan.files:
                if file.text is None:
                    (folder / file.path).unlink()
                else:
                    (folder / file.path).write_bytes(file.text)
        project.unpack(
            f"{commit}^", off, *(test for test in project.tests if (old / test).exists())
        )
        dormant, awake = project.run(off, on=False), project.run(on, on=True)
        wrong = []
        for side, ran, folder in (("off", dormant, old), ("on", awake, new)):
            bare = project.run(folder, on=False)
            differ = {n for n in bare.ends.keys() | ran.ends if bare.ends.get(n) != ran.ends.get(n)}
            if differ:
                again = project.run(folder, on=False)
                differ = {n for n in differ if again.ends.get(n) == bare.ends.get(n)}
            wrong += [f"{side}: {n}: {ran.ends.get(n)}, was {bare.ends.get(n)}" for n in differ]
        return dormant, awake, sorted(wrong)


def main() -> int:
    """Print what became of each commit; 1 where one is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--python", default=sys.executable, help="That runs the project's tests.")
    parser.add_argument("--source", default="src", help="The folder that packages are in.")
    parser.add_argument("--tests", nargs="+", default=["tests"])
    parser.add_argument("--commits", type=int, default=20, help="So many that wrap.")
    parser.add_argument("--most", type=int, default=100, help="So many that are looked at.")
    given = parser.parse_args()
    project = Project(given.clone, given.python, tuple(given.tests), given.source)
    became, bad = Counter[str](), False
    for commit in project.commits():
        if became.total() >= given.most or became["wrapped"] >= given.commits:
            break
        try:
            plan = wrapped(project, commit)
        except CannotWrap as error:
            became[error.category] += 1
            continue
        became["wrapped" if plan else "needs no flag"] += 1
        if plan:
            off, on, wrong = judged(project, commit, plan)
            wrong += [f"asked at import: {place}" for place in off.imports + on.imports]
            count = Counter(on.ends.values())["passed"]
            wrong += [] if count else ["no test passes, so nothing is shown"]
            bad = bad or bool(wrong)
            print(f"{commit[:10]} {len(plan.files)} files, {count} passed, asked {on.reads} times")
            print(*[f"  WRONG {line}" for line in wrong], sep="\n", end="\n" if wrong else "")
            sys.stdout.flush()
    print(f"{given.clone.name}:", ", ".join(f"{n} {name}" for name, n in became.most_common()))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
