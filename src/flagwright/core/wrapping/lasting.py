"""Tell which names of a file stand for one thing for good.

A default that is such a name may be looked up at each call as well: nobody would notice.
"""

import ast
import builtins
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.listing import is_listing
from flagwright.core.wrapping.threedots import tree_of
from flagwright.core.wrapping.tree import nodes

IsLasting = Callable[[str], bool]
"""Whether a name, or a constant in what it stands for (`logging.INFO`), is one thing for good."""
_AT_WILL = {"globals", "exec", "eval"}
"""Calls that may bind any name."""


@lru_cache(maxsize=4)
def lasting(tree: ast.Module) -> dict[str, int]:
    """Names that a file binds once, at its top, and those of Python that it never binds; lines."""
    counts = Counter(name for node in nodes(tree) for name in _bound(node))
    used = {node.id for node in nodes(tree) if isinstance(node, ast.Name)}
    if "*" in counts or not used.isdisjoint(_AT_WILL):
        return {}
    own = {name: node.lineno for node in tree.body for name in _bound_by(node)}
    found = dict.fromkeys((name for name in dir(builtins) if not counts[name]), 0)
    return found | {name: line for name, line in own.items() if counts[name] == 1}


def is_fixed(node: ast.expr, is_lasting: IsLasting) -> bool:
    """Whether it does not matter when, or how often, a value is made."""
    match node:
        case ast.Constant(value=value):
            return value is not ...
        case ast.Name(id=name):
            return is_lasting(name)
        case ast.Attribute(value=ast.Name(id=name), attr=constant):
            return constant.isupper() and is_lasting(f"{name}.{constant}")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return isinstance(operand, ast.Constant)
        case ast.BinOp(left=left, right=right):
            parts = (*ast.walk(left), *ast.walk(right))
            numbers = [n for n in parts if isinstance(n, ast.Constant)]
            return all(isinstance(n.value, int) for n in numbers) and all(
                isinstance(n, ast.Constant | ast.BinOp | ast.operator) for n in parts
            )
        case ast.Tuple(elts=elements):
            return all(is_fixed(element, is_lasting) for element in elements)
        case _:
            return False


def is_constant(tree: ast.Module, name: str, constant: str) -> bool:
    """Whether what Python brings, or a class of the file, has a plain constant of a name."""
    node, origins = ast.Name(name, ast.Load()), Origins(tree)
    owner = origins.own_class(node)
    if owner is None:
        return origins.is_of_python(node)
    given = (n for n in owner.body if isinstance(n, ast.Assign) and _is_text(n.value))
    names = [ast.unparse(target) for n in given for target in n.targets]
    plain_bases = all(origins.builtin(b) or origins.is_of_python(b) for b in owner.bases)
    made_plainly = origins.is_plainly_made(owner) and plain_bases and not owner.decorator_list
    return made_plainly and constant in names and not origins.is_changed(node)


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is not ...


def literal_of(tree: ast.Module | None, name: str) -> str | None:
    """The plain value that a file gives a name for good, as text."""
    own = tree.body if tree and name in lasting(tree) else []
    for node in own:
        match node:
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if (
                name in _bound_by(node)
            ):
                return ast.dump(value) if all(map(_is_literal, ast.walk(value))) else None
            case _:
                pass
    return None


def _is_literal(node: ast.AST) -> bool:
    is_dots = isinstance(node, ast.Constant) and node.value is ...
    return not is_dots and isinstance(
        node, ast.Constant | ast.Tuple | ast.UnaryOp | ast.USub | ast.Load
    )


def is_set_in(name: str, files: Iterable[bytes], *, of_class: bool = False) -> bool:
    """Whether a file gives an attribute of this name another value, maybe that of the module.

    Args:
        of_class: Whether it may be one of a class, which its own methods set as well.
    """
    word = re.escape(name.encode())
    near = re.compile(rb"\.\s*%b\b|[\"'.]%b[\"']|\bupdate\([^)]*\b%b\s*=" % (word, word, word))
    texts = (text for text in files if name.encode() in text and near.search(text))
    return any(_may_set(tree_of(text), name, of_class=of_class) for text in texts)


def _may_set(tree: ast.Module, name: str, *, of_class: bool) -> bool:
    listed = {id(part) for node in tree.body if is_listing(node) for part in ast.walk(node)}
    return any(
        _sets(node, name, of_class=of_class) for node in nodes(tree) if id(node) not in listed
    )


def _sets(node: ast.AST, name: str, *, of_class: bool) -> bool:
    """Whether a node sets an attribute, or has its name as a text, or as that of an item."""
    match node:
        case ast.Attribute(value=ast.Name(id="self" | "cls"), ctx=ast.Store()) if not of_class:
            return False
        case ast.Attribute(attr=attr, ctx=ast.Store() | ast.Del()):
            return attr == name
        case ast.Constant(value=str(text)):
            return text.rpartition(".")[2] == name
        case ast.Call(func=ast.Attribute(attr="update"), keywords=keywords):
            return any(keyword.arg == name for keyword in keywords)
        case _:
            return False


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement binds whenever it runs."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            yield name
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            yield name
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.ClassDef():
            parts = getattr(statement, "names", [statement])
            yield from (name for part in parts for name in _bound(part))
        case _:
            pass


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that a node itself binds, in whatever scope; not the parameters."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name.partition(".")[0]
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
        case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
            yield name
        case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
            yield name
        case ast.ClassDef(name=name):
            yield name
        case ast.AST() if isinstance(node, FUNCTIONS):
            yield node.name
        case _:
            pass
