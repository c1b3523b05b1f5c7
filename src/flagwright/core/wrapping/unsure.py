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
from flagwright.core.wrapping.checks import asked_as
from flagwright.core.wrapping.clients import Clients, Scope
from flagwright.core.wrapping.conventions import imports_one_of, module_name
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.sound import asked_flag, says_what_flags_do
from flagwright.core.wrapping.tree import function_at
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
    ) -> None:
        """Read only files that name the flag, and others where an answer depends on them.

        Args:
            spelled: Other ways in which each file names the flag.
            ways: How plans for it asked.
        """
        self._files, self._flag, self._spelled, self._policy = files, flag, spelled, policy
        own = ((policy.check, policy.context), *((way.check, way.context) for way in ways))
        self._ways = [check.replace("{context}", context) for check, context in own if check]

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
        for found, scope in scoped(tree, Scope(path)):
            node = found.value if isinstance(found, ast.Await) else found
            if not isinstance(node, ast.Call | ast.Subscript):
                continue
            plain = named_plainly(node, self._flag, names)
            if asked_flag(plain) == self._flag:
                root = root_of(node)
                because = self._because(node, plain, scope, lines.get(root.id, "") if root else "")
                if because:
                    yield node, because

    def _because(
        self, node: ast.Call | ast.Subscript, plain: ast.expr, scope: Scope, line: str
    ) -> str:
        """Why an expression may ask for something else; empty where it asks for a flag."""
        if any(asked_as(plain, way) for way in self._ways):
            return ""
        if isinstance(node, ast.Call) and self._clients.ask(node, scope):
            return ""
        asked = ast.unparse(node.func if isinstance(node, ast.Call) else node.value)
        looks_up = isinstance(node, ast.Subscript) or asked.rpartition(".")[2].startswith("get")
        if looks_up and _SETTINGS.search(asked):
            return f"`{asked}` looks a value up that no flag server switches: {_WAY_OUT}"
        about = _OF_THE_FLAG.search(asked.rpartition(".")[2])
        if about or not says_what_flags_do(f"{line} {asked}"):
            return f"`{asked}` may ask for something else than a flag: {_WAY_OUT}"
        if self._has_clients and self._clients.is_own(node, scope):
            return f"the code of `{asked}` is here, and asks no flag client: {_WAY_OUT}"
        return ""
