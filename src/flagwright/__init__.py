"""Release governance for AI-written code: score a diff, wrap it behind a flag, prove it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flagwright.api import project, score, wrap
    from flagwright.errors import CannotWrap, FlagwrightError

__all__ = ["CannotWrap", "FlagwrightError", "__version__", "project", "score", "wrap"]

_HOME = {
    "project": "flagwright.api",
    "score": "flagwright.api",
    "wrap": "flagwright.api",
    "CannotWrap": "flagwright.errors",
    "FlagwrightError": "flagwright.errors",
}


def __getattr__(name: str) -> Any:
    """Load the library when it is used: starting the server must not pay for it."""
    if name == "__version__":
        from importlib.metadata import version

        return version("flagwright")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
