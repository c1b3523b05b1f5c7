"""Name what only the side that goes had used: it stays, for a person to say whether it may go.

Told is only what this retirement left without a use: words are counted in all Python files,
texts and comments included, and some code has to have read the name before.
"""

import ast
from collections.abc import Collection, Iterator, Mapping

from flagwright.core.records.plan import Segment
from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.remaining import place
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.spelling import MAX_KB
from flagwright.core.wrapping.tree import definitions, nodes, walk
from flagwright.core.wrapping.unused import count
from flagwright.errors import CannotWrap

_PUBLIC = "delete it, unless code outside this repository does"
_LOOKS_AT_LOCALS = frozenset({"locals", "vars", "eval", "exec", "dir"})


class Orphans:
    """Collects what edited files use no more, and says in the end what nothing uses."""

    def __init__(self, files: Mapping[str, bytes], holders: Collection[str]) -> None:
        """Take every Python file as it is.

        Args:
            holders: What holds the names of flags, which stays for other flags.
        """
        self._files, self._holders = files, holders
        self._wanted: set[str] = set()

    def in_file(self, path: str, text: bytes) -> Iterator[Segment]:
        """Locals of one file that nothing reads any more, where they stand now.

        Args:
            text: What the file is without the flag.
        """
        old, new = (read(each, max_kb=MAX_KB).tree for each in (self._files[path], text))
        names = {name for name, _ in _bound(new)}
        self._wanted |= names & (_uses(old) - _uses(new))
        self._wanted |= _imported(old) - _imported(new)
        yield from _locals(path, old, new)

    def told(self, texts: Mapping[str, bytes]) -> dict[str, list[Segment]]:
        """What no file uses any more, by path, where it stands now.

        Args:
            texts: The files that are edited, without the flag.
        """
        after = {**self._files, **texts}
        lonely = {
            name
            for name in self._wanted.difference(self._holders)
            if _times(name, after) == 1 < _times(name, self._files)
        }
        found: dict[str, list[Segment]] = {}
        for path, text in self._files.items() if lonely else ():
            own = {name for name in lonely if name.encode() in after[path]}
            if named := [*_named(path, text, own)] if own else ():
                found[path] = [*named]
        return found


def _times(name: str, files: Mapping[str, bytes]) -> int:
    return sum(count(name.encode(), text) for text in files.values())


def _named(path: str, text: bytes, own: Collection[str]) -> Iterator[Segment]:
    try:
        tree = read(text, max_kb=MAX_KB).tree
    except CannotWrap:
        return
    for name, line in _bound(tree):
        if name in own:
            hint = "delete it" if name.startswith("_") else _PUBLIC
            yield place(path, line, "left", f"nothing here uses `{name}` any more: {hint}")


def _bound(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What a file defines, and private methods, each with its line; a decorator may keep it."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node.lineno
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if not node.decorator_list:
                    yield node.name, node.lineno
    for owner in nodes(tree):
        for node in owner.body if isinstance(owner, ast.ClassDef) else ():
            if isinstance(node, FUNCTIONS) and not node.decorator_list and _is_private(node.name):
                yield node.name, node.lineno


def _uses(tree: ast.Module) -> set[str]:
    """Names that a file reads, and attributes."""
    found = {n.id for n in nodes(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return found | {n.attr for n in nodes(tree) if isinstance(n, ast.Attribute)}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def _imported(tree: ast.Module) -> set[str]:
    """Names that a file takes from others."""
    lines = (node for node in nodes(tree) if isinstance(node, ast.ImportFrom))
    return {alias.name for line in lines for alias in line.names}


def _locals(path: str, old: ast.Module, new: ast.Module) -> Iterator[Segment]:
    """Locals that are set and no longer read, where they were."""
    before, after = _functions(old), _functions(new)
    for key, node in after.items():
        if key not in before or ast.dump(before[key]) == ast.dump(node):
            continue
        first, last = _used(before[key]), _used(node)
        if first is None or last is None:
            continue
        for name, line in first[1].items():
            if name in last[1] and name in first[0] and name not in last[0]:
                yield place(path, line, "left", f"nothing reads `{name}` any more: delete it")


def _functions(tree: ast.Module) -> dict[tuple[str, int], Function]:
    """Functions by name, and which of that name it is."""
    found: dict[tuple[str, int], Function] = {}
    for node in definitions(tree):
        if isinstance(node, FUNCTIONS):
            at = sum(name == node.name for name, _ in found)
            found[node.name, at] = node
    return found


def _used(function: Function) -> tuple[set[str], dict[str, int]] | None:
    """What a function reads, and what it sets or imports; none where it looks at itself."""
    read_there: set[str] = set()
    lines: dict[str, int] = {}
    for node in walk(function):
        match node:
            case ast.Global() | ast.Nonlocal():
                return None
            case ast.Name(id=name) if name in _LOOKS_AT_LOCALS:
                return None
            case ast.Name(id=name, ctx=ast.Load() | ast.Del()):
                read_there.add(name)
            case ast.AugAssign(target=ast.Name(id=name)):
                read_there.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                lines.setdefault(name, node.lineno)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    lines.setdefault(alias.asname or alias.name.partition(".")[0], node.lineno)
    return read_there, lines
