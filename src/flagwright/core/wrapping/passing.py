"""Tell which decorators of a repository only pass on what somebody else's code makes.

`@our_group()` that returns `click.group(color=True)` gives a function to click as `@click.group()`
does. Whatever the repository tells the other code must be a plain value then: a class of its
own that is told may have methods of its own.
"""

import ast
from collections.abc import Callable, Collection, Iterator

from flagwright.core.wrapping.linking import names_bound
from flagwright.core.wrapping.part import Part
from flagwright.core.wrapping.proof.running import Function, root_of
from flagwright.core.wrapping.registry import Registries
from flagwright.core.wrapping.tree import members, walk


def passing(known: Registries, part: Part, is_set: Callable[[str], bool]) -> Iterator[str]:
    """The first decorators of functions of a file, as it spells them, that only pass on.

    Args:
        is_set: Whether any file sets an attribute of this name.
    """
    for node in members(part.tree):
        for decorator in node.decorator_list[:1] if isinstance(node, Function) else ():
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            meant = known.meant(part, func)
            is_one = root_of(func) not in part.hidden
            sure = (_only_passes_on(*one, known.packages) and not is_set(one.name) for one in meant)
            if meant and is_one and all(sure):
                yield ast.unparse(func)


def _only_passes_on(part: Part, name: str, packages: Collection[str]) -> bool:
    """Whether a name is one plain function that returns nothing but what others make."""
    found = part.functions.get(name, ())
    own = [n for n in members(part.tree) if name in names_bound(n)]
    shared = {n for node in part.nodes if isinstance(node, ast.Global) for n in node.names}
    shared |= part.imported.keys()
    if not found or found != own or name in shared or found[0].decorator_list:
        return False
    inner = [node for statement in found[0].body for node in walk(statement)]
    returned = [node.value for node in inner if isinstance(node, ast.Return)]
    local = {n.id for n in inner if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    local |= {a.arg for a in walk(found[0].args) if isinstance(a, ast.arg)} | part.bound
    runs_later = isinstance(found[0], ast.AsyncFunctionDef) or any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in inner
    )
    return (
        bool(returned)
        and not runs_later
        and all(value and _is_made(value, part, local, packages) for value in returned)
    )


def _is_made(
    value: ast.expr, part: Part, local: Collection[str], packages: Collection[str]
) -> bool:
    """Whether a value is what a call of others gives back that is told plain values alone."""
    if not isinstance(value, ast.Call):
        return False
    root = root_of(value.func)
    package = "" if root in local else part.imported.get(root, "").partition(".")[0]
    is_named = isinstance(value.func, ast.Name | ast.Attribute)
    told = (*value.args, *(keyword.value for keyword in value.keywords))
    is_spelled = all(keyword.arg for keyword in value.keywords)
    is_strange = bool(package) and package not in packages
    return is_named and is_strange and is_spelled and all(map(_is_plain, told))


def _is_plain(value: ast.expr) -> bool:
    """Whether a value is a constant, or a display that has no name but that of what it calls."""
    if not isinstance(value, ast.Dict | ast.List | ast.Tuple):
        return isinstance(value, ast.Constant)
    inner = walk(value)
    called = {id(n.func) for n in inner if isinstance(n, ast.Call)}
    return not any(isinstance(n, ast.Name) and id(n) not in called for n in inner)
