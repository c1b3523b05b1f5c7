"""Refuse a change: one place for the way out of each category."""

from collections.abc import Sequence

from flagwright.core.records.change import Line
from flagwright.errors import CannotWrap, Category

WAY_OUT: dict[Category, str] = {
    "class-body": "Move the new behaviour into a method, or ship the class in a change of its own.",
    "convention": "Say how to ask here: --import and --check together (convention), with --context "
    "for whom, or with a check that needs none; or the same in policies/wrapping.toml.",
    "decorator": "Keep the decorators as they are and change the body of the function.",
    "function-kind": "Put the new behaviour into a function of its own, of the same kind.",
    "import-time": "Move what runs at import into a function, or ship this part without a flag "
    "first.",
    "irreversible": "Split it into three releases: expand (add the new shape), migrate (move "
    "readers and data over), contract (take the old shape away).",
    "name-clash": "Give the new name, or the constant with the new value, a name of its own, so "
    "that both versions can live in one file.",
    "not-python": "Ship this file in a change of its own.",
    "proof-failed": "Split the change into smaller ones; this is also worth a bug report.",
    "renamed-file": "Rename the file in a change of its own, then change the code.",
    "scope": "Give the new local another name, so that old and new code do not share it.",
    "signature": "Add parameters last or by keyword, with a plain default, or let callers hand "
    "over what they did.",
    "too-complex": "Split the file or the expression.",
    "unparsable": "Make both versions valid Python, or run Flagwright on the Python they need.",
}

OF_A_METHOD = (
    "Let a method that is there already call the new code, give a new override the parameters of "
    "the method that it overrides, or ship the class in a change of its own."
)
"""The way out where a class cannot get a method, or lose one."""

REGISTERED = (
    "Ship it without a plan: let its first line ask for the flag, and while that is off do what "
    "was done without it (e.g. answer 404, raise AttributeError). Or leave the decorator out, and "
    "let guarded code call it."
)
"""The way out of a new function that its decorator hands to others at import."""
REMEMBERING = (
    "First, in a change of its own, let a function that remembers nothing call this one. Then put "
    "the new code into another function that remembers its own results, let the first one call "
    "that, and wrap this change."
)
"""The way out of a function below a cache: the flag has to be asked above it."""

MOST_PLACES = 7
"""How many places of one refusal are named beside the first."""


def refuse(
    line: Line, category: Category, because: str, *, path: str = "", way_out: str = ""
) -> CannotWrap:
    """Make the refusal of one place; the path may be filled in later by `at`.

    Args:
        way_out: For a place where that of the category does not fit.
    """
    return CannotWrap(path, line, category, because, way_out=way_out or WAY_OUT[category])


def refuse_all(left: Sequence[CannotWrap], *, way_out: str = "") -> CannotWrap:
    """One refusal for several places: the first, with the others named.

    Args:
        left: All of them, with their paths.
        way_out: What else would help.
    """
    first, *rest = left
    also = [f"{e.path}:{e.line} ({e.category}: {e.because})" for e in rest[:MOST_PLACES]]
    if len(rest) > MOST_PLACES:
        also.append(f"{len(rest) - MOST_PLACES} more")
    words = f"{first.next_step} {way_out}".strip()
    return CannotWrap(
        first.path, first.line, first.category, first.because, way_out=words, also=also
    )


def at(path: str, error: CannotWrap) -> CannotWrap:
    """The same refusal, with the path of the file it was found in."""
    step = error.next_step
    return refuse(error.line, error.category, error.because, path=path, way_out=step)
