"""Measure a diff in any language: how much it adds, how deep, in how many places.

Text alone, line by line, so that twenty thousand commits can be measured in one reading of
the history, and a change of the work tree in the same way. What is measured is part of the
meaning of the weights: whoever edits this file has to fit them again.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from flagwright.core.records.change import FileChange

_SOURCE = re.compile(
    r"\.(pyx?|jsx?|[cm]js|tsx?|vue|svelte|go|rs|java|kts?|scala|groovy|cs|fs|cc?|cpp|cxx|h|hpp|mm?"
    r"|swift|rb|erb|php|p[lm]|exs?|erl|clj|hs|ml|lua|jl|dart|sh|sql)$"
)
_TEST = re.compile(
    r"(?i)(^|/)(tests?|testing|testdata|__tests__|specs?|e2e|fixtures|integration-?tests?)/"
    r"|(^|/)(test_|conftest\.)|[_.-](tests?|spec)\.\w+$"
)
_ASIDE = re.compile(r"(?i)(^|/)(docs?|examples?|vendor|node_modules|third_party|dist)/|\.min\.")
_IDLE = re.compile(
    r"\s*(#|//|/\*|\*|--|import\b|from\s+\S+\s+import\b|package\b|using\b|require\b"
    r"|[{}()\[\];,\s]*$)"
)
_CALL = re.compile(r"\w\s*\((?!\s*\)?\s*[:{]$)")
_GIVEN = re.compile(r"(?<![=!<>])=(?!=)")
_FAILURE = re.compile(r"\b(try|except|catch|finally|rescue|raise|throw|panic|recover|err)\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
MAX_LINE = 2000
"""Characters; what is longer is data, or was made by a program, and is not measured."""
_MOST = 20_000
"""Words and lines that are told apart; a stranger wrote them."""


class Touched(NamedTuple):
    """One file of a change, by its lines."""

    path: str
    was: str
    """Its path before; the same but for a rename."""
    added: int
    removed: int
    is_source: bool
    """Whether it runs in production, as far as its name tells."""


class Measures(NamedTuple):
    """What a change is, in numbers; lines and the like are counted in source files only."""

    chars: float = 0
    """Characters of the lines of code that are added, without indentation."""
    lines: float = 0
    distinct: float = 0
    """Lines that are not written twice in the change."""
    words: float = 0
    """Different ones in the lines that are added, and in none that is removed."""
    hunks: float = 0
    mixed: float = 0
    """Hunks that both remove and add."""
    calls: float = 0
    given: float = 0
    """Values given to names: assignments, defaults, arguments by name."""
    failures: float = 0
    """Words that raise or handle an error."""
    deepest: float = 0
    """Levels of indentation, of four columns."""
    files: float = 0
    test_lines: float = 0


class Meter:
    """Takes one change in, file by file and line by line."""

    def __init__(self) -> None:
        self.files: list[Touched] = []
        self._counts: Counter[str] = Counter()
        self._deepest = 0.0
        self._texts, self._new, self._old = set[str](), set[str](), set[str]()
        """Lines that are added, and the words of those that are added and removed."""
        self._path = self._was = ""
        self.is_source = self._is_test = False
        """Of the file that has begun; the lines of one that is no source are only counted."""
        self._added = self._removed = 0
        self._hunk_adds = self._hunk_removes = False

    def file(self, path: str, was: str | None) -> None:
        """Begin a file; one that has begun already, and has no line yet, goes on."""
        if (path, was or path) == (self._path, self._was) and not self._added + self._removed:
            return
        self.end_file()
        self._path, self._was = path, was or path
        self._is_test = _TEST.search(path) is not None
        self.is_source = is_source(path)

    def hunk(self) -> None:
        """Begin a hunk."""
        if self._hunk_adds or self._hunk_removes:
            self._counts["hunks"] += 1
            self._counts["mixed"] += self._hunk_adds and self._hunk_removes
        self._hunk_adds = self._hunk_removes = False

    def count(self, removed: int, added: int) -> None:
        """Take some lines of a file that is no source."""
        self._removed += removed
        self._added += added
        if self._is_test:
            self._counts["test_lines"] += added

    def removed(self, line: str) -> None:
        """Take one removed line of a source file, without its sign."""
        self._removed += 1
        self._hunk_removes = True
        if len(line) <= MAX_LINE and not _IDLE.match(line):
            _learn(self._old, line)

    def added(self, line: str) -> None:
        """Take one added line of a source file, without its sign."""
        self._added += 1
        self._hunk_adds = True
        if len(line) > MAX_LINE or _IDLE.match(line):
            return
        bare = line.lstrip()
        counts = self._counts
        counts["lines"] += 1
        counts["chars"] += len(bare)
        counts["calls"] += len(_CALL.findall(bare))
        counts["given"] += len(_GIVEN.findall(bare))
        counts["failures"] += len(_FAILURE.findall(bare))
        counts["distinct"] += bare not in self._texts
        if len(self._texts) < _MOST:
            self._texts.add(bare)
        _learn(self._new, bare)
        level = len(line[: len(line) - len(bare)].expandtabs(4)) / 4
        self._deepest = max(self._deepest, level)

    def end_file(self) -> None:
        """End a file; nothing where none was begun."""
        self.hunk()
        if not self._path:
            return
        self.files.append(
            Touched(self._path, self._was, self._added, self._removed, self.is_source)
        )
        if self.is_source:
            self._counts["files"] += 1
        self._path = ""
        self._added = self._removed = 0

    def read(self) -> Measures:
        """What was taken in."""
        self.end_file()
        words = len(self._new - self._old)
        return Measures(**self._counts, words=words, deepest=self._deepest)


def _learn(words: set[str], line: str) -> None:
    if len(words) < _MOST:
        words.update(_WORD.findall(line))


def is_source(path: str) -> bool:
    """Whether a file runs in production, as far as its name tells."""
    return bool(_SOURCE.search(path)) and not _TEST.search(path) and not _ASIDE.search(path)


def is_idle(line: str) -> bool:
    """Whether a line holds no code of its own: blank, a comment, an import, a bracket."""
    return _IDLE.match(line) is not None


def measure(files: Iterable[FileChange]) -> tuple[Measures, list[Touched]]:
    """Measure a change that was read in two versions, or from a diff."""
    meter = Meter()
    for file in files:
        meter.file(file.path, file.renamed_from)
        for hunk in file.hunks:
            if not meter.is_source:
                meter.count(len(hunk.removed), len(hunk.added))
                continue
            meter.hunk()
            for line in hunk.removed:
                meter.removed(line)
            for line in hunk.added:
                meter.added(line)
    return meter.read(), meter.files
