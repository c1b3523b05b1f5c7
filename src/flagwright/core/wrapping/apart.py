"""Give each version of a function a signature of its own, where none serves both.

`def f(a, old)` and `def f(a, new)` become `def f(a, *args, **kwargs)`, which hands what it was
given to an inner function of one version: that takes it, or not, as it always did.
"""

import ast
from collections.abc import Sequence

import libcst as cst

from flagwright.core.wrapping.effect import Function, annotations_of
from flagwright.core.wrapping.lasting import IsLasting, is_fixed

FURTHER = ("args", "kwargs")
"""What such a function calls the rest of what it was given."""
APART = "*"
"""What says in a mark that each body has parameters of its own."""
_OF_TYPES = (
    *(ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.BitOr, ast.Constant),
    *(ast.Tuple, ast.List, ast.Load),
)


def first_of_both(old: ast.arguments, new: ast.arguments) -> list[str]:
    """The parameters that have to be given first, by place or name, in both versions."""
    found: list[str] = []
    if old.posonlyargs or new.posonlyargs:
        return found
    required = ([a.arg for a in v.args[: len(v.args) - len(v.defaults)]] for v in (old, new))
    for one, other in zip(*required, strict=False):
        if one != other:
            break
        found.append(one)
    return found


def handing_on(names: Sequence[str]) -> cst.Parameters:
    """A signature that takes anything behind some parameters."""
    return cst.Parameters(
        params=[cst.Param(cst.Name(name)) for name in names],
        star_arg=cst.Param(cst.Name(FURTHER[0]), star="*"),
        star_kwarg=cst.Param(cst.Name(FURTHER[1]), star="**"),
    )


def can_be_inside(
    function: Function, is_lasting: IsLasting, is_type: IsLasting, *, defers: bool
) -> bool:
    """Whether it makes no difference that the signature of a version is made at each call.

    Args:
        is_lasting: Whether a name stands for one thing for good, in the function as well.
        is_type: Whether it stands for something there, which nobody asks for.
        defers: Whether annotations are not evaluated.
    """
    own = function.args
    values = [*own.defaults, *(value for value in own.kw_defaults if value)]
    if not all(_is_dots(value) or is_fixed(value, is_lasting) for value in values):
        return False
    parts = (part for annotation in annotations_of(function) for part in ast.walk(annotation))
    return defers or all(_is_of_type(part, is_type) for part in parts)


def _is_dots(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is ...


def _is_of_type(node: ast.AST, is_type: IsLasting) -> bool:
    """Whether a part of an annotation calls nothing, and is there inside a function as well."""
    return isinstance(node, _OF_TYPES) and (not isinstance(node, ast.Name) or is_type(node.id))
