"""Tell what looks into a call of a function, and what is left of it when it is over.

A local that holds an answer can be seen by the first, and goes stale in the second.
"""

import ast
from collections.abc import Iterator
from functools import lru_cache

from flagwright.core.wrapping.effect import FUNCTIONS, Function, last_name
from flagwright.core.wrapping.tree import children, nodes, of_kind, walk

_SEES_LOCALS = {"locals", "vars", "dir", "eval", "exec"}
_SEES_FRAMES = {"f_locals", "getargvalues"}
_LOOKING = (ast.Name, ast.Attribute, ast.ImportFrom)


def looks(tree: ast.AST) -> Iterator[str]:
    """What shows a function its own locals: `locals()`, `eval(text)`, but not `vars(item)`."""
    inner = walk(tree)
    names = [n for n in inner if isinstance(n, ast.Name)]
    bound = {n.id for n in names if not isinstance(n.ctx, ast.Load)}
    bound |= {n.arg for n in inner if isinstance(n, ast.arg)}
    given = {
        id(n.func)
        for n in inner
        if isinstance(n, ast.Call) and len(n.args) > (last_name(n.func) in ("eval", "exec"))
    }
    yield from (n.id for n in names if n.id in _SEES_LOCALS - bound and id(n) not in given)
    for node in inner:
        match node:
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name) if name in _SEES_LOCALS:
                yield name
            case _:
                pass


def looks_from_afar(tree: ast.Module) -> Iterator[str]:
    """What shows one function of a file the locals of another."""
    words = {node.id for node in of_kind(tree, ast.Name)}
    words |= {node.attr for node in of_kind(tree, ast.Attribute)}
    words |= {node.module for node in of_kind(tree, ast.ImportFrom) if node.module}
    if words.isdisjoint({*_SEES_FRAMES, *_SEES_LOCALS, "builtins"}):
        return
    near = [node for node in nodes(tree) if isinstance(node, _LOOKING) and _may_look(node)]
    called = {id(n.func) for n in of_kind(tree, ast.Call)}
    dropped = {id(n.value) for n in of_kind(tree, ast.Expr)}
    for node in near:
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in _SEES_FRAMES:
                if id(node) not in dropped:
                    yield name
            case ast.Name(id=("locals" | "vars") as name, ctx=ast.Load()):
                if id(node) not in called:
                    yield name
            case ast.ImportFrom(module="builtins"):
                yield from (a.name for a in node.names if a.name in _SEES_LOCALS)
            case _:
                pass


def _may_look(node: ast.AST) -> bool:
    """Whether a node has one of the words that show locals."""
    if isinstance(node, ast.Name):
        return node.id in _SEES_FRAMES or node.id in _SEES_LOCALS
    if isinstance(node, ast.Attribute):
        return node.attr in _SEES_FRAMES
    return isinstance(node, ast.ImportFrom) and node.module == "builtins"


def outlives(outer: Function, inner: Function) -> bool:
    """Whether an inner function may be called when the outer one is done (or by its caller)."""
    if inner.decorator_list:
        return True
    if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(inner)):
        return True
    ended = set(_ended_uses(outer, is_async=isinstance(inner, ast.AsyncFunctionDef)))
    return any(
        isinstance(n, ast.Name) and n.id == inner.name and id(n) not in ended
        for n in ast.walk(outer)
    )


def _ended_uses(outer: Function, *, is_async: bool) -> Iterator[int]:
    """Names, by identity, whose function is called and done with: `f()`, `sorted(x, key=f)`."""
    for node in own_nodes(outer):
        match node:
            case ast.Await(value=ast.Call(func=ast.Name() as name)) if is_async:
                yield id(name)
            case ast.Call(func=func, keywords=keywords) if not is_async:
                yield id(func)
                if last_name(func) in ("sorted", "sort", "min", "max"):
                    yield from (id(k.value) for k in keywords if k.arg == "key")
            case _:
                pass


def own_nodes(outer: Function) -> list[ast.AST]:
    """Nodes of a function without those of functions, lambdas and classes inside it."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = list(outer.body)
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            stack += children(node)
    return found


@lru_cache(maxsize=2)
def functions_of(tree: ast.Module) -> list[tuple[Function, list[ast.AST]]]:
    """All functions of a file, each with its own nodes."""
    return [(node, own_nodes(node)) for node in nodes(tree) if isinstance(node, FUNCTIONS)]
