"""Tell whether inner functions may stand for a function: whether anybody would notice.

What could is another kind of call, and a frame more on the way to the code.
"""

import ast
from collections.abc import Iterable, Iterator

from flagwright.core.wrapping.declared import Declared
from flagwright.core.wrapping.effect import FUNCTIONS, Function, last_name
from flagwright.core.wrapping.frame import own_nodes
from flagwright.core.wrapping.levels import counted
from flagwright.core.wrapping.refusal import refuse

_SEES_FRAMES = {"_getframe", "currentframe", "findCaller", "extract_stack", "f_locals", "f_back"}
_LEAVES_AS_IS = {"staticmethod", "classmethod", "property", "setter", "getter", "deleter"}


def is_generator(tree: Function) -> bool:
    """Whether calling a function runs nothing yet."""
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own_nodes(tree))


def check_inner(before: Function, after: Function, trees: tuple[ast.Module, ast.Module]) -> None:
    """Refuse a function whose body cannot move into an inner one.

    Raises:
        CannotWrap: `function-kind` or `scope`.
    """
    yields = [is_generator(tree) for tree in (before, after)]
    name, line = after.name, after.lineno
    if any(yields) and isinstance(after, ast.AsyncFunctionDef):
        because = f"`{name}` gives its values asynchronously, which cannot be handed on"
        raise refuse(line, "function-kind", because)
    decorators = {last_name(d) for d in after.decorator_list}
    if yields[0] != yields[1] and not decorators <= _LEAVES_AS_IS:
        because = f"`{name}` becomes another kind of function under a decorator"
        raise refuse(line, "function-kind", because)
    counts = {w for tree in trees for w in _counting(tree)}
    sides = zip((before, after), trees, strict=True)
    words = {w for side, tree in sides for w in _all_words(side, but=counted(side, tree))}
    if seen := sorted(counts & words):
        raise refuse(line, "scope", f"`{name}` counts the calls around it ({seen[0]})")
    if seen := sorted(_SEES_FRAMES & {w for tree in trees for w in _all_words(tree)}):
        raise refuse(line, "scope", f"the file looks at the calls around `{name}` ({seen[0]})")
    if getattr(before, "type_params", []) or getattr(after, "type_params", []):
        raise refuse(line, "scope", f"`{name}` has type parameters of its own")


def check_kind(before: Function, after: Function, declared: Declared) -> None:
    """Refuse a function that becomes a generator, or stops being one, where somebody may ask.

    A framework gives the one what it yields, and the other what it returns: `Depends(get_db)`.

    Raises:
        CannotWrap: `function-kind`.
    """
    if is_generator(before) == is_generator(after):
        return
    if reader := declared.reader_of(after, has_dots=False, is_exact=True):
        because = f"`{after.name}` becomes another kind of function, and {reader}"
        raise refuse(after.lineno, "function-kind", because)


def _counting(tree: ast.Module) -> Iterator[str]:
    """`stacklevel`, and functions of a file that count calls by it."""
    yield "stacklevel"
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and "stacklevel" in _all_words(node):
            yield node.name


def _all_words(tree: ast.AST, but: Iterable[ast.AST] = ()) -> set[str]:
    away = {id(node) for node in but}
    return {word for node in ast.walk(tree) if id(node) not in away for word in _words(node)}


def _words(node: ast.AST) -> Iterator[str]:
    """What a node names: a variable, an attribute, an argument, an import."""
    match node:
        case ast.Attribute(value=ast.Name(id="inspect"), attr="stack"):
            yield "_getframe"
        case ast.Call(func=func, args=args, keywords=keywords) if last_name(func) == "warn":
            if len(args) > 2 or any(not k.arg for k in keywords):  # `warn(text, kind, 2)`
                yield "stacklevel"
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str() as name):
            yield name
        case ast.alias(name=name):
            yield name.rpartition(".")[2]
        case _:
            pass
