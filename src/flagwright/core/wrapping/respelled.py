"""Tell whether two imports of one name are the same one, spelled from another place.

`from shop.tax import rate` and, in a file of `shop`, `from .tax import rate` give the same
object, as long as the repository has that file in that package.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flagwright.core.wrapping.binding import Binding
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.tree import of_kind


@dataclass(frozen=True)
class Spelling:
    """The package that the imports of a file are read from."""

    package: str
    """Dotted; empty where it is not certain, so that only equal imports are the same."""

    def is_same(self, one: Binding, other: Binding) -> bool:
        """Whether two imports give one name the same meaning."""
        if one.name != other.name or not self.package:
            return one == other
        return self._origin(one) == self._origin(other)

    def names(self, before: Iterable[Binding], after: Iterable[Binding]) -> set[str]:
        """Names that both versions import from one place, each in another spelling."""
        old, new = {*before}, {*after}
        pairs = ((one, other) for one in old - new for other in new - old)
        return {one.name for one, other in pairs if self.is_same(one, other)}

    def _origin(self, binding: Binding) -> tuple[str, str | None]:
        rest = binding.module.lstrip(".")
        level = len(binding.module) - len(rest)
        around = self.package.split(".")
        if not level or level > len(around):
            return binding.module, binding.attribute
        return ".".join(
            [*around[: len(around) + 1 - level], *filter(None, [rest])]
        ), binding.attribute


def spelling(trees: Iterable[ast.Module], states: Sequence[Bases]) -> Spelling:
    """How a file may spell its imports: none but as they are where its package is not certain.

    Args:
        trees: Both versions. One that is also run as a program has no package then.
        states: The repository, in each of its states.
    """
    packages = {bases.package for bases in states}
    if len(packages) != 1 or any(_is_program(tree) for tree in trees):
        return Spelling("")
    return Spelling(packages.pop())


def _is_program(tree: ast.Module) -> bool:
    return any(n.value == "__main__" for n in of_kind(tree, ast.Constant))
