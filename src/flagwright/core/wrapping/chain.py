"""Follow from file to file which of their names lead to a check, and which file is below which.

A check in one file is reached through the names of others: what calls it, what is made from
its class. Files are read only where they have such a name, and no more than `MOST_FILES`: of a
longer chain nobody says what runs at import.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from flagwright.core.wrapping.linking import (
    absolute,
    names_bound,
    stands_for,
    stars_of,
    tree_of,
)
from flagwright.core.wrapping.proof import lookup
from flagwright.core.wrapping.proof.running import set_by
from flagwright.core.wrapping.tree import members, nodes, walk

MOST_FILES = 400
Owned = tuple[str, str]
"""A file, and one of its names."""


class Statement(NamedTuple):
    """One statement of a file that gives something to names."""

    bound: set[str]
    names: set[str]
    """All that stand in it."""
    nodes: set[int]
    """By identity."""


@dataclass
class Part:
    """One file through which a check may be reached."""

    path: str
    module: str
    """Its name, by which it is imported."""
    tree: ast.Module
    imported: dict[str, str]
    """What its names stand for, in full."""
    names: set[str] = field(default_factory=set)
    """Those of its names that lead to the check."""
    above: dict[str, Owned] = field(default_factory=dict)
    """Bases of its classes, by what they are called in full, where other files define them."""

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the file."""
        return nodes(self.tree)

    @cached_property
    def statements(self) -> list[Statement]:
        """Those that give something to names of the file."""
        found = ((set(_bound(node)), node) for node in members(self.tree))
        return [_statement(bound, walk(node)) for bound, node in found if bound]

    @cached_property
    def decorators(self) -> list[tuple[set[str], ast.expr]]:
        """All decorators, each with the names that its statement binds."""
        return [
            (set(names_bound(statement)), decorator)
            for statement in members(self.tree)
            for node in walk(statement)
            for decorator in getattr(node, "decorator_list", ())
        ]

    @cached_property
    def classes(self) -> list[ast.ClassDef]:
        """All classes of the file that are made from something."""
        found = (n for n in self.nodes if isinstance(n, ast.ClassDef))
        return [n for n in found if n.bases or n.keywords]

    @cached_property
    def chains(self) -> dict[ast.AST, str]:
        """What expressions stand for in full that begin with an imported name."""
        pairs = ((n, _in_full(n, self.imported)) for n in self.nodes)
        return {node: dotted for node, dotted in pairs if dotted}

    @cached_property
    def lookups(self) -> dict[ast.AST, str]:
        """What nodes that look names up by any text ask for these, in full."""
        pairs = ((n, _asked_for_any(n)) for n in self.nodes)
        found = {n: absolute(value, self.imported) for n, value in pairs if value}
        return {node: dotted for node, dotted in found.items() if dotted}

    def take(self, name: str, dotted: str) -> None:
        """Let one more name of the file stand for something."""
        if name not in self.imported:
            self.imported[name] = dotted
            self.__dict__.pop("chains", None)


class Chain:
    """The files through which a check in one of them may be reached."""

    def __init__(
        self,
        root: Part,
        leading: Collection[str],
        files: Mapping[str, bytes],
        module_of: Mapping[str, str],
        around: Callable[[str], str],
    ) -> None:
        """Begin with the file that has the check.

        Args:
            leading: Its names through which that is reached.
            files: Those that may be imported.
            module_of: What each of them is called.
            around: The package that relative imports of a file start from.
        """
        self.parts: dict[str, Part] = {}
        self.is_cut = False
        """Whether it is longer than may be followed."""
        self.wanted: dict[str, Owned] = {}
        """Names that lead to the check, by what they are called in full."""
        self._files, self._module_of, self._around = files, module_of, around
        self.packages = frozenset(module.partition(".")[0] for module in module_of.values())
        self._trees: dict[str, Part | None] = {}
        self._paths = {module: path for path, module in module_of.items()}
        self._new = dict[str, Owned]()
        self._add(root, leading)

    def grow(self) -> set[str]:
        """Take in the files that use what was found last; which they are."""
        wanted, self._new = self._new, {}
        grown = set[str]()
        for path in sorted(self._users(wanted)):
            part = self.parts.get(path) or self._read(path)
            if part is None or (path not in self.parts and self._is_full()):
                continue
            self._take_stars(part)
            using = [n for n in part.chains if self.owned(part, n)]
            using += [n for n in part.lookups if self.asked_by_text(part, n)]
            again = {n: d for n, d in part.imported.items() if d in self.wanted}
            if using or again:
                self._hand_on(part, again)
                grown |= self._add(part, leading_to(part, using))
        return grown

    def _is_full(self) -> bool:
        self.is_cut |= len(self.parts) >= MOST_FILES
        return self.is_cut

    def _hand_on(self, part: Part, again: Mapping[str, str]) -> None:
        """What a file imports can be imported from it."""
        for name, dotted in again.items():
            if (here := f"{part.module}.{name}") not in self.wanted:
                self.wanted[here] = self._new[here] = self.wanted[dotted]

    def _add(self, part: Part, names: Collection[str]) -> set[str]:
        """Take in a file with some names, and those above its classes; which files these are."""
        self.parts[part.path] = part
        new = {*names} - part.names
        part.names |= new
        self._new |= self._want(part, new)
        return {part.path, *self._look_up_from(part)}

    def owned(self, part: Part, node: ast.AST) -> Owned | None:
        """The name of another file of the chain that an expression stands for."""
        dotted = part.chains.get(node)
        return self.named(part, dotted) if dotted else None

    def named(self, part: Part, dotted: str) -> Owned | None:
        """The name of another file of the chain that is called so in full."""
        found = self.wanted.get(dotted) or part.above.get(dotted)
        return None if found is None or found[0] == part.path else found

    def asked_by_text(self, part: Part, node: ast.AST) -> str:
        """The module of the chain whose names a node may find by any text; empty for others."""
        module = part.lookups.get(node, "")
        is_one = module and any(d.startswith(f"{module}.") for d in self.wanted)
        return module if is_one else ""

    def _want(self, part: Part, names: Collection[str]) -> dict[str, Owned]:
        new = {f"{part.module}.{name}": (part.path, name) for name in names}
        found = {dotted: own for dotted, own in new.items() if dotted not in self.wanted}
        self.wanted |= found
        return found

    def _users(self, wanted: Mapping[str, Owned]) -> Iterator[str]:
        """Files with a word of what is wanted, and of where it is from."""
        sources: dict[str, set[bytes]] = defaultdict(set)
        for module, _, name in (dotted.rpartition(".") for dotted in wanted):
            sources[module].add(name.encode())
        for path, text in self._files.items():
            for module, words in sources.items():
                stem = module.rpartition(".")[2].encode()
                is_near = b"from ." in text and path.rpartition("/")[0] in self._folders(module)
                if not is_near and stem not in text:
                    continue
                if b"import *" in text or any(word in text for word in words):
                    yield path
                    break

    def _folders(self, module: str) -> set[str]:
        """Folders in which a relative import may mean a package without a word of its name."""
        path = self._paths.get(module, "")
        return {path.removesuffix("/__init__.py")} if path.endswith("__init__.py") else set()

    def _read(self, path: str) -> Part | None:
        if path not in self._trees:
            tree = tree_of(self._files[path])
            imported = stands_for(tree, self._around(path)) if tree else {}
            part = Part(path, self._module_of[path], tree, imported) if tree else None
            self._trees[path] = part
        return self._trees[path]

    def _take_stars(self, part: Part) -> None:
        for source in stars_of(part.tree, self._around(part.path)):
            own = [d for d in self.wanted if d.rpartition(".")[0] == source]
            for dotted in own:
                part.take(dotted.rpartition(".")[2], dotted)

    def _look_up_from(self, part: Part) -> Iterator[str]:
        """Take in the files of the bases and metaclasses of the classes that lead to the check."""
        for owner in (c for c in part.classes if c.name in part.names):
            for head in (*owner.bases, *(k.value for k in owner.keywords if k.arg == "metaclass")):
                dotted = part.chains.get(head, "")
                found = self._defined(dotted) if dotted not in part.above else None
                if found and not self._is_full():
                    upper, name = found
                    part.above[dotted] = (upper.path, name)
                    self.parts[upper.path] = upper
                    upper.names.add(name)
                    yield from (upper.path, *self._look_up_from(upper))

    def _defined(self, dotted: str, depth: int = 0) -> tuple[Part, str] | None:
        """The file that defines a class of some full name, through those that hand it on."""
        module, _, name = dotted.rpartition(".")
        path = self._paths.get(module)
        part = (self.parts.get(path) or self._read(path)) if path else None
        if part is None:
            return None
        if any(isinstance(n, ast.ClassDef) and n.name == name for n in members(part.tree)):
            return part, name
        again = part.imported.get(name)
        return self._defined(again, depth + 1) if again and depth < 5 else None


def _in_full(node: ast.AST, imported: Mapping[str, str]) -> str:
    if isinstance(node, ast.Subscript):
        return _in_full(node.value, imported)
    return absolute(node, imported) if isinstance(node, ast.expr) else ""


def _asked_for_any(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.Attribute(value=value, attr="__dict__"):
            return value
        case ast.Call(func=ast.Name("vars"), args=[value]):
            return value
        case _:
            asked = lookup.asked_for(node)
            return asked[0] if asked and lookup.written(asked[1]) is None else None


def _statement(bound: set[str], inner: list[ast.AST]) -> Statement:
    names = {n.id for n in inner if isinstance(n, ast.Name)}
    return Statement(bound, names, set(map(id, inner)))


def leading_to(part: Part, using: Collection[ast.AST]) -> set[str]:
    """Names of a file through which some of its nodes can be reached."""
    wanted = set(map(id, using))
    found: set[str] = set()
    rest = part.statements
    size = -1
    while len(found) > size:
        size, left = len(found), []
        for statement in rest:
            if found.isdisjoint(statement.names) and wanted.isdisjoint(statement.nodes):
                left.append(statement)
            else:
                found |= statement.bound
        rest = left
    return found


def _bound(node: ast.stmt) -> Iterator[str]:
    """Names to which a statement gives something, or a function of it that runs."""
    yield from names_bound(node)
    yield from (n for part in walk(node) if isinstance(part, ast.Global) for n in part.names)
    if isinstance(node, ast.Expr):
        yield from (n.id for _ in set_by(node.value) for n in walk(node) if isinstance(n, ast.Name))
    targets = [node.target] if isinstance(node, ast.For | ast.AsyncFor) else []
    if isinstance(node, ast.With | ast.AsyncWith):
        targets = [item.optional_vars for item in node.items if item.optional_vars]
    yield from (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
