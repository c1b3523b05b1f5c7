"""Give each version of a function a signature of its own, where none serves both.

`def f(a, old)` and `def f(a, new)` become `def f(a, *args, **kwargs)`, which hands what it was
given to an inner function of one version: that takes it, or not, as it always did.
"""

import ast
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import libcst as cst

from flagwright.core.wrapping.binding import bindings
from flagwright.core.wrapping.effect import Function, annotations_of, defers
from flagwright.core.wrapping.lasting import IsLasting, is_fixed
from flagwright.core.wrapping.tree import nodes

FURTHER = ("args", "kwargs")
"""What such a function calls the rest of what it was given."""
APART = "*"
"""What says in a mark that each body has parameters of its own."""
ANYTHING = "Any"
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


class Header(NamedTuple):
    """What a function says of itself that takes anything behind some parameters."""

    params: cst.Parameters
    returns: cst.Annotation | None


def handing_on(
    names: Sequence[str],
    node: cst.FunctionDef,
    sides: tuple[Function, Function],
    trees: Iterable[ast.Module],
) -> Header:
    """The header that hands on what it gets, with the types that both versions say.

    Where they say two, or none can be said, it is `Any`, if both files have that.

    Args:
        names: The parameters that it has itself.
        node: The new version.
    """
    is_typed = any(True for side in sides for _ in annotations_of(side))
    anything = (
        cst.Annotation(cst.Name(ANYTHING)) if is_typed and all(map(_has_any, trees)) else None
    )
    types = [{a.arg: a.annotation for a in side.args.args} for side in sides]
    own = {param.name.value: param.annotation for param in node.params.params}
    params = [
        cst.Param(
            cst.Name(name),
            own[name] if _says_one(*(each[name] for each in types)) else anything,
        )
        for name in names
    ]
    if params and names[0] in ("self", "cls"):
        params[0] = cst.Param(cst.Name(names[0]), own[names[0]])
    returns = node.returns if _says_one(*(side.returns for side in sides)) else anything
    stars = [
        cst.Param(cst.Name(name), anything, star=star)
        for name, star in zip(FURTHER, ("*", "**"), strict=True)
    ]
    return Header(cst.Parameters(params, star_arg=stars[0], star_kwarg=stars[1]), returns)


def _says_one(old: ast.expr | None, new: ast.expr | None) -> bool:
    """Whether both versions say the same type."""
    return old is not None and new is not None and ast.dump(old) == ast.dump(new)


def _has_any(tree: ast.Module) -> bool:
    """Whether a file has `Any` where a header can say it."""
    blocks = (node.body for node in tree.body if isinstance(node, ast.If) and defers(tree))
    lines = [*tree.body, *(line for block in blocks for line in block)]
    every = [b for node in nodes(tree) for b in bindings(node) if b.name == ANYTHING]
    bound = {b for node in lines for b in bindings(node)}
    return not bound.isdisjoint(every) and all(
        (b.module, b.attribute) == ("typing", ANYTHING) for b in every
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
