"""Follow what one file puts into a registry, or a field, of another one."""

import ast

from flagwright.core.wrapping.chain import Chain
from flagwright.core.wrapping.noted import Noted
from flagwright.core.wrapping.part import Owned, Part
from flagwright.core.wrapping.proof.run import Run


class Stored(Noted):
    """What is put into the registries of each file, and done with it there."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self._held: dict[Owned, tuple[set[Owned], set[Owned]]] = {}
        """What is put into each registry, or field, of a file; classes whose objects are."""

    def _fill(self, part: Part, node: ast.AST) -> None:
        """Note what a node puts into a registry of another file."""
        for kept in self._chain.kept.get(part.path, {}).get(node, ()):
            for registry in kept.registries:
                values, objects = self._held.setdefault(registry, (set(), set()))
                if not (kept.values <= values and kept.itself <= objects):
                    values |= kept.values
                    objects |= kept.itself
                    self._grown |= {registry[0]} & self._chain.parts.keys()

    def _use_held(self, part: Part, run: Run) -> None:
        """What others put into the registries of a file is called, or used, as these are."""
        self._place = part.path, 0
        called, used = run.called, run.touched
        for (path, name), (values, objects) in self._held.items():
            if path != part.path or name not in called | used:
                continue
            for own in values if name in called else ():
                self._called(own)
                self.add(own[0], "attributes", {own[1]} & self._chain.parts[own[0]].methods_of_all)
            for own in values | objects:
                self._touch(own)
                self.add(own[0], "applied", {own[1]})
