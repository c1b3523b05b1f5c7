"""Decide where a function asks for the flag, and write the question there.

A function asks once a call: inline where one run outside a loop needs the answer, else
into a local after the docstring. Functions defined inside ask by themselves where they
are all that changed there and outlive the call: an answer of the call that made them
would be stale.
"""

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import libcst as cst

from flagwright.core.wrapping.binding import names_in
from flagwright.core.wrapping.effect import Function
from flagwright.core.wrapping.frame import looks, looks_from_afar, outlives
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.visitor import Transformer
from flagwright.core.wrapping.whom import ForWhom

PLACEHOLDER = "__flagwright__"


@dataclass
class Reads:
    """The places of one function that need the answer."""

    own: int = 0
    in_loop: bool = False
    inner: list[tuple[cst.FunctionDef, Function, "Reads"]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.own or self.inner)

    @property
    def need_a_local(self) -> bool:
        """Whether one question in the place of the answer would not do."""
        return self.own != 1 or self.in_loop or bool(self.inner)

    def are_left_inside(self, before: Function, after: Function) -> bool:
        """Whether the inner functions that changed decide for themselves."""
        return not self.own and all(
            any(outlives(tree, inner) for tree in (before, after)) for _, inner, _ in self.inner
        )


class Reader:
    """Writes the check of one file: an expression, or a local that holds its answer."""

    def __init__(
        self,
        check: cst.BaseExpression,
        local: str,
        trees: Sequence[ast.Module],
        needs: Collection[str] = (),
    ) -> None:
        """Fit a check into the file whose two versions are given.

        Args:
            needs: Parameters that a function must have in order to ask.

        Raises:
            CannotWrap: `name-clash` where the file uses the placeholder.
        """
        taken = {name for tree in trees for name in names_in(tree)}
        if PLACEHOLDER in taken:
            raise refuse(1, "name-clash", f"the file uses `{PLACEHOLDER}`")
        self._check = check
        self.needs = frozenset(needs)
        asked = ast.parse(f"({cst.Module([]).code_for_node(check)})", mode="eval").body
        self._whom = ForWhom(asked, self.needs, trees)
        self._local = local
        while self._local in taken:
            self._local += "_flag" if not self._local.endswith("_flag") else "_"
        self._awaits = isinstance(check, cst.Await)
        self._looks = next((look for tree in trees for look in looks_from_afar(tree)), None)

    @property
    def asked(self) -> tuple[str, str]:
        """What the test of a guard is made of: the check, or the local that holds its answer."""
        return cst.Module([]).code_for_node(self._check), self._local

    @property
    def asks_anywhere(self) -> bool:
        """Whether any function can ask, whatever it takes."""
        return not self.needs and not self._awaits

    def shows(self, tree: Function) -> bool:
        """Whether code may see which locals a function has."""
        return next(looks(tree), self._looks) is not None

    def settle_inside(self, body: cst.BaseSuite, reads: Reads) -> cst.BaseSuite:
        """Put a check of its own into each inner function of a body."""
        settled = {id(node): self.settle(node, tree, inner) for node, tree, inner in reads.inner}
        replaced = body.visit(_Replace(settled))
        assert isinstance(replaced, cst.BaseSuite)
        return replaced

    def settle_script(self, body: cst.BaseSuite, line: int) -> cst.BaseSuite:
        """Put the check where the one placeholder of a block outside of functions is.

        Raises:
            CannotWrap: `convention` where nobody there can say for whom it asks.
        """
        if not self.asks_anywhere:
            raise refuse(line, "convention", "no function around could ask the flag client")
        filled = body.visit(_Fill(self._check))
        assert isinstance(filled, cst.BaseSuite)
        return filled

    def settle(self, node: cst.FunctionDef, tree: Function, reads: Reads) -> cst.FunctionDef:
        """Put the check where the placeholders of a function are.

        Raises:
            CannotWrap: `function-kind` for an async client in a plain function; `convention`
                where it cannot say for whom it asks; `scope` where the code looks at its locals.
        """
        if self._awaits and not isinstance(tree, ast.AsyncFunctionDef):
            raise refuse(
                tree.lineno, "function-kind", f"`{tree.name}` cannot await the flag client"
            )
        if because := self._whom.lacking(tree):
            raise refuse(tree.lineno, "convention", because)
        if not reads.need_a_local:
            return _filled(node, self._check)
        kept = [inner.name for _, inner, _ in reads.inner if outlives(tree, inner)]
        if kept and not reads.own:
            because = f"`{kept[0]}` outlives `{tree.name}`, and would keep the answer of that call"
            raise refuse(tree.lineno, "scope", because)
        if look := next(looks(tree), self._looks):
            raise refuse(tree.lineno, "scope", f"`{tree.name}` looks at its locals ({look})")
        return _with_local(_filled(node, cst.Name(self._local)), tree, self._local, self._check)


class _Replace(Transformer):
    def __init__(self, settled: dict[int, cst.FunctionDef]) -> None:
        super().__init__()
        self._settled = settled

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> bool:
        return False

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        return self._settled.get(id(original_node), updated_node)


class _Fill(Transformer):
    """Puts the check where a guard asks; only tests of an `if` do."""

    def __init__(self, check: cst.BaseExpression) -> None:
        super().__init__()
        self._check = check

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> bool:
        return False

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
