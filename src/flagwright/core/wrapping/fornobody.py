"""Find where code asks for a flag without saying for whom.

A share of the users means nothing there: the client tosses a coin at each question, or lets in
nobody. What may hand over a user, at the call or in a function of that name, counts as one.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from flagwright.core.place import Place
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.sound import asked_flag
from flagwright.core.wrapping.spelling import spelled_in
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.where import named_plainly

_USER: Final = re.compile(
    r"(?i)account|context|customer|identity|member|person|request|session|tenant|user|visitor"
)
"""Words of what says for whom a flag is asked."""
_FOR_ALL: Final = re.compile(rb"\bset_(?:evaluation|transaction)_context\b")
"""Sets for whom every question is, wherever that is done."""
_DEFAULTS: Final = ("default", "default_value", "fallback_function")


def asked_for_nobody(
    files: Mapping[str, bytes], flag: str, policy: WrappingPolicy
) -> tuple[Place, ...]:
    """Lines outside the tests that ask for a flag and hand over no user, by path and line."""
    if any(_FOR_ALL.search(text) for text in files.values()):
        return ()
    _, spelled = spelled_in(files, flag)
    found = {
        (path, line)
        for path in {*spelled, *(p for p, text in files.items() if flag.encode() in text)}
        if not policy.is_test(path)
        for line in _lines(files, path, flag, spelled.get(path, ()))
    }
    return tuple(Place(path=path, line=line) for path, line in sorted(found))


def is_for_nobody(way: Convention, files: Mapping[str, bytes]) -> bool:
    """Whether a way of asking hands over no user."""
    if way.context or any(_FOR_ALL.search(text) for text in files.values()):
        return False
    asked = ast.parse(way.asking("a.flag"), mode="eval").body
    asked = asked.value if isinstance(asked, ast.Await) else asked
    return isinstance(asked, ast.Call) and _is_for_nobody(asked, (), files)


def _lines(
    files: Mapping[str, bytes], path: str, flag: str, spelled: Collection[str]
) -> Iterator[int]:
    tree = tree_of(files[path])
    calls = (node for node in (nodes(tree) if tree else ()) if isinstance(node, ast.Call))
    for call in calls:
        is_asked = asked_flag(named_plainly(call, flag, spelled)) == flag
        if is_asked and _is_for_nobody(call, spelled, files):
            yield call.lineno


def _is_for_nobody(call: ast.Call, spelled: Collection[str], files: Mapping[str, bytes]) -> bool:
    given = [keyword.value for keyword in call.keywords if keyword.arg not in _DEFAULTS]
    for value in (*call.args, *given):
        if not isinstance(value, ast.Constant) and ast.unparse(value) not in spelled:
            return False
    called = ast.unparse(call.func)
    return not (_USER.search(called) or _speaks_of_users(called.rpartition(".")[2], files))


def _speaks_of_users(name: str, files: Mapping[str, bytes]) -> bool:
    """Whether some function of the repository that is called so may know for whom it asks."""
    start = f"def {name}(".encode()
    trees = (tree_of(text) for text in files.values() if start in text)
    return any(
        isinstance(node, FUNCTIONS) and node.name == name and _USER.search(ast.unparse(node))
        for tree in trees
        for node in (nodes(tree) if tree else ())
    )
