"""Read which members a tuple with names has: `namedtuple("Url", "host port")` as a base."""

import ast

from flagwright.core.wrapping.dormant.origin import Origins

_MAKERS = ("collections.namedtuple", "typing*.NamedTuple")
_OF_EVERY_ONE = {"_make", "_asdict", "_replace", "_fields", "_field_defaults"}


def tuple_lacks(base: ast.expr, name: str, origins: Origins) -> bool:
    """Whether a base is `namedtuple("Url", ["host", "port"])`, which has no member of a name."""
    match base:
        case ast.Call(func=func, args=[_, fields], keywords=[]) if origins.is_one_of(func, _MAKERS):
            known = _field_names(fields)
        case _:
            return False
    if known is None or hasattr(tuple, name):
        return False
    return name not in known | _OF_EVERY_ONE


def _field_names(node: ast.expr) -> set[str] | None:
    """The fields of a tuple, where they are spelled out: `"a b"`, `["a"]`, `[("a", int)]`."""
    match node:
        case ast.Constant(value=str(text)):
            return set(text.replace(",", " ").split())
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            firsts = [p.elts[0] if isinstance(p, ast.Tuple) and p.elts else p for p in parts]
            names = [p.value if isinstance(p, ast.Constant) else None for p in firsts]
            return None if None in names else {str(name) for name in names}
        case _:
            return None
