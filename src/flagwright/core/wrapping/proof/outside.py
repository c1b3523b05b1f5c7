"""Say what other files do with a file: what the proof is told, and cannot see in the text."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outside:
    """What other files do with a file while it, or they, are imported."""

    called: frozenset[str] = frozenset()
    """Names of the file that they call."""
    above: frozenset[str] = frozenset()
    """Those that they put above functions, and may not call otherwise: `@options.config`."""
    decorating: frozenset[str] = frozenset()
    """Those of which they also call what the call gives back, as `@retry(3)` does."""
    unfolding: frozenset[str] = frozenset()
    """Those of which they may also call what that gives back, and so on: `pick()()`."""
    applied: frozenset[str] = frozenset()
    """Names of the file that they use otherwise than for a base, or for objects that lie idle."""
    touched: frozenset[str] = frozenset()
    """Names of the file whose attributes they use."""
    attributes: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    """Names of the file that they use in any way."""
    special: frozenset[str] = frozenset()
    """Special methods that they use by their form, where they use the file at all."""
    texts: frozenset[str] = frozenset()
    """Texts that they have, which may be names."""
    calling: frozenset[str] = frozenset()
    """What the file imports and what certainly calls what it is given, as it is spelled there."""
    passing: frozenset[str] = frozenset()
    """Decorators of the repository, spelled so, that only pass on what others make."""
    plain: frozenset[str] = frozenset()
    """Attributes that it gives names, of which no file computes one when it is read."""
    packages: frozenset[str] = frozenset()
    """The topmost names of the repository, where all is known."""
    sets: Callable[[str], bool] = lambda _: False
    """Whether any file sets an attribute of a name."""
    is_all: bool = False
    """Whether nothing else is done with the file: all that may use it were looked at."""
