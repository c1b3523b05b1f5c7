"""Refuse what changes the order, or the number, of what runs at import for both versions."""

import ast
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from flagwright.core.wrapping.effect import FUNCTIONS, Effects, last_name
from flagwright.core.wrapping.refusal import REGISTERED, refuse
from flagwright.core.wrapping.statement import Statement

DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


def names(side: Sequence[Statement], effects: Effects) -> list[tuple[Hashable, str, int] | None]:
    """Name and ordinal of each definition; none for other statements.

    Another `@overload` is another definition: what comes after it has the name.
    """
    seen: Counter[tuple[Hashable, str]] = Counter()
    found: list[tuple[Hashable, str, int] | None] = []
    for statement in side:
        if isinstance(statement.tree, DEFINITIONS):
            is_stub = "overload" in map(last_name, statement.tree.decorator_list)
            kind = effects.of(statement.tree) if is_stub else "definition"
            name = statement.tree.name
            found.append((kind, name, seen[kind, name]))
            seen[kind, name] += 1
        else:
            found.append(None)
    return found


_OTHER = "Give what is new a name of its own, so that both versions can live in one file."


def check_moves(before: Sequence[Statement], after: Sequence[Statement], effects: Effects) -> None:
    """Refuse definitions in another order, and names that one side has more often."""
    old = {key: s for key, s in zip(names(before, effects), before, strict=True) if key}
    new = {key: s for key, s in zip(names(after, effects), after, strict=True) if key}
    common = [key for key in old if key in new]
    moved = [key for key in new if key in old]
    for here, there in zip(common, moved, strict=True):
        if here != there:
            raise refuse(new[there].line, "import-time", f"`{there[1]}` moves to another place")
    both = old.keys() & new.keys()
    of_one = [key for key in old.keys() ^ new.keys() if key[0] == "definition"]
    again = [key for key in of_one if (key[0], key[1], 0) in both]
    if again:
        line, name, is_decorated = min(
            (s.line, key[1], bool(getattr(s.tree, "decorator_list", ())))
            for key in again
            if (s := new.get(key) or old[key])
        )
        because = f"`{name}` is defined more or less often than before"
        raise refuse(line, "name-clash", because, way_out=REGISTERED if is_decorated else _OTHER)


def check_attempt(before: Statement, after: Statement) -> None:
    """Refuse a `try` whose outcome may change: every import and constant decides it for both."""
    old, new = ([ast.dump(n) for n in _attempted(side.tree)] for side in (before, after))
    if old != new:
        because = "what a `try` at the top of the file attempts would change for both versions"
        raise refuse(after.line, "import-time", because)


def _attempted(node: ast.AST) -> Iterator[ast.AST]:
    """The imports and assignments of a statement, without those in functions."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign):
            yield part
        elif not isinstance(part, DEFINITIONS):
            yield from _attempted(part)
