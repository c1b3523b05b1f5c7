"""Follow what the methods of a class do with their own object into the classes made from it."""

import ast
from collections.abc import Collection

from flagwright.core.wrapping.chain import Chain
from flagwright.core.wrapping.giving import Giving
from flagwright.core.wrapping.hooks import hooks_of
from flagwright.core.wrapping.part import Owned, Part
from flagwright.core.wrapping.proof.importing import Reach
from flagwright.core.wrapping.proof.run import Run
from flagwright.core.wrapping.proof.running import root_of
from flagwright.core.wrapping.stored import Stored

_PARTIAL = ("functools.partial", "functools.partialmethod")


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

    def _never_made(self, part: Part, reach: Reach, run: Run) -> set[int]:
        """By identity, classes of a file of which no object is made, and that only are there."""
        if _may_find_any(part, run) or self._chain.unfound.lists_heirs:
            return set()
        made = run.called | run.touched | run.by_text() | self.on(part.path).read
        owners = [o for o in part.classes if o.name not in made and o in part.tree.body]
        owners = [o for o in owners if self._chain.only_derives(part, o)]
        idle = {o.name for o in owners if reach.is_idle(run, o.name)}
        idle -= self._chain.may_be_found(part, idle)
        return {id(owner) for owner in owners if owner.name in idle}

    def _only_there(self, part: Part, reach: Reach, run: Run) -> set[int]:
        """By identity, what a file has, or is made by, that nobody uses yet; partial calls, too."""
        idle = reach.idle_uses(run)
        held = {n: v for n, v in reach.given_once() if isinstance(v, ast.Call)}
        calls = {n: v for n, v in held.items() if part.chains.get(v.func) in _PARTIAL}
        calls = {n: v for n, v in calls.items() if id(v.func) in idle}
        if calls and not _may_find_any(part, run):
            found = self._chain.may_be_found(part, calls.keys())
            idle |= {id(call) for name, call in calls.items() if name not in found}
        return idle | self._never_made(part, reach, run)

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


def _may_find_any(part: Part, run: Run) -> bool:
    """Whether a file may use what it has without its name."""
    is_listed = run.has_module or (run.lists and run.calls_stored)
    return is_listed or any(f in part.tree.body for f in part.functions.get("__getattr__", ()))


def is_only_there(node: ast.AST, giving: Giving, idle: Collection[int]) -> bool:
    """Whether nobody gets yet what a class, or a partial call, has.

    Args:
        idle: By identity, what only lies there.
    """
    is_body = [*giving.callees] == getattr(node, "bases", [])
    return id(node) in idle and (is_body or isinstance(node, ast.Call))
