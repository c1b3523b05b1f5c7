"""See whether a file that imports the flag client would be imported by it in turn."""

import ast
from collections.abc import Iterator, Mapping

from flagwright.core.wrapping.conventions import module_name
from flagwright.core.wrapping.source import parse
from flagwright.errors import CannotWrap


def client_needs(path: str, import_line: str, modules: Mapping[str, bytes]) -> bool:
    """Whether importing or asking the flag client imports the file at `path`, so far as is known.

    The packages around the file, and the one that it is, are on their way already when it imports
    the client, so what they import matters only where the client takes something from them.

    Args:
        import_line: The import that the wrapped file would get.
        modules: Python files of the repository by path; the file itself may be missing.
    """
    known = {module_name(p, modules): p for p in modules if p != path}
    asked = set(_named(import_line, ""))
    own = module_name(path, {*modules, path})
    around = {*_parents(own), *[own] * path.endswith("__init__.py")} - asked
    waiting, seen = list(asked), set[str]()
    waiting += (above for name in asked for above in _parents(name) if above not in around)
    while waiting:
        name = waiting.pop()
        if _is_module(path, name):
            return True
        if name in seen or name not in known:
            continue
        seen.add(name)
        text = modules[known[name]].decode("utf-8", "replace")
        package = name if known[name].endswith("/__init__.py") else _parent(name)
        named = [*_named(text, package, in_functions=name in asked)]
        waiting += named
        waiting += (above for each in named for above in _parents(each) if above not in around)
    return False


def _is_module(path: str, name: str) -> bool:
    """Whether a file may be the module of a dotted name: folders above it are not known."""
    dotted = "." + path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return dotted.endswith("." + name)


def _named(text: str, package: str, *, in_functions: bool = False) -> Iterator[str]:
    """Modules that a text imports at its top level, without the packages around them."""
    try:
        tree = parse(text)
    except CannotWrap:
        return
    for node in ast.walk(tree) if in_functions else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package
            for _ in range(node.level - 1):
                base = _parent(base)
            source = ".".join(filter(None, [base if node.level else "", node.module or ""]))
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def _parents(name: str) -> Iterator[str]:
    while name := _parent(name):
        yield name


def _parent(name: str) -> str:
    return name.rpartition(".")[0]
