"""Wrap what really changed between releases, and check it without the rewriter's own code.

Takes packages from the package registry at successive versions, pairs their files, wraps each
pair, and takes the flag out again on both sides. With `--git DIR`, the pairs are the files of
each commit instead. `wrong` must be 0. `program` counts what is the same apart from neutral text:
comments, formatting, docstrings, annotations of functions and locals, the order of imports.
"""

import argparse
import ast
import io
import os
import re
import statistics
import subprocess
import sys
import time
import tokenize
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import flagwright
from benchmarks.independent import lines_kept, problems, same_program
from flagwright.errors import CannotWrap

FLAG = "release.shop.new-tax"
CLIENT = "app_flags_client"
"""A name that no file has, so that the check is spelled alike in each of them."""
CONVENTION = {
    "import": f"from app.flags import {CLIENT}",
    "check": f'{CLIENT}.is_enabled("{{flag}}")',
}
RELEASES = {
    "Django": ("5.0.6", "5.0.7", "5.0.8", "5.0.9"),
    "fastapi": ("0.110.0", "0.110.1", "0.110.2", "0.111.0"),
    "starlette": ("0.36.3", "0.37.0", "0.37.2", "0.38.2"),
    "SQLAlchemy": ("2.0.29", "2.0.30", "2.0.31", "2.0.32"),
    "urllib3": ("2.0.7", "2.1.0", "2.2.0", "2.2.1"),
    "rq": ("1.15.1", "1.16.0", "1.16.1", "1.16.2"),
    "dramatiq": ("1.15.0", "1.16.0", "1.17.0", "1.17.1"),
    "click": ("8.1.5", "8.1.6", "8.1.7", "8.1.8"),
    "typer": ("0.9.0", "0.11.0", "0.12.3", "0.12.4"),
    "rich": ("13.5.2", "13.6.0", "13.7.0", "13.7.1"),
    "networkx": ("3.0", "3.1", "3.2", "3.2.1"),
    "sympy": ("1.12", "1.12.1", "1.13.0", "1.13.1"),
    "attrs": ("22.2.0", "23.1.0", "23.2.0", "24.1.0"),
    "pip": ("23.3", "23.3.1", "23.3.2", "24.0"),
    "Jinja2": ("3.1.2", "3.1.3", "3.1.4", "3.1.5"),
    "djangorestframework": ("3.14.0", "3.15.0", "3.15.1", "3.15.2"),
}
"""Web frameworks, applications with an ORM, clients, task queues, command lines, science."""


def check_in(text: str) -> str:
    """The check as it stands in a wrapped file, whose client may have an alias."""
    alias = re.search(rf"import {CLIENT} as (\w+)", text)
    return f'{alias[1] if alias else CLIENT}.is_enabled("{FLAG}")'


@dataclass
class Tally:
    """What became of the pairs of one project."""

    pairs: int = 0
    neutral: int = 0
    wrapped: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lines: int = 0
    kept: int = 0
    comments_lost: int = 0
    back: Counter[str] = field(default_factory=Counter)
    cpu_ms: list[float] = field(default_factory=list)
    commits: int = 0
    whole_commits: int = 0

    def add(self, path: str, before: str, after: str) -> bool:
        """Wrap one pair; whether it has a flagged form, or needs none."""
        self.pairs += 1
        started = time.process_time()
        try:
            text = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
        except CannotWrap as error:
            self.cpu_ms.append((time.process_time() - started) * 1000)
            self.refused[error.category] += 1
            return False
        self.cpu_ms.append((time.process_time() - started) * 1000)
        if text == after:
            self.neutral += 1
            return True
        self.wrapped += 1
        self.wrong += [f"{path}: {p}" for p in problems(before, after, text, FLAG, check_in(text))]
        all_lines, kept = lines_kept(after, text)
        self.lines, self.kept = self.lines + all_lines, self.kept + kept
        self.comments_lost += sum((_comments(after) - _comments(text)).values())
        for side, version in (("off", before), ("on", after)):
            back = flagwright.project(text, flag=FLAG, on=side == "on")
            self.back[f"{side} bytes"] += back == version
            self.back[f"{side} tree"] += ast.dump(ast.parse(back)) == ast.dump(ast.parse(version))
            self.back[f"{side} program"] += same_program(back, version)
        return True

    def line(self) -> str:
        """One row of the table."""
        with_effect = self.pairs - self.neutral
        share = 100 * self.wrapped / with_effect if with_effect else 100
        return (
            f"{self.pairs:6}{self.neutral:9}{self.wrapped:9}{share:7.0f} %{len(self.wrong):7}"
            f"{self.back['on tree']:9}{self.back['on bytes']:8}"
            f"{self.back['off tree']:9}{self.back['off bytes']:8}{self.back['off program']:9}"
        )

    def join(self, other: "Tally") -> None:
        """Add the figures of another project."""
        for name in ("pairs", "neutral", "wrapped", "lines", "kept", "comments_lost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.commits += other.commits
        self.whole_commits += other.whole_commits
        self.refused += other.refused
        self.back += other.back
        self.wrong += other.wrong
        self.cpu_ms += other.cpu_ms


HEAD = (
    " " * 22 + " pairs  neutral  wrapped    share  wrong  on tree   bytes off tree   bytes  program"
)


def releases(
    project: str, versions: tuple[str, ...], cache: Path
) -> Iterator[tuple[str, str, str]]:
    """Files that differ between one version of a package and the next."""
    found = [_files(_wheel(project, version, cache)) for version in versions]
    for old, new in pairwise(found):
        for path in sorted(old.keys() & new.keys()):
            if old[path] != new[path]:
                yield path, old[path], new[path]


def _wheel(project: str, version: str, cache: Path) -> Path:
    folder = cache / f"{project}-{version}"
    if not folder.is_dir():
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--dest",
            str(folder),
        ]
        command += ["--only-binary", ":all:", f"{project}=={version}"]
        subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def _files(wheel: Path) -> dict[str, str]:
    with zipfile.ZipFile(wheel) as archive:
        names = [n for n in archive.namelist() if n.endswith(".py") and not _is_test(n)]
        texts = {name: _text(archive.read(name)) for name in names if "_vendor" not in name}
    return {name: text for name, text in texts.items() if text is not None}


def _is_test(path: str) -> bool:
    parts = path.lower().split("/")
    return any(p in ("tests", "test", "docs", "testing") for p in parts) or "test_" in parts[-1]


def _text(content: bytes) -> str | None:
    """A file as text; none where this Python does not read it."""
    try:
        text = content.decode("utf-8")
        ast.parse(text)
    except (UnicodeDecodeError, SyntaxError, ValueError):
        return None
    return text


def _comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def history(folder: Path, commits: int, deadline: float) -> Tally:
    """Every file that a commit modifies, newest first, and whether all of a commit wraps."""
    tally = Tally()
    for commit in _git(folder, "rev-list", "--no-merges", "HEAD").decode().split():
        if tally.commits >= commits or time.monotonic() > deadline:
            break
        pairs = list(_pairs(folder, commit))
        if pairs:
            wraps = [tally.add(f"{commit[:10]} {path}", old, new) for path, old, new in pairs]
            tally.commits += 1
            tally.whole_commits += all(wraps)
    return tally


def _pairs(folder: Path, commit: str) -> Iterator[tuple[str, str, str]]:
    listed = _git(folder, "diff-tree", "-r", "--no-commit-id", "--diff-filter=M", commit).decode()
    for line in listed.splitlines():
        head, path = line.split("\t")
        if path.endswith(".py") and not _is_test(path):
            texts = [_text(_git(folder, "cat-file", "blob", name)) for name in head.split()[2:4]]
            if texts[0] is not None and texts[1] is not None:
                yield path, texts[0], texts[1]


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True
    ).stdout


def main() -> int:
    """Print a table; 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--git", type=Path, action="append", help="A repository, instead.")
    parser.add_argument("--commits", type=int, default=100, help="Most commits of each.")
    parser.add_argument("--budget", type=float, default=1200, help="Seconds, all in all.")
    given = parser.parse_args()
    deadline = time.monotonic() + given.budget
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flagwright-corpus"
    whole = Tally()
    print(HEAD)
    for name in given.git or RELEASES:
        if isinstance(name, Path):
            tally = history(name.resolve(), given.commits, deadline)
        else:
            tally = Tally()
            for path, before, after in releases(name, RELEASES[name], cache):
                if time.monotonic() < deadline:
                    tally.add(path, before, after)
        print(f"{str(name)[-22:]:22}{tally.line()}", flush=True)
        whole.join(tally)
    print(f"{'all':22}{whole.line()}")
    if whole.commits:
        print(f"Whole commits: {whole.whole_commits} of {whole.commits}.")
    print("Refused:", ", ".join(f"{n} {name}" for name, n in whole.refused.most_common()) or "none")
    print(
        f"Lines of the new version kept: {whole.kept:,} of {whole.lines:,}; "
        f"comments lost: {whole.comments_lost}."
    )
    if len(whole.cpu_ms) > 1:
        high = statistics.quantiles(whole.cpu_ms, n=20)[-1]
        print(
            f"Processor time: median {statistics.median(whole.cpu_ms):.0f} ms, p95 {high:.0f} ms."
        )
    for wrong in whole.wrong:
        print("WRONG", wrong)
    return 1 if whole.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
