"""Tell which names of a file other files of its repository use.

Finds too much rather than too little: what may mean the file counts.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from flagwright.core.wrapping.binding import bindings
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.tree import nodes


def used_outside(
    path: str,
    names: Collection[str],
    files: Mapping[str, bytes],
    module_name: str = "",
    is_left_out: Callable[[str], bool] = lambda _: False,
) -> dict[str, str]:
    """Another file that uses each name of the file at `path`; those that nobody uses are missing.

    Args:
        names: What it binds at its top; the file itself is meant where there are none.
        files: Every Python file of the repository.
        module_name: The dotted name by which alone it is imported; empty: any end of its path.
        is_left_out: Whether a file does not count.
    """
    module = _parts(path)
    words = [name.encode() for name in names] or [module[-1].encode()]
    some = re.compile(rb"\b(?:" + b"|".join(map(re.escape, words)) + rb")\b")
    found: dict[str, str] = {}
    own, folder = module[-1].encode(), "/".join(module)
    for other, text in sorted(files.items()):
        if other == path or not any(word in text for word in words):
            continue
        if own not in text and other.rpartition("/")[0] != folder:
            continue
        if some.search(text) and not is_left_out(other) and (tree := tree_of(text)):
            user = _User(module, other, set(names), module_name.split(".") if module_name else None)
            found |= {name: other for name, _ in user.uses(tree) if name not in found}
    return found


def places_outside(
    path: str, names: Collection[str], other: str, text: bytes
) -> dict[str, list[int]]:
    """Lines on which another file uses each of some names of the file at `path`."""
    tree = tree_of(text)
    found: dict[str, set[int]] = {}
    for name, line in _User(_parts(path), other, {*names}, None).uses(tree) if tree else ():
        found.setdefault(name, set()).add(line)
    return {name: sorted(lines) for name, lines in sorted(found.items())}


def imported_among(paths: Collection[str], files: Mapping[str, bytes]) -> set[str]:
    """Those of some paths that files, which are none of them, import.

    What `used_outside` says of each, where no names are asked for; each file is read once.
    """
    modules = {path: _parts(path) for path in paths}
    words = {module[-1].encode() for module in modules.values()}
    some = re.compile(rb"\b(?:" + b"|".join(map(re.escape, sorted(words))) + rb")\b")
    meant: set[tuple[bool, tuple[str, ...]]] = set()
    for path, text in files.items() if words else ():
        if some.search(text):
            meant.update(_imports(path, text))
    return {
        path
        for path, module in modules.items()
        if (True, tuple(module)) in meant
        or any((False, tuple(module[at:])) in meant for at in range(len(module)))
    }


@lru_cache(maxsize=4096)
def _imports(path: str, text: bytes) -> frozenset[tuple[bool, tuple[str, ...]]]:
    """What a file may import: whether it is near, and the path or the dotted name in parts."""
    tree = tree_of(text)
    return frozenset(_imported_by(path, tree)) if tree else frozenset()


def _imported_by(path: str, tree: ast.Module) -> Iterator[tuple[bool, tuple[str, ...]]]:
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((False, tuple(alias.name.split("."))) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _source(path, node)
            yield bool(node.level), tuple(source)
            yield from ((bool(node.level), (*source, alias.name)) for alias in node.names)


def _parts(path: str) -> list[str]:
    return path.removesuffix(".py").removesuffix("/__init__").split("/")


def _source(path: str, node: ast.ImportFrom) -> list[str]:
    """Where `from` takes names, in parts; of a relative import as a path."""
    around = path.split("/")[: -node.level] if node.level else []
    return [*around, *(node.module or "").split(".")] if node.module else around


@lru_cache(maxsize=512)
def bound_at_top(text: bytes) -> frozenset[str]:
    """Names that a file binds outside functions and classes."""
    tree = tree_of(text)
    found: set[str] = set()
    waiting: list[ast.AST] = list(tree.body) if tree else []
    while waiting:
        node = waiting.pop()
        found.update(binding.name for binding in bindings(node))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return frozenset(found)


@dataclass
class _User:
    """Another file, and how it may come by the names of one module."""

    module: list[str]
    path: str
    names: set[str]
    imported_as: list[str] | None

    def uses(self, tree: ast.Module) -> Iterator[tuple[str, int]]:
        """Names that it takes from the module, each with the line.

        The name is "" for the module itself, where no names are asked for.
        """
        local: set[str] = set()
        used = {node.id for node in nodes(tree) if isinstance(node, ast.Name)}
        for node in nodes(tree):
            match node:
                case ast.ImportFrom(names=aliases):
                    source, is_near = _source(self.path, node), bool(node.level)
                    if self._is_meant(source, is_near=is_near):
                        yield from () if self.names else (("", node.lineno),)
                        taken = {alias.name for alias in aliases}
                        taken = self.names & (used | taken if "*" in taken else taken)
                        yield from ((name, node.lineno) for name in taken)
                    meant = (
                        a for a in aliases if self._is_meant([*source, a.name], is_near=is_near)
                    )
                    local.update(alias.asname or alias.name for alias in meant)
                case ast.Import(names=aliases):
                    meant = (a for a in aliases if self._is_meant(a.name.split(".")))
                    local.update(a.asname or a.name.rpartition(".")[2] for a in meant)
                case ast.Constant(value=str(text)) if "." in text:
                    parts = text.split(".")
                    yield from (
                        (name, node.lineno)
                        for at, name in enumerate(parts)
                        if name in self.names and self._is_meant(parts[:at])
                    )
                case _:
                    pass
        yield from (("", 1),) if local and not self.names else ()
        for node in nodes(tree) if local else ():
            match node:
                case ast.Attribute(value=value, attr=name) if _last(value) in local:
                    yield from ((name, node.lineno),) if name in self.names else ()
                case ast.Call(args=[value, ast.Constant(value=str(name)), *_]):  # patch.object
                    if name in self.names and _last(value) in local:
                        yield name, node.lineno
                case _:
                    pass

    def _is_meant(self, dotted: list[str], *, is_near: bool = False) -> bool:
        """Whether a dotted name, or the path of a relative import, may mean the module."""
        if is_near:
            return dotted == self.module
        if self.imported_as:
            return dotted == self.imported_as
        return bool(dotted) and self.module[-len(dotted) :] == dotted


def _last(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))
