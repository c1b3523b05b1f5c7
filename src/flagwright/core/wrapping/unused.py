"""Drop what only named a flag or asked for it, once nothing in the repository uses it."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import libcst as cst


def unused(
    files: Mapping[str, bytes],
    named: Mapping[str, Collection[str]],
    before: Mapping[str, bytes],
) -> dict[str, set[str]]:
    """Names of a flag whose word stands in one place of all files: where it is bound.

    A public one that stood in no other place before either is there for code that is not here.

    Args:
        files: Every Python file, without the checks of the flag.
        named: What each file binds for the flag: `FLAG`, `Flags.NEW_TAX`, `use_new_tax()`.
        before: The same files as they are.
    """
    words = {word_of(name) for names in named.values() for name in names}
    words = {word for word in words if _times(word, files) == 1}
    words = {word for word in words if word.startswith(b"_") or _times(word, before) > 1}
    found = {
        path: {name for name in names if word_of(name) in words and not name.endswith(".value")}
        for path, names in named.items()
    }
    return {path: names for path, names in found.items() if names}


def without(text: bytes, names: Collection[str]) -> bytes:
    """A file without the statements that bind some names; a class keeps its last member."""
    module = cst.parse_module(text)
    body = [_kept(node, names) for node in module.body if not _binds(node, names, "")]
    return module.with_changes(body=body).bytes


def _times(word: bytes, files: Mapping[str, bytes]) -> int:
    return sum(count(word, text) for text in files.values())


def bound_at(tree: ast.Module, name: str) -> int:
    """The line at which a file binds such a name."""
    around, _, last = name.rstrip("()").rpartition(".")
    owners = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == around]
    for node in owners[0].body if owners else tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=bound)])
                | ast.AnnAssign(target=ast.Name(id=bound))
                | ast.FunctionDef(name=bound)
            ) if bound == last:
                return node.lineno
            case _:
                pass
    return 1


def made(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Arguments of calls whose answer has a name of the file, or of a class, from then on."""
    classes = [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in (node for body in (tree.body, *classes) for node in body):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=args))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(args=args))
            ):
                yield from ((id(argument), name) for argument in args)
            case _:
                pass


def _kept(node: Any, names: Collection[str]) -> Any:
    if not isinstance(node, cst.ClassDef) or not isinstance(node.body, cst.IndentedBlock):
        return node
    members = [m for m in node.body.body if not _binds(m, names, f"{node.name.value}.")]
    if not members or len(members) == len(node.body.body):
        return node
    return node.with_changes(body=node.body.with_changes(body=members))


def _binds(node: Any, names: Collection[str], around: str) -> bool:
    match node:
        case cst.FunctionDef(name=cst.Name(value=name)):
            return f"{around}{name}()" in names
        case (
            cst.SimpleStatementLine(
                body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])]
            )
            | cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(value=name))])
        ):
            return f"{around}{name}" in names
        case _:
            return False


def word_of(name: str) -> bytes:
    """What stands wherever such a name is used."""
    return name.rstrip("()").removesuffix(".value").rpartition(".")[2].encode()


def count(word: bytes, text: bytes) -> int:
    """How often a word stands in a text."""
    return len(re.findall(rb"\b" + word + rb"\b", text)) if word in text else 0
