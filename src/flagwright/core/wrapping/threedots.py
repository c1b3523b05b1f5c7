"""Tell whether code hands on `...`, which stands for a parameter that a caller left out.

A value goes anywhere: through a name, a dict or another function. So every `...` counts, but
for those of which it is plain that no function of the repository is called with them.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from flagwright.core.wrapping.effect import Function, last_name
from flagwright.core.wrapping.source import parse
from flagwright.core.wrapping.tree import nodes
from flagwright.errors import CannotWrap

_GENERIC = ("tuple", "Tuple", "Callable", "Concatenate", "Annotated")
_DOTS = re.compile(rb"[(\[,=:{]\s*\.\.\.|\b(?:return|yield|else|or|and)\s+\.\.\.|\bEllipsis\b")
_ITEMS = re.compile(rb"\bdef __(?:class_)?(?:get|set|del)item__\b")


def hands_on_dots(
    tree: ast.Module, *, own: Collection[str] | None = None, items: bool = True
) -> bool:
    """Whether a file has `...` as a value that may get into a call.

    Args:
        own: Words in the names of the repository's modules; none where they are not known.
        items: Whether a class of the repository may be asked for the item `...`.
    """
    foreign = set(_foreign(tree, own)) if own is not None else set[str]()
    made = {node.name for node in nodes(tree) if isinstance(node, ast.ClassDef)}
    idle = {id(part) for node in nodes(tree) for part in _idle(node, foreign, made, is_item=items)}
    return any(_is_dots(node) and id(node) not in idle for node in nodes(tree))


def file_with_dots(files: Mapping[str, bytes], states: Iterable[bytes]) -> str | None:
    """A file that has `...` as a value.

    Args:
        files: All but the one in question.
        states: Texts of all files.
    """
    own = {word for path in files for word in path.removesuffix(".py").split("/")}
    items = any(map(_ITEMS.search, states))
    for path, text in files.items():
        if _DOTS.search(text) and hands_on_dots(tree_of(text), own=own, items=items):
            return path
    return None


def tree_of(text: bytes) -> ast.Module:
    """What a file does; one that does not parse does nothing."""
    try:
        return parse(text.decode("utf-8-sig", "replace"))
    except CannotWrap:
        return ast.Module([], [])


def _is_dots(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=value):
            return value is ...
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word == "Ellipsis"
        case _:
            return False


def _foreign(tree: ast.Module, own: Collection[str]) -> Iterator[str]:
    """Names that a file imports from what the repository does not have."""
    for node in nodes(tree):
        match node:
            case ast.Import(names=names):
                tops = [(a.asname or a.name.partition(".")[0], a.name) for a in names]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                tops = [(a.asname or a.name, module) for a in names]
            case _:
                continue
        yield from (name for name, source in tops if source.partition(".")[0] not in own)


def _idle(
    node: ast.AST, foreign: Collection[str], made: Collection[str], *, is_item: bool
) -> Iterator[ast.AST]:
    """Where `...` gets into no function of the repository."""
    match node:
        case ast.Expr(value=ast.Constant() as value):
            yield value
        case ast.Subscript(value=value, slice=index):
            word = last_name(value)
            if not is_item or (word in _GENERIC and word not in made):
                yield from ast.walk(index)
        case ast.Compare(left=left, comparators=others):
            yield from (left, *others)
        case ast.Call(func=func, args=args, keywords=keywords) if _root(func) in foreign:
            yield from (*args, *(keyword.value for keyword in keywords))
        case ast.arg(annotation=ast.expr() as annotation) | ast.AnnAssign(annotation=annotation):
            yield from ast.walk(annotation)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from ast.walk(node.returns) if node.returns else ()
            if _is_stub(node):
                yield from (*node.args.defaults, *filter(None, node.args.kw_defaults))
            yield from _only_compared(node)
        case _:
            pass


def _only_compared(node: Function) -> Iterator[ast.expr]:
    """Defaults of parameters of which a function only asks what they are: `a is not ...`."""
    positional = [*node.args.posonlyargs, *node.args.args]
    with_default = positional[len(positional) - len(node.args.defaults) :]
    pairs = [*zip(with_default, node.args.defaults, strict=True)]
    pairs += [(a, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d]
    pairs = [(argument, value) for argument, value in pairs if _is_dots(value)]
    if not pairs:
        return
    parts = [part for line in node.body for part in ast.walk(line)]
    compares = (part for part in parts if isinstance(part, ast.Compare))
    asked = {id(side) for part in compares for side in (part.left, *part.comparators)}
    used = {part.id for part in parts if isinstance(part, ast.Name) and id(part) not in asked}
    sees_all = not used.isdisjoint({"locals", "vars", "eval", "exec"})
    yield from (d for argument, d in pairs if not sees_all and argument.arg not in used)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_stub(node: Function) -> bool:
    """Whether a function only says how it is called."""
    overloads = any(last_name(decorator) == "overload" for decorator in node.decorator_list)
    return overloads or all(
        isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) for line in node.body
    )
