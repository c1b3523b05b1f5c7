"""Read what the names of one file stand for in its repository, by its imports alone."""

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from flagwright.core.wrapping.binding import bindings
from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.tree import OTHERS, members, nodes, parsed_once, walk

_MOST_NAMES = 5
"""Names through which a class is looked for."""
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def imported_by(tree: ast.Module, package: str) -> Iterator[tuple[str, str]]:
    """What each import of a file binds, and what it stands for, in full."""
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (root, root)
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, package)
            yield from ((a.asname or a.name, f"{source}.{a.name}") for a in node.names)


def stars_of(tree: ast.Module, package: str) -> Iterator[str]:
    """Modules that a file imports `*` from."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            yield _source(node, package)


def _source(node: ast.ImportFrom, package: str) -> str:
    base = package
    for _ in range(node.level - 1):
        base = base.rpartition(".")[0]
    return ".".join(filter(None, [base if node.level else "", node.module or ""]))


def absolute(node: ast.expr, imported: Mapping[str, str]) -> str:
    """`a.b`, or `getattr(a, "b")`, as it is called in full; empty where it is no chain of names."""
    match node:
        case ast.Name(id=name):
            return imported.get(name, "")
        case (
            ast.Attribute(value=value, attr=name)
            | ast.Call(func=ast.Name("getattr"), args=[value, ast.Constant(str(name)), *_])
        ):
            return f"{above}.{name}" if (above := absolute(value, imported)) else ""
        case ast.Call() | ast.Subscript():
            return _module_of(node, "")
        case _:
            return ""


def exported(tree: ast.Module) -> set[str]:
    """Names that `import *` takes from a file."""
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id="__all__")],
                value=ast.List(elts=parts) | ast.Tuple(elts=parts),
            ) if all(isinstance(part, ast.Constant) for part in parts):
                return {str(part.value) for part in parts if isinstance(part, ast.Constant)}
            case _:
                pass
    return {name for name in bound_in_module(tree) if not name.startswith("_")}


def bound_in_module(tree: ast.Module) -> set[str]:
    """Names that a file binds outside its functions and classes."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            found.update(names_bound(node), (binding.name for binding in bindings(node)))
        if not isinstance(node, DEFINITIONS):
            waiting += (n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.expr))
    return found


def names_bound(node: ast.stmt) -> Iterator[str]:
    """What one statement defines, or gives a value."""
    if isinstance(node, DEFINITIONS):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))


@lru_cache(maxsize=OTHERS)
def tree_of(text: bytes) -> ast.Module | None:
    """The tree of another file, whatever bytes its texts have; none where it cannot be read."""
    for content in (text, text.decode("utf-8-sig", "replace")):
        try:
            return parsed_once(content)
        except (RecursionError, MemoryError):
            return None
        except (SyntaxError, ValueError):
            continue
    return None


def imported_several(tree: ast.Module, package: str) -> dict[str, set[str]]:
    """What names may stand for that a file imports from several places, in full."""
    found: dict[str, set[str]] = {}
    for name, dotted in imported_by(tree, package):
        found.setdefault(name, set()).add(dotted)
    return {name: dotted for name, dotted in found.items() if len(dotted) > 1}


def stands_for(tree: ast.Module, package: str) -> dict[str, str]:
    """What the names of a file stand for in full: imports, and other names for these."""
    found = dict(imported_by(tree, package))
    for node in members(tree):
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value) if name not in found:
                if dotted := _module_of(value, package) or absolute(value, found):
                    found[name] = dotted
            case _:
                pass
    return found


def _module_of(value: ast.expr, package: str) -> str:
    """The module that `import_module(".shop", __package__)` or `sys.modules["shop"]` gives."""
    match value:
        case ast.Call(func=func, args=[ast.Constant(str(name)), *_]):
            is_asked = getattr(func, "attr", getattr(func, "id", "")) == "import_module"
        case ast.Subscript(value=ast.Attribute(attr="modules"), slice=ast.Constant(str(name))):
            is_asked = True
        case _:
            return ""
    own = name.lstrip(".")
    for _ in range(len(name) - len(own) - 1):
        package = package.rpartition(".")[0]
    return (f"{package}.{own}" if own != name else name) if is_asked else ""


def is_class(name: str, tree: ast.Module, depth: int = 0) -> bool:
    """Whether a name of a file stands for a class of it, whatever branch gives it to it."""
    found = [n for n in members(tree) if name in names_bound(n)]
    return bool(found) and depth < _MOST_NAMES and all(_is_one(n, tree, depth) for n in found)


def gives_objects(name: str, tree: ast.Module) -> bool:
    """Whether a name of a file may stand for a class of it, or for an object that is made there."""
    return name in _giving_objects(tree)


@lru_cache(maxsize=OTHERS)
def _giving_objects(tree: ast.Module) -> set[str]:
    plain = (node for node in members(tree) if not isinstance(node, FUNCTIONS))
    making = (
        node for node in plain if any(isinstance(n, ast.ClassDef | ast.Call) for n in walk(node))
    )
    return {name for node in making for name in names_bound(node)}


def has_method(name: str, method: str, tree: ast.Module) -> bool:
    """Whether a name of a file stands for a class that gives a method away uncalled."""
    found = [n for n in members(tree) if name in names_bound(n)]
    owner = found[0] if len(found) == 1 else None
    if not isinstance(owner, ast.ClassDef) or owner.keywords or owner.decorator_list:
        return False
    held = [n for n in members(owner) if method in names_bound(n)]
    return len(held) == 1 and isinstance(held[0], FUNCTIONS) and _is_plain(held[0])


def _is_plain(function: Function) -> bool:
    names = {getattr(decorator, "id", "") for decorator in function.decorator_list}
    return names <= {"classmethod", "staticmethod"}


def _is_one(node: ast.stmt, tree: ast.Module, depth: int) -> bool:
    match node:
        case ast.ClassDef():
            return True
        case ast.Assign(targets=[ast.Name()], value=ast.Name(other)):
            return is_class(other, tree, depth + 1)
        case ast.Assign(
            targets=[ast.Name()], value=ast.Call(func=ast.Lambda(body=ast.Name(other)), args=[])
        ):
            return is_class(other, tree, depth + 1)
        case _:
            return False
