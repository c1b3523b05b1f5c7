"""Tell which expressions give a path of `pathlib`, so that joining and naming it do nothing else.

Of its methods only those count that no file can make fail.
"""

import ast

from flagwright.core.wrapping.dormant.origin import Origins

_MADE = ("pathlib.Path", "pathlib.PurePath")
_GIVING = {"resolve", "absolute", "joinpath", "with_name", "with_suffix", "with_stem"}


def is_path(node: ast.expr, origins: Origins) -> bool:
    """Whether an expression certainly is a path: `Path(__file__).resolve().parent / "data"`."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in _GIVING:
            return is_path(value, origins)
        case ast.Call(func=func):
            return origins.is_one_of(func, _MADE)
        case ast.Attribute(value=value, attr="parent"):
            return is_path(value, origins)
        case ast.BinOp(op=ast.Div(), left=left):
            return is_path(left, origins)
        case ast.Name():
            own = origins.own_value(node)
            return own is not None and not _names(own, node) and is_path(own, origins)
        case _:
            return False


def gives_path(func: ast.expr, origins: Origins) -> bool:
    """Whether what is called is a method of a path that gives another one."""
    is_method = isinstance(func, ast.Attribute) and func.attr in _GIVING
    return is_method and is_path(func.value, origins)  # type: ignore[attr-defined] # a method


def _names(value: ast.expr, node: ast.Name) -> bool:
    return any(isinstance(n, ast.Name) and n.id == node.id for n in ast.walk(value))
