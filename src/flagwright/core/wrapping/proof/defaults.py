"""Read a function of which a default is that of one side, or stands in its body."""

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flagwright.core.wrapping.proof import held
from flagwright.core.wrapping.proof.form import hold, with_fields
from flagwright.core.wrapping.proof.lasting import is_fixed, is_quiet


def without_defaults(node: Any, names: Collection[str]) -> Any:
    """The function with parameters that its version has no default for."""
    if not names:
        return node
    given = _defaults(node.args)
    hold(node, all(name in given and is_quiet(given[name]) for name in names))
    left = {name: value for name, value in given.items() if name not in names}
    positional = [a.arg in left for a in (*node.args.posonlyargs, *node.args.args)]
    hold(node, positional == sorted(positional))
    return _with_defaults(node, left)


def with_own_defaults(node: Any, names: Sequence[str], lasting: Collection[str]) -> Any:
    """The function with the defaults that its folded body begins with.

    Each of them stands for `...` in the signature, and is a value that it does not matter for
    when it is made: `if a is ...: a = 1`.

    Args:
        lasting: Names that stand for one thing for good.
    """
    if not names:
        return node
    at = int(ast.get_docstring(node, clean=False) is not None)
    lines = node.body[at : at + len(names)]
    hold(node, len(lines) == len(names))
    given = _defaults(node.args)
    for name, line in zip(names, lines, strict=True):
        value = given.get(name)
        hold(node, isinstance(value, ast.Constant) and value.value is ...)
        holder = held.holder_of(node, name, line)
        given[name] = given.get(holder) or _set_where_left_out(node, name, line, lasting)
        node = held.without_holder(node, holder)
    rest = [*node.body[:at], *node.body[at + len(names) :]] or [ast.Pass()]
    return with_fields(_with_defaults(node, given), body=rest)


def _set_where_left_out(node: Any, name: str, line: ast.stmt, lasting: Collection[str]) -> ast.expr:
    """What `if a is ...: a = 1` gives a parameter."""
    inner = line.body[0] if isinstance(line, ast.If) else None
    own = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    known = {*lasting} - own
    hold(node, isinstance(inner, ast.Assign) and is_fixed(inner.value, known))
    assert isinstance(line, ast.If)
    assert isinstance(inner, ast.Assign)
    wanted = ast.parse(f"if {name} is ...: {name} = 0").body[0]
    plain = ast.Assign(inner.targets, ast.Constant(0))
    made = ast.If(line.test, [plain, *line.body[1:]], line.orelse)
    hold(node, ast.dump(made) == ast.dump(wanted))
    return inner.value


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    """Parameters that may be left out, and what they are then."""
    positional = [*arguments.posonlyargs, *arguments.args]
    last = positional[len(positional) - len(arguments.defaults) :]
    pairs = zip(
        (*last, *arguments.kwonlyargs), (*arguments.defaults, *arguments.kw_defaults), strict=True
    )
    return {argument.arg: value for argument, value in pairs if value is not None}


def _with_defaults(node: Any, values: Mapping[str, ast.expr]) -> Any:
    old = node.args
    positional = (*old.posonlyargs, *old.args)
    fields = dict(ast.iter_fields(old)) | {
        "defaults": [values[a.arg] for a in positional if a.arg in values],
        "kw_defaults": [values.get(a.arg) for a in old.kwonlyargs],
    }
    return with_fields(node, args=ast.arguments(**fields))
