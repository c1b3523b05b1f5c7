"""Find the next form for a function of which the merged text does not pass the proof."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from flagwright.core.wrapping.bodies import Form
from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.tree import parsed
from flagwright.errors import CannotWrap


def larger_form(
    error: CannotWrap, text: str, after: ast.Module, forms: Mapping[int, Form]
) -> dict[int, Form]:
    """The next form for the function in which a proof failed, by its line in the new version.

    Args:
        text: The wrapped file, to which the line of the error belongs.

    Returns:
        Nothing where no form would help.
    """
    if error.category not in ("scope", "function-kind"):
        return {}
    known = dict(_functions(after.body, ()))
    for key, node in _functions(parsed(text).body, ()):
        if key in known and node.lineno <= error.line <= (node.end_lineno or node.lineno):
            line = known[key].lineno
            form = forms.get(line, Form.GUARDS)
            return {line: Form(form + 1)} if form < Form.TWO_BODIES else {}
    return {}


def _functions(
    body: Iterable[ast.AST], around: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Function]]:
    """Functions outside functions by name, that of their class, and how often it was seen."""
    seen: Counter[str] = Counter()
    for node in body:
        if isinstance(node, FUNCTIONS):
            yield (*around, node.name, str(seen[node.name])), node
            seen[node.name] += 1
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, (*around, node.name))
