"""Find how a repository asks for flags, and the lines that a check governs.

Uses the standard library alone, and changes no code.
"""

import ast
import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from flagwright.core.record import Record
from flagwright.core.records.change import Line
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.given import is_context
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.sound import asked_flag, flag_name, says_more_than_is

_FOR_WHOM: Final = "_for_whom_"
_HINT: Final = re.compile(rb"(?i)flag|feature|toggle|enabled|variation|active|waffle|_on")


class FlagCheck(Record):
    """One place that asks for a flag, and the lines that the answer governs."""

    name: str
    line: Line
    end_line: Line


def flag_checks(source: bytes | str, policy: WrappingPolicy | None = None) -> tuple[FlagCheck, ...]:
    """Every check in a file, with the range of lines that it governs.

    Args:
        source: A file; one that does not parse has no checks.
        policy: Where it sets a check, code of that shape counts whatever it sounds like.
    """
    try:
        tree = _parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return checks_of(tree, policy.check.replace("{context}", policy.context) if policy else "")


def checks_of(tree: ast.Module, own: str = "") -> tuple[FlagCheck, ...]:
    """Every check in a module that was parsed; `own` is how the policy asks."""
    if not any(_asked(node, own) for node in ast.walk(tree)):
        return ()
    found: set[tuple[str, int, int]] = set()
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.update(_checks_in(scope, own))
    return tuple(
        FlagCheck(name=name, line=line, end_line=end)
        for name, line, end in sorted(found, key=lambda check: (check[1], check[0], check[2]))
    )


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


def _checks_in(scope: ast.AST, own: str) -> Iterator[tuple[str, int, int]]:
    """Checks of one scope: tests govern their statement, names that hold an answer likewise."""
    held: dict[str, str] = {}
    for node in _own_nodes(scope):
        if isinstance(node, ast.Assign) and (name := _asked(node.value, own)):
            held |= {t.id: name for t in node.targets if isinstance(t, ast.Name)}
    for node in _own_nodes(scope):
        name = _asked(node, own)
        if name is not None and isinstance(node, ast.expr):
            yield name, node.lineno, node.end_lineno or node.lineno
        test = getattr(node, "test", None)
        if test is None or not hasattr(node, "lineno"):
            continue
        for part in ast.walk(test):
            asked = _asked(part, own) or (held.get(part.id) if isinstance(part, ast.Name) else None)
            if asked:
                yield asked, node.lineno, node.end_lineno  # type: ignore[attr-defined] # has a test


def _asked(node: ast.AST, own: str) -> str | None:
    return asked_flag(node) or (_asked_as(node, own) if own else None)


def _asked_as(node: ast.AST, check: str) -> str | None:
    """The flag that an expression of the policy's own shape asks for."""
    if not isinstance(node, ast.Call | ast.Subscript | ast.Await):
        return None
    for part in ast.walk(node):
        name = flag_name(part)
        if name and ast.unparse(node) == _normal(check, name):
            return name
    return None


def _normal(check: str, flag: str) -> str:
    return ast.unparse(ast.parse(check.replace("{flag}", flag), mode="eval"))


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
        tree = _parse(content)
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


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a scope without those of the functions and classes inside it."""
    stack = list(ast.iter_child_nodes(scope))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stack.extend(ast.iter_child_nodes(node))


def _parse(source: bytes | str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)
