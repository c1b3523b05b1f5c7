"""Tell whose docstrings a file reads: there they are behaviour, elsewhere they simply ship."""

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from flagwright.core.wrapping.effect import FUNCTIONS, last_name
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.source import Source
from flagwright.core.wrapping.tree import nodes, of_kind

_READING = ("__doc__", "getdoc")
_OF_MODULES = {"modules", "import_module", "__import__", "getmodule", "__self__"}
_OF_MODULES |= {"globals", "locals", "vars", "eval", "exec", "__globals__", "f_globals"}
"""What may give a file itself as an object, or what is in it by name."""


def check_docstrings(before: Source, after: Source) -> None:
    """Refuse a docstring that changes and that the file may read.

    Raises:
        CannotWrap: `import-time`.
    """
    if not any(word in v.text for v in (before, after) for word in ("__doc__", "getdoc")):
        return
    if name := read_docstring_that_changes(before.tree, after.tree):
        what = "the file" if name == "-" else f"`{name}`"
        reader = reader_of_docstrings(after.tree) or reader_of_docstrings(before.tree)
        because = f"the docstring of {what} changes, and line {reader} reads docstrings"
        raise refuse(line_of(name, after.tree), "import-time", because)


def read_docstring_that_changes(before: ast.Module, after: ast.Module) -> str | None:
    """The definition whose docstring changes where docstrings are read; `-` is the file itself."""
    both = (*of_kind(before, ast.Name), *of_kind(after, ast.Name))
    reads_own = any(node.id == "__doc__" for node in both)
    read = {name for tree in (before, after) for name in _read_by_name(tree)}
    if not reads_own and not read:
        return None
    old, new = dict(_docstrings(before)), dict(_docstrings(after))
    changed = [name for name in old if name in new and old[name] != new[name]]
    if "" in read:
        read |= {name for tree in (before, after) for name in _handed_on(tree)}
        every = (node for tree in (before, after) for node in nodes(tree))
        reads_own = reads_own or any(last_name(node) in _OF_MODULES for node in every)
    return next(
        (n for n in changed if (reads_own if n == "-" else n.rpartition(".")[2] in read)), None
    )


def line_of(name: str, tree: ast.Module) -> int:
    """Where a definition stands, by its full name; 1 for the file itself."""
    found = (node for each, node in _documented(tree) if each == name)
    return int(getattr(next(found, tree), "lineno", 1))


def reader_of_docstrings(tree: ast.Module) -> int:
    """The first line that reads a docstring; 0 where none does."""
    return min((n.lineno for n in nodes(tree) if last_name(n) in _READING), default=0)  # type: ignore[attr-defined] # names


def _read_by_name(tree: ast.Module) -> Iterator[str]:
    """Whose docstring a version reads: `f` of `f.__doc__`; empty for that of whatever it gets."""
    others = {n.id for n in nodes(tree) if isinstance(n, ast.Name) and type(n.ctx) is not ast.Load}
    others |= {n.arg for n in nodes(tree) if isinstance(n, ast.arg)}
    others |= {n.attr for n in nodes(tree) if isinstance(n, ast.Attribute) and _is_set(n)}
    own = {n.name for n in nodes(tree) if isinstance(n, (*FUNCTIONS, ast.ClassDef))} - others
    for node in nodes(tree):
        match node:
            case ast.Attribute(
                value=ast.Attribute(value=ast.Name(id=owner), attr=name),
                attr="__doc__",
                ctx=ast.Load(),
            ):
                yield name if owner[:1].isupper() and not {owner, name} & others else ""
            case ast.Attribute(value=value, attr="__doc__", ctx=ast.Load()):
                is_own = isinstance(value, ast.Name) and value.id in own
                yield value.id if is_own else ""  # type: ignore[attr-defined] # a name
            case ast.Attribute(attr="getdoc"):
                yield ""
            case _:
                pass


def _is_set(node: ast.Attribute) -> bool:
    return type(node.ctx) is not ast.Load


def _handed_on(tree: ast.Module) -> Iterator[str]:
    """Names of definitions that code may come by as values: used without a call, or decorated."""
    called = {id(node.func) for node in nodes(tree) if isinstance(node, ast.Call)}
    listed = {id(part) for value in _lists_nobody_reads(tree) for part in ast.walk(value)}
    for node in nodes(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if id(node) not in called:
                yield name
            case ast.Constant() if id(node) in listed:
                pass
            case ast.ClassDef(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if node.decorator_list:
                    yield name
            case ast.Constant(value=str(text)):
                yield text
            case _:
                pass


def _lists_nobody_reads(tree: ast.Module) -> list[ast.expr]:
    """The value of `__all__`, where the file itself does not go through it."""
    found = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    named = [n for n in nodes(tree) if isinstance(n, ast.Name) and n.id == "__all__"]
    return found if len(named) == len(found) == 1 else []


def _docstrings(tree: ast.Module) -> Iterable[tuple[str, str | None]]:
    return ((name, ast.get_docstring(node, clean=False)) for name, node in _documented(tree))


def _documented(tree: ast.Module) -> Iterable[tuple[str, Any]]:
    """What may have a docstring, by its full name; `-` is the file itself."""
    stack: list[tuple[str, Any]] = [("-", tree)]
    while stack:
        name, node = stack.pop()
        yield name, node
        inner = [n for n in node.body if isinstance(n, (*FUNCTIONS, ast.ClassDef))]
        stack += [(f"{name}.{n.name}".removeprefix("-."), n) for n in inner]
