"""Compare what two versions of a file import, outside functions."""

import ast
import builtins
from functools import lru_cache

from flagwright.core.wrapping.tree import in_blocks, nodes


@lru_cache(maxsize=16)
def imports(tree: ast.Module) -> frozenset[tuple[str, str, str]]:
    """Imports outside functions as (module, attribute, bound name).

    That of `import a.b` is ("", "a.b", "a"), and that of `import a.b as a` is ("a.b", "", "a").
    """
    found = set()
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = "." * getattr(node, "level", 0) + (getattr(node, "module", "") or "")
            for a in node.names:
                root = a.name.partition(".")[0]
                is_part = not module and a.asname == root != a.name
                found.add((a.name, "", root) if is_part else (module, a.name, a.asname or root))
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_for_types(
            node
        ):
            stack += in_blocks(node)
    return frozenset(found)


def foreign(version: ast.Module, other: ast.Module, package: str) -> set[str]:
    """Names that only the other version imports; `import a.b` and `import a.c` share `a`.

    So do `from a.b import c` and, in the package `a`, `from .b import c`. A name that this version
    imports for type checkers alone means nothing when it runs.
    """
    own = imports(version)
    spelled = {(_absolute(module, package), path, name) for module, path, name in own}
    packages = {name for module, path, name in own if not module and _is_package(path, name)}
    rest = {found for found in imports(other) - own if found[2] not in unseen(version)}
    extra = {i for i in rest if (_absolute(i[0], package), *i[1:]) not in spelled}
    return {
        name
        for module, path, name in extra
        if module or name not in packages or not _is_package(path, name)
    }


@lru_cache(maxsize=4)
def unseen(version: ast.Module) -> frozenset[str]:
    """Names that a version imports for type checkers alone, and has in annotations at most."""
    found = {name for _, _, name in _for_types(version) if not hasattr(builtins, name)}
    found -= {name for _, _, name in imports(version)}
    if not found:
        return frozenset()
    fields = ("annotation", "returns")
    annotations = [a for n in nodes(version) for f in fields if (a := getattr(n, f, None))]
    idle = {id(part) for annotation in annotations for part in ast.walk(annotation)}
    blocks = [node for node in version.body if _is_for_types(node)]
    idle |= {id(part) for block in blocks for part in ast.walk(block)}
    others = [node for node in nodes(version) if id(node) not in idle]
    words = {getattr(n, "id", getattr(n, "name", "")) for n in others}
    texts = [n.value for n in others if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    if not words.isdisjoint(("eval", "exec")):
        return frozenset(n for n in found - words if not any(n in text for text in texts))
    return frozenset(found - words - {*texts})


def _absolute(module: str, package: str) -> str:
    """A module as it is called from anywhere."""
    level = len(module) - len(module.lstrip("."))
    if not level or not package or package.count(".") + 1 < level:
        return module
    around = package.rsplit(".", level - 1)[0]
    return f"{around}.{module[level:]}".rstrip(".")


def _is_package(path: str, name: str) -> bool:
    """Whether `import a.b` binds a name: `a`, and not another one by `as`."""
    return path.partition(".")[0] == name


def _for_types(tree: ast.Module) -> set[tuple[str, str, str]]:
    """Imports that only type checkers see."""
    blocks = [node for node in tree.body if _is_for_types(node)]
    return {
        found
        for block in blocks
        for found in imports(ast.Module(block.body, []))  # type: ignore[attr-defined] # an `if`
    }


def _is_for_types(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and not node.orelse
        and ast.unparse(node.test).endswith("TYPE_CHECKING")
    )
