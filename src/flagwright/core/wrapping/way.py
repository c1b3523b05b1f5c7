"""Read the ways in which one file asks for flags, as other files can use them.

A way is an import line and an expression. What only reads like a question, or cannot be asked
from another file, is a doubt: it is told, and never used.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, NamedTuple

from flagwright.core.wrapping.assigned import bound_by, parameters_of
from flagwright.core.wrapping.clients import Clients, Scope
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.enrolled import asks_of_a_list
from flagwright.core.wrapping.given import is_context
from flagwright.core.wrapping.sound import (
    asked_flag,
    flag_name,
    names_flags,
    says_what_flags_do,
    unknown_is_yes,
)

_FOR_WHOM: Final = "_for_whom_"
_CODE_CHARS: Final = 60
_QUESTIONS: Final = ('is_enabled("{flag}")', 'get_boolean_value("{flag}", False)')
"""How a client is asked that nothing asks yet; of others it is not known what they want to hear."""
_OPTIONAL: Final = ("UnleashClient.", "openfeature.")
"""Clients that can be asked for nobody in particular by leaving the last argument out."""


class Way(NamedTuple):
    """One check, and where it stands."""

    place: str
    import_line: str
    check: str
    context: str = ""


class Doubt(NamedTuple):
    """What reads like a check, and why other files cannot ask like that."""

    place: str
    asked: str
    because: str


class Reader:
    """One file, and what it says of how flags are asked for."""

    def __init__(self, path: str, clients: Clients, module: str) -> None:
        """`module` is the dotted name of the file."""
        self._clients, self._path = clients, path
        tree = clients.tree(path) or ast.Module([], [])
        self._origins = origins(tree, module, is_package=path.endswith("/__init__.py"))
        self._tree = tree
        nodes = scoped(tree, Scope(path))
        self._nodes = sorted(nodes, key=lambda each: (each[0].lineno, each[0].col_offset))

    def ways(self) -> Iterator[Way | Doubt]:
        """Each check of the file, from its top to its end."""
        for node, scope in self._nodes:
            if flag := asked_flag(node):
                way = self._unknown(node, scope) or self._way(node, node, flag, scope)
                place = f"{self._path}:{node.lineno}"
                if not isinstance(way, str):
                    yield Way(place, *way)
                    continue
                text = ast.unparse(node)
                words = f"{self._import_of(node)} {text.replace(repr(flag), '')}"
                if says_what_flags_do(words) and (
                    not isinstance(node, ast.Subscript) or names_flags(words)
                ):
                    yield Doubt(place, _short(text), way)

    def last_ways(self) -> Iterator[Way]:
        """How the file asks a client for flags of which it does not say the names."""
        for node, scope in self._nodes:
            if not isinstance(node, ast.Call) or asked_flag(node):
                continue
            given = _arguments(node)
            texts = [v for v in given if isinstance(v, ast.Constant) and isinstance(v.value, str)]
            names = [value for value in given if not isinstance(value, ast.Constant)]
            if texts or len(names) != 1 or not self._clients.ask(node, scope):
                continue
            if self._known(node, scope):
                named = _replaced(node, {names[0]: ast.Constant("{flag}")})
                way = self._way(named, node, "{flag}", scope)
                if not isinstance(way, str):
                    yield Way(f"{self._path}:{node.lineno}", *way)

    def ways_to_be(self) -> Iterator[Way]:
        """How a client can be asked that the file makes, though nothing asks it yet."""
        scope, made = Scope(self._path), dict[str, list[int]]()
        for node in self._tree.body:
            targets = (
                node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            )
            for target in targets:
                if isinstance(target, ast.Name):
                    made.setdefault(target.id, []).append(node.lineno)
        once = ((name, lines[0]) for name, lines in made.items() if len(lines) == 1)
        for name, line in once:
            for question in _QUESTIONS:
                call = self._clients.asking(f"{name}.{question}", scope)
                way = self._way(call, call, "{flag}", scope) if call else ""
                if not isinstance(way, str):
                    yield Way(f"{self._path}:{line}", *way)

    def _unknown(self, node: ast.expr, scope: Scope) -> str:
        """Why an expression is not known to ask a flag client; empty where it is."""
        if isinstance(node, ast.Subscript):
            return "a value is looked up in the program, which no flag server switches"
        if not self._clients.ask(node, scope):
            return "nothing shows that it asks a flag client with the name as it is"
        if sum(flag_name(value) is not None for value in _arguments(node)) > 1:
            return "more than one of its texts may name the flag"
        if any(asks_of_a_list(function) for function, _ in self._clients.called(node, scope)):
            return "it asks only for flags that a list of the program has"
        return ""

    def _way(
        self, node: ast.expr, origin: ast.expr, flag: str, scope: Scope
    ) -> tuple[str, str, str] | str:
        """The import line, the check and for whom it asks; or why other files cannot ask so.

        Args:
            origin: The node as it stands in the file.
        """
        root = root_of(node)
        if root and isinstance(local := _local(root.id, scope), ast.Call):
            node, root = _replaced(node, {root: local}), root_of(local)
        if root is None:
            return "it begins with no name"
        is_own = root.id in self._origins and not _is_local(root.id, scope)
        if not is_own or not self._clients.is_bound_once(root.id, self._path):
            return f"other files do not have its `{root.id}`"
        contexts = [value for value in _arguments(node) if not _is_portable(value, root)]
        if contexts and (len(contexts) > 1 or not is_context(contexts[0])):
            shorter = _without(node, contexts) if self._may_be_shorter(origin, scope) else None
            if shorter is None:
                return f"other files may not have its `{_short(ast.unparse(contexts[0]))}`"
            node, contexts = shorter, []
        if sure := unknown_is_yes(node):
            if not self._known(origin, scope) or any(isinstance(v, ast.Lambda) for v in sure):
                return "it says yes where nothing is known of a flag, which must be off then"
            node = _replaced(node, {value: ast.Constant(value=False) for value in sure})
        context = contexts[0] if contexts else None
        words = ast.unparse(context) if context else ""
        return self._origins[root.id], _template(node, flag, context), words

    def _may_be_shorter(self, node: ast.expr, scope: Scope) -> bool:
        known = self._known(node, scope)
        return bool(known) and all(origin.startswith(_OPTIONAL) for origin in known)

    def _known(self, node: ast.expr, scope: Scope) -> tuple[str, ...]:
        """The functions of others that a call may call."""
        call = node.value if isinstance(node, ast.Await) else node
        return self._clients.origins(call.func, scope) if isinstance(call, ast.Call) else ()

    def _import_of(self, node: ast.expr) -> str:
        root = root_of(node)
        return self._origins.get(root.id, "") if root else ""


def _local(name: str, scope: Scope) -> ast.expr | None:
    """What a local stands for, where that can be written anywhere: `api.get_client()`."""
    for function in reversed(scope.functions):
        found = bound_by(function).get(name)
        if name in parameters_of(function) or found:
            value = found[0] if found and len(found) == 1 else None
            return value if isinstance(value, ast.Call) and _is_got(value) else None
    return None


def _is_got(call: ast.Call) -> bool:
    """Whether a call only hands out what there is, and makes no client of its own."""
    is_plain = all(isinstance(value, ast.Constant) for value in _arguments(call))
    name = ast.unparse(call.func).rpartition(".")[2]
    return is_plain and name[:1].islower()


def _is_local(name: str, scope: Scope) -> bool:
    return any(name in {**parameters_of(f), **bound_by(f)} for f in scope.functions)


def _without(node: ast.expr, contexts: Sequence[ast.expr]) -> ast.expr | None:
    """A question without its last arguments, so that it is asked for nobody in particular."""
    if isinstance(node, ast.Await):
        shorter = _without(node.value, contexts)
        return ast.Await(shorter) if shorter else None
    if not isinstance(node, ast.Call):
        return None
    kept = [value for value in node.args if value not in contexts]
    keywords = [keyword for keyword in node.keywords if keyword.value not in contexts]
    is_last = kept == node.args[: len(kept)]
    return ast.Call(node.func, kept, keywords) if is_last else None


def scoped(tree: ast.AST, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """Expressions of a file with where they stand; an awaited one as a whole, no decorators."""
    stack: list[tuple[ast.AST, Scope]] = [(tree, scope)]
    while stack:
        node, at = stack.pop()
        inner = at
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            children = [n for n in children if n not in node.decorator_list]
        if isinstance(node, FUNCTIONS):
            inner = at._replace(functions=(*at.functions, node))
        elif isinstance(node, ast.ClassDef):
            inner = Scope(at.path, at.functions, node)
        elif isinstance(node, ast.Await):
            children = list(ast.iter_child_nodes(node.value))
        if isinstance(node, ast.expr):
            yield node, at
        stack += [(child, inner) for child in children]


def origins(tree: ast.Module, module: str, *, is_package: bool) -> dict[str, str]:
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


def root_of(node: ast.AST) -> ast.Name | None:
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


def _replaced(node: ast.expr, others: Mapping[ast.expr, ast.expr]) -> ast.expr:
    """A copy of an expression with others in it."""
    memo: dict[int, Any] = {id(old): new for old, new in others.items()}
    return deepcopy(node, memo)


def _template(node: ast.expr, flag: str, context: ast.expr | None) -> str:
    """The expression with `{flag}` for the flag, in double quotes, and `{context}` for whom."""
    text = ast.unparse(_replaced(node, {context: ast.Name(_FOR_WHOM)} if context else {}))
    return text.replace(repr(flag), '"{flag}"').replace(_FOR_WHOM, "{context}")


def _short(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= _CODE_CHARS else f"{line[: _CODE_CHARS - 3]}..."
