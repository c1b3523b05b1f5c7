"""Let a parameter that only the new version names come out of the `**kwargs` of the old one.

`def f(**more)` and `def f(*, a=1, **more)` become `def f(*, a=..., **more)`. With the flag off
what a caller gives for it goes back to where it was: `if a is not ...: more["a"] = a`.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple, cast

import libcst as cst

from flagwright.core.wrapping.defaults import (
    LEFT_OUT,
    defaults_of,
    is_text,
    placed,
    with_defaults,
    with_lines,
    with_preludes,
)
from flagwright.core.wrapping.effect import Function
from flagwright.core.wrapping.frame import looks
from flagwright.core.wrapping.lasting import IsLasting, is_fixed
from flagwright.core.wrapping.statement import Statement
from flagwright.core.wrapping.widen import names_seen

_SIDES = ("posonlyargs", "args", "kwonlyargs")
_OF_DICTS = ("get", "pop", "setdefault", "update", "__contains__")


class Taken(NamedTuple):
    """Two versions that both have all parameters of the new one."""

    before: Statement
    after: Statement
    names: tuple[str, ...]
    """Parameters that the old version takes as any other."""


def taken(
    before: Statement, after: Statement, indent: str | None, is_lasting: IsLasting
) -> Taken | None:
    """Both versions with all parameters of the new one; none where there is no such signature.

    Args:
        indent: That of new blocks; none for the one that the file has everywhere.
        is_lasting: Whether a name of the new version stands for one thing for good.
    """
    old, new = (cast(Function, version.tree) for version in (before, after))
    rest = new.args.kwarg.arg if new.args.kwarg else ""
    names = tuple(n for n in _names(new.args) if n not in _names(old.args))
    if not names or not rest or [*looks(old)] or not _has_place(old.args, new.args, names):
        return None
    own = {name: value for name, value in defaults_of(after).items() if name in names}
    if len(own) < len(names) or not all(is_fixed(value, is_lasting) for _, value in own.values()):
        return None
    if names_seen(old) & {*names} - _set_first(old) or not _keeps_no_order(old, rest):
        return None
    inside = with_preludes(after, own, indent)
    lines = [_line(name, rest, indent) for name in names]
    trees = [_tree(name, rest, old) for name in names]
    outside = with_lines(_with_all(before, after, names), lines, trees, indent)
    if inside is None or outside is None:
        return None
    return Taken(outside, with_defaults(inside, dict.fromkeys(names, LEFT_OUT)), names)


def with_rest(node: cst.FunctionDef, names: Sequence[str]) -> cst.FunctionDef:
    """A function whose body begins with what it takes as any other argument, without that."""
    rest, block = node.params.star_kwarg, node.body
    if not names or rest is None or not isinstance(block, cst.IndentedBlock):
        return node
    body = list(block.body)
    at = int(bool(body) and is_text(body[0]))
    if [_handed_back(line, rest.name.value) for line in body[at : at + len(names)]] != [*names]:
        return node
    left = [*body[:at], *body[at + len(names) :]] or [cst.SimpleStatementLine([cst.Pass()])]
    return node.with_changes(body=block.with_changes(body=left))


def _set_first(function: Function) -> set[str]:
    """Locals that a function sets in a line of its own before any other line has them."""
    found, seen = set[str](), set[str]()
    for line in function.body:
        match line:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if name not in seen | names_seen(value):
                    found.add(name)
        seen |= names_seen(line)
    return found - {name for n in ast.walk(function) for name in _declared(n)}


def _declared(node: ast.AST) -> list[str]:
    return node.names if isinstance(node, ast.Global | ast.Nonlocal) else []


def _has_place(old: ast.arguments, new: ast.arguments, names: Collection[str]) -> bool:
    """Whether the new signature is the old one with some optional parameters behind."""
    stars = [(v.vararg and v.vararg.arg, v.kwarg and v.kwarg.arg) for v in (old, new)]
    for side in _SIDES:
        both = [[a.arg for a in getattr(v, side)] for v in (old, new)]
        if both[0] != [name for name in both[1] if name not in names]:
            return False
    positional = [[a.arg for a in (*v.posonlyargs, *v.args)] for v in (old, new)]
    behind = positional[1][: len(positional[0])] == positional[0]
    return behind and stars[0] == stars[1] and (not old.vararg or len({*map(len, positional)}) == 1)


def _keeps_no_order(function: Function, rest: str) -> bool:
    """Whether a function does nothing by which the order of its further arguments can be told."""
    idle = {id(node) for part in ast.walk(function) for node in _asked(part)}
    names = (n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == rest)
    return all(id(name) in idle for name in names)


def _asked(node: ast.AST) -> Iterator[ast.AST]:
    """Where a dict is only asked for one of its items, or handed on as arguments by name."""
    match node:
        case ast.keyword(arg=None, value=value) | ast.Subscript(value=value):
            yield value
        case ast.Attribute(value=value, attr=name) if name in _OF_DICTS:
            yield value
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
            yield value
        case _:
            pass


def _with_all(before: Statement, after: Statement, names: Collection[str]) -> Statement:
    """The old version with the parameters of the new one; the rest keep their defaults."""
    node, new = (cst.ensure_type(s.node, cst.FunctionDef) for s in (before, after))
    own = {p.name.value: p for p in _params(node.params)}
    sides = ("posonly_params", "params", "kwonly_params")
    params = new.params.with_changes(
        **{s: [own.get(p.name.value, p) for p in getattr(new.params, s)] for s in sides}
    )
    tree, old = cast(Any, before.tree), defaults_of(before)
    arguments = cast(Function, after.tree).args
    values = {name: value for name, (_, value) in old.items()} | dict.fromkeys(names, LEFT_OUT[1])
    positional = [*arguments.posonlyargs, *arguments.args]
    fields = dict(ast.iter_fields(arguments)) | {
        "defaults": [values[a.arg] for a in positional if a.arg in values],
        "kw_defaults": [values.get(a.arg) for a in arguments.kwonlyargs],
    }
    made = type(tree)(**dict(ast.iter_fields(tree)) | {"args": ast.arguments(**fields)})
    version = Statement(node.with_changes(params=params), (ast.copy_location(made, tree),))
    return with_defaults(version, dict.fromkeys(names, LEFT_OUT))


def _names(arguments: ast.arguments) -> list[str]:
    return [a.arg for side in _SIDES for a in getattr(arguments, side)]


def _params(parameters: cst.Parameters) -> list[cst.Param]:
    return [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]


def _line(name: str, rest: str, indent: str | None) -> cst.If:
    """`if a is not ...: more["a"] = a`, in two lines."""
    made = cst.ensure_type(
        cst.parse_statement(f'if {name} is not ...:\n    {rest}["{name}"] = {name}\n'), cst.If
    )
    block = cst.ensure_type(made.body, cst.IndentedBlock)
    return made.with_changes(body=block.with_changes(indent=indent))


def _tree(name: str, rest: str, place: ast.stmt) -> ast.If:
    made = ast.parse(f'if {name} is not ...:\n    {rest}["{name}"] = {name}\n').body[0]
    return placed(cast(ast.If, made), place)


def _handed_back(line: cst.CSTNode, rest: str) -> str | None:
    """The parameter that a line gives to the further arguments, if it was given."""
    match line:
        case cst.If(
            test=cst.Comparison(
                left=cst.Name(value=name),
                comparisons=[cst.ComparisonTarget(operator=cst.IsNot(), comparator=cst.Ellipsis())],
            ),
            body=cst.IndentedBlock(
                body=[
                    cst.SimpleStatementLine(
                        body=[
                            cst.Assign(
                                targets=[
                                    cst.AssignTarget(
                                        target=cst.Subscript(
                                            value=cst.Name(value=held),
                                            slice=[
                                                cst.SubscriptElement(
                                                    slice=cst.Index(value=cst.SimpleString() as key)
                                                )
                                            ],
                                        )
                                    )
                                ],
                                value=cst.Name(value=given),
                            )
                        ]
                    )
                ]
            ),
            orelse=None,
        ) if (held, given, key.evaluated_value) == (rest, name, name):
            return str(name)
        case _:
            return None
