"""Let one signature serve two versions: optional parameters that only one of them has.

With the flag on the old ones are accepted and not looked at, with it off the new ones.
Every call that either version takes binds the same values as there.
"""

import ast
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst

from flagwright.core.wrapping.effect import Effects, Function
from flagwright.core.wrapping.frame import looks

Names = tuple[str, ...]
IsQuiet = Callable[[ast.expr], bool]
"""Whether making a value at import runs no code of anybody."""


@dataclass(frozen=True)
class Widening:
    """A signature for both versions."""

    parameters: cst.Parameters
    off: Names
    """Parameters that only the old version has."""
    on: Names
    """Parameters that only the new version has."""
    is_seen: bool
    """Whether a version uses the name of a parameter that only the other one has."""


def widened(
    before: tuple[cst.FunctionDef, Function],
    after: tuple[cst.FunctionDef, Function],
    effects: Effects,
    are_quiet: tuple[IsQuiet, IsQuiet],
    *,
    is_called: bool = False,
) -> Widening | None:
    """A signature that serves two versions of one function; none where there is none.

    Args:
        are_quiet: For each version, which of its defaults the other one may make as well.
        is_called: Whether all of its decorators are known to do nothing with it but call it.
    """
    if not can_widen(before[1], after[1], effects, are_quiet, is_called=is_called):
        return None
    off, on = _one_sided(before[1].args, after[1].args)
    own, others = ({name.lstrip("*") for name in names} for names in (off, on))
    is_seen = bool(names_seen(before[1]) & others or names_seen(after[1]) & own)
    return Widening(_merged(before[0].params, after[0].params), off, on, is_seen)


def can_widen(
    before: Function,
    after: Function,
    effects: Effects,
    are_quiet: tuple[IsQuiet, IsQuiet] | None = None,
    *,
    is_called: bool = False,
) -> bool:
    """Whether there is a signature that serves two versions of one function."""
    off, on = _one_sided(before.args, after.args)
    rest = [_without(tree, names) for tree, names in ((before, off), (after, on))]
    if not (off or on) or effects.header(rest[0]) != effects.header(rest[1]):
        return False
    if any(more and [*looks(tree)] for tree, more in ((before, on), (after, off))):
        return False
    quiet = are_quiet or (is_plain_value, is_plain_value)
    added = _can_be_added(before.args, after.args, off, on, quiet)
    return added and (is_called or effects.has_plain_decorators(after))


def _one_sided(old: ast.arguments, new: ast.arguments) -> tuple[Names, Names]:
    """Parameters that only the old version has, and those that only the new one has."""
    off = tuple(n for n in _names(old) if n not in _names(new))
    return off, tuple(n for n in _names(new) if n not in _names(old))


def without_parameters(
    parameters: cst.Parameters, names: Collection[str]
) -> tuple[cst.Parameters, list[cst.Param]]:
    """A signature without some of its parameters, and these parameters."""
    sides = [
        [p for p in side if p.name.value not in names]
        for side in (parameters.posonly_params, parameters.params, parameters.kwonly_params)
    ]
    gone = [p for p in _params(parameters) if p.name.value in names]
    star, double = parameters.star_arg, parameters.star_kwarg
    if isinstance(star, cst.Param) and f"*{star.name.value}" in names:
        gone.append(star)
        star = cst.ParamStar()
    if isinstance(star, cst.ParamStar) and not sides[2]:
        star = cst.MaybeSentinel.DEFAULT
    if double and f"**{double.name.value}" in names:
        gone.append(double)
        double = None
    kept = parameters.with_changes(
        posonly_params=sides[0],
        params=sides[1],
        kwonly_params=sides[2],
        star_arg=star,
        star_kwarg=double,
    )
    return with_last_comma(kept, parameters), gone


def _names(arguments: ast.arguments) -> Names:
    named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    stars = [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    stars += [f"**{arguments.kwarg.arg}"] if arguments.kwarg else []
    return (*(a.arg for a in named), *stars)


def _without(tree: Function, names: Collection[str]) -> Function:
    """The function without some of its parameters; the rest keep their defaults."""
    old = tree.args
    positional = [*old.posonlyargs, *old.args]
    defaults = [None] * (len(positional) - len(old.defaults)) + list(old.defaults)
    kept = [d for a, d in zip(positional, defaults, strict=True) if a.arg not in names]
    by_name = [
        (a, d) for a, d in zip(old.kwonlyargs, old.kw_defaults, strict=True) if a.arg not in names
    ]
    arguments = ast.arguments(
        posonlyargs=[a for a in old.posonlyargs if a.arg not in names],
        args=[a for a in old.args if a.arg not in names],
        vararg=_unless_in(names, "*", old.vararg),
        kwonlyargs=[a for a, _ in by_name],
        kw_defaults=[d for _, d in by_name],
        kwarg=_unless_in(names, "**", old.kwarg),
        defaults=[d for d in kept if d is not None],
    )
    return type(tree)(**dict(ast.iter_fields(tree)) | {"args": arguments})


def _unless_in(names: Collection[str], stars: str, argument: ast.arg | None) -> ast.arg | None:
    return None if argument is None or f"{stars}{argument.arg}" in names else argument


def _can_be_added(
    old: ast.arguments,
    new: ast.arguments,
    off: Names,
    on: Names,
    are_quiet: tuple[IsQuiet, IsQuiet],
) -> bool:
    """Whether the parameters of one side take nothing away from a call of the other."""
    named = [[name for name in side if name[0] != "*"] for side in (off, on)]
    if (len(named[0]) < len(off) and named[1]) or (len(named[1]) < len(on) and named[0]):
        return False  # `*args` of one version would get what the other one has a name for
    if old.kwarg and new.kwarg:
        return False
    if old.vararg and new.vararg and old.vararg.arg != new.vararg.arg:
        return False
    positional = [[a.arg for a in (*v.posonlyargs, *v.args)] for v in (old, new)]
    longer, shorter = sorted(positional, key=len, reverse=True)
    is_shared = old.vararg and new.vararg
    if longer[: len(shorter)] != shorter or (is_shared and longer != shorter):
        return False
    return all(
        _is_optional(version, name, is_quiet)
        for version, names, is_quiet in zip((old, new), named, are_quiet, strict=True)
        for name in names
    )


def _is_optional(arguments: ast.arguments, name: str, is_quiet: IsQuiet) -> bool:
    """Whether a parameter has a default that may be made at import, whoever looks at it."""
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    defaults = {a.arg: d for a, d in zip(with_default, arguments.defaults, strict=True)}
    defaults |= {
        a.arg: d
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if d is not None
    }
    return name in defaults and (is_plain_value(defaults[name]) or is_quiet(defaults[name]))


def is_plain_value(node: ast.expr) -> bool:
    """Whether an expression is a name, a literal or a sum of numbers: no code of anybody runs."""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return True
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return all(map(is_plain_value, elements))
        case ast.Dict(keys=keys, values=values):
            return all(k is not None and is_plain_value(k) for k in (*keys, *values))
        case _:
            return False


def _is_number(node: ast.expr) -> bool:
    """Whether an expression is made of numbers alone: `1024 * 1024`."""
    parts = (ast.BinOp, ast.operator, ast.Constant)
    values = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
    return all(isinstance(n, parts) for n in ast.walk(node)) and all(
        isinstance(value, int | float) for value in values
    )


def _merged(old: cst.Parameters, new: cst.Parameters) -> cst.Parameters:
    """The new signature with the parameters that only the old one has, each at its place."""
    sides = [
        _merged_side(getattr(old, side), getattr(new, side))
        for side in ("posonly_params", "params", "kwonly_params")
    ]
    star = new.star_arg
    is_needed = sides[2] and not isinstance(star, cst.ParamStar)
    if not isinstance(star, cst.Param) and (is_needed or isinstance(old.star_arg, cst.Param)):
        star = old.star_arg if isinstance(old.star_arg, cst.Param | cst.ParamStar) else star
    merged = new.with_changes(
        posonly_params=sides[0],
        params=sides[1],
        kwonly_params=sides[2],
        star_arg=star,
        star_kwarg=new.star_kwarg or old.star_kwarg,
    )
    return with_last_comma(merged, new)


def _merged_side(old: Sequence[cst.Param], new: Sequence[cst.Param]) -> list[cst.Param]:
    known = {p.name.value for p in new}
    rest = list(old)
    found: list[cst.Param] = []
    for param in new:
        names = [p.name.value for p in rest]
        at = names.index(param.name.value) if param.name.value in names else 0
        found += [p for p in rest[:at] if p.name.value not in known]
        found.append(param)
        rest = rest[at + 1 :] if param.name.value in names else rest
    return found + [p for p in rest if p.name.value not in known]


def with_last_comma(parameters: cst.Parameters, like: cst.Parameters) -> cst.Parameters:
    """A signature whose last parameter ends as that of another one does."""
    last, model = _params(parameters), _params(like)
    if not last or not model or last[-1] is model[-1]:
        return parameters
    between = model[0].comma if len(model) > 1 else cst.MaybeSentinel.DEFAULT
    commas = {id(model[-1]): between, id(last[-1]): model[-1].comma}

    def placed(param: Any) -> Any:
        return param.with_changes(comma=commas[id(param)]) if id(param) in commas else param

    sides = ("posonly_params", "params", "kwonly_params")
    found = {side: [*map(placed, getattr(parameters, side))] for side in sides}
    stars = (parameters.star_arg, parameters.star_kwarg)
    return parameters.with_changes(**found, star_arg=placed(stars[0]), star_kwarg=placed(stars[1]))


def _params(parameters: cst.Parameters) -> list[cst.Param]:
    """Every parameter, in the order of the text; a bare `*` is none."""
    sides = (parameters.posonly_params, parameters.params, parameters.kwonly_params)
    first, second, third = map(list, sides)
    stars = (parameters.star_arg, parameters.star_kwarg)
    arg, kwarg = ([star] if isinstance(star, cst.Param) else [] for star in stars)
    return [*first, *second, *arg, *third, *kwarg]


def names_seen(tree: ast.AST) -> set[str]:
    """Names that a function uses or binds, those of its own parameters included."""
    calls = {id(node) for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) not in calls:
            fields = (getattr(node, field, None) for field in ("id", "name", "arg", "rest"))
            found.update(name for name in fields if isinstance(name, str))
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(a.asname or a.name.partition(".")[0] for a in node.names)
        if isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
    return found
