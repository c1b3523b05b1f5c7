"""Drop what only removed code used: imports, and names in `__all__`."""

import ast
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import libcst as cst

from flagwright.core.wrapping import listing, mark
from flagwright.core.wrapping.codes import Codes
from flagwright.core.wrapping.fold import Fold, without_gap
from flagwright.core.wrapping.importline import bound_name, without_names
from flagwright.core.wrapping.tree import walked
from flagwright.core.wrapping.visitor import Visitor

_WORD = re.compile(r"[^\W\d]\w*")


def tidied(
    original: cst.Module,
    folded: cst.Module,
    fold: Fold,
    codes: Codes,
    used: Callable[[Collection[str]], set[str]],
    needed: Collection[str] = (),
    bound: Collection[str] = (),
) -> cst.Module:
    """The folded file without the imports that nothing uses any more.

    An import stays where the removed code did not use it, or where its mark says so.

    Args:
        used: Tells which names stand in statements that were not folded; those that were are
            looked at here.
        needed: Names that other files use.
        bound: Names that have a meaning in what was not opened.
    """
    imported = {name for node in folded.body for name in _bound(node)}
    defined = set(_defined(fold.removed))
    gone = (_names(fold.removed, imported, codes) | defined) & imported
    if gone:
        gone -= used(gone) | _protected(original, fold)
        old = {id(node) for node in original.body}
        new = [node for node in folded.body if id(node) not in old and not _is_import(node)]
        gone -= _names(new, gone, codes)
    gone = gone.difference(needed)
    body = _without_imports(folded.body, gone)
    unlisted = (gone | defined | fold.given_away) - _still_bound(body) - {*bound}
    body = [
        listing.without(node, unlisted) if unlisted and listing.is_listing_line(node) else node
        for node in body
    ]
    if body and folded.body and body[0] is not folded.body[0] and _is_import(folded.body[0]):
        body = without_gap(body)
    return folded.with_changes(body=body)


def _still_bound(body: Sequence[Any]) -> set[str]:
    return set(_defined(body)) | {name for node in body for name in _bound(node)}


def _protected(module: cst.Module, fold: Fold) -> set[str]:
    """Names of imports that stay whatever uses them: marked so, or as of this side.

    The lines above a first statement belong to the module in libcst.
    """
    found: set[str] = set()
    above = [*module.header]
    for node in module.body:
        above += mark.lines_above(node)
        for found_mark in mark.marks(above, fold.flag):
            if found_mark.side == "both":
                found.update(_bound(node))
            elif found_mark.side == fold.side:
                found.update(found_mark.names or _bound(node))
        above = []
    return found


def _without_imports(body: Iterable[Any], gone: set[str]) -> list[Any]:
    found: list[Any] = []
    gap: Sequence[cst.EmptyLine] = ()
    for node in body:
        if gap:
            node = _below(gap, node)  # noqa: PLW2901 # the same statement
            gap = ()
        if not _is_import(node):
            found.append(node)
            continue
        parts = [part for part in (without_names(part, gone) for part in node.body) if part]
        if len(parts) == len(node.body) and all(
            a is b for a, b in zip(parts, node.body, strict=True)
        ):
            found.append(node)
        elif parts:
            parts[-1] = parts[-1].with_changes(semicolon=node.body[-1].semicolon)
            found.append(node.with_changes(body=parts))
        elif not any(line.comment for line in mark.lines_above(node)):
            gap = mark.lines_above(node)
    return found


def _below(gap: Sequence[cst.EmptyLine], node: Any) -> Any:
    """A statement under the blank lines that an import before it had, if it has none itself."""
    above = mark.lines_above(node)
    return (
        node if above and not above[0].comment else node.with_changes(leading_lines=[*gap, *above])
    )


def _names(nodes: Iterable[cst.CSTNode], wanted: Collection[str], codes: Codes) -> set[str]:
    """What nodes use, of which only some names are wanted: most texts have none of them."""
    collector = _Names()
    trees: list[ast.stmt] = []
    for node in nodes:
        match node:
            case cst.IndentedBlock() | cst.BaseStatement():
                code = codes.of(node)
                if any(name in code for name in wanted):
                    head = "if 1:" * isinstance(node, cst.IndentedBlock)
                    trees += ast.parse(head + code).body
            case _:
                node.visit(collector)
    return collector.names | names_used(trees)


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


class _Names(Visitor):
    """Every name in a piece of code; words in annotations that are strings count."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        self.names.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def visit_Annotation(self, node: cst.Annotation) -> None:
        self.names.update(_WORD.findall(_code(node.annotation)))


def names_used(trees: Iterable[ast.stmt]) -> set[str]:
    """Names that statements use; words in annotations that are strings count."""
    found: set[str] = set()
    for node in walked(trees):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.arg | ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef):
            annotation = getattr(node, "annotation", getattr(node, "returns", None))
            for part in ast.walk(annotation) if annotation else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found.update(_WORD.findall(part.value))
    return found


def _defined(nodes: Iterable[cst.CSTNode]) -> Iterable[str]:
    """Names that definitions and plain assignments bind."""
    for node in nodes:
        match node:
            case cst.FunctionDef(name=name) | cst.ClassDef(name=name):
                yield name.value
            case cst.SimpleStatementLine(body=body):
                for part in body:
                    targets = part.targets if isinstance(part, cst.Assign) else []
                    yield from (t.target.value for t in targets if isinstance(t.target, cst.Name))
            case _:
                pass


def _bound(node: cst.CSTNode) -> Iterable[str]:
    if _is_import(node):
        for part in node.body:  # type: ignore[attr-defined] # a line of imports
            if not isinstance(part.names, cst.ImportStar):
                yield from (bound_name(alias) for alias in part.names)


def _is_import(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(part, cst.Import | cst.ImportFrom) for part in node.body
    )
