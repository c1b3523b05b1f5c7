"""Tell of requirements that a change takes away at once, while its old code still needs them.

An import of the old code stays until the flag is taken out, and no flag reaches the file that says
what is installed: without the package, importing the module fails for everybody. Lines are read,
not parsed.
"""

import re
from collections.abc import Iterable, Iterator

from flagwright.core.records.change import Change, FileChange
from flagwright.core.wrapping.wrapped import WrappedFile

_REQUIRING = re.compile(
    r"(?i)(?:^|/)(?:[^/]*require[^/]*\.(?:txt|in)|requirements/[^/]+|pyproject\.toml|setup\.(?:cfg|py)"
    r"|pipfile|environment\.ya?ml)$"
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*")
_IMPORT = re.compile(rb"(?m)^[ \t]*(?:from|import)[ \t]+(\w+)")


def still_imports(name: str) -> str:
    """The beginning of the note on a package that old code needs, whoever asks for that."""
    return f"it imports `{name}` until the flag is taken out"


def with_dropped(
    change: Change, wrapped: Iterable[WrappedFile], notes: Iterable[str]
) -> tuple[str, ...]:
    """Notes on a change, with what it no longer asks for and still imports: each package once."""
    found = {(path, name): note for path, name, note in _dropped(change, wrapped)}
    told = tuple(f"{path}: {still_imports(name)}" for path, name in found)
    return (*(note for note in notes if not note.startswith(told)), *found.values())


def _dropped(change: Change, wrapped: Iterable[WrappedFile]) -> Iterator[tuple[str, str, str]]:
    """Each package that a wrapped file imports and the change no longer asks for: file and name."""
    gone = {file.path: [*_gone(file)] for file in change.files if _REQUIRING.search(file.path)}
    if not any(gone.values()):
        return
    after = {file.path: file.after or b"" for file in change.files}
    for file in wrapped:
        now = {found[1].decode() for found in _IMPORT.finditer(after.get(file.path, b""))}
        for found in _IMPORT.finditer(file.text or b""):
            name, line = found[1].decode(), (file.text or b"").count(b"\n", 0, found.end()) + 1
            places = [
                f"{path}:{at}"
                for path, words in gone.items()
                for at, word in words
                if name not in now and _brings(word, name)
            ]
            if places:
                now.add(name)
                yield (
                    file.path,
                    name,
                    f"{file.path}:{line} imports {name} until the flag is taken out, and "
                    f"{', '.join(places)} (of the file before) asks for it no more: keep it there "
                    "until then, or nothing can import the file",
                )


def _gone(file: FileChange) -> Iterator[tuple[int, str]]:
    """The words that a file no longer has, by line of what it was."""
    before, after = ((text or b"").decode("utf-8", "replace") for text in (file.before, file.after))
    left = {word.lower() for word in _WORDS.findall(after)}
    for number, line in enumerate(before.splitlines(), 1):
        for word in _WORDS.findall(line.partition("#")[0]):
            if word.lower() not in left:
                yield number, word.lower()


def _brings(requirement: str, name: str) -> bool:
    """Whether a package may be what gives a module: `python-dateutil` gives `dateutil`."""
    plain, module = re.sub(r"[-_.]+", "_", requirement), name.lower()
    return module in {plain, plain.removeprefix("py"), *plain.split("_")}
