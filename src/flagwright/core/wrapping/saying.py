"""Tell whether a function that asks for a flag by name says more than the answer.

What `client.is_enabled(name) and user.is_staff` gives is still open with the flag on. A default
where nothing is known, a look into settings, and an override of that very flag leave it the answer.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from enum import Enum
from typing import Final

from flagwright.core.wrapping.assigned import own_nodes, parameters_of
from flagwright.core.wrapping.effect import Function

_SETTINGS: Final = re.compile(
    r"(?i)(^|[._])(settings|config|conf|options|environ|env|getenv)([._]|$)"
)
_OF_FLAGS: Final = re.compile(r"(?i)(experiment|feature|flag|key|name|switch|toggle)")
"""How a parameter is called that gets the name of a flag."""


class _Said(Enum):
    """What an expression is worth once the flag has its answer."""

    YES = "yes"
    NO = "no"
    NOTHING = "nothing"
    """It stands for a default or an override, and says nothing of the flag."""
    OPEN = "open"


MOST_BRANCHES = 10
"""How many places that decide a function may have; with more, what it gives is open."""
_DECIDING = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.Match)
_OPPOSITE = {_Said.YES: _Said.NO, _Said.NO: _Said.YES}


def leaves_open(
    function: Function,
    asks: Callable[[ast.Call], bool],
    is_open: Callable[[ast.Call], bool],
    *,
    on: bool,
) -> bool:
    """Whether a function may say otherwise than a flag that is on, or off.

    Args:
        asks: Whether a call asks for a flag, whichever it is.
        is_open: Whether such a call itself may say otherwise.
    """
    if sum(isinstance(node, _DECIDING) for node in own_nodes(function)) > MOST_BRANCHES:
        return True
    found = set(_Reading(function, asks, is_open, on=on).results(function.body))
    return bool(found - {_Said.NOTHING, _Said.YES if on else _Said.NO})


class _Reading:
    """One function, read with the answer in place of the question."""

    def __init__(
        self,
        function: Function,
        asks: Callable[[ast.Call], bool],
        is_open: Callable[[ast.Call], bool],
        *,
        on: bool,
    ) -> None:
        self._asks, self._is_open = asks, is_open
        self._answer = _Said.YES if on else _Said.NO
        own = [*own_nodes(function)]
        given = [*parameters_of(function)]
        handed = [
            arg.id
            for call in own
            if isinstance(call, ast.Call) and asks(call)
            for arg in (*call.args, *(k.value for k in call.keywords))
            if isinstance(arg, ast.Name) and arg.id in given
        ]
        self._names = {name for name in handed if _OF_FLAGS.search(name)} or {*handed[:1]}
        self._given = {*given} - self._names - {"self", "cls"}
        self._locals: dict[str, list[ast.expr]] = {}
        for node in own:
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.NamedExpr(target=ast.Name(id=name), value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    self._locals.setdefault(name, []).append(value)
                case _:
                    pass

    def results(self, body: Sequence[ast.stmt]) -> Iterator[_Said]:
        """What the function may give from some statements on."""
        for at, node in enumerate(body):
            rest = body[at + 1 :]
            match node:
                case ast.Return(value=None):
                    yield _Said.NOTHING
                    return
                case ast.Return(value=ast.expr() as value):
                    is_given = isinstance(value, ast.Name) and value.id in self._given
                    yield _Said.NOTHING if is_given else self._value(value)
                    return
                case ast.If(test=test, body=one, orelse=other):
                    yield from self._branches(test, [*one, *rest], [*other, *rest])
                    return
                case ast.Try(body=tried, orelse=then, finalbody=last):
                    yield from self.results([*tried, *then, *last, *rest])
                    return
                case ast.With(body=inner) | ast.AsyncWith(body=inner):
                    yield from self.results([*inner, *rest])
                    return
                case ast.For(iter=over, body=inner) | ast.AsyncFor(iter=over, body=inner):
                    yield from self._branch(self.results(inner), is_open=self._depends(over))
                case ast.While() | ast.Match():
                    inner = [n for n in own_nodes(node) if isinstance(n, ast.Return)]
                    found = (each for n in inner for each in self.results([n]))
                    yield from self._branch(found, is_open=True)
                case ast.Raise():
                    return
                case _:
                    pass

    def _branches(
        self, test: ast.expr, one: Sequence[ast.stmt], other: Sequence[ast.stmt]
    ) -> Iterator[_Said]:
        said = self._value(test)
        is_open = said is _Said.OPEN or (said is _Said.NOTHING and self._depends(test))
        if said is not _Said.NO:
            found = self.results(one)
            yield from found if said is _Said.YES else self._branch(found, is_open=is_open)
        if said is not _Said.YES:
            found = self.results(other)
            yield from found if said is _Said.NO else self._branch(found, is_open=is_open)

    def _branch(self, found: Iterable[_Said], *, is_open: bool) -> Iterator[_Said]:
        """What is given where something else decides: a plain yes or no is a default then."""
        for each in found:
            is_plain = each in _OPPOSITE and each is not self._answer
            yield _Said.NOTHING if is_plain and not is_open else each

    def _depends(self, node: ast.AST) -> bool:
        return any(self._says(inner) for inner in ast.walk(node) if isinstance(inner, ast.expr))

    def _value(self, node: ast.expr) -> _Said:
        match node:
            case ast.Constant(value=bool() | None as value):
                return _Said.YES if value else _Said.NO
            case ast.Await(value=inner) | ast.NamedExpr(value=inner):
                return self._value(inner)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                said = self._value(inner)
                return _OPPOSITE.get(said, said)
            case ast.Call(func=ast.Name(id="bool"), args=[inner], keywords=[]):
                return self._value(inner)
            case ast.Call(
                func=ast.Name(id="any" | "all" as every), args=[ast.GeneratorExp(elt=inner)]
            ):
                said = self._value(inner)
                return said if said is (_Said.NO if every == "any" else _Said.YES) else _Said.OPEN
            case ast.Compare(left=inner, ops=[ast.Is() | ast.Eq()], comparators=[right]) if (
                isinstance(right, ast.Constant) and right.value is True
            ):
                return self._value(inner)
            case ast.BoolOp(op=op, values=parts):
                return self._joined(map(self._value, parts), is_or=isinstance(op, ast.Or))
            case ast.IfExp(test=test, body=one, orelse=other):
                return self._chosen(test, one, other)
            case ast.Name(id=name) if values := self._locals.pop(name, None):
                found = self._one_of({self._value(value) for value in values})
                self._locals[name] = values
                return found
            case ast.Call() if self._asks(node) and self._is_asked_by_name(node):
                return _Said.OPEN if self._is_open(node) else self._answer
            case _:
                return _Said.OPEN if self._depends(node) else _Said.NOTHING

    def _joined(self, parts: Iterator[_Said], *, is_or: bool) -> _Said:
        found = {*parts} - {_Said.NOTHING}
        decides, other = (_Said.YES, _Said.NO) if is_or else (_Said.NO, _Said.YES)
        if decides in found:
            return decides
        return _Said.OPEN if _Said.OPEN in found else other if found else _Said.NOTHING

    def _chosen(self, test: ast.expr, one: ast.expr, other: ast.expr) -> _Said:
        said = self._value(test)
        if said in (_Said.YES, _Said.NO):
            return self._value(one if said is _Said.YES else other)
        is_open = said is _Said.OPEN or self._depends(test)
        return self._one_of({*self._branch(map(self._value, (one, other)), is_open=is_open)})

    def _one_of(self, found: Collection[_Said]) -> _Said:
        left = {*found} - {_Said.NOTHING}
        return left.pop() if len(left) == 1 else _Said.OPEN if left else _Said.NOTHING

    def _is_asked_by_name(self, call: ast.Call) -> bool:
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        return any(isinstance(value, ast.Name) and value.id in self._names for value in values)

    def _says(self, node: ast.expr) -> bool:
        """Whether an expression depends on more than settings and the flag's own name."""
        match node:
            case ast.Attribute(value=ast.Name(id=name)) | ast.Subscript(value=ast.Name(id=name)):
                return name in self._given
            case ast.Compare(left=left, comparators=others):
                walked = (n for part in (left, *others) for n in ast.walk(part))
                named = {n.id for n in walked if isinstance(n, ast.Name)} & self._given
                return bool(named) and not any(
                    isinstance(n, ast.Constant) and n.value is None for n in others
                )
            case ast.Call(func=func, args=args, keywords=keywords):
                if self._asks(node):
                    return not self._is_asked_by_name(node)
                values = [*args, *(keyword.value for keyword in keywords)]
                walked = (n for value in values for n in ast.walk(value))
                names = {n.id for n in walked if isinstance(n, ast.Name)}
                is_about = bool(names & self._names) or _SETTINGS.search(ast.unparse(func))
                return bool(names & self._given) or not is_about
            case _:
                return False
