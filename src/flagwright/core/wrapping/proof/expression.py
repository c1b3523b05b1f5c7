"""Put the answer of a flag in the place of each question, in trees of the standard library.

Expressions only: what becomes of statements is the business of `answered`.
"""

import ast
from collections.abc import Collection, Sequence
from typing import Any

from flagwright.core.wrapping.proof.usage import no_answers
from flagwright.core.wrapping.sound import asked_flag


class Answering:
    """Folds the expressions of one file, bottom up; answers are known by identity."""

    def __init__(self, tree: ast.Module, flag: str, spelled: Collection[str], *, on: bool) -> None:
        """`spelled` are other ways in which the file names the flag, or asks for it."""
        self._tree, self._flag, self._spelled, self._on = tree, flag, spelled, on
        self._known: dict[int, tuple[ast.AST, bool]] = {}
        self._settled: dict[int, tuple[ast.AST, bool]] = {}
        """Expressions whose truth is known, but not their value."""
        self._no_answers = no_answers(tree, self._has_form)

    def _compound(self, node: Any, held: dict[str, bool]) -> Any:
        """A statement, a handler or a case with its blocks."""
        raise NotImplementedError

    def _part(self, node: Any, held: dict[str, bool]) -> Any:
        if isinstance(node, list):
            return [self._part(item, held) for item in node]
        if not isinstance(node, ast.AST):
            return node
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in held:
            return self._constant(held[node.id], node)
        if self._asks(node):
            return self._constant(self._on, node)
        if isinstance(node, ast.NamedExpr) and node.target.id in held:
            value = self._part(node.value, held)
            answered = self._answer(value) is not None
            return value if answered else ast.copy_location(ast.NamedExpr(node.target, value), node)
        if isinstance(node, ast.match_case):
            return self._compound(node, held)
        if isinstance(node, ast.ExceptHandler):
            return self._compound(node, held)
        if isinstance(node, ast.Lambda):
            hidden = {n.arg for n in ast.walk(node.args) if isinstance(n, ast.arg)}
            held = {name: answer for name, answer in held.items() if name not in hidden}
        fields = {name: self._part(value, held) for name, value in ast.iter_fields(node)}
        return self._folded(ast.copy_location(type(node)(**fields), node))

    def _folded(self, node: Any) -> Any:
        if isinstance(node, ast.If | ast.While | ast.Assert | ast.IfExp):
            node.test = self._truth(node.test)
        match node:
            case ast.Await(value=value) if (answer := self._answer(value)) is not None:
                return self._constant(answer, node)
            case ast.UnaryOp(op=ast.Not(), operand=value):
                node.operand = self._truth(value)
                known = self._answer(node.operand)
                return node if known is None else self._constant(not known, node)
            case ast.BoolOp(op=op, values=values):
                return self._joined(op, values)
            case ast.IfExp(test=test) if (answer := self._answer(test)) is not None:
                return node.body if answer else node.orelse
            case ast.Compare(
                left=left,
                ops=[ast.Is() | ast.Eq() | ast.IsNot() | ast.NotEq() as operator],
                comparators=[ast.Constant(value=bool() as word) as right],
            ) if (answer := self._answer(left)) is not None and self._answer(right) is None:
                differs = isinstance(operator, ast.IsNot | ast.NotEq)
                return self._constant((answer == word) != differs, node)
            case ast.match_case(pattern=pattern, guard=ast.expr() as guard):
                node.guard = self._truth(guard)
                if self._answer(node.guard) and not _takes_all(pattern):
                    node.guard = None
                return node
            case ast.comprehension(ifs=ifs):
                tests = [self._truth(test) for test in ifs]
                node.ifs = [test for test in tests if not self._answer(test)]
                return node
            case _:
                return node

    def _joined(self, op: ast.boolop, values: Sequence[Any]) -> Any:
        """Left to right, as it runs; what is skipped must do nothing."""
        decides = isinstance(op, ast.Or)
        found, *rest = values
        for value in rest:
            if isinstance(found, ast.BoolOp) and type(found.op) is type(op):
                found = self._without_last(found)
            left, right = self._answer(found), self._answer(value)
            known = self._settled_as(found)
            if left is not None:
                found = found if left == decides else value
            elif known is not None and known != decides:
                found = value
            else:
                ends = _does_nothing(found) and decides in (right, self._settled_as(value))
                is_alike = isinstance(found, ast.BoolOp) and type(found.op) is type(op)
                first = found.values if is_alike else [found]
                found = ast.copy_location(ast.BoolOp(op, [*first, value]), first[0])
                if known == decides or ends:
                    self._settled[id(found)] = (found, decides)
        return found

    def _settled_as(self, node: ast.AST) -> bool | None:
        return self._settled[id(node)][1] if id(node) in self._settled else None

    def _truth(self, node: Any) -> Any:
        """An expression of which only the truth counts."""
        known = self._settled_as(node)
        return self._without_last(node) if known is None else self._constant(known, node)

    def _without_last(self, node: Any) -> Any:
        """The same without a last answer that decides nothing of its truth."""
        if not isinstance(node, ast.BoolOp):
            return node
        if self._answer(node.values[-1]) is not isinstance(node.op, ast.And):
            return node
        first, *more = node.values[:-1]
        rest = ast.BoolOp(node.op, [first, *more]) if more else first
        return self._without_last(ast.copy_location(rest, first))

    def _asks(self, node: ast.AST) -> bool:
        return id(node) not in self._no_answers and self._has_form(node)

    def _has_form(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            return isinstance(node.func, ast.Name) and f"{node.func.id}()" in self._spelled
        if not isinstance(node, ast.Call | ast.Subscript):
            return False
        if isinstance(node, ast.Subscript):
            return asked_flag(ast.Subscript(node.value, self._plain(node.slice), node.ctx)) == (
                self._flag
            )
        args = [self._plain(a) for a in node.args]
        keywords = [ast.keyword(k.arg, self._plain(k.value)) for k in node.keywords]
        return asked_flag(ast.Call(node.func, args, keywords)) == self._flag

    def _plain(self, node: ast.expr) -> ast.expr:
        """The flag's name, however it is spelled."""
        is_name = isinstance(node, ast.Name | ast.Attribute)
        return ast.Constant(self._flag) if is_name and ast.unparse(node) in self._spelled else node

    def _constant(self, answer: bool, at: ast.AST) -> ast.Constant:  # noqa: FBT001 # the answer
        node = ast.copy_location(ast.Constant(answer), at)
        self._known[id(node)] = (node, answer)
        return node

    def is_answer(self, node: ast.AST) -> bool:
        """Whether a constant is the answer of the flag, and not one that somebody wrote."""
        return id(node) in self._known

    def _answer(self, node: ast.AST) -> bool | None:
        return self._known[id(node)][1] if id(node) in self._known else None


def _does_nothing(node: ast.expr) -> bool:
    """Whether nobody can tell if an expression runs, but by what it gives."""
    parts = [part for part in ast.walk(node) if isinstance(part, ast.expr)]
    plain = (ast.Name, ast.Constant, ast.BoolOp)
    return all(
        isinstance(part, plain)
        or (isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Not))
        or (
            isinstance(part, ast.Compare)
            and all(isinstance(operator, ast.Is | ast.IsNot) for operator in part.ops)
        )
        for part in parts
    )


def _takes_all(pattern: ast.pattern) -> bool:
    """Whether a pattern fits whatever there is, so that only a last case may have it bare."""
    match pattern:
        case ast.MatchAs(pattern=inner):
            return inner is None or _takes_all(inner)
        case ast.MatchOr(patterns=parts):
            return any(map(_takes_all, parts))
        case _:
            return False


def taken_case(cases: Sequence[ast.match_case], answer: bool) -> list[ast.stmt] | None:  # noqa: FBT001 # the answer
    """What an answer runs of a `match`; none where a case asks for more than the answer."""
    for case in cases:
        match case.pattern:
            case ast.MatchSingleton(value=bool() as value) if case.guard is None:
                if value == answer:
                    return case.body
            case ast.MatchAs(pattern=None, name=None) if case.guard is None:
                return case.body
            case _:
                return None
    return []
