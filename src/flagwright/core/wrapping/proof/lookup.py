"""Read what code looks up without writing its name: `getattr(x, "f")`, `globals()`, `eval`."""

import ast
import re
from collections.abc import Iterator

from flagwright.core.wrapping.proof.running import called_name

_BY_NAME = {"getattr", "hasattr", "attrgetter", "methodcaller"}
LISTING = {"globals", "locals", "vars", "dir"}
_IMPORTING = {"import_module", "__import__"}
_WORD = re.compile(r"\w+")


def asked_for(node: ast.AST) -> tuple[ast.expr, list[ast.expr]] | None:
    """What is asked, and the expressions of the names it is asked for; none for other code."""
    match node:
        case ast.Call(func=func, args=[first, *rest]) if called_name(func) in _BY_NAME:
            of_object = called_name(func) in {"getattr", "hasattr"}
            return (first, rest[:1]) if of_object else (node, [first, *rest])
        case _:
            return None


def written(names: list[ast.expr]) -> list[str] | None:
    """The names, where all are written out; `a.b` is two of them."""
    texts = [n.value if isinstance(n, ast.Constant) else None for n in names]
    found = [text for text in texts if isinstance(text, str)]
    return (
        [part for text in found for part in text.split(".")] if len(found) == len(texts) else None
    )


def lists(node: ast.AST) -> bool:
    """Whether a node shows all members of something, or all names of a file."""
    match node:
        case ast.Call(args=[ast.Name(id="self")]) | ast.Attribute(value=ast.Name(id="self")):
            return False
        case ast.Call(func=func):
            return called_name(func) in LISTING or reads_all(node)
        case ast.Attribute(attr="__dict__", ctx=ast.Load()):
            return True
        case _:
            return False


def names_of_other(node: ast.AST) -> str:
    """The one name of what a node shows the names of, and nothing more: `dir(shapes)`."""
    match node:
        case ast.Call(func=ast.Name("dir"), args=[ast.Name(name)], keywords=[]):
            return name
        case _:
            return ""


def only_set(node: ast.AST) -> Iterator[ast.expr]:
    """What is only given a constant: `globals()` in `globals()["DEBUG"] = False`."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Call() as call)], value=ast.Constant()):
            yield call
        case _:
            pass


def reads_all(node: ast.AST) -> bool:
    """Whether a node reads every member of something, properties as well."""
    return isinstance(node, ast.Call) and called_name(node).startswith("getmembers")


def evaluates(node: ast.AST) -> bool:
    """Whether a node runs a text as code."""
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec")


def may_be_its_own(node: ast.AST) -> bool:
    """Whether a node may give the module that it stands in."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="modules"), ctx=ast.Load()):
            return True
        case ast.Call(func=func, args=args) if called_name(func) in _IMPORTING:
            return not all(isinstance(argument, ast.Constant) for argument in args)
        case _:
            return False


def takes_any(node: ast.AST) -> bool:
    """Whether a node finds names of its own file by any text: `globals()[name]`."""
    match node:
        case ast.Subscript(value=ast.Call(func=ast.Name(func), args=[]), slice=asked):
            return func in LISTING and not isinstance(asked, ast.Constant)
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=ast.Name(func), args=[]), attr=way), args=asked
        ):
            is_any = not all(isinstance(argument, ast.Constant) for argument in asked[:1])
            return func in LISTING and (is_any or way in ("items", "values"))
        case ast.Call(args=[ast.Subscript() as module, asked, *_]) if asked_for(node):
            return may_be_its_own(module) and not isinstance(asked, ast.Constant)
        case _:
            return False


def words_of(texts: set[str]) -> Iterator[str]:
    """Every word of some texts."""
    return (word for text in texts for word in _WORD.findall(text))
