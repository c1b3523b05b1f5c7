"""Let one signature serve two versions that give a parameter another default.

Both defaults move into the body: `def f(a=...)`, and below it `if a is ...: a = 1`. Then the
versions have one signature, and their bodies are merged as any two are. A default that only
one version has stays, with a mark: the other one takes a call that leaves the parameter out.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple, cast

import libcst as cst

from flagwright.core.wrapping.held_default import can_hold, held_as, holding
from flagwright.core.wrapping.lasting import IsLasting, is_fixed
from flagwright.core.wrapping.statement import Statement
from flagwright.core.wrapping.widen import IsQuiet, is_plain_value

Names = tuple[str, ...]
Defaults = dict[str, tuple[cst.BaseExpression, ast.expr]]
LEFT_OUT = (cst.Ellipsis(), ast.Constant(...))


class Alike(NamedTuple):
    """Two versions of a function in which a parameter that both have has the same default."""

    before: Statement
    after: Statement
    moved: Names
    """Parameters whose default stands in the body of each version."""
    off: Names
    """Parameters that only the old version has a default for."""
    on: Names
    """Parameters that only the new version has a default for."""
    required: Names
    """Parameters that only the new version has, and that have to be given there."""
    holders: Names
    """Parameters that keep the object that is the default of another one."""


def alike(
    before: Statement,
    after: Statement,
    indent: str | None,
    is_lasting: tuple[IsLasting, IsLasting],
    are_quiet: tuple[IsQuiet, IsQuiet],
) -> Alike | None:
    """Both versions with the same defaults; none where that changes nothing, or what runs.

    Args:
        indent: That of new blocks; none for the one that the file has everywhere.
        is_lasting: Whether a name of either version stands for one thing for good.
        are_quiet: For each version, which of its defaults the other one may make as well.
    """
    old, new = (defaults_of(version) for version in (before, after))
    both = {*_names(before)} & {*_names(after)}
    moved = tuple(n for n in new if n in old and ast.dump(old[n][1]) != ast.dump(new[n][1]))
    off = tuple(n for n in old if n not in new and n in both)
    on = tuple(n for n in new if n not in old and n in both)
    required = tuple(n for n in _names(after) if n not in both and n not in new)
    if not (moved or off or on or required):
        return None
    sides = zip((old, new), is_lasting, strict=True)
    kept = [{n: v[n] for n in moved if not is_fixed(v[n][1], known)} for v, known in sides]
    held = {*kept[0], *kept[1]}
    if held and not can_hold(held, (before, after)):
        return None
    made = (old, (*kept[0], *off), are_quiet[0]), (new, (*kept[1], *on), are_quiet[1])
    if not all(_may_be_made(v[n][1], quiet) for v, names, quiet in made for n in names):
        return None
    if not _may_have(before, {*old, *on}) or not _may_have(after, {*new, *off, *required}):
        return None
    lacks = {n: new[n] for n in on}, {n: old[n] for n in off} | dict.fromkeys(required, LEFT_OUT)
    versions = []
    for at, own in enumerate((old, new)):
        version, words = holding((before, after)[at], kept[at], ("off", "on")[at])
        inside = with_preludes(version, {n: own[n] for n in moved} | words, indent)
        if inside is None:
            return None
        versions.append(with_defaults(inside, dict.fromkeys(moved, LEFT_OUT) | lacks[at]))
    holders = (*(held_as(n, "off") for n in kept[0]), *(held_as(n, "on") for n in kept[1]))
    return Alike(versions[0], versions[1], moved, off, on, required, holders)


def _may_be_made(value: ast.expr, is_quiet: IsQuiet) -> bool:
    """Whether a default may be made at import, whoever looks at it, and is not that of ours."""
    is_dots = isinstance(value, ast.Constant) and value.value is ...
    return not is_dots and (is_plain_value(value) or is_quiet(value))


def with_its_defaults(node: cst.FunctionDef, names: Collection[str]) -> cst.FunctionDef:
    """A function whose body begins with its defaults, with these in the signature again."""
    if not names or not isinstance(node.body, cst.IndentedBlock):
        return node
    body = list(node.body.body)
    at = int(bool(body) and is_text(body[0]))
    found: dict[str, cst.BaseExpression] = {}
    for line in body[at : at + len(names)]:
        if (prelude := _prelude_of(line)) and prelude[0] in names:
            found.update([prelude])
    if found.keys() != {*names}:
        return node
    rest = [*body[:at], *body[at + len(found) :]]
    block = node.body.with_changes(body=rest or [cst.SimpleStatementLine([cst.Pass()])])
    params = _mapped(node.params, lambda p: _with_default(p, found.get(p.name.value)))
    return node.with_changes(body=block, params=params)


def without_defaults(parameters: cst.Parameters, names: Collection[str]) -> cst.Parameters:
    """A signature in which some parameters have to be given."""
    none: dict[str, Any] = {"default": None, "equal": cst.MaybeSentinel.DEFAULT}
    return _mapped(parameters, lambda p: p.with_changes(**none) if p.name.value in names else p)


def defaults_of(version: Statement) -> Defaults:
    """The default of each parameter that has one, as both parsers read it."""
    node = cst.ensure_type(version.node, cst.FunctionDef)
    texts = {p.name.value: p.default for p in _params(node.params) if p.default is not None}
    return {name: (texts[name], value) for name, value in _values(version) if name in texts}


def _values(version: Statement) -> Iterator[tuple[str, ast.expr]]:
    arguments = cast(ast.FunctionDef, version.tree).args
    positional = [*arguments.posonlyargs, *arguments.args]
    yield from zip(
        [a.arg for a in positional[len(positional) - len(arguments.defaults) :]],
        arguments.defaults,
        strict=True,
    )
    for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if value is not None:
            yield argument.arg, value


def _names(version: Statement) -> Names:
    parameters = cst.ensure_type(version.node, cst.FunctionDef).params
    return tuple(p.name.value for p in _params(parameters))


def _params(parameters: cst.Parameters) -> list[cst.Param]:
    return [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]


def _mapped(parameters: cst.Parameters, change: Any) -> cst.Parameters:
    sides = ("posonly_params", "params", "kwonly_params")
    return parameters.with_changes(
        **{side: [change(p) for p in getattr(parameters, side)] for side in sides}
    )


def _with_default(param: cst.Param, value: cst.BaseExpression | None) -> cst.Param:
    if value is None:
        return param
    gap = cst.SimpleWhitespace(" " if param.annotation else "")
    equal = param.equal if param.default is not None else cst.AssignEqual(gap, gap)
    return param.with_changes(default=value, equal=equal)


def with_defaults(version: Statement, given: Mapping[str, Any]) -> Statement:
    """A version with some other defaults."""
    node = cst.ensure_type(version.node, cst.FunctionDef)
    params = _mapped(
        node.params,
        lambda p: (
            _with_default(p, given[p.name.value][0].deep_clone()) if p.name.value in given else p
        ),
    )
    tree = cast(ast.FunctionDef, version.tree)
    values = dict(_values(version)) | {name: value for name, (_, value) in given.items()}
    old = tree.args
    positional = [*old.posonlyargs, *old.args]
    arguments = ast.arguments(
        **dict(ast.iter_fields(old))
        | {
            "defaults": [values[a.arg] for a in positional if a.arg in values],
            "kw_defaults": [values.get(a.arg) for a in old.kwonlyargs],
        }
    )
    return Statement(node.with_changes(params=params), (_changed(tree, args=arguments),))


def with_preludes(version: Statement, own: Defaults, indent: str | None) -> Statement | None:
    """A version that sets parameters which were left out; none where no line can stand there."""
    place = version.tree
    lines = [_prelude(name, value, indent) for name, (value, _) in own.items()]
    trees = [_prelude_tree(name, value, place) for name, (_, value) in own.items()]
    return with_lines(version, lines, trees, indent)


def with_lines(
    version: Statement, lines: list[cst.If], trees: list[ast.If], indent: str | None
) -> Statement | None:
    """A version with more lines at the beginning; none where no line can stand there."""
    if not lines:
        return version
    node, tree = cst.ensure_type(version.node, cst.FunctionDef), cast(Any, version.tree)
    at = int(ast.get_docstring(tree, clean=False) is not None)
    if isinstance(node.body, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(node.body.body)
        body = cst.IndentedBlock([line], indent=indent)
    else:
        body = cst.ensure_type(node.body, cst.IndentedBlock)
    if at and len(cst.ensure_type(body.body[0], cst.SimpleStatementLine).body) > 1:
        return None
    body = body.with_changes(body=[*body.body[:at], *lines, *body.body[at:]])
    changed = _changed(tree, body=[*tree.body[:at], *trees, *tree.body[at:]])
    return Statement(node.with_changes(body=body), (changed,))


def _prelude(name: str, value: cst.BaseExpression, indent: str | None) -> cst.If:
    is_left_out = cst.ComparisonTarget(cst.Is(), cst.Ellipsis())
    line = cst.Assign([cst.AssignTarget(cst.Name(name))], value.deep_clone())
    return cst.If(
        cst.Comparison(cst.Name(name), [is_left_out]),
        cst.IndentedBlock([cst.SimpleStatementLine([line])], indent=indent),
    )


def _prelude_tree(name: str, value: ast.expr, place: ast.stmt) -> ast.If:
    is_left_out = ast.Compare(ast.Name(name, ast.Load()), [ast.Is()], [ast.Constant(...)])
    own = ast.parse(ast.unparse(value), mode="eval").body
    line = ast.Assign([ast.Name(name, ast.Store())], own)
    made = ast.If(is_left_out, [line], [])
    return placed(made, place)


def placed(made: ast.If, place: ast.stmt) -> ast.If:
    """A new statement that stands where another one begins."""
    for node in ast.walk(made):
        ast.copy_location(node, place)
        if isinstance(node, ast.stmt):
            node.end_lineno = place.lineno
    return made


def _prelude_of(line: cst.CSTNode) -> tuple[str, cst.BaseExpression] | None:
    """The parameter that a line sets where it was left out, and to what."""
    match line:
        case cst.If(
            test=cst.Comparison(
                left=cst.Name(value=name),
                comparisons=[cst.ComparisonTarget(operator=cst.Is(), comparator=cst.Ellipsis())],
            ),
            body=cst.IndentedBlock(
                body=[
                    cst.SimpleStatementLine(
                        body=[
                            cst.Assign(
                                targets=[cst.AssignTarget(target=cst.Name(value=target))],
                                value=value,
                            )
                        ]
                    )
                ]
            ),
            orelse=None,
        ) if target == name:
            return str(name), value
        case _:
            return None


def is_text(line: cst.CSTNode) -> bool:
    """Whether a line is a text alone, as a docstring is."""
    match line:
        case cst.SimpleStatementLine(
            body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]
        ):
            return True
        case _:
            return False


def _may_have(version: Statement, defaults: Collection[str]) -> bool:
    """Whether no parameter without a default would follow one that has one."""
    arguments = cast(ast.FunctionDef, version.tree).args
    has_one = [a.arg in defaults for a in (*arguments.posonlyargs, *arguments.args)]
    return has_one == sorted(has_one)


def _changed(tree: Any, **fields: Any) -> Any:
    return ast.copy_location(type(tree)(**dict(ast.iter_fields(tree)) | fields), tree)
