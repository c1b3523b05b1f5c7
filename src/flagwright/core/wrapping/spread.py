"""Say what the files of a chain do with each other's names while they are imported.

What one file does may make another one do more, so each is looked at again until nothing
is added. The names that run are those that `Reach` follows in one file.
"""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping

from flagwright.core.wrapping.chain import Chain
from flagwright.core.wrapping.done import Done, Place
from flagwright.core.wrapping.giving import Giving, given_by
from flagwright.core.wrapping.handing import HandedDown, is_only_there
from flagwright.core.wrapping.linking import has_method, is_class
from flagwright.core.wrapping.objects import Owners
from flagwright.core.wrapping.part import Part
from flagwright.core.wrapping.proof import lookup
from flagwright.core.wrapping.proof.importing import Reach
from flagwright.core.wrapping.proof.outside import Outside
from flagwright.core.wrapping.proof.run import Run
from flagwright.core.wrapping.proof.running import (
    ASKING,
    COUNTING,
    LOOKING,
    OF_FUNCTIONS,
    Function,
    called_name,
    methods_held,
    names_of,
    only_tells,
    special,
)
from flagwright.core.wrapping.tree import walk


class Spread(HandedDown):
    """Follows what each file of a chain does until nothing is added."""

    def __init__(
        self,
        chain: Chain,
        running_calls: Collection[str],
        calling: Mapping[str, frozenset[str]],
        calls_its_arguments: Callable[[ast.expr, Part], bool],
    ) -> None:
        """Nothing is looked at yet.

        Args:
            running_calls: Functions of others that call what they are given, as patterns.
            calling: By file, what it imports and what calls what it is given, as it is spelled.
            calls_its_arguments: Whether a function of the repository certainly does, too.
        """
        super().__init__(chain)
        self._running_calls = running_calls
        self._calling, self._calls_its_arguments = calling, calls_its_arguments
        self._read: dict[str, Reach] = {}
        """Files as they are read, of which nothing is followed."""
        self._stale = set[str]()

    def follow(self, paths: Collection[str]) -> None:
        """Look at some files, and at those of which they do more, until nothing is added.

        In one order always, and each after what waits longer: of all places that do something,
        the first one is named.
        """
        waiting = dict.fromkeys(sorted(paths))
        while waiting:
            path = next(iter(waiting))
            del waiting[path]
            part = self._chain.parts[path]
            reach, run = self._run(part)
            self._grown = set()
            self._note(part, reach, run)
            self._stale |= self._grown
            waiting |= dict.fromkeys(sorted(self._grown))

    def reached(self, path: str) -> set[int]:
        """By identity, all nodes of a file that run at import."""
        return self._run(self._chain.parts[path])[1].reached

    def reached_with(self, path: str, done: Done, statements: int | None = None) -> set[int]:
        """The same, were nothing but this done with the file, and no more of its statements run."""
        part = self._chain.parts[path]
        return self._reach(part, done).follow(statements).reached

    def nodes_at(self, place: Place) -> set[int]:
        """By identity, the nodes of a line that run at import."""
        path, line = place
        if path not in self._chain.parts or not line:
            return set()
        reached = self.reached(path)
        found = (n for n in self._chain.parts[path].nodes if getattr(n, "lineno", 0) == line)
        return {id(node) for node in found} & reached

    def statements(self, path: str) -> list[ast.stmt]:
        """What stands at the top of a file."""
        return self._chain.parts[path].tree.body

    def _calling_of(self, part: Part) -> frozenset[str]:
        return self._calling.get(part.path) or frozenset(self._decorators(part))

    def _run(self, part: Part) -> tuple[Reach, Run]:
        if part.path not in self._runs or part.path in self._stale:
            self._stale.discard(part.path)
            reach = self._reach(part, self.on(part.path))
            self._runs[part.path] = reach, reach.follow()
        return self._runs[part.path]

    def _reach(self, part: Part, done: Done) -> Reach:
        """A file with which something is done, not followed yet."""
        if part.path not in self._read:
            self._read[part.path] = Reach(part.tree, Outside(), self._running_calls)
        calling = self._calling_of(part)
        plain = frozenset(name for name in part.only_named if not self._may_compute(name))
        passing = self._chain.passing(part)
        told = done.told(calling, passing, plain, self._chain.packages, self._chain.is_set)
        return self._read[part.path].told(told)

    def _decorators(self, part: Part) -> Iterator[str]:
        """Those of the repository that call what leads to the check, as they are spelled."""
        for bound, decorator in part.decorators:
            if not part.names.isdisjoint(bound) and self._calls_its_arguments(decorator, part):
                yield ast.unparse(getattr(decorator, "func", decorator))

    def _note(self, part: Part, reach: Reach, run: Run) -> None:
        """Note what one file does with the names of others."""
        ran = [node for node in part.nodes if id(node) in run.reached]
        texts = {n.value for n in ran if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        lines = {n.id: n.lineno for n in reversed(ran) if isinstance(n, ast.Name)}
        looked_up = [node for node in reversed(ran) if isinstance(node, ast.Attribute)]
        attributes = {node.attr: node.lineno for node in looked_up}
        values = (node.value for node in looked_up if node.attr in OF_FUNCTIONS)
        held = {value for value in values if isinstance(value, ast.Attribute)}
        computed = {value for value in held if self._may_compute(value.attr)}
        described = {value.attr for value in computed}
        self._used = set[str]()
        named = {node for node in held - computed if not self._own(part, node)}
        named |= {*self._only_named(part, run)}
        idle = self._only_there(part, reach, run)
        owners = Owners(self._chain, part, reach)
        for node in ran:
            self._place = part.path, getattr(node, "lineno", 0)
            if node not in named:
                self._look(part, reach, owners, node, idle)
            self._look_up(part, node, texts)
            self._fill(part, node)
        self._use_held(part, run)
        self._use_elsewhere(part, run)
        for name in sorted(run.called):
            self._place = part.path, lines.get(name, 0)
            is_made = reach.may_be_made(name)
            self._call(part, reach, name, is_idle=is_made and reach.is_idle(run, name))
        for name in sorted(run.attributes):
            self._place = part.path, attributes.get(name, 0)
            self._open_values(part, reach.held_by(name))
        for function in run.started.values():
            self._place = part.path, function.lineno
            self._open(part, function)
        for name in sorted(run.touched & part.imported.keys()):
            self._place = part.path, lines.get(name, 0)
            if own := self._chain.named(part, part.imported[name]):
                self._touch(own)
        self._place = part.path, 0
        is_new = any(not run.special <= self.on(path).special for path in self._used)
        forms = reversed(ran) if is_new else ()
        specials = {n: getattr(node, "lineno", 0) for node in forms for n in special(node)}
        for path in self._used:
            self.add(path, "attributes", run.attributes | described, attributes)
            self.add(path, "special", run.special, specials)
            self.add(path, "texts", texts | self.on(part.path).texts)
        self._hand_down(part, reach, run)

    def _may_compute(self, attribute: str) -> bool:
        """Whether reading an attribute of this name may run code: that of a property."""
        return any(part.computes(attribute) for part in self._chain.parts.values())

    def _only_named(self, part: Part, run: Run) -> Iterator[ast.Attribute]:
        """Methods of another file's class that get a name of this one, which nothing uses."""
        used = run.called | run.touched | run.stored | run.read | run.by_text()
        for node in part.tree.body:
            for name, method in methods_held(node, shows=False):
                own = self._own(part, method.value) if name not in used else None
                if own and has_method(own[1], method.attr, self._chain.parts[own[0]].tree):
                    yield method

    def _look(
        self, part: Part, reach: Reach, owners: Owners, node: ast.AST, idle: Collection[int]
    ) -> None:
        """Note what one node does.

        Args:
            idle: By identity, what is used for something that lies there unused.
        """
        self._decorate(part, node)
        for giving in given_by(node, lambda func: self._calls_its_arguments(func, part)):
            if not is_only_there(node, giving, idle):
                self._look_into(part, owners, giving)
        match node:
            case ast.Call():
                self._look_at_call(part, reach, node)
            case ast.ClassDef(keywords=keywords):
                for maker in (o for k in keywords for o in self._in(part, k.value)):
                    self._called(maker)
            case ast.Attribute(value=value, attr=name) if own := self._own(part, value):
                self._touch(own, {name})
            case _:
                pass
        if own := self._own(part, node):
            self._touch(own)
            self.add(own[0], "read", {own[1]})
            if id(node) not in idle and not reach.is_base(node):
                self.add(own[0], "applied", {own[1]})

    def _look_at_call(self, part: Part, reach: Reach, node: ast.Call) -> None:
        func, values = node.func, (*node.args, *(keyword.value for keyword in node.keywords))
        if own := self._own(part, func):
            self._called(own, is_idle=True)  # where its result is used, `_look` says so
        for by in self._run_by(part, node):
            self._called(by)
        self._result(part, func)
        if called_name(func) in COUNTING and isinstance(func, ast.Name):
            return
        asked = values if called_name(func) in ASKING else ()
        asked = values[:1] if called_name(func) in LOOKING else asked
        given = [
            own
            for value in values
            if not only_tells(value, part.functions)
            for own in self._in(part, value)
            if value not in asked or not is_class(own[1], self._chain.parts[own[0]].tree)
        ]
        if reach.calls_what_it_is_given(func) or self._calls_its_arguments(func, part):
            for own in given:
                self._called(own)
            if self._calls_its_arguments(func, part):
                own_names = set[str]().union(*map(names_of, values)) & part.functions.keys()
                self.add(part.path, "called", own_names)
            for inner in (n for value in values for n in walk(value)):
                self._result(part, inner)

    def _look_into(self, part: Part, owners: Owners, giving: Giving) -> None:
        """What code looks up of the values that it gets, their classes have."""
        is_called = any(self._calls_its_arguments(func, part) for func in giving.callees)
        found = set[str]().union(*(owners.of(v, is_called=is_called) for v in giving.values))
        if found:
            looked = self._chain.looked_up(part, giving)
            for path in found:
                self.add(path, "attributes", looked.attributes)
                self.add(path, "special", looked.special)

    def _result(self, part: Part, node: ast.AST) -> None:
        """What a call gives back is called."""
        if not isinstance(node, ast.Call):
            return
        if own := self._own(part, node.func):
            self._called(own, with_results=True)
        elif isinstance(node.func, ast.Attribute) and (own := self._own(part, node.func.value)):
            self.add(own[0], "unfolding", {node.func.attr})

    def _look_up(self, part: Part, node: ast.AST, texts: set[str]) -> None:
        """Note what is asked for by a text.

        Args:
            texts: Those of the file, which may be names that it looks for.
        """
        asked = lookup.asked_for(node)
        if asked and (own := self._own(part, asked[0])):
            names = lookup.written(asked[1])
            self._touch(own, texts if names is None else names)
        module = self._chain.asked_by_text(part, node)
        for text in texts if module else ():
            if own := self._chain.named(part, f"{module}.{text}"):
                self._called(own)

    def _call(self, part: Part, reach: Reach, name: str, *, is_idle: bool) -> None:
        """A name of a file is called: what it stands for is, and what its values call is opened."""
        dotted = part.imported.get(name, "")
        if dotted and (own := self._chain.named(part, dotted)):
            self._called(own, is_idle=is_idle)
        self._open_values(part, reach.made_of(name), is_idle=is_idle)

    def _open_values(
        self,
        part: Part,
        sources: Collection[ast.expr | ast.ClassDef],
        *,
        is_idle: bool = False,
    ) -> None:
        """What something stands for is called."""
        for value in sources:
            for node in () if isinstance(value, ast.ClassDef) else walk(value):
                if isinstance(node, ast.Attribute) and (own := self._own(part, node)):
                    self._called(own)
                self._result(part, node)
            for base in value.bases if isinstance(value, ast.ClassDef) else ():
                if own := self._own(part, base):
                    self._called(own, is_idle=is_idle)

    def _open(self, part: Part, function: Function) -> None:
        """A function of a file starts: what its decorators gave back does so first."""
        for decorator in function.decorator_list:
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            if own := self._own(part, func):
                self._called(own, with_results=True)
