"""Tell whether what a file finds by a computed name may get to where declarations are looked at.

`getattr(plugin, name)` may be any function there is, but most files that have it and
`inspect.signature` never bring the two together.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache, partial

from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import last_name
from flagwright.core.wrapping.found import FINDS, MAKERS, Found, is_tuple
from flagwright.core.wrapping.inmodule import fills_modules
from flagwright.core.wrapping.threedots import tree_of
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.words import functions

_LOOKS = ("signature", "getfullargspec", "getargspec", "getcallargs", "from_callable")
"""Functions that show how one that they are given is declared."""
_SHOWS = ("__defaults__", "__kwdefaults__", "co_varnames", "co_argcount")
"""Attributes that do."""


_LOOKING = re.compile(
    rb"\binspect\b(?:[^\n]*|\s+import\s*\([^)]*)\bsignature\b|\bimport\s+inspect\s+as\b|\bfuncsigs\b|\b(?:"
    + "|".join((*_LOOKS[1:], *_SHOWS)).encode()
    + rb")\b"
)
_FINDING = re.compile(
    rb"\b(?:"
    + "|".join(FINDS).encode()
    + rb")\(|\bgetattr\([^,\n]+,(?!\s*[\"'])|\btype\(|__(?:dict|globals|class|init|new|call)__\b"
)


class Looking:
    """The files of one state of a repository that look at how something is declared."""

    def __init__(self, files: Mapping[str, bytes], *, makes: bool) -> None:
        """Find them.

        Args:
            makes: Whether what makes objects, or is called with one, may be in question.
        """
        self._files, self._makes = files, makes
        near = (path for path, text in files.items() if _LOOKING.search(text))
        trees = {path: tree for path in near if looks(tree := tree_of(files[path]))}
        self._trees = {p: tree for p, tree in trees.items() if makes or not _looks_at_makers(tree)}

    @property
    def paths(self) -> list[str]:
        """Where they are."""
        return [*self._trees]

    def finder(self, names: Collection[str], classes: Collection[str]) -> str | None:
        """A file that looks at whatever it finds by a computed name, or has it looked at.

        Args:
            names: What is in question.
            classes: Those of which it is a method, with their heirs and bases; empty where it is
                a function of a file. What an object of any other class has cannot be it.
        """
        if not self._trees:
            return None
        more = {name for tree in self._trees.values() for name in _looking_functions(tree)}
        words = re.compile(rb"\b(?:" + "|".join(map(re.escape, more)).encode() + rb")\(")
        for path, text in self._files.items():
            is_near = path in self._trees or (more and words.search(text))
            if not is_near or not _FINDING.search(text):
                continue
            tree = self._trees.get(path) or tree_of(text)
            looked_at = _lookers(tree)
            if looked_at is None:
                return path
            called = partial(self._is_called, path)
            found = Found(
                tree, classes, names, called, partial(fills_modules, self._files.values(), classes)
            )
            values = _looked_at(nodes(tree), {*looked_at, *more})
            if any(found.has(value) for value in values if self._makes or not _is_maker(value)):
                return path
        return None

    def _is_called(self, path: str, name: str) -> bool:
        """Whether another file than this one calls something of a name."""
        word = re.compile(rb"\b" + re.escape(name).encode() + rb"\(")
        return any(word.search(text) for other, text in self._files.items() if other != path)


def looks(tree: ast.Module) -> bool:
    """Whether a file looks at how functions are declared; to give a tuple defaults is no look."""
    parts = [node for node in nodes(tree) if not _gives_defaults(node, tree)]
    words = {getattr(node, field, None) for node in parts for field in ("id", "attr", "name")}
    words |= {node.module for node in parts if isinstance(node, ast.ImportFrom)}
    is_inspected = "signature" in words and not words.isdisjoint({"inspect", "funcsigs"})
    return is_inspected or not words.isdisjoint((*_LOOKS[1:], *_SHOWS))


def _looks_at_makers(tree: ast.Module) -> bool:
    """Whether a file looks at nothing but what makes objects: `signature(kind.__init__)`."""
    values = [*_looked_at(nodes(tree), _lookers(tree) or ())]
    return bool(values) and all(map(_is_maker, values))


def _is_maker(value: ast.expr) -> bool:
    return isinstance(value, ast.Attribute) and value.attr in MAKERS


def _gives_defaults(node: ast.AST, tree: ast.Module) -> bool:
    """Whether it is `Row.__new__.__defaults__ = (None,)` of a named tuple."""
    match node:
        case ast.Attribute(
            value=ast.Attribute(value=ast.Name() as held, attr="__new__"),
            attr="__defaults__",
            ctx=ast.Store(),
        ):
            return is_tuple(held, Origins(tree))
        case _:
            return False


@lru_cache(maxsize=64)
def _looking_functions(tree: ast.Module) -> frozenset[str]:
    """Names by which other files call what looks at how something is declared."""
    names = _lookers(tree) or {*_LOOKS}
    return frozenset(
        name
        for name, function in functions(tree)
        if any(True for _ in _looked_at(ast.walk(function), names))
    )


def _lookers(tree: ast.Module) -> set[str] | None:
    """Names by which a file calls what looks; none where it hands one of them on."""
    names = {*_LOOKS}
    called = {id(n.func) for n in nodes(tree) if isinstance(n, ast.Call)}
    imported = set[str]()
    for node in nodes(tree):
        match node:
            case ast.ImportFrom(module="inspect" | "funcsigs", names=aliases):
                imported.update(a.asname or a.name for a in aliases if a.name in _LOOKS)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(attr=look) as value):
                if look in _LOOKS:
                    names.add(name)
                    called.add(id(value))
            case _:
                pass
    for node in nodes(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="inspect"), attr=word):
                is_one = word in _LOOKS
            case ast.Name(id=word, ctx=ast.Load()):
                is_one = word in imported
            case _:
                continue
        if is_one and id(node) not in called:
            return None
    return names | imported


def _looked_at(parts: Iterable[ast.AST], names: Collection[str]) -> Iterator[ast.expr]:
    """What is looked at."""
    for node in parts:
        match node:
            case ast.Call(func=func, args=args, keywords=keywords) if last_name(func) in names:
                yield from (*args, *(keyword.value for keyword in keywords))
            case ast.Attribute(value=value, attr=name) if name in _SHOWS:
                yield value
            case _:
                pass
