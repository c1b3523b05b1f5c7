"""Tell which files are programs: people start them, and no other file imports them.

What such a file does at its top is the program itself, so it may ask for a flag there.
"""

from collections.abc import Collection, Sequence

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.outside import used_outside
from flagwright.core.wrapping.policy import WrappingPolicy


def may_ask_at_its_top(path: str, elsewhere: Sequence[Bases], policy: WrappingPolicy) -> bool:
    """Whether a file that both versions have is a program, which not even a test imports.

    Beginning with `#!` is not enough: a module of one file may, and others import that.
    """
    return bool(elsewhere) and all(
        policy.is_program(path, bases.modules) and not used_outside(path, (), bases.modules)
        for bases in elsewhere
    )


def runs_alone(path: str, text: bytes, elsewhere: Sequence[Bases], policy: WrappingPolicy) -> bool:
    """Whether a file that one version has is a program in each state of a known repository."""
    return bool(elsewhere) and all(_is_started(path, text, b, policy) for b in elsewhere)


def _is_started(path: str, text: bytes, bases: Bases, policy: WrappingPolicy) -> bool:
    """Whether a file is a program, which no other file of the repository imports."""
    is_known = policy.is_program(path, bases.modules) or _says_so(path, text, bases.modules)
    return is_known and not used_outside(path, (), bases.looking)


def _says_so(path: str, text: bytes, modules: Collection[str]) -> bool:
    """Whether a file outside of all packages begins with what starts it: `#!/usr/bin/python`."""
    folder = path.rpartition("/")[0]
    return text.startswith(b"#!") and f"{folder}/__init__.py".lstrip("/") not in modules
