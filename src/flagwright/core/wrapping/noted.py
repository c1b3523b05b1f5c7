"""Note what the files of a chain do with the names of others, and where each was done first."""

import ast
from collections.abc import Collection, Iterator, Mapping

from flagwright.core.wrapping.chain import Chain
from flagwright.core.wrapping.done import Done, Place
from flagwright.core.wrapping.part import Owned, Part
from flagwright.core.wrapping.proof.running import (
    KEEPING,
    Function,
    called_name,
    made_at_top,
    names_of,
)
from flagwright.core.wrapping.tree import walk


class Noted:
    """What is done with each file of a chain."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.done: dict[str, Done] = {}
        self.sources: dict[tuple[str, str, str], Place] = {}
        """Where something was first done with a name of a file: by the file, what, and the name."""
        self._place: Place = ("", 0)
        self._grown = set[str]()
        """Files with which more is done than before."""
        self._used = set[str]()
        """Of which files the one that is looked at uses names."""

    def on(self, path: str) -> Done:
        """What is done with a file."""
        return self.done.setdefault(path, Done())

    def add(
        self,
        path: str,
        what: str,
        names: Collection[str],
        lines: Mapping[str, int] | None = None,
        *,
        by: Place | None = None,
    ) -> None:
        """Note what is done with a file.

        Args:
            lines: Where each name stands; none where all stand at one place.
            by: That place; none for the one that is looked at.
        """
        done: set[str] = getattr(self.on(path), what)
        if new := {*names} - done:
            file, line = by or self._place
            for name in new:
                place = (file, lines.get(name, 0) if lines else line)
                self.sources.setdefault((path, what, name), place)
            done.update(new)
            self._grown.add(path)

    def _called(self, own: Owned, *, with_results: bool = False, is_idle: bool = False) -> None:
        self._used.add(own[0])
        self.add(own[0], "called", {own[1]})
        self.add(own[0], "applied", () if is_idle else {own[1]})
        if with_results:
            self.add(own[0], "unfolding", {own[1]})

    def _decorate(self, part: Part, node: ast.AST) -> None:
        """Something is put above a function, or calls what it is put above later, or at once."""
        for decorator in getattr(node, "decorator_list", ()):
            is_call = isinstance(decorator, ast.Call)
            own = self._own(part, decorator.func if is_call else decorator)
            if own is None:
                continue
            is_function = isinstance(node, Function)
            if is_function and not is_call and not self._chain.is_set(own[1]):
                self._used.add(own[0])
                self.add(own[0], "above", {own[1]})
                self.add(own[0], "applied", {own[1]})
            else:
                self._called(own)
                self.add(own[0], "decorating", {own[1]} if is_call else ())

    def _touch(self, own: Owned, attributes: Collection[str] = ()) -> None:
        self._used.add(own[0])
        self.add(own[0], "touched", {own[1]})
        self.add(own[0], "attributes", attributes)

    def _own(self, part: Part, node: ast.AST) -> Owned | None:
        return self._chain.owned(part, node)

    def _run_by(self, part: Part, call: ast.Call) -> Iterator[Owned]:
        """A function of another file that others put something around, and a method of this runs.

        So does `command.main()`; `group.add_command(command)` is given another one.
        """
        own = self._own(part, call.func.value) if isinstance(call.func, ast.Attribute) else None
        if own is None or id(call) in part.decorating:
            return
        held = self._chain.parts[own[0]].functions.get(own[1], ())
        heads = {called_name(head) for function in held for head in function.decorator_list}
        values = (*call.args, *(keyword.value for keyword in call.keywords))
        given = {name for value in values for name in names_of(value)}
        made = {name for name, _ in made_at_top(part.tree)}
        known = {*part.imported, *part.functions, *part.methods, *made}
        if heads - KEEPING and given.isdisjoint(known):
            yield own

    def _in(self, part: Part, value: ast.expr) -> Iterator[Owned]:
        return (own for node in walk(value) if (own := self._own(part, node)))
