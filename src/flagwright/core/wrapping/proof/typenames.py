"""Leave out what names for types stand for, where nothing in a file but annotations has them."""

import ast
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.tree import nodes, walk

_ANNOTATIONS = ("annotation", "returns")


def without_types(*versions: ast.Module) -> list[ast.Module]:
    """The versions, in which names of types that all have mean nothing."""
    found = [_named(version) for version in versions]
    idle = set.intersection(*map(set, found))
    if len({ast.dump(each[name]) for each in found for name in idle}) == len(idle):
        return [*versions]
    while more := {name for version in versions for name in _used(version, idle)}:
        idle -= more
    return [_hollow(version, idle) for version in versions]


def _hollow(version: ast.Module, names: Collection[str]) -> ast.Module:
    body = [_emptied(node) if _target(node) in names else node for node in version.body]
    return ast.Module(body, version.type_ignores)


def _emptied(node: ast.stmt) -> ast.stmt:
    made = ast.Assign([ast.Name(_target(node), ast.Store())], ast.Constant(None))
    return ast.fix_missing_locations(ast.copy_location(made, node))


def _named(version: ast.Module) -> dict[str, ast.stmt]:
    return {name: node for node in version.body if (name := _target(node)) and _is_type(node)}


def _target(node: ast.stmt) -> str:
    match node:
        case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)):
            return name
        case _:
            return ""


def _is_type(node: ast.stmt) -> bool:
    value = getattr(node, "value", None)
    runs = (ast.Call, ast.Lambda, ast.NamedExpr, ast.Await, ast.IfExp, ast.Compare, ast.JoinedStr)
    is_said = ast.unparse(getattr(node, "annotation", ast.Constant(0))).endswith("TypeAlias")
    is_built = is_said or isinstance(value, ast.Subscript | ast.BinOp)
    return is_built and not any(isinstance(part, runs) for part in ast.walk(node))


def _used(version: ast.Module, names: Collection[str]) -> Iterator[str]:
    """Those of some names that anything else has than annotations, and such names."""
    idle = {id(part) for node in _idle(version, names) for part in walk(node)}
    words = (w for n in nodes(version) if id(n) not in idle for w in _words(n))
    yield from (word for word in words if word in names)


def _words(node: ast.AST) -> tuple[str, str]:
    return getattr(node, "id", ""), getattr(node, "attr", "")


def _idle(version: ast.Module, others: Collection[str]) -> Iterator[ast.AST]:
    yield from (node for node in version.body if _target(node) in others)
    for node in nodes(version):
        yield from filter(None, (getattr(node, field, None) for field in _ANNOTATIONS))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "cast":
            yield from node.args[:1]
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield node
