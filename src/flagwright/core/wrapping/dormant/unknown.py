"""Tell whether a class that answers for unknown names by itself fails for a given one.

Only what its `__getattr__` shows for certain counts: tests of the name alone, and a plain end.
"""

import ast
from collections.abc import Callable, Sequence

from flagwright.core.wrapping.effect import FUNCTIONS, last_name

_OF_TEXT: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_COMPARED: dict[type[ast.cmpop], Callable[[object, object], bool]] = {
    ast.Eq: lambda one, other: one == other,
    ast.NotEq: lambda one, other: one != other,
}


def answers_for(owner: ast.ClassDef, name: str, bound: set[str]) -> bool:
    """Whether the class may give something for a name that no object of it has.

    Args:
        bound: What its body and its methods give a meaning.
    """
    own = [n for n in owner.body if isinstance(n, FUNCTIONS) and n.name == "__getattr__"]
    if not {"__getattr__", "__getattribute__"} & bound:
        return False
    if "__getattribute__" in bound or len(own) != 1 or own[0].decorator_list:
        return True
    own_name, asked = ([argument.arg for argument in own[0].args.args] + ["", ""])[:2]
    if not asked or any(_binds(node, asked) for node in ast.walk(own[0])):
        return True
    return not _fails(own[0].body, own_name, asked, name)


def _binds(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


def _fails(body: Sequence[ast.stmt], own: str, asked: str, name: str) -> bool:
    """Whether a block certainly ends in AttributeError when it is asked for a name."""
    for node in body:
        match node:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.If(test=test, body=inner, orelse=[]):
                answer = _holds(test, asked, name)
                if answer is not False:
                    return bool(answer) and _fails(inner, own, asked, name)
            case ast.Raise(exc=ast.Name("AttributeError") | ast.Call(ast.Name("AttributeError"))):
                return True
            case ast.Return(value=ast.expr() as value):
                return _looks_up(value, own, asked)
            case _:
                return False
    return False


def _looks_up(value: ast.expr, own: str, asked: str) -> bool:
    """Whether an expression looks for a name as Python itself does, and so does not find it."""
    if isinstance(value, ast.Call) and last_name(value.func) == "cast" and value.args[1:]:
        value = value.args[1]
    text = ast.unparse(value)
    return text in (
        f"object.__getattribute__({own}, {asked})",
        f"super().__getattribute__({asked})",
    )


def _holds(test: ast.expr, asked: str, name: str) -> bool | None:
    """What a test of the name alone gives; none where it asks for anything else."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            answer = _holds(inner, asked, name)
            return None if answer is None else not answer
        case ast.BoolOp(op=op, values=parts):
            stops = isinstance(op, ast.Or)
            for answer in (_holds(part, asked, name) for part in parts):
                if answer is None or answer is stops:
                    return answer
            return not stops
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=found), attr=word),
            args=[ast.Constant(value=str(text))],
            keywords=[],
        ) if found == asked and word in _OF_TEXT:
            return _OF_TEXT[word](name, text)
        case ast.Compare(left=ast.Name(id=found), ops=[op], comparators=[value]) if found == asked:
            return _compared(op, value, name)
        case _:
            return None


def _compared(op: ast.cmpop, value: ast.expr, name: str) -> bool | None:
    match value:
        case ast.Constant(value=str(text)) if type(op) in _COMPARED:
            return _COMPARED[type(op)](name, text)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            texts = [part.value for part in parts if isinstance(part, ast.Constant)]
            if len(texts) == len(parts) and isinstance(op, ast.In | ast.NotIn):
                return (name in texts) is isinstance(op, ast.In)
            return None
        case _:
            return None
