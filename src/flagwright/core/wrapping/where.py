"""Find where code asks for flags, by the same finding that takes them out.

Uses the standard library alone, and changes no code. What cannot be read has no checks, and
its mentions are listed all the same.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from flagwright.core.place import Place
from flagwright.core.wrapping.checks import flag_checks
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.puttogether import put_together, tail_of
from flagwright.core.wrapping.sound import asked_flag, mention_of
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.spelling import MAX_KB, spelled_in
from flagwright.errors import CannotWrap

_WORD: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]+")
_SOUNDS: Final = re.compile(rb"(?i)flag|feature|toggle|enabled|variation|active|waffle|_on")


def places(
    files: Mapping[str, bytes], flag: str, policy: WrappingPolicy | None = None
) -> tuple[Place, ...]:
    """Every line of Python files that asks for a flag, marks its code or names it, checks first.

    A check through a constant or a function that only asks is found, too, as when the flag is
    taken out.
    """
    _, spelled = spelled_in(files, flag)
    found: list[Place] = []
    for path in sorted(files):
        names = spelled.get(path, set())
        if flag.encode() in files[path] or tail_of(flag) in files[path] or names:
            found += _in_file(path, files[path], flag, names, policy)
    order = ("check", "mark", "name")
    return tuple(sorted(found, key=lambda place: order.index(place.what)))


def all_checks(
    files: Mapping[str, bytes], policy: WrappingPolicy | None = None
) -> dict[str, tuple[Place, ...]]:
    """Every check of any flag that is named where it is asked for, by the flag's name."""
    found: dict[str, list[Place]] = {}
    for path in sorted(files):
        if not (policy and policy.check) and not _SOUNDS.search(files[path]):
            continue
        for check in flag_checks(files[path], policy):
            place = Place(path=path, line=check.line)
            if place not in found.setdefault(check.name, []):
                found[check.name].append(place)
    return {name: tuple(known) for name, known in found.items()}


def named(files: Mapping[str, bytes], flags: Collection[str]) -> frozenset[str]:
    """Those of some flags that a file names as a word of its own."""
    wanted = {name.encode(): name for name in flags}
    seen: set[bytes] = set()
    for text in files.values():
        seen |= wanted.keys() & {word.rstrip(b".:-") for word in _WORD.findall(text)}
    return frozenset(wanted[word] for word in seen)


def _in_file(
    path: str, content: bytes, flag: str, spelled: Collection[str], policy: WrappingPolicy | None
) -> Iterator[Place]:
    checked = {check.line for check in flag_checks(content, policy) if check.name == flag}
    checked |= set(_spelled_checks(content, flag, spelled))
    for line in sorted(checked):
        yield Place(path=path, line=line)
    mention, mark = mention_of(flag), b"# flag " + flag.encode() + b":"
    parts = {*put_together(content, flag)}
    for number, text in enumerate(content.split(b"\n"), 1):
        if mark in text:
            yield Place(path=path, line=number, what="mark")
        elif number not in checked and (number in parts or mention.search(text)):
            yield Place(path=path, line=number, what="name")


def _spelled_checks(content: bytes, flag: str, spelled: Collection[str]) -> Iterator[int]:
    """Lines that ask for a flag through another name of it."""
    if not spelled:
        return
    try:
        tree = read(content, max_kb=MAX_KB).tree
    except CannotWrap:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call | ast.Subscript) and (
            _only_asks(node, spelled) or asked_flag(named_plainly(node, flag, spelled)) == flag
        ):
            yield node.lineno


def _only_asks(node: ast.expr, spelled: Collection[str]) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return f"{name}()" in spelled
        case _:
            return False


def named_plainly(
    node: ast.Call | ast.Subscript, flag: str, spelled: Collection[str]
) -> ast.Call | ast.Subscript:
    """The same question, with the flag's own name in place of a constant."""

    def plain(value: ast.expr) -> ast.expr:
        is_name = isinstance(value, ast.Name | ast.Attribute) and ast.unparse(value) in spelled
        return ast.Constant(flag) if is_name else value

    if isinstance(node, ast.Subscript):
        return ast.Subscript(node.value, plain(node.slice), ast.Load())
    keywords = [ast.keyword(keyword.arg, plain(keyword.value)) for keyword in node.keywords]
    return ast.Call(node.func, [plain(value) for value in node.args], keywords)
