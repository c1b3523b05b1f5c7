"""Keep the object that a default was, where it matters that it is always the same one.

`def f(a, found=[])` becomes `def f(a, found=..., *, found_off=[])`, and below it `if found is
...: found = found_off`: the list is made once, with the function, and kept from call to call.
"""

import ast
from collections.abc import Collection
from typing import Any, Literal, cast

import libcst as cst

from flagwright.core.wrapping.statement import Statement
from flagwright.core.wrapping.widen import names_seen, with_last_comma, without_parameters

Side = Literal["off", "on"]
Defaults = dict[str, tuple[cst.BaseExpression, ast.expr]]


def held_as(name: str, side: str) -> str:
    """The parameter that keeps the default of another one."""
    return f"{name}_{side}"


def can_hold(names: Collection[str], versions: Collection[Statement]) -> bool:
    """Whether some more parameters would take nothing away from a call, and hide no name."""
    trees = [cast(ast.FunctionDef, version.tree) for version in versions]
    more = {held_as(name, side) for name in names for side in ("off", "on")}
    return not any(tree.args.kwarg or names_seen(tree) & more for tree in trees)


def holding(version: Statement, own: Defaults, side: Side) -> tuple[Statement, Defaults]:
    """A version with a parameter for each of some defaults, and what the body sets instead."""
    if not own:
        return version, {}
    node, tree = cst.ensure_type(version.node, cst.FunctionDef), cast(Any, version.tree)
    names = {name: held_as(name, side) for name in own}
    gap = cst.SimpleWhitespace("")
    more = [
        cst.Param(cst.Name(names[name]), default=text.deep_clone(), equal=cst.AssignEqual(gap, gap))
        for name, (text, _) in own.items()
    ]
    star = node.params.star_arg
    params = node.params.with_changes(
        kwonly_params=[*node.params.kwonly_params, *more],
        star_arg=cst.ParamStar() if star is cst.MaybeSentinel.DEFAULT else star,
    )
    fields = dict(ast.iter_fields(tree.args)) | {
        "kwonlyargs": [*tree.args.kwonlyargs, *(ast.arg(names[name]) for name in own)],
        "kw_defaults": [*tree.args.kw_defaults, *(value for _, value in own.values())],
    }
    made = type(tree)(**dict(ast.iter_fields(tree)) | {"args": ast.arguments(**fields)})
    params = with_last_comma(params, node.params)
    found = Statement(node.with_changes(params=params), (ast.copy_location(made, tree),))
    return found, {n: (cst.Name(w), ast.Name(w, ast.Load())) for n, w in names.items()}


def with_held(node: cst.FunctionDef, names: Collection[str]) -> cst.FunctionDef:
    """A function whose parameters have the defaults again that others kept for them."""
    kept = {p.name.value: p.default for p in node.params.kwonly_params}
    holders: set[str] = set()

    def given_back(param: cst.Param) -> cst.Param:
        name, value = param.name.value, param.default
        word = value.value if name in names and isinstance(value, cst.Name) else ""
        if word not in (held_as(name, "off"), held_as(name, "on")) or not kept.get(word):
            return param
        holders.add(word)
        return param.with_changes(default=kept[word])

    sides = ("posonly_params", "params", "kwonly_params")
    found = {side: [*map(given_back, getattr(node.params, side))] for side in sides}
    params = node.params.with_changes(**found)
    return node.with_changes(params=without_parameters(params, holders)[0]) if holders else node
