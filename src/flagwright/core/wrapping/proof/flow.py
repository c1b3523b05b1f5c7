"""Follow what the names of a file stand for: values, and what these, or classes, are made of."""

import ast
from collections.abc import Collection

from flagwright.core.wrapping.proof.idle import Idle
from flagwright.core.wrapping.proof.outside import Outside
from flagwright.core.wrapping.proof.running import called_name, factories, names_of
from flagwright.core.wrapping.tree import walk


class Flow(Idle):
    """Knows what leads from name to name."""

    def __init__(
        self, tree: ast.Module, outside: Outside, running_calls: Collection[str] = ()
    ) -> None:
        """Read the file."""
        super().__init__(tree, outside, running_calls)
        self._parts: dict[int, set[str]] = {}
        """What `_made_of` has found."""

    def made_of(self, name: str) -> list[ast.expr | ast.ClassDef]:
        """What a name of the file may stand for: values, and the classes of that name."""
        return [*self.held_by(name), *self._classes.get(name, ())]

    def held_by(self, name: str) -> list[ast.expr]:
        """What a name, a container or a field is given."""
        return [*self._values.get(name, ()), *self._filled.get(name, ())]

    def _flow(self, names: set[str]) -> set[str]:
        """Names, with all that their values, bases and metaclasses are made of."""
        found, waiting = set(names), list(names)
        while waiting:
            name = waiting.pop()
            more = set[str]().union(*map(self._made_of, self.made_of(name))) - found
            found |= more
            waiting += more
        return found

    def _made_of(self, source: ast.expr | ast.ClassDef) -> set[str]:
        """Names in a value, with what its calls give back, or in what makes a class."""
        found = self._parts.get(id(source))
        if found is None:
            if isinstance(source, ast.ClassDef):
                heads = [n for head in (*source.bases, *source.keywords) for n in walk(head)]
                found = {n.id for n in (*heads, *factories(source)) if isinstance(n, ast.Name)}
            else:
                found = names_of(source)
                found = found.union(*(self._results.all(called_name(n)) for n in walk(source)))
            self._parts[id(source)] = found
        return found
