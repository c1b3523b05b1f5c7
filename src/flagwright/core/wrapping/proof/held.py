"""Read a parameter that keeps the object which is the default of another one."""

import ast
from typing import Any

from flagwright.core.wrapping.proof.form import with_fields


def holder_of(node: Any, name: str, line: ast.stmt) -> str:
    """`a_off` where a function has `a=...`, `*, a_off=[]` and begins with `if a is ...: a = a_off`.

    Nothing else in the function may have that name. Empty where there is no such parameter.
    """
    own = [a.arg for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d]
    for holder in (f"{name}_off", f"{name}_on"):
        wanted = ast.parse(f"if {name} is ...:\n    {name} = {holder}").body[0]
        if holder in own and ast.dump(line) == ast.dump(wanted):
            is_alone = sum(_has(part, holder) for part in ast.walk(node)) == 2
            return holder if is_alone else ""
    return ""


def without_holder(node: Any, holder: str) -> Any:
    """The function without such a parameter."""
    own = node.args
    pairs = zip(own.kwonlyargs, own.kw_defaults, strict=True)
    left = [(a, d) for a, d in pairs if a.arg != holder]
    fields = {"kwonlyargs": [a for a, _ in left], "kw_defaults": [d for _, d in left]}
    arguments = ast.arguments(**dict(ast.iter_fields(own)) | fields)
    return with_fields(node, args=arguments)


def _has(part: ast.AST, word: str) -> bool:
    return word in (getattr(part, "id", ""), getattr(part, "arg", ""), getattr(part, "name", ""))
