"""Read the heads of classes in all files of a repository, by their text alone.

Parsing every file would take too long; a head with calls in calls is not read.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

_CLASS = re.compile(rb"(?m)^[ \t]*class\s+(\w+)\s*\(((?:[^()]|\([^()]*\)){0,2000})\)")
_DEFINED = re.compile(rb"(?m)^[ \t]*class\s+(\w+)")
_ALIAS = re.compile(rb"\b(\w+)[ \t]+as[ \t]+(\w+)")
_NAMED = re.compile(rb"(?m)^[ \t]*(\w+)[ \t]*=[ \t]*(?:\w+\.){0,9}(\w+)[ \t]*$")
_BRACKETS = re.compile(rb"\[[^\[\]]*\]")
_EMPTY = (b"ABC", b"object", b"Protocol", b"Generic")
"""Bases that have no members of their own."""


def heads(modules: Mapping[str, bytes], word: str = "") -> Iterator[tuple[str, str, list[str]]]:
    """Path, name and bases of each class, in files that have a word."""
    for path, text in modules.items():
        if word.encode() in text:
            yield from ((path, name, [*bases]) for name, bases in _heads(text))


@lru_cache(maxsize=4096)
def _heads(text: bytes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and bases of each class of a file."""
    found = _CLASS.findall(text)
    aliases = dict(pair[::-1] for pair in _ALIAS.findall(text)) if found else {}
    return tuple(
        (
            name.decode("utf-8", "replace"),
            tuple(
                aliases.get(base.encode(), base.encode()).decode("utf-8", "replace")
                for base in _last_names(bases)
            ),
        )
        for name, bases in found
    )


@lru_cache(maxsize=4096)
def defined(text: bytes) -> frozenset[str]:
    """Names of the classes that a file defines."""
    return frozenset(name.decode("utf-8", "replace") for name in _DEFINED.findall(text))


def _last_names(bases: bytes) -> list[str]:
    """The bases in the head of a class, without their modules, and without empty ones."""
    while bases != (bare := _BRACKETS.sub(b"", bases)):
        bases = bare
    if b"(" in bases:  # a call may give back what it is given
        names = re.findall(rb"\w+", bases)
    else:
        parts = [part.strip() for part in bases.split(b",") if b"=" not in part]
        names = [part.rpartition(b".")[2] for part in parts]
    return [name.decode("utf-8", "replace") for name in names if name and name not in _EMPTY]


def below(modules: Mapping[str, bytes], owner: str) -> set[str]:
    """A class and all that inherit from one of its name, anywhere, by other names as well."""
    known = [(name, set(bases)) for _, name, bases in heads(modules)]
    known += [(name, {of}) for text in modules.values() for name, of in _named(text)]
    found = {owner}
    while more := {name for name, bases in known if bases & found} - found:
        found |= more
    return found


def above(modules: Mapping[str, bytes], *owners: str) -> set[str]:
    """Classes and all that one of their names inherits from."""
    known: dict[str, set[str]] = {}
    for _, name, bases in heads(modules):
        known.setdefault(name, set()).update(bases)
    found = {*owners}
    while more := {base for name in found for base in known.get(name, ())} - found:
        found |= more
    return found


def may_be_both(modules: Mapping[str, bytes], one: str, other: str) -> bool:
    """Whether an object may be of both classes: of one, of what inherits, or makes classes."""
    family = below(modules, one)
    if not family.isdisjoint(below(modules, other)) or "type" in above(modules, one):
        return True
    words = "|".join(map(re.escape, sorted(family)))
    made = re.compile(rf"metaclass[^\n]*\b(?:{words})\b".encode())
    return any(b"metaclass" in text and made.search(text) for text in modules.values())


@lru_cache(maxsize=4096)
def _named(text: bytes) -> tuple[tuple[str, str], ...]:
    """Names that a file gives what has one: `Page = Base`, `import Base as Page`."""
    pairs = [*_NAMED.findall(text), *(pair[::-1] for pair in _ALIAS.findall(text))]
    return tuple((one.decode(), other.decode()) for one, other in pairs if one != other)
