"""Tell whether a decorator of the repository does nothing but wrap what it is above.

Its code is read: it may define inner functions and give one of them back, or what it was
given, and nothing else may run. So it registers nobody, calls nobody, and reads no setting.
A class may keep what it is given.
"""

import ast
from collections.abc import Iterable
from functools import partial

from flagwright.core.wrapping.dormant.origin import Origins, bound_in
from flagwright.core.wrapping.effect import FUNCTIONS, Function, has_no_effect

_WRAPPING = ("functools.wraps", "functools.update_wrapper", "functools.partial")


def only_wraps(function: Function, origins: Origins, *, is_made: bool) -> bool:
    """Whether calling a decorator runs nothing of anybody.

    Args:
        origins: The names of the file that the decorator stands in.
        is_made: Whether it is what a call gives back: `@retry(3)`.
    """
    if isinstance(function, ast.AsyncFunctionDef) or function.decorator_list:
        return False
    inner = {node.name: node for node in function.body if isinstance(node, FUNCTIONS)}
    known = {*inner, *(a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg))}
    if not all(_is_quiet(node, known, origins) for node in function.body):
        return False
    if not isinstance(function.body[-1], ast.Return):
        return False
    if not is_made:
        return True
    given = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    given = [value for value in given if not _is_inside(value, inner.values())]
    names = [value.id if isinstance(value, ast.Name) else "" for value in given]
    return all(n in inner and only_wraps(inner[n], origins, is_made=False) for n in names)


def only_keeps(owner: ast.ClassDef, origins: Origins) -> bool:
    """Whether making an object of a class from a function runs nothing but keeps that.

    Args:
        origins: The names of the file that the class stands in.
    """
    makers = [n for n in owner.body if isinstance(n, FUNCTIONS) and n.name == "__init__"]
    special = {"__new__", "__set_name__", "__setattr__", "__getattribute__", "__slots__"}
    plain = ("object", "property", "typing*.Generic", "functools.cached_property")
    bases = [b.value if isinstance(b, ast.Subscript) else b for b in owner.bases]
    if not special.isdisjoint(bound_in(owner)) or owner.decorator_list or owner.keywords:
        return False
    if len(makers) != 1 or makers[0].decorator_list:
        return False
    first, *given = (a.arg for a in makers[0].args.args)
    own = {n.name for n in owner.body if isinstance(n, FUNCTIONS)}
    keeps = partial(_keeps, first=first, given=set(given), own=own, origins=origins)
    return all(origins.is_one_of(b, plain) for b in bases) and all(map(keeps, makers[0].body))


def _keeps(node: ast.stmt, first: str, given: set[str], own: set[str], origins: Origins) -> bool:
    """Whether a statement of a maker only keeps a parameter, or a word of it.

    Args:
        own: Methods of the class: one of them may be asked to keep it.
    """
    match node:
        case (
            ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name), attr=place)], value=value)
            | ast.AnnAssign(target=ast.Attribute(value=ast.Name(id=name), attr=place), value=value)
        ):
            words = ("__doc__", "__name__", "__module__", "__qualname__")
            if isinstance(value, ast.Attribute) and value.attr in words:
                value = value.value
            is_given = isinstance(value, ast.Name) and value.id in given
            is_plain = is_given or isinstance(value, ast.Constant)
            return name == first and place not in own and is_plain
        case ast.Expr(value=ast.Call(func=func, args=args, keywords=[])):
            known = {first, *given}
            wraps = origins.is_one_of(func, ("functools.update_wrapper",))
            is_plain = all(isinstance(a, ast.Name) and a.id in known for a in args)
            return is_plain and (wraps or ast.unparse(func) == "super().__init__")
        case _:
            return has_no_effect(node)


def _is_quiet(node: ast.stmt, known: set[str], origins: Origins) -> bool:
    match node:
        case ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
            values = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
            plain = all(isinstance(v, ast.Constant | ast.Name) for v in values)
            return plain and all(_is_given(d, known, origins) for d in node.decorator_list)
        case ast.Return(value=ast.expr() as value):
            return _is_given(value, known, origins)
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name))], value=value):
            return name in known and isinstance(value, ast.Constant | ast.Name)
        case ast.If(test=ast.Compare(left=ast.Name(), ops=[ast.Is() | ast.IsNot()]) as test):
            is_plain = isinstance(test.comparators[0], ast.Constant)
            return is_plain and all(
                _is_quiet(n, known, origins) for n in (*node.body, *node.orelse)
            )
        case _:
            return has_no_effect(node)


def _is_given(node: ast.expr, known: set[str], origins: Origins) -> bool:
    """Whether an expression is one of the functions, or one of them made to look like another."""
    match node:
        case ast.Name(id=name):
            return name in known
        case ast.Constant():
            return True
        case ast.Call(func=func, args=args, keywords=keywords):
            makes = isinstance(func, ast.Call) and _is_given(func, known, origins)
            wraps = origins.is_one_of(func, _WRAPPING)
            values = [*args, *(keyword.value for keyword in keywords)]
            return (makes or wraps) and all(_is_given(v, known, origins) for v in values)
        case _:
            return False


def _is_inside(value: ast.expr | None, functions: Iterable[Function]) -> bool:
    return any(value is part for function in functions for part in ast.walk(function))
