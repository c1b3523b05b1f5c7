"""Read a function that takes a parameter of the other version as any other argument."""

import ast
from collections.abc import Sequence
from typing import Any

from flagwright.core.wrapping.refusal import refuse


def left_out(node: Any, names: Sequence[str]) -> Any:
    """The function, if each of some parameters may be left out, and is `...` then."""
    own = node.args
    positional = [*own.posonlyargs, *own.args]
    given = dict(zip([a.arg for a in positional][::-1], own.defaults[::-1], strict=False))
    given |= dict(zip([a.arg for a in own.kwonlyargs], own.kw_defaults, strict=True))
    dots = (getattr(given.get(name), "value", None) is ... for name in names)
    return node if not names or (own.kwarg and all(dots)) else _refuse(node)


def without_rest(node: Any, names: Sequence[str]) -> Any:
    """The function without the lines that its folded body begins with: `kw["a"] = a` for each."""
    if not names:
        return node
    at = int(ast.get_docstring(node, clean=False) is not None)
    rest = node.args.kwarg.arg
    lines = (f"if {name} is not ...:\n    {rest}[{name!r}] = {name}" for name in names)
    wanted = [ast.dump(ast.parse(line).body[0]) for line in lines]
    if [ast.dump(line) for line in node.body[at : at + len(names)]] != wanted:
        _refuse(node)
    body = [*node.body[:at], *node.body[at + len(names) :]] or [ast.Pass()]
    return ast.copy_location(type(node)(**dict(ast.iter_fields(node)) | {"body": body}), node)


def is_set_first(node: Any, name: str) -> bool:
    """Whether a statement of the body itself sets a name, and nothing before it has the name."""
    if any(name in getattr(n, "names", ()) for n in ast.walk(node)):
        return False
    for line in node.body:
        parts = [n for n in ast.walk(line) if getattr(n, "id", getattr(n, "arg", "")) == name]
        if parts:
            return isinstance(line, ast.Assign) and parts == line.targets
    return False


def _refuse(node: Any) -> None:
    because = f"`{node.name}` does not stand for both versions as its mark says"
    raise refuse(node.lineno, "proof-failed", because)
