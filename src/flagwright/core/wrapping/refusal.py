"""Refuse a change: one place for the way out of each category."""

from flagwright.core.records import Line
from flagwright.errors import CannotWrap, Category

WAY_OUT: dict[Category, str] = {
    "class-body": "Move the new behaviour into a method, or ship the class in a change of its own.",
    "decorator": "Keep the decorators as they are and change the body of the function.",
    "function-kind": "Put the new behaviour into a function of its own, of the same kind.",
    "import-time": "Move the code into a function, or ship this part without a flag first.",
    "name-clash": "Give the new name another spelling, so that both versions can live in one file.",
    "not-python": "Ship this file in a change of its own.",
    "proof-failed": "Split the change into smaller ones; this is also worth a bug report.",
    "renamed-file": "Rename the file in a change of its own, then change the code.",
    "scope": "Give the new local another name, so that old and new code do not share it.",
    "signature": "Add parameters last or by keyword, with a plain default, or keep it as it is.",
    "too-complex": "Split the file or the expression.",
    "unparsable": "Make both versions valid Python for the interpreter that runs Flagwright.",
}


def refuse(line: Line, category: Category, because: str, *, path: str = "") -> CannotWrap:
    """Make the refusal of one place; the path may be filled in later by `at`."""
    return CannotWrap(path, line, category, because, way_out=WAY_OUT[category])


def at(path: str, error: CannotWrap) -> CannotWrap:
    """The same refusal, with the path of the file it was found in."""
    return refuse(error.line, error.category, error.because, path=path)
