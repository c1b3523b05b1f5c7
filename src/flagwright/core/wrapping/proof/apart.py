"""Read a function that hands whatever it was given to an inner one with parameters of its own.

It may ask, beside the flag, for what shows that only one version takes a call.
"""

import ast
import copy
import re
from typing import Any

from flagwright.core.wrapping.proof.lasting import Known, is_fixed, is_type


def hands_on_all(outer: Any, inner: Any, known: Known) -> bool:
    """Whether `inner(a, *args, **kwargs)` takes, and refuses, what a call of `outer` would.

    The header of the inner function is made at each call, which may make no difference.
    """
    first, own = [a.arg for a in outer.args.args], inner.args
    if untyped(outer.args) != ", ".join([*first, "*args", "**kwargs"]):
        return False
    if not _says_no_other(outer, inner, known):
        return False
    required = [a.arg for a in own.args[: len(own.args) - len(own.defaults)]]
    if required[: len(first)] != first or (first and own.posonlyargs):
        return False
    names = known.names - {*first, "args", "kwargs"}
    values = [*own.defaults, *filter(None, own.kw_defaults)]
    every = (*own.posonlyargs, *own.args, own.vararg, *own.kwonlyargs, own.kwarg)
    types = [inner.returns, *(a.annotation for a in every if a)]
    are_types = all(is_type(part, names) for part in types if part)
    return all(is_fixed(value, names) for value in values) and (known.defers or are_types)


def untyped(arguments: ast.arguments) -> str:
    """Parameters without what is said of their types."""
    bare = copy.deepcopy(arguments)
    for argument in (n for n in ast.walk(bare) if isinstance(n, ast.arg)):
        argument.annotation = None
    return ast.unparse(bare)


def _says_no_other(outer: Any, inner: Any, known: Known) -> bool:
    """Whether a header says the types that the inner one says, or that it may be anything."""
    types = {a.arg: a.annotation for a in inner.args.args}
    said = [(a.annotation, types.get(a.arg)) for a in outer.args.args]
    said += [(outer.returns, inner.returns)]
    said += [(star.annotation, None) for star in (outer.args.vararg, outer.args.kwarg)]
    anything = ast.dump(ast.Name("Any", ast.Load()))
    can_say = known.defers or "Any" in known.names
    return all(
        own is None
        or (can_say and ast.dump(own) == anything)
        or (other is not None and ast.dump(own) == ast.dump(other))
        for own, other in said
    )


def question_of(test: ast.expr) -> ast.expr:
    """The part of a question that is the answer of the flag."""
    for operator in (ast.And, ast.Or):
        if isinstance(test, ast.BoolOp) and isinstance(test.op, operator):
            test = test.values[0]
    return test


def is_told(test: ast.expr, outer: Any, on: Any, off: Any, known: Known) -> bool:
    """Whether a question has the answer of the flag for each call that the version of it takes."""
    left, not_new = _parts(test, ast.And)
    _, not_old = _parts(left, ast.Or)
    first = len(outer.args.args)
    is_hidden = not known.counts or any(a.arg == "len" for a in outer.args.args)
    if (not_new or not_old) and is_hidden:
        return False
    are_refused = all(_refuses(part, off.args, first) for part in not_old)
    return are_refused and all(_refuses(_turned(part), on.args, first) for part in not_new)


def _parts(test: ast.expr, operator: type[ast.boolop]) -> tuple[ast.expr, list[ast.expr]]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, operator):
        return test.values[0], test.values[1:]
    return test, []


def _turned(part: ast.expr) -> ast.expr:
    """What holds where a comparison does not."""
    turned: dict[type[ast.cmpop], ast.cmpop]
    turned = {ast.NotIn: ast.In(), ast.LtE: ast.Gt(), ast.GtE: ast.Lt()}
    turned |= {ast.In: ast.NotIn(), ast.Gt: ast.LtE()}
    match part:
        case ast.BoolOp(op=ast.Or(), values=[few, given]):
            return ast.BoolOp(ast.And(), [_turned(few), _turned(given)])
        case ast.Name():
            return ast.UnaryOp(ast.Not(), part)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name() as operand):
            return operand
        case ast.Compare(left=left, ops=[operator], comparators=[value]) if (
            type(operator) in turned
        ):
            return ast.Compare(left, [turned[type(operator)]], [value])
        case _:
            return ast.Constant(None)


def _refuses(part: ast.expr, own: ast.arguments, first: int) -> bool:
    """Whether a signature takes no call of which something is true.

    Args:
        first: How many of its parameters never are among `args` and `kwargs`.
    """
    by_place = len(own.posonlyargs) + len(own.args) - first
    required = by_place - len(own.defaults) + own.kw_defaults.count(None)
    text = ast.unparse(part)
    if found := re.fullmatch(r"'(\w+)' in kwargs", text):
        known = {a.arg for a in (*own.args, *own.kwonlyargs)}
        return own.kwarg is None and found[1] not in known
    if found := re.fullmatch(r"(?:not args|len\(args\) <= (\d+)) and '(\w+)' not in kwargs", text):
        at = first + int(found[1] or 0)
        places = [*own.posonlyargs, *own.args][: by_place + first - len(own.defaults)]
        return at >= len(own.posonlyargs) and [a.arg for a in places[at : at + 1]] == [found[2]]
    if found := re.fullmatch(r"'(\w+)' not in kwargs", text):
        by_name = zip(own.kwonlyargs, own.kw_defaults, strict=True)
        return found[1] in {a.arg for a, default in by_name if default is None}
    if text == "args":
        return own.vararg is None and by_place <= 0
    if found := re.fullmatch(r"len\(args\) > (\d+)", text):
        return own.vararg is None and int(found[1]) >= by_place
    if found := re.fullmatch(r"len\(args\) \+ len\(kwargs\) > (\d+)", text):
        is_open = own.vararg or own.kwarg
        return not is_open and int(found[1]) >= by_place + len(own.kwonlyargs)
    found = re.fullmatch(r"len\(args\) \+ len\(kwargs\) < (\d+)", text)
    return found is not None and int(found[1]) <= required
