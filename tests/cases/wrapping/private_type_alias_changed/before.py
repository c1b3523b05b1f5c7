"""A template: what annotations alone name may call itself in a text."""

from typing import Dict, TypeAlias, TypeVar, Union

_Raw: TypeAlias = Union[str, Dict[str, "_Raw"], None]
_T = TypeVar("_T")


def render(raw: _Raw, default: _T) -> "_Raw | _T":
    found: _Raw = raw
    return found or default
