"""Find what reads like a check of a flag, and may ask for something else.

`user.has_perm("new-tax")` asks for a right, and `settings.get("new-tax")` for a value that no flag
server switches. A question counts where it leads to a flag client, as when a way of asking is
looked for, or is the policy's own, or that of a plan; or where its words are about flags and look
nothing up in settings, unless its code stands in the repository, which has a client to ask.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.assigned import own_nodes
from flagwright.core.wrapping.checks import asked_as
from flagwright.core.wrapping.clients import Clients, Scope
from flagwright.core.wrapping.conventions import imports_one_of, module_name
from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.module import is_own
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.saying import leaves_open
from flagwright.core.wrapping.sound import asked_flag, may_ask, says_what_flags_do
from flagwright.core.wrapping.tree import function_at, nodes
from flagwright.core.wrapping.way import origins, root_of, scoped
from flagwright.core.wrapping.where import named_plainly

_SETTINGS: Final = re.compile(r"(?i)(^|[._])(settings|config|conf|options|environ|env)([._]|$)")
_OF_THE_FLAG: Final = re.compile(
    r"(?i)(?:^|_|(?<=[a-z])(?=[A-Z]))"
    r"(archived|defined|deprecated|describe|description|exists?|expired|known|owner|registered|stale"
    r"|state|status)"
    r"(?:_|$)"
)
"""What is asked about a flag itself, whether it is on or off."""
_IMPORTED: Final = re.compile(r"from (?:\w+\.)*(?P<from>\w+) import (?P<name>\w+)")
_RENAMED: Final = re.compile(rf"{_IMPORTED.pattern} as (?P<as>\w+)$")
_SETS: Final = (
    "is no check, since nothing takes its answer: if it sets the flag, take that call out"
)
_WAY_OUT: Final = "take it out by hand, or set it as `check` in policies/wrapping.toml"


class Unsure:
    """The doubtful questions after one flag in the files of a repository."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        flag: str,
        spelled: Mapping[str, Collection[str]],
        policy: WrappingPolicy,
        ways: Iterable[Convention] = (),
        *,
        on: bool,
    ) -> None:
        """Read only files that name the flag, and others where an answer depends on them.

        Args:
            on: The answer that is put in place of each question.
            spelled: Other ways in which each file names the flag.
            ways: How plans for it asked.
        """
        self._files, self._flag, self._spelled, self._policy = files, flag, spelled, policy
        self._on = on
        self._open: set[int] = set()
        self._named: dict[str, list[tuple[Function, Scope]]] = {}
        own = [(policy.check, policy.context, policy.import_line)]
        own += ((way.check, way.context, way.import_line) for way in ways)
        self._ways = [
            (check.replace("{context}", context), line) for check, context, line in own if check
        ]

    @cached_property
    def _clients(self) -> Clients:
        names = {path: module_name(path, self._files) for path in self._files}
        modules = {name: path for path, name in names.items()}
        return Clients(self._files, modules, self._policy.known_checks)

    @cached_property
    def _has_clients(self) -> bool:
        known = self._policy.known_checks
        return any(imports_one_of(text, known) for text in self._files.values())

    def functions(self, path: str) -> dict[str, str]:
        """Functions of a file that ask so, by full name, and why they stay; "" is its top."""
        tree = tree_of(self._files[path])
        if tree is None:
            return {}
        found: dict[str, str] = {}
        for node, because in self._doubts(path, tree):
            found.setdefault(function_at(tree, node.lineno), because)
        return found

    def _doubts(self, path: str, tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
        names = self._spelled.get(path, ())
        lines = origins(tree, "", is_package=False)
        alone = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
        for found, scope in scoped(tree, Scope(path)):
            node = found.value if isinstance(found, ast.Await) else found
            if not isinstance(node, ast.Call | ast.Subscript):
                continue
            plain = named_plainly(node, self._flag, names)
            if asked_flag(plain) == self._flag:
                root = root_of(node)
                because = self._because(node, plain, scope, lines.get(root.id, "") if root else "")
                if because and id(found) in alone and isinstance(node, ast.Call):
                    because = f"`{ast.unparse(node.func)}` {_SETS}"
                if because:
                    yield node, because

    def _because(
        self, node: ast.Call | ast.Subscript, plain: ast.expr, scope: Scope, line: str
    ) -> str:
        """Why an expression may ask for something else; empty where it asks for a flag."""
        if any(asked_as(_as_imported(plain, line, own), way) for way, own in self._ways):
            return ""
        if isinstance(node, ast.Call) and self._is_brought(node, scope):
            return ""
        asked = ast.unparse(node.func if isinstance(node, ast.Call) else node.value)
        if isinstance(node, ast.Call) and self._is_open(node, scope):
            side = "on" if self._on else "off"
            return f"`{asked}` says more than a flag, and is open with it {side}: {_WAY_OUT}"
        if isinstance(node, ast.Call) and self._clients.ask(node, scope):
            return ""
        looks_up = isinstance(node, ast.Subscript) or asked.rpartition(".")[2].startswith("get")
        if looks_up and _SETTINGS.search(asked):
            return f"`{asked}` looks a value up that no flag server switches: {_WAY_OUT}"
        about = _OF_THE_FLAG.search(asked.rpartition(".")[2])
        if about or not says_what_flags_do(f"{line} {asked}"):
            return f"`{asked}` may ask for something else than a flag: {_WAY_OUT}"
        if self._has_clients and self._clients.is_own(node, scope):
            return f"the code of `{asked}` is here, and asks no flag client: {_WAY_OUT}"
        return ""

    def _is_brought(self, call: ast.Call, scope: Scope) -> bool:
        """Whether it is the module that a plan brought that answers."""
        own = [*self._clients.called(call, scope)]
        return bool(own) and all(is_own(self._files[inner.path]) for _, inner in own)

    def _is_open(self, call: ast.Call, scope: Scope) -> bool:
        """Whether the function that answers may say otherwise than the flag alone."""
        own = [*self._clients.called(call, scope)]
        if not own and isinstance(call.func, ast.Attribute) and not self._clients.ask(call, scope):
            own = self._methods(call.func.attr)
        return any(self._leaves_open(function, inner) for function, inner in own)

    def _leaves_open(self, function: Function, scope: Scope) -> bool:
        def asks(call: ast.Call) -> bool:
            return may_ask(call) or self._clients.ask(call, scope)

        calls = (node for node in own_nodes(function) if isinstance(node, ast.Call))
        if id(function) in self._open or not any(map(asks, calls)):
            return False
        self._open.add(id(function))
        found = leaves_open(function, asks, lambda call: self._is_open(call, scope), on=self._on)
        self._open.remove(id(function))
        return found

    def _methods(self, name: str) -> list[tuple[Function, Scope]]:
        """Functions of the repository that are called so, where nobody knows whose is meant."""
        if name not in self._named:
            start = f"def {name}(".encode()
            trees = {path: tree_of(text) for path, text in self._files.items() if start in text}
            self._named[name] = [
                (node, Scope(path, (node,)))
                for path, tree in trees.items()
                for node in (nodes(tree) if tree else ())
                if isinstance(node, FUNCTIONS) and node.name == name
            ]
        return self._named[name]


def _as_imported(node: ast.expr, line: str, way: str) -> ast.expr:
    """A question by the name that a way of asking imports, where the file has it by another.

    Args:
        line: The import of the file that gives it the first name of the question.
        way: The import of that way.
    """
    found, own = _RENAMED.match(line), _IMPORTED.match(way)
    text = ast.unparse(node)
    if not (found and own and found["from"] == own["from"] and text.startswith(found["as"])):
        return node
    return ast.parse(found["name"] + text.removeprefix(found["as"]), mode="eval").body
