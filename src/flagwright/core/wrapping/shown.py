"""Tell whether a merged function shows its locals in the order in which either version does.

`locals()` lists them as they come up in the text, and old code stands below new code in it.
"""

import ast
from types import CodeType

from flagwright.core.wrapping.effect import Function


def keeps_order(merged: str, before: Function, after: Function) -> bool:
    """Whether the names that a version has stand in one order in it and in the merged text."""
    try:
        found = _names(compile(merged, "merged", "exec"))
        sides = [compile(ast.unparse(tree), "side", "exec") for tree in (before, after)]
    except SyntaxError:  # `nonlocal` without the function around it
        return False
    return all([name for name in found if name in own] == own for own in map(_names, sides))


def _names(module: CodeType) -> list[str]:
    """The locals of the one function of a text, as Python lists them."""
    code = next(part for part in module.co_consts if isinstance(part, CodeType))
    return [*code.co_varnames, *(n for n in code.co_cellvars if n not in code.co_varnames)]
