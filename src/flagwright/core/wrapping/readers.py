"""Tell whether any other file of a repository may read a constant of one of its modules.

Whatever is not certain counts as a reader, and so does a test, which may put another value in its
place: where a name stands in another file as anything but a name that this file binds itself.
"""

import ast
import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from flagwright.core.wrapping.conventions import module_name
from flagwright.core.wrapping.dormant.brought import Look, looks_of
from flagwright.core.wrapping.dormant.modules import is_module_handed_on
from flagwright.core.wrapping.dormant.named import is_in_sight, is_loaded_by_name, stem_of
from flagwright.core.wrapping.dormant.said import may_be_said
from flagwright.core.wrapping.dormant.texts import Texts
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.handed import is_handed_on
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.tree import nodes

_OF_TEXTS = {"eval", "exec", "f_globals", "__globals__", "getclosurevars", "run_module", "run_path"}
_OF_TEXTS |= {"resolve_name", "import_string", "locate", "getmodule", "modules"}
_IMPORTING = {"import_module", "__import__"}
"""What gives whatever name of a file a text says, or all of them."""
_LISTING = {"dir", "vars", "globals", "locals", "__dict__", "getmembers"}
_OF_PYTHON = {"staticmethod", "classmethod", "property"}


def may_be_read(
    name: str,
    path: str,
    modules: Mapping[str, bytes],
    *,
    alias: str = "",
    is_aside: Callable[[str], bool] = lambda _: False,
) -> bool:
    """Whether another file than that at `path` may come by a name of it, or set it.

    Args:
        alias: Another name, which the file gets for a public one, and nobody may be waiting for.
        is_aside: Says of a file that it never runs with the application.
    """
    words = "|".join(re.escape(word) for word in (name, alias) if word)
    word, own, texts = re.compile(rf"\b(?:{words})\b"), stem_of(path), Texts(path, modules)
    return (
        is_in_sight(name, path, modules, _is_none)
        or texts.lists_module(own) is not None
        or (alias != "" and _is_held(name, path, modules, is_aside))
        or is_loaded_by_name(path, modules, _is_none)
        or any(
            _spells(word, own, text)
            for other, text in modules.items()
            if other != path and (name.encode() in text or b"__annotations__" in text)
        )
    )


def may_be_told(name: str, path: str, modules: Mapping[str, bytes]) -> bool:
    """Whether another file may look for a name because its own function is called the same.

    `setattr(module, f.__name__, f)` needs its own as a value, or a list of what the file has.
    """
    return any(
        other != path and name.encode() in text and _may_tell(name, tree_of(text))
        for other, text in modules.items()
    )


def _may_tell(name: str, tree: ast.Module | None) -> bool:
    own = [n for n in nodes(tree) if getattr(n, "name", "") == name] if tree else []
    if tree is None or not own:
        return tree is None
    above = {_last(d) for n in own if isinstance(n, FUNCTIONS) for d in n.decorator_list}
    is_listed = any(_last(n) in _LISTING for n in nodes(tree))
    return is_listed or is_handed_on(name, tree) or not above <= _OF_PYTHON


def _is_held(
    name: str, path: str, modules: Mapping[str, bytes], is_aside: Callable[[str], bool]
) -> bool:
    """Whether any file may get hold of a module as an object, and read a name that is in it."""
    around, texts = module_name(path, modules).split("."), Texts(path, modules)
    is_listed = any(texts.lists_module(word, itself=True) for word in around)
    if is_listed or is_module_handed_on(stem_of(path), modules):
        return True
    look = max((look for _, look in looks_of(path, modules, is_aside)), default=Look.NOT)
    if any(is_module_handed_on(word, modules) for word in around[:-1]):
        look = max(look, Look.BY_NAME)  # a package, for `getattr(getattr(package, a), b)`
    return look is Look.WHOLE or (look is Look.BY_NAME and may_be_said(name, path, modules))


@lru_cache(maxsize=4)
def may_read_itself(tree: ast.Module) -> bool:
    """Whether a file may come by a name of its own that it does not write: it runs a text.

    Of a module that is imported and not kept, nothing is read.
    """
    calls = (n.value for n in nodes(tree) if isinstance(n, ast.Expr))
    idle = {id(n.func) for n in calls if isinstance(n, ast.Call) and _last(n.func) in _IMPORTING}
    return any(_last(n) in _OF_TEXTS | _IMPORTING for n in nodes(tree) if id(n) not in idle)


def is_in_words(name: str, tree: ast.Module) -> bool:
    """Whether a file has a name of its own in a type, or in a text that may be code."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    types = (_type(node) for node in nodes(tree))
    return any(
        isinstance(node, ast.Name) and node.id == name
        for found in types
        if found
        for node in ast.walk(found)
    ) or any(
        word.search(node.value) and _may_be_code(node.value)
        for node in nodes(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _type(node: ast.AST) -> ast.expr | None:
    found = getattr(node, "annotation", None) or getattr(node, "returns", None)
    return found if isinstance(found, ast.expr) else None


def _may_be_code(text: str) -> bool:
    """Whether a text is an example that may be tried, or a type, or another expression."""
    if ">>>" in text:
        return True
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _last(node: ast.AST) -> object:
    return getattr(node, "id", None) or getattr(node, "attr", None)


def _is_none(path: str) -> bool:
    """No file is left out."""
    return False


def _spells(word: re.Pattern[str], own: str, text: bytes) -> bool:
    """Whether a file has a name, or the types of the module with this last name.

    `self` is no module, unless the file has a class of modules.
    """
    tree = tree_of(text)
    objects = () if b"ModuleType" in text else ("self", "cls")
    return tree is None or any(_is_spelled(word, own, objects, node) for node in nodes(tree))


def _is_spelled(word: re.Pattern[str], own: str, objects: Collection[str], node: ast.AST) -> bool:
    """Whether a name stands as an attribute, an import, a keyword, or in a string."""
    match node:
        case ast.Attribute(value=ast.Name(id=found)) if found in objects:
            return False
        case ast.Attribute(attr="__annotations__", value=value):
            return _last(value) == own
        case (
            ast.Attribute(attr=found)
            | ast.keyword(arg=str(found))
            | ast.alias(name=found)
            | ast.Constant(value=str(found))
        ):
            return word.search(found) is not None
        case _:
            return False
