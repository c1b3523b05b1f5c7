"""Decide where a function asks for the flag, and write the question there.

A function asks once a call: inline where one run outside a loop needs the answer, else
into a local after the docstring. What is defined inside a function asks by itself only
when it is all that changed there and outlives the call.
"""

import ast
from collections.abc import Collection
from dataclasses import dataclass, field

import libcst as cst

from flagwright.core.wrapping.effect import Function
from flagwright.core.wrapping.refusal import refuse

PLACEHOLDER = "__flagwright__"
_SEES_LOCALS = {"locals", "vars", "dir", "eval", "exec"}


@dataclass
class Reads:
    """The places of one function that need the answer."""

    own: int = 0
    in_loop: bool = False
    inner: list[tuple[cst.FunctionDef, Function, "Reads"]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.own or self.inner)

    def can_be_left_inside(self, before: Function, after: Function) -> bool:
        """Whether the one inner function that changed decides for itself."""
        if self.own or len(self.inner) != 1:
            return False
        name = self.inner[0][1]
        return any(_outlives(tree, name) for tree in (before, after))


class Reader:
    """Writes the check of one file: an expression, or a local that holds its answer."""

    def __init__(self, check: cst.BaseExpression, local: str, taken: Collection[str]) -> None:
        """`taken` are all names of both versions of the file."""
        self._check = check
        self._local = local
        while self._local in taken:
            self._local += "_flag" if not self._local.endswith("_flag") else "_"
        self._awaits = isinstance(check, cst.Await)

    def settle(self, node: cst.FunctionDef, tree: Function, reads: Reads) -> cst.FunctionDef:
        """Put the check where the placeholders of a function are.

        Raises:
            CannotWrap: `function-kind` for an async client in a plain function; `scope`
                where the code looks at its own locals.
        """
        if self._awaits and not isinstance(tree, ast.AsyncFunctionDef):
            raise refuse(
                tree.lineno, "function-kind", f"`{tree.name}` cannot await the flag client"
            )
        if reads.own == 1 and not reads.in_loop and not reads.inner:
            return _filled(node, self._check)
        kept = [inner.name for _, inner, _ in reads.inner if _outlives(tree, inner)]
        if kept and not reads.own:
            because = f"`{kept[0]}` outlives `{tree.name}`, and would keep the answer of that call"
            raise refuse(tree.lineno, "scope", because)
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        if seen := sorted(names & _SEES_LOCALS):
            raise refuse(tree.lineno, "scope", f"`{tree.name}` looks at its locals ({seen[0]})")
        return _with_local(_filled(node, cst.Name(self._local)), tree, self._local, self._check)


class _Fill(cst.CSTTransformer):
    def __init__(self, check: cst.BaseExpression) -> None:
        super().__init__()
        self._check = check

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self._check.deep_clone() if original_node.value == PLACEHOLDER else updated_node


def _filled(node: cst.FunctionDef, check: cst.BaseExpression) -> cst.FunctionDef:
    filled = node.visit(_Fill(check))
    assert isinstance(filled, cst.FunctionDef)
    return filled


def _with_local(
    node: cst.FunctionDef, tree: Function, name: str, check: cst.BaseExpression
) -> cst.FunctionDef:
    """Ask once, in the first line after the docstring."""
    assign = cst.Assign([cst.AssignTarget(cst.Name(name))], check)
    body = list(node.body.body)
    at = int(ast.get_docstring(tree, clean=False) is not None)
    line = cst.SimpleStatementLine([assign])
    return node.with_changes(body=node.body.with_changes(body=[*body[:at], line, *body[at:]]))


def _outlives(outer: Function, inner: Function) -> bool:
    """Whether an inner function may be called when the outer one is done (or by its caller)."""
    if inner.decorator_list or isinstance(inner, ast.AsyncFunctionDef):
        return True
    if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(inner)):
        return True
    called = {
        id(n.func)
        for n in _nodes_of_scope(outer)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    return any(
        isinstance(n, ast.Name) and n.id == inner.name and id(n) not in called
        for n in ast.walk(outer)
    )


def _nodes_of_scope(outer: Function) -> list[ast.AST]:
    """Nodes of a function without those of functions, lambdas and classes inside it."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = list(outer.body)
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            stack.extend(ast.iter_child_nodes(node))
    return found
