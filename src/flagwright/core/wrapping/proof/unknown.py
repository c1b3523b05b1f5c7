"""Tell of which calls a file does not say what is called."""

import ast
import builtins

from flagwright.core.wrapping.proof.names import Names
from flagwright.core.wrapping.proof.running import is_bare, names_of, root_of


class Unknown(Names):
    """Knows what is not known of a file."""

    def _is_unknown(self, func: ast.expr) -> bool:
        """Whether the file does not say what is called: a parameter, a field, an item."""
        root = root_of(func)
        if root in self._foreign:
            return False
        match func:
            case ast.Lambda():
                return not is_bare(func)
            case ast.Name(id=name):
                own = name in self._functions or name in self._classes
                return not own and not hasattr(builtins, name)
            case ast.Attribute(attr=name):
                return name in self._fields and not self._only_holds_its_own(name)
            case _:
                return True

    def _only_holds_its_own(self, field: str) -> bool:
        """Whether nothing but functions and classes of the file are stored in an attribute."""
        known = [
            isinstance(v, ast.Name) and (v.id in self._functions or v.id in self._classes)
            for v in self._given[field]
        ]
        return all(known) and len(known) == self._fields[field]

    def _asked(self, func: ast.expr) -> set[str]:
        """Names in what a method is called on, where none of the file is called so."""
        match func:
            case ast.Attribute(value=ast.Name() | ast.Call() as value, attr=name):
                own = name in self._functions or name in self._fields or self._is_foreign(value)
                return set() if own else names_of(value)
            case _:
                return set()

    def _has_strange_base(self, owner: str) -> bool:
        """Whether a class of the file has a base, or one above it, of which nothing is known."""
        seen, waiting = set[str](), [owner]
        while waiting:
            heads = [base for c in self._classes.get(waiting.pop(), ()) for base in c.bases]
            names = {ast.unparse(b.value if isinstance(b, ast.Subscript) else b) for b in heads}
            if any(n not in self._classes and not hasattr(builtins, n) for n in names):
                return True
            waiting += names - seen
            seen |= names
        return False
