"""A template: what annotations alone name may call itself in a text."""

from typing import TypeAlias, TypeVar

_Raw: TypeAlias = str | dict[str, "_Raw"] | None
_T = TypeVar("_T", str, int)


def render(raw: _Raw, default: _T) -> "_Raw | _T":
    found: _Raw = raw
    return default if found is None else found
