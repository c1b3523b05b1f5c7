"""Find functions that hand on by name whatever they are given: `def outline(**kw): draw(**kw)`.

Whoever calls such a function calls the other one through it, by names that stand nowhere beside it.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from flagwright.core.wrapping.effect import FUNCTIONS, last_name
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.tree import nodes, walk


def is_called_through(
    name: str,
    states: Iterable[Mapping[str, bytes]],
    changed: Iterable[tuple[ast.Module, ast.Module]],
) -> bool:
    """Whether a change gives other names to what hands on to a function, in whatever file.

    Args:
        states: The repository, in each of its states.
        changed: Both versions of every file that changes.
    """
    through = {each for state in states for each in _through(name, state)} - {name}
    return bool(through) and any(
        _calls(before, through) != _calls(after, through) for before, after in changed
    )


def _calls(tree: ast.Module, names: Collection[str]) -> set[frozenset[str]]:
    """What the calls of some functions give by name."""
    calls = (n for n in nodes(tree) if isinstance(n, ast.Call) and last_name(n.func) in names)
    return {frozenset(k.arg for k in call.keywords if k.arg) for call in calls}


def _through(name: str, files: Mapping[str, bytes]) -> Iterator[str]:
    call = re.compile(rb"\b" + re.escape(name.encode()) + rb"\([^)]*\*\*")
    for text in files.values():
        tree = tree_of(text) if call.search(text) else None
        functions = (n for n in nodes(tree) if isinstance(n, FUNCTIONS)) if tree else ()
        for function in functions:
            given = function.args.kwarg
            if given and any(_hands_on(node, name, given.arg) for node in walk(function)):
                yield function.name


def _hands_on(node: ast.AST, name: str, given: str) -> bool:
    if not isinstance(node, ast.Call) or last_name(node.func) != name:
        return False
    values = (keyword.value for keyword in node.keywords if keyword.arg is None)
    return any(isinstance(value, ast.Name) and value.id == given for value in values)
