"""Tell whether a function can say for whom a flag is asked, as the check wants it.

`is_active(self.request, "new-tax")` in a class that has no `request` would fail with the flag
off as well, and so would `request.user` where `request` is something else by then, or nothing.
"""

import ast
from collections.abc import Collection, Iterator, Sequence

from flagwright.core.wrapping.binding import binds
from flagwright.core.wrapping.effect import FUNCTIONS, Function

_EARLY = frozenset(
    {"__new__", "__init__", "__post_init__", "__setattr__", "__getattr__", "__del__"}
)
"""Methods that may run while their object lacks attributes."""


class ForWhom:
    """What a check says of the names that a function must have."""

    def __init__(
        self, check: ast.expr, names: Collection[str], trees: Sequence[ast.Module]
    ) -> None:
        """`names` are those of parameters; `trees` both versions of the file, the new one last."""
        self._names, self._check = frozenset(names), ast.unparse(check)
        self._attributes = {
            node.value.id: node.attr
            for node in ast.walk(check)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in names
        }
        self._has_items = {
            node.value.id
            for node in ast.walk(check)
            if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.value, ast.Name)
        }
        self._classes = [
            [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef)] if names else []
            for tree in trees
        ]

    def lacking(self, function: Function) -> str | None:
        """Why a function cannot ask; none where it can."""
        for name in sorted(self._names):
            if because := self._lacks(function, name):
                return because
        return None

    def _lacks(self, function: Function, name: str) -> str | None:
        named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if name not in {argument.arg for argument in named}:
            return f"`{function.name}` has no parameter `{name}`, which `{self._check}` needs"
        if sum(binds(node, name) for node in ast.walk(function)) > 1:
            because = f"`{name}` becomes something else in `{function.name}`"
            return f"{because}, and `{self._check}` needs it"
        if name not in self._has_items:
            return None
        if name in _optional(function.args):
            return f"`{name}`, which `{self._check}` needs, may not be given to `{function.name}`"
        owner = next((c for side in self._classes for c in side if function in c.body), None)
        if owner is None or named[0].arg != name or name not in self._attributes:
            return None
        attribute = self._attributes[name]
        is_early = function.name in _EARLY
        if is_early or not all(
            self._has(owner.name, attribute, classes) for classes in self._classes
        ):
            because = f"an object of `{owner.name}` may have no `{attribute}`"
            return f"{because}, which `{self._check}` needs"
        return None

    def _has(self, owner: str, attribute: str, classes: Sequence[ast.ClassDef]) -> bool:
        """Whether a class of one version uses an attribute, or may inherit it."""
        found = [c for c in classes if c.name == owner]
        return any(
            any(getattr(base, "id", "") != "object" for base in node.bases)
            or attribute in _attributes_of(node)
            for node in found
        )


def _attributes_of(owner: ast.ClassDef) -> Iterator[str]:
    for node in ast.walk(owner):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, FUNCTIONS):
            yield node.name
        elif isinstance(node, ast.AnnAssign | ast.Assign) and node in owner.body:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (t.id for t in targets if isinstance(t, ast.Name))


def _optional(arguments: ast.arguments) -> set[str]:
    positional = [*arguments.posonlyargs, *arguments.args]
    by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    with_default = positional[len(positional) - len(arguments.defaults) :]
    return {a.arg for a in with_default} | {a.arg for a, default in by_name if default}
