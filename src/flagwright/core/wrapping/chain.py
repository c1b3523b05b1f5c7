"""Follow from file to file which of their names lead to a check, and which file is below which.

A check in one file is reached through the names of others: what calls it, what is made from
its class. Files are read only where they have such a name, and no more than `MOST_FILES`: of a
longer chain nobody says what runs at import.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from flagwright.core.wrapping.derived import only_derives
from flagwright.core.wrapping.giving import Giving
from flagwright.core.wrapping.keeping import Keeping
from flagwright.core.wrapping.linking import imported_several, stands_for, stars_of, tree_of
from flagwright.core.wrapping.part import Owned, Part, leading_to
from flagwright.core.wrapping.passing import passing
from flagwright.core.wrapping.receiving import Looked, Receiving
from flagwright.core.wrapping.registry import Registries
from flagwright.core.wrapping.tree import members
from flagwright.core.wrapping.unfound import Unfound

MOST_FILES = 400
_MOST_NAMES = 5
"""Files through which a name is followed that hand it on."""


class Kept(NamedTuple):
    """What is put somewhere, and where that is."""

    values: set[Owned]
    itself: set[Owned]
    """Classes of which an object is."""
    registries: set[Owned]


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
        self.unfound = Unfound(files, self._read)
        self._registries = Registries(self._meant, self._stars, self.packages)
        self._receiving = Receiving(self._registries)
        self._looked_up: dict[tuple[str, frozenset[str | int], frozenset[int]], Looked] = {}
        self._deriving: dict[int, bool] = {}
        self._passing: dict[str, frozenset[str]] = {}
        self._set: dict[str, bool] = {}
        """What `is_set` has found."""
        self.kept: dict[str, dict[ast.AST, list[Kept]]] = {}
        """By file and node, what is put somewhere, and where."""
        self._add(root, leading)

    def looked_up(self, part: Part, giving: Giving) -> Looked:
        """What is looked up of what a node gives."""
        callees = frozenset(part.chains.get(callee) or id(callee) for callee in giving.callees)
        at = (part.path, callees, frozenset(map(id, (*giving.others, *giving.objects))))
        if at not in self._looked_up:
            self._looked_up[at] = self._receiving.looked_up(part, giving)
        return self._looked_up[at]

    def passing(self, part: Part) -> frozenset[str]:
        """Decorators of a file that only pass on what others make, as they are spelled."""
        if part.path not in self._passing:
            self._passing[part.path] = frozenset(passing(self._registries, part, self.is_set))
        return self._passing[part.path]

    def only_derives(self, part: Part, owner: ast.ClassDef) -> bool:
        """Whether nothing of the repository runs as a class of a file is made."""
        if id(owner) not in self._deriving:
            self._deriving[id(owner)] = only_derives(self._registries, part, owner)
        return self._deriving[id(owner)]

    def is_set(self, attribute: str) -> bool:
        """Whether any file sets an attribute of this name."""
        if attribute not in self._set:
            name = attribute.encode()
            by_text = rb"|\bsetattr\([^\n]*[\"']" + name + rb"[\"']"
            word = re.compile(rb"\.[ \t]*" + name + rb"[ \t]*=(?!=)" + by_text)
            self._set[attribute] = any(map(word.search, self._files.values()))
        return self._set[attribute]

    def may_be_found(self, part: Part, names: Collection[str]) -> set[str]:
        """Those of some names of a file that others may find without their names."""
        far = {d for d, own in self.wanted.items() if own[0] == part.path}
        listed = self.unfound.listed if names else set()
        if any(d.startswith(f"{module}.") for d in {*far, f"{part.module}."} for module in listed):
            return {*names}
        found = {*names} & self.unfound.by_text if names else set[str]()
        if names and self.unfound.reads_annotations:
            found.update(
                *(self.unfound.annotated(other) & {*names} for other in self.parts.values())
            )
        return found

    def grow(self) -> set[str]:
        """Take in the files that use what was found last; which they are."""
        wanted, self._new = self._new, {}
        self._receiving.forget()
        grown = set[str]()
        for path in sorted(self._users(wanted)):
            part = self.parts.get(path) or self._read(path)
            if part is None or (path not in self.parts and self._is_full()):
                continue
            self._take_stars(part)
            part.prefer(self.wanted.__contains__)
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
        return {part.path, *self._look_up_from(part), *self._fill_from(part)}

    def _fill_from(self, part: Part) -> Iterator[str]:
        """Take in the files whose registries get what leads to the check."""
        kept = self.kept.setdefault(part.path, {})
        for keeping in part.keeping:
            values = self._leading_in(part, keeping) if not self.is_cut else set()
            is_leading = values or keeping.itself in part.names
            found = self._registries.filled(part, keeping) if is_leading else None
            if found is None or not found.registries:
                continue
            where = {(other.path, name) for other, name in found.registries}
            itself = {(part.path, keeping.itself)} if keeping.itself in part.names else set()
            kept.setdefault(keeping.node, []).append(Kept(values, itself, where))
            for other, name in found.ways:
                if name not in other.names and (other.path in self.parts or not self._is_full()):
                    yield from self._add(other, leading_to(other, (), {*other.names, name}))

    def _leading_in(self, part: Part, keeping: Keeping) -> set[Owned]:
        """What a node puts somewhere, if that leads to the check."""
        owned = {own for node in keeping.nodes if (own := self.owned(part, node))}
        full = (part.imported[name] for name in keeping.carried & part.imported.keys())
        owned |= {own for dotted in full if (own := self.named(part, dotted))}
        names = keeping.carried & part.names
        names |= {str(getattr(keeping.node, "name", ""))} if names and not keeping.values else set()
        return owned | {(part.path, name) for name in names}

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
            several = imported_several(tree, self._around(path)) if tree else {}
            part = Part(path, self._module_of[path], tree, imported, several) if tree else None
            self._trees[path] = part
        return self._trees[path]

    def _stars(self, part: Part) -> list[str]:
        """Modules from which a file imports `*`."""
        return [*stars_of(part.tree, self._around(part.path))]

    def _take_stars(self, part: Part) -> None:
        for source in self._stars(part):
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

    def _defined(self, dotted: str) -> tuple[Part, str] | None:
        """The file that defines a class of some full name, through those that hand it on."""
        found = self._meant(dotted)
        own = members(found[0].tree) if found else ()
        names = {node.name for node in own if isinstance(node, ast.ClassDef)}
        return found if found and found[1] in names else None

    def _meant(self, dotted: str, depth: int = 0) -> tuple[Part, str] | None:
        """The file that gives something to a name, in full, through those that hand it on."""
        module, _, name = dotted.rpartition(".")
        path = self._paths.get(module)
        part = (self.parts.get(path) or self._read(path)) if path else None
        if part is None:
            return None
        is_defined = name in part.functions or name in part.methods
        again = part.imported.get(name) if depth < _MOST_NAMES and not is_defined else None
        found = self._meant(again, depth + 1) if again else None
        return found or ((part, name) if is_defined or name in part.bound else None)
