"""Keep what the text of a file alone says, whatever others are told to do with the file."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, overload

_Found = TypeVar("_Found")


class OfFile(Protocol):
    """Something read of a file; copies of it have the same facts."""

    facts: dict[str, Any]


class fact(Generic[_Found]):  # noqa: N801 # used as a decorator
    """A property that is found once for a file and all copies of what is read of it."""

    def __init__(self, find: Callable[[Any], _Found]) -> None:
        self._find, self.__doc__ = find, find.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, read: None, owner: type) -> "fact[_Found]": ...
    @overload
    def __get__(self, read: OfFile, owner: type) -> _Found: ...
    def __get__(self, read: OfFile | None, owner: type) -> "fact[_Found] | _Found":
        if read is None:
            return self
        if self._name not in read.facts:
            read.facts[self._name] = self._find(read)
        found: _Found = read.facts[self._name]
        return found
