"""Read a wrapped file as it runs on one side of its flag: syntax trees only.

Knows the three forms that wrapping writes (the check or its local as a test, its
negation, and marks) and nothing else, so that it cannot be lenient.
"""

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Folded:
    """One side of a wrapped file. Its nodes keep the line numbers of the wrapped text."""

    tree: ast.Module
    extra: list[tuple[int, str]] = field(default_factory=list)
    """Line and name of what stands in the file but belongs to the other side alone."""


def fold(wrapped: ast.Module, text: str, flag: str, check: str, *, on: bool) -> Folded:
    """The tree of one side. Shares nodes with `wrapped`, which is not changed."""
    folder = _Folder(text, flag, check, on=on)
    tree = folder.visit_node(wrapped, frozenset())
    assert isinstance(tree, ast.Module)
    return Folded(tree, folder.extra)


class _Folder:
    def __init__(self, text: str, flag: str, check: str, *, on: bool) -> None:
        self._check = ast.dump(ast.parse(check, mode="eval").body)
        self._on = on
        self._marks = _marks(text, flag)
        self.extra: list[tuple[int, str]] = []

    def visit_node(self, node: Any, names: frozenset[str]) -> Any:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = self._held_in(node, names)
        if not isinstance(node, ast.AST):
            return node
        fields = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                fields[name] = self._items(value, names)
            else:
                fields[name] = self.visit_node(value, names)
        return ast.copy_location(type(node)(**fields), node)

    def _items(self, items: list[Any], names: frozenset[str]) -> list[Any]:
        found: list[Any] = []
        for item in items:
            if not isinstance(item, ast.stmt):
                found.append(self.visit_node(item, names))
            elif not self._belongs(item) or self._is_hoist(item, names):
                continue
            elif (
                isinstance(item, ast.If) and (answer := self._answer(item.test, names)) is not None
            ):
                found += self._items(item.body if answer else item.orelse, names)
            else:
                found.append(self.visit_node(item, names))
        return found

    def _answer(self, test: ast.expr, names: frozenset[str]) -> bool | None:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self._answer(test.operand, names)
            return None if inner is None else not inner
        held = isinstance(test, ast.Name) and test.id in names
        return self._on if held or ast.dump(test) == self._check else None

    def _held_in(self, node: Any, outer: frozenset[str]) -> frozenset[str]:
        """The local that holds the answer; it must be bound once, by an assignment at the top."""
        found = {
            s.targets[0].id
            for s in node.body[:2]
            if isinstance(s, ast.Assign)
            and isinstance(s.targets[0], ast.Name)
            and ast.dump(s.value) == self._check
        }
        stores = [
            n.id
            for n in ast.walk(node)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store | ast.Del)
        ]
        arguments = {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}
        return (outer - arguments - set(stores)) | {n for n in found if n not in arguments}

    def _is_hoist(self, node: ast.stmt, names: frozenset[str]) -> bool:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            return False
        target = node.targets[0]
        return (
            isinstance(target, ast.Name)
            and target.id in names
            and ast.dump(node.value) == self._check
        )

    def _belongs(self, node: ast.stmt) -> bool:
        """Whether a statement is of this side, by the mark above it."""
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        side = self._marks.get(first)
        if side is None or side == "both" or (side == "on") == self._on:
            return True
        if not isinstance(node, ast.Import | ast.ImportFrom):
            self.extra += [(first, name) for name in _names_bound(node)]
        return False


def _marks(text: str, flag: str) -> dict[int, str]:
    """Side by the line of the statement right below each mark."""
    pattern = re.compile(rf"[ \t]*# flag {re.escape(flag)}: (on|off|both)( \([\w, ]+\))?\r?")
    lines = text.split("\n")
    found = {}
    for index, line in enumerate(lines):
        if match := pattern.fullmatch(line):
            found[index + 2] = "both" if match[2] else match[1]
    return found


def _names_bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    return [
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]


# --- what is compared


def strict(tree: ast.Module) -> str:
    """Everything but imports outside functions and the content of `__all__`."""
    return ast.dump(_Strip(None).visit(_copy(tree)))


def without_neutral(tree: ast.Module, plain: Collection[str], readers: Collection[str]) -> str:
    """The same without docstrings, `pass` and annotations that nothing reads."""
    imported = {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        for part in (
            alias.name.partition(".")[0],
            (getattr(node, "module", "") or "").partition(".")[0],
        )
    }
    names = frozenset() if imported & set(readers) else frozenset(plain)
    return ast.dump(_Strip(names).visit(_copy(tree)))


def _copy(node: Any) -> Any:
    """A tree of its own; quicker than `deepcopy`."""
    if isinstance(node, list):
        return [_copy(item) for item in node]
    if not isinstance(node, ast.AST):
        return node
    return type(node)(**{name: _copy(value) for name, value in ast.iter_fields(node)})


class _Strip(ast.NodeTransformer):
    """Removes what a comparison leaves out. `plain` is none for a strict one."""

    def __init__(self, plain: frozenset[str] | None) -> None:
        self._plain = plain
        self._functions = 0

    def visit_Import(self, node: ast.Import) -> Any:
        return node if self._functions else None

    visit_ImportFrom = visit_Import  # type: ignore[assignment] # the same rule

    def visit_Assign(self, node: ast.Assign) -> Any:
        if not self._functions and ast.unparse(node.targets[0]) == "__all__":
            return None
        node.type_comment = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if self._plain is None or not self._functions or not isinstance(node.target, ast.Name):
            return self.generic_visit(node)
        if node.value is None:
            node.annotation = ast.Constant(None)
            return node
        return self.generic_visit(ast.Assign(targets=[node.target], value=node.value))

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        outer, self._functions = self._functions, 0
        self.generic_visit(node)
        self._functions = outer
        return node

    def visit_FunctionDef(self, node: Any) -> Any:
        self._functions += 1
        self.generic_visit(node)
        self._functions -= 1
        if self._plain is not None and all(_last(d) in self._plain for d in node.decorator_list):
            node.returns = None
            for arg in ast.walk(node.args):
                if isinstance(arg, ast.arg):
                    arg.annotation = None
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Pass(self, node: ast.Pass) -> Any:
        return None if self._plain is not None else node

    def visit_Expr(self, node: ast.Expr) -> Any:
        if self._plain is not None and isinstance(node.value, ast.Constant):
            return None
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> Any:
        if self._plain is not None and not node.orelse and _last(node.test) == "TYPE_CHECKING":
            return None
        return self.generic_visit(node)


def _last(node: ast.AST) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return getattr(node, "attr", getattr(node, "id", ""))
