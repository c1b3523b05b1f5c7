"""Read which calls at the top of a file are given its own classes, and nothing else.

`for kind in (Small, Large): register(kind)` registers classes that are what their code says:
no decorator, no metaclass and no base of another file makes anything else of them.
"""

import ast
from collections import Counter
from collections.abc import Iterator

from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.tree import nodes, of_kind, walk


def given_classes(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls that stand alone in a line, or in a loop over classes that stand there."""
    plain, functions = _plain(tree)
    for node in tree.body:
        match node:
            case ast.Expr(value=ast.Call() as call) if _is_given(call, functions, plain):
                yield call
            case ast.For(
                target=ast.Name(id=name), iter=ast.Tuple(elts=parts) | ast.List(elts=parts)
            ) if all(isinstance(part, ast.Name) and part.id in plain for part in parts):
                yield from (
                    c for c in _calls(node, name) if _is_given(c, functions, plain | {name})
                )
            case _:
                pass


def _calls(loop: ast.For, name: str) -> Iterator[ast.Call]:
    """Calls that are lines of a loop in which a name stays what it is."""
    inner = [part for statement in loop.body for part in walk(statement)]
    if any(isinstance(n, ast.Name) and n.id == name and _is_bound(n) for n in inner):
        return
    for statement in loop.body:
        match statement:
            case ast.Expr(value=ast.Call() as call):
                yield call
            case _:
                pass


def _is_bound(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _is_given(call: ast.Call, functions: set[str], names: set[str]) -> bool:
    """Whether all that a function of the file is given are such classes, or constants."""
    values = (*call.args, *(k.value for k in call.keywords if k.arg))
    return (
        isinstance(call.func, ast.Name)
        and call.func.id in functions
        and len(values) == len(call.args) + len(call.keywords)
        and all(
            isinstance(v, ast.Constant) or (isinstance(v, ast.Name) and v.id in names)
            for v in values
        )
    )


def _plain(tree: ast.Module) -> tuple[set[str], set[str]]:
    """Classes, and functions, at the top of a file whose names mean nothing else there."""
    found, functions = set[str](), set[str]()
    bound = Counter(n.id for n in of_kind(tree, ast.Name) if _is_bound(n))
    bound.update(n.name for n in nodes(tree) if isinstance(n, (*FUNCTIONS, ast.ClassDef)))
    bound.update(a.asname or a.name for a in of_kind(tree, ast.alias))
    shared = {name for node in of_kind(tree, ast.Global) for name in node.names}
    for node in tree.body:
        name = getattr(node, "name", "")
        if bound[name] != 1 or name in shared or getattr(node, "decorator_list", None):
            continue
        if isinstance(node, FUNCTIONS):
            functions.add(name)
        elif isinstance(node, ast.ClassDef) and not node.keywords:
            bases = {getattr(base, "id", "") for base in node.bases}
            found |= {name} if bases <= found else set()
    return found, functions
