"""Tell how files spell something of a module, where it certainly is nothing else."""

import ast
from collections.abc import Collection, Iterator, Sequence

from flagwright.core.wrapping.binding import Binding, bindings, binds
from flagwright.core.wrapping.tree import nodes


def spellings(
    trees: Sequence[ast.Module], modules: Collection[str], names: Collection[str]
) -> dict[str, str]:
    """Names of a module as some versions of a file spell them, such as `ft.cache`: each by that.

    Args:
        modules: The module, or several that have one thing under these names.
    """
    found = {s: name for tree in trees for s, name in _spelled(tree, modules, names)}
    roots = {spelled.partition(".")[0] for spelled in found}
    other = {
        name for tree in trees if roots for name in _bound_otherwise(tree, roots, modules, names)
    }
    return {s: name for s, name in found.items() if s.partition(".")[0] not in other}


def _spelled(
    tree: ast.Module, modules: Collection[str], names: Collection[str]
) -> Iterator[tuple[str, str]]:
    """What imports that surely run give them as their names."""
    attempts = (n for node in tree.body if isinstance(node, ast.Try) for n in node.body)
    for binding in (b for node in (*tree.body, *attempts) for b in bindings(node)):
        if _is_own(binding, modules, names):
            if binding.attribute:
                yield binding.name, binding.attribute
            else:
                yield from ((f"{binding.name}.{name}", name) for name in names)


def _is_own(binding: Binding, modules: Collection[str], names: Collection[str]) -> bool:
    return binding.module in modules and binding.attribute in (None, *names)


def _bound_otherwise(
    tree: ast.Module, roots: Collection[str], modules: Collection[str], names: Collection[str]
) -> Iterator[str]:
    """Those of the names that a file may give another meaning."""
    for node in nodes(tree):
        for binding in bindings(node):
            if binding.name == "*":
                yield from roots
            elif not _is_own(binding, modules, names):
                yield binding.name
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield from roots if node.attr in names else ()
        yield from (name for name in roots if binds(node, name))
