"""Find how a repository asks for flags.

Uses the standard library alone, and changes no code.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.given import is_context
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.sound import asked_flag, says_more_than_is
from flagwright.core.wrapping.tree import parsed_once

_FOR_WHOM: Final = "_for_whom_"
_HINT: Final = re.compile(rb"(?i)flag|feature|toggle|enabled|variation|active|waffle|_on")


def find_convention(files: Mapping[str, bytes], policy: WrappingPolicy) -> Convention | None:
    """How this repository asks for a flag: the policy's way, else the most frequent one.

    Args:
        files: The Python files of the repository by path. Tests are not counted.
    """
    return find_conventions(files, policy, ())[0]


def find_conventions(
    files: Mapping[str, bytes], policy: WrappingPolicy, paths: Collection[str]
) -> tuple[Convention | None, dict[str, Convention]]:
    """How this repository asks for a flag, and how the packages of some files do.

    The nearest folder around a file in which anything asks decides for it.

    Args:
        files: The Python files of the repository by path. Tests are not counted.
        paths: Of these files; those that ask as the whole repository does are left out.
    """
    if policy.check:
        whole = Convention(
            import_line=policy.import_line,
            check=policy.check,
            context=policy.context,
            source="policy",
        )
        return whole, {}
    found = [
        _Way(f"{path}:{line}", *way, context)
        for path in sorted(files)
        if not policy.is_test(path) and _HINT.search(files[path])
        for way, context, line in _ways(
            files[path], module_name(path, files), is_package=path.endswith("/__init__.py")
        )
    ]
    if not found:
        return None, {}
    general = _most_frequent(found)
    near = {path: _most_frequent(_nearest(path, found)) for path in paths}
    return general, {p: n for p, n in near.items() if not _is_alike(n, general)}


class _Way(NamedTuple):
    """One check, and where it stands."""

    place: str
    import_line: str
    check: str
    context: str


def _nearest(path: str, ways: Sequence[_Way]) -> Sequence[_Way]:
    """The checks of the nearest folder around a file that has any."""
    folder = path
    while folder := folder.rpartition("/")[0]:
        if near := [way for way in ways if way.place.startswith(f"{folder}/")]:
            return near
    return ways


def _most_frequent(ways: Sequence[_Way]) -> Convention:
    seen = Counter((way.import_line, way.check) for way in ways)
    chosen = max(seen, key=lambda way: (seen[way], way))
    same = [way for way in ways if (way.import_line, way.check) == chosen]
    contexts = Counter(way.context for way in same)
    context = max(contexts, key=lambda text: (contexts[text], text))
    return Convention(import_line=chosen[0], check=chosen[1], context=context, source=same[0].place)


def _is_alike(one: Convention, other: Convention) -> bool:
    return (one.import_line, one.check, one.context) == (
        other.import_line,
        other.check,
        other.context,
    )


def module_name(path: str, files: Collection[str]) -> str:
    """Dotted name of a file: from the topmost folder that is a package."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    start = len(parts) - 1
    while start and "/".join([*parts[:start], "__init__.py"]) in files:
        start -= 1
    if start == len(parts) - 1 and start:  # no package: folders count, but not the usual root
        start = 1 if parts[0] == "src" else 0
    return ".".join(parts[start:])


def _ways(
    content: bytes, module: str, *, is_package: bool
) -> Iterator[tuple[tuple[str, str], str, int]]:
    """Each check of a file as an import line and an expression that other files can use.

    For whom it is asked goes apart: that is told by the names of the function around.
    """
    try:
        tree = parsed_once(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    origins = _origins(tree, module, is_package=is_package)
    awaited = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Await)}
    for node in list(ast.walk(tree)):
        flag = asked_flag(node)
        if flag is None or id(node) in awaited or not isinstance(node, ast.expr):
            continue
        root = _root(node)
        if root is None or root.id not in origins:
            continue
        contexts = [value for value in _arguments(node) if not _is_portable(value, root)]
        if contexts and (len(contexts) > 1 or not is_context(contexts[0])):
            continue
        context = contexts[0] if contexts else None
        words = ast.unparse(context) if context else ""
        line, check = origins[root.id], _template(node, flag, context)
        if says_more_than_is(f"{line} {check}"):
            yield (line, check), words, node.lineno


def _origins(tree: ast.Module, module: str, *, is_package: bool) -> dict[str, str]:
    """The import line that gives each module-level name to another file."""
    origins: dict[str, str] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                origins[name] = f"from {module} import {name}"
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                origins[name] = f"from {module} import {name}"
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    origins[alias.asname or alias.name.partition(".")[0]] = _line(
                        node, alias, module, is_package=is_package
                    )
            case _:
                pass
    return origins


def _line(
    node: ast.Import | ast.ImportFrom, alias: ast.alias, module: str, *, is_package: bool
) -> str:
    """One import statement for one name, absolute."""
    suffix = f" as {alias.asname}" if alias.asname else ""
    if isinstance(node, ast.Import):
        return f"import {alias.name}{suffix}"
    source = node.module or ""
    if node.level:
        parts = module.split(".")
        base = parts[: len(parts) - node.level + is_package]
        source = ".".join([*base, *([source] if source else [])])
    return f"from {source} import {alias.name}{suffix}"


def _is_portable(node: ast.expr, root: ast.Name) -> bool:
    """Whether a check uses no name but its client, so that it means the same anywhere."""
    return all(n.id == root.id for n in ast.walk(node) if isinstance(n, ast.Name))


def _root(node: ast.AST) -> ast.Name | None:
    """The first name of what is called or looked up."""
    while not isinstance(node, ast.Name):
        match node:
            case ast.Await(value=inner) | ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
            case ast.Call(func=inner):
                node = inner
            case _:
                return None
    return node


def _arguments(node: ast.expr) -> list[ast.expr]:
    call = node.value if isinstance(node, ast.Await) else node
    if not isinstance(call, ast.Call):
        return []
    return [*call.args, *(keyword.value for keyword in call.keywords)]


class _Template(ast.NodeTransformer):
    """Puts a placeholder where a check says for whom it is asked."""

    def __init__(self, context: ast.expr | None) -> None:
        self._context = context

    def visit(self, node: ast.AST) -> Any:
        return ast.Name(_FOR_WHOM) if node is self._context else self.generic_visit(node)


def _template(node: ast.expr, flag: str, context: ast.expr | None) -> str:
    """The expression with `{flag}` for the flag, in double quotes, and `{context}` for whom."""
    text = ast.unparse(_Template(context).visit(node))
    return text.replace(repr(flag), '"{flag}"').replace(_FOR_WHOM, "{context}")
