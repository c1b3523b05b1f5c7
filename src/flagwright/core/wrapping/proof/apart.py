"""Read a function that hands whatever it was given to an inner one with parameters of its own."""

import ast
from typing import Any

from flagwright.core.wrapping.proof.lasting import Known, is_fixed, is_type


def hands_on_all(outer: Any, inner: Any, known: Known) -> bool:
    """Whether `inner(a, *args, **kwargs)` takes, and refuses, what a call of `outer` would.

    The header of the inner function is made at each call, which may make no difference.
    """
    first, own = [a.arg for a in outer.args.args], inner.args
    if ast.unparse(outer.args) != ", ".join([*first, "*args", "**kwargs"]) or outer.returns:
        return False
    required = [a.arg for a in own.args[: len(own.args) - len(own.defaults)]]
    if required[: len(first)] != first or (first and own.posonlyargs):
        return False
    names = known.names - {*first, "args", "kwargs"}
    values = [*own.defaults, *filter(None, own.kw_defaults)]
    every = (*own.posonlyargs, *own.args, own.vararg, *own.kwonlyargs, own.kwarg)
    types = [inner.returns, *(a.annotation for a in every if a)]
    are_types = all(is_type(part, names) for part in types if part)
    return all(is_fixed(value, names) for value in values) and (known.defers or are_types)
