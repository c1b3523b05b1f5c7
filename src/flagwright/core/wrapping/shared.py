"""Find private definitions of one changed file that other files import.

`_net(a)` becomes `_net(b, a)` in one file and its callers change in another one: the old
definition steps aside as `_net_off`, and so does the import in every file that has it, which
then asks for the flag itself, also where the change itself leaves it alone: `_RATE = 3`.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from flagwright.core.records.change import Change, FileChange
from flagwright.core.wrapping.aliased import idle_aliases
from flagwright.core.wrapping.aside import can_move
from flagwright.core.wrapping.binding import Binding, Shared, top_bindings
from flagwright.core.wrapping.conventions import module_name
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.effect import FUNCTIONS, Effects
from flagwright.core.wrapping.linking import imported_by, stars_of, tree_of
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.reach import Definition, may_be_two
from flagwright.core.wrapping.titles import is_title_read
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.twin import doubtful

_MOST_MORE = 10
"""Files beside those of the change that a plan may edit."""


def sharing(
    change: Change, policy: WrappingPolicy, states: Sequence[Mapping[str, bytes]]
) -> tuple[dict[str, Shared], tuple[FileChange, ...]]:
    """What files share, by path, and those of them that are not in the change.

    Args:
        states: The repository without its tests, as it is and as it was; empty where it is not
            known.
    """
    files = {f.path: f for f in change.files if _is_modified(f, policy)}
    if not states:
        return {}, ()
    changed = [*files]
    candidates = [(p, *found) for p in changed for found in _candidates(files[p], policy, states)]
    files |= _left_alone(change, policy, states) if candidates else {}
    own: dict[str, set[str]] = {}
    taken: dict[str, set[Binding]] = {}
    for path, name, definitions in candidates:
        if users := _Users(path, name, definitions, states, policy).found(files):
            own.setdefault(path, set()).add(name)
            for user, binding in users.items():
                taken.setdefault(user, set()).update(binding)
    more = tuple(files[path] for path in sorted(taken.keys() - {*changed}))
    if len(more) > _MOST_MORE:
        return {}, ()
    shared = {
        path: Shared(frozenset(own.get(path, ())), frozenset(taken.get(path, ())))
        for path in own.keys() | taken.keys()
    }
    return shared, more


def _left_alone(
    change: Change, policy: WrappingPolicy, states: Sequence[Mapping[str, bytes]]
) -> dict[str, FileChange]:
    """Files that are the same in both versions."""
    new, old = states[0], states[-1]
    given = {name for f in change.files for name in (f.path, f.renamed_from)}
    same = (p for p, text in new.items() if p not in given and old.get(p) is text)
    return {
        p: FileChange(path=p, kind="modified", before=new[p], after=new[p])
        for p in same
        if policy.treatment(p) == "wrapped"
    }


def _is_modified(file: FileChange, policy: WrappingPolicy) -> bool:
    both = file.before is not None and file.after is not None
    same_place = file.renamed_from is None and not file.unreadable
    return both and same_place and policy.treatment(file.path) == "wrapped"


def _candidates(
    file: FileChange, policy: WrappingPolicy, states: Sequence[Mapping[str, bytes]]
) -> Iterator[tuple[str, Sequence[Definition]]]:
    """Names with two definitions that other files may have, and these."""
    before, after = (tree_of(text or b"") for text in (file.before, file.after))
    if before is None or after is None:
        return
    elsewhere = tuple(Bases(file.path, state) for state in states)
    named = idle_aliases((before, after), elsewhere, policy)
    effects = Effects(policy, before, after, aliases=named)
    for twin, found in doubtful(before, after, effects, policy, elsewhere).items():
        if not (twin.owner or twin.is_public) and any(
            bases.mention(twin.name, "") for bases in elsewhere
        ):
            yield twin.name, found


class _Users:
    """The files that have a name of another one, in both states of a repository."""

    def __init__(
        self,
        path: str,
        name: str,
        definitions: Sequence[Definition],
        states: Sequence[Mapping[str, bytes]],
        policy: WrappingPolicy,
    ) -> None:
        self._path, self._name, self._states, self._policy = path, name, states, policy
        self._definitions = definitions
        self._word = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")

    def found(self, files: Mapping[str, FileChange]) -> dict[str, set[Binding]]:
        """What each imports of the old version; nothing where one of them is out of reach."""
        users: set[str] = set()
        for state in self._states:
            for path, text in state.items():
                if path == self._path or not self._word.search(text):
                    continue
                tree = tree_of(text)
                if tree is None or self._is_out_of_reach(path, tree, state):
                    return {}
                if self._origins(path, tree, state):
                    if path not in files or not self._only_reads_it(path, tree):
                        return {}
                    users.add(path)
        trees = {path: tree_of(files[path].before or b"") for path in users}
        return {
            path: {b for b in top_bindings(tree) if b.name == self._name}
            for path, tree in trees.items()
            if tree is not None
        }

    def _origins(
        self, path: str, tree: ast.Module, state: Mapping[str, bytes]
    ) -> set[tuple[str, str]]:
        """Imports of a file that bind the name, or take one like it: bound name, and full name."""
        found = imported_by(tree, _package(path, state))
        return {(n, d) for n, d in found if self._name in (n, d.rpartition(".")[2])}

    def _is_out_of_reach(self, path: str, tree: ast.Module, state: Mapping[str, bytes]) -> bool:
        """Whether a file may come by the name in another way than by a plain import."""
        module = module_name(self._path, state)
        if module in stars_of(tree, _package(path, state)):
            return True
        is_plain = self._origins(path, tree, state) <= {(self._name, f"{module}.{self._name}")}
        return not is_plain or any(map(self._looks_for_it, nodes(tree)))

    def _only_reads_it(self, path: str, tree: ast.Module) -> bool:
        """Whether a file reads the name, and does nothing by which it could tell the two apart."""
        states = [Bases(path, state) for state in self._states]
        is_function = any(isinstance(d, FUNCTIONS) for d in self._definitions)
        if is_function and is_title_read(self._name, tree, states, self._policy.running_calls):
            return False
        used = {id(n) for n in nodes(tree) if isinstance(n, ast.Name) and n.id == self._name}
        alike = all(may_be_two(definition, used, tree) for definition in self._definitions)
        return alike and can_move(self._name, tree, tree)

    def _looks_for_it(self, node: ast.AST) -> bool:
        match node:
            case ast.Attribute(attr=name) | ast.alias(name=name, asname=str()):
                return name == self._name
            case ast.Constant(value=str(text)):
                return text.rpartition(".")[2] == self._name
            case _:
                return False


def _package(path: str, state: Mapping[str, bytes]) -> str:
    """The package that relative imports of a file start from."""
    own = module_name(path, state)
    return own if path.endswith("__init__.py") else own.rpartition(".")[0]
