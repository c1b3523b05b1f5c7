"""Follow what the methods of a class do with their own object into the classes made from it."""

import ast

from flagwright.core.wrapping.chain import Chain
from flagwright.core.wrapping.hooks import hooks_of
from flagwright.core.wrapping.part import Owned, Part
from flagwright.core.wrapping.proof.importing import Reach
from flagwright.core.wrapping.proof.run import Run
from flagwright.core.wrapping.proof.running import root_of
from flagwright.core.wrapping.stored import Stored


class HandedDown(Stored):
    """What is done with objects of the classes of each file by those above them."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self._runs: dict[str, tuple[Reach, Run]] = {}
        self._hooks: dict[Owned, set[str]] = {}
        """By class, what its bases call of their own object."""
        self._handing = set[Owned]()
        """Classes that give their own object on as it is made, or whose bases do."""

    def _use_elsewhere(self, part: Part, run: Run) -> None:
        """What a name stands for in another place that it is imported from may be called, too."""
        names = ((n, d) for n, d in part.chains.items() if part.several and id(n) in run.reached)
        for node, dotted in names:
            name = root_of(node) if isinstance(node, ast.expr) else ""
            for other in part.several.get(name, ()):
                own = self._chain.named(part, other + dotted.removeprefix(part.imported[name]))
                if own and other != part.imported[name]:
                    self._called(own)
                    self._touch(own, run.attributes)

    def _hand_down(self, part: Part, reach: Reach, run: Run) -> None:
        """What the methods of a base call of their own object may stand in a class made from it."""
        self._handing |= {(part.path, name) for name in reach.handing_on(run)}
        for lower in (p for p in self._chain.parts.values() if p.above):
            for owner in lower.classes:
                heads = [*owner.bases, *(k.value for k in owner.keywords)]
                own = [o for head in heads if (o := self._own(lower, head)) and o[0] == part.path]
                if not own:
                    continue
                if not self._handing.isdisjoint(own):
                    self._handing.add((lower.path, owner.name))
                    self.add(lower.path, "applied", {owner.name})
                known = self._runs.get(lower.path)
                is_made = known is not None and owner.name in known[1].called
                hooks = {h for o in own for h in self._hooks.get(o, ())}
                if hooks := hooks | hooks_of(reach, run, always=is_made):
                    self._place = lower.path, owner.lineno
                    self._hooks.setdefault((lower.path, owner.name), set()).update(hooks)
                    self.add(lower.path, "touched", {owner.name})
                    self.add(lower.path, "attributes", hooks)
