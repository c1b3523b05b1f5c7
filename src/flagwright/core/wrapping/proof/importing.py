"""Find where a file would ask for the flag while it is being imported.

Follows what runs at import by the names in it, and finds too much rather than too
little: a function counts as called wherever its name is read, unless it is only given
to code of somebody else, which is how handlers are registered, or to code of this file
that certainly only stores it.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.proof.classes import OF_TYPES, runs_with_its_class
from flagwright.core.wrapping.proof.facts import fact
from flagwright.core.wrapping.proof.flow import Flow
from flagwright.core.wrapping.proof.outside import Outside
from flagwright.core.wrapping.proof.run import Run
from flagwright.core.wrapping.proof.running import (
    CALLED_BY_PYTHON,
    KEEPING,
    MAKING,
    NAMED,
    OF_FUNCTIONS,
    OF_PYTHON,
    Function,
    called_name,
    entered,
    is_main,
    is_special,
    names_of,
    root_of,
    running,
)
from flagwright.core.wrapping.tree import walk


def asks_at_import(
    tree: ast.Module,
    asking: Collection[ast.AST],
    running_calls: Collection[str],
    outside: Outside | None = None,
) -> list[int]:
    """Lines of checks that run at import: outside functions, or in functions reached there.

    Args:
        asking: The checks.
        running_calls: Functions of others that call what they are given, as patterns.
        outside: What other files do; none: not known.
    """
    if not asking:
        return []
    reached = Reach(tree, outside or Outside(), running_calls).nodes()
    return sorted({node.lineno for node in asking if id(node) in reached})  # type: ignore[attr-defined] # expressions


class Reach(Flow):
    """Follows a file from what runs at import to the functions that it reaches."""

    def __init__(
        self, tree: ast.Module, outside: Outside, running_calls: Collection[str] = ()
    ) -> None:
        """Read the file."""
        super().__init__(tree, outside, running_calls)
        self._entered: dict[int, list[ast.AST]] = {}
        """What runs in each function."""
        self._calling_first: dict[int, bool] = {}
        """Whether a method calls its first parameter."""
        self._at_top = self._ran_by(None)
        self._with_classes = {
            id(f)
            for found in self._functions.values()
            for f in found
            if self.runs_with_its_class(f)
        }
        """Functions, by identity, that run with their class."""

    def nodes(self) -> set[int]:
        """Identities of all nodes that run at import."""
        return self.follow().reached

    def follow(self, statements: int | None = None) -> Run:
        """What all code does that runs at import, or that no more than the first statements run."""
        waiting = self._at_top if statements is None else self._ran_by(statements)
        run = Run(
            called=set(self._outside.called),
            touched=set(self._outside.touched),
            read=set(self._outside.read),
            attributes=set(self._outside.attributes),
            special=MAKING | self._outside.special,
            told=set(self._outside.texts),
        )
        run.called.update(*map(self._results.direct, self._outside.decorating))
        run.called.update(*map(self.called_above, self._outside.above))
        run.called.update(*map(self._results.all, self._outside.unfolding))
        looked_up = 0
        while waiting or len(run.attributes) > looked_up:
            looked_up = len(run.attributes)
            run.reached.update(map(id, waiting))
            self._note(run, waiting)
            new = [f for f in self._started(run) if id(f) not in run.started]
            run.started.update({id(f): f for f in new})
            methods = [f for f in new if id(f) in self._owners]
            run.called = run.called.union(*map(_given_by, methods))
            run.called = run.called.union(*(self._made_by(run, f) for f in new))
            waiting = [node for f in new for node in self._entering(f)]
        run.touched_there = run.touched
        run.touched, run.called = self._touched(run), self._called(run)
        return run

    def _entering(self, function: Function) -> list[ast.AST]:
        if id(function) not in self._entered:
            self._entered[id(function)] = entered(function)
        return self._entered[id(function)]

    def _ran_by(self, statements: int | None) -> list[ast.AST]:
        """What statements run when the file is imported by a program; none: all of them."""
        found = list[ast.AST]()
        for node in self._tree.body[:statements]:
            if id(node) in self._for_types:
                found += (part for other in getattr(node, "orelse", ()) for part in running(other))
            elif is_main(node):
                found += (part for other in (node.test, *node.orelse) for part in running(other))
            else:
                found += running(node)
        return found

    def calls_what_it_is_given(self, func: ast.expr) -> bool:
        """Whether what is called calls its arguments, as far as the file shows."""
        name = called_name(func)
        return name not in KEEPING and self._calls_what_it_is_given(func, root_of(func), name)

    def owner(self, function: Function) -> ast.ClassDef | None:
        """The class that a function is a method of."""
        return self._owners.get(id(function))

    def runs_with_its_class(self, function: Function) -> bool:
        """Whether a method runs while classes are made."""
        owner = self.owner(function)
        return owner is not None and runs_with_its_class(function.name, owner, self._classes)

    def _started(self, run: Run) -> Iterator[Function]:
        """Functions that are called, given what runs."""
        if run.lists and run.calls_stored:
            yield from (function for found in self._functions.values() for function in found)
            return
        called, touched = self._called(run), self._touched(run)
        hooks = self._with_hooks(run, called)
        for name, functions in self._functions.items():
            for function in functions:
                owner = self._owners.get(id(function))
                if owner is None:
                    starts = name in called
                elif name == "__call__" and (made := self.made_through(run, owner.name)):
                    starts = not made.isdisjoint(called)
                elif name in OF_TYPES or id(function) in self._with_classes:
                    starts = self._may_run({name}, run, owner.name)
                elif name == "_missing_":
                    starts = owner.name in called
                elif is_special(name):
                    is_used = name in run.special or name not in NAMED
                    is_used |= name == "__call__" and not self.is_idle(run, owner.name)
                    starts = owner.name in called and is_used
                else:
                    is_touched = name in run.attributes and owner.name in touched
                    starts = (
                        is_touched or owner.name in hooks or self._is_called_there(run, function)
                    )
                if starts:
                    yield function

    def _is_called_there(self, run: Run, function: Function) -> bool:
        """Whether the body of its class calls a function."""
        return not self._called_in_bodies.get(id(function), set()).isdisjoint(run.reached)

    def _made_by(self, run: Run, function: Function) -> set[str]:
        """Classes of which a method makes an object by its first parameter: `cls()`."""
        owner = self.owner(function)
        if id(function) not in self._calling_first:
            self._calling_first[id(function)] = owner is not None and _calls_its_first(function)
        if owner is None or not self._calling_first[id(function)]:
            return set()
        heirs = self._touched(run) & self._classes.keys()
        return {owner.name, *(name for name in heirs if owner.name in self._flow({name}))}

    def _called(self, run: Run) -> set[str]:
        """What is called; the attributes are noted that lead there."""
        by_text = run.by_text()
        run.attributes |= by_text
        stored = run.stored if run.calls_stored else set()
        of_module = run.attributes if run.has_module else set()
        known = run.called | by_text | of_module | stored
        known |= self._held(run, by_text) | (self.inner_classes & run.attributes)
        known |= self._classes.keys() if run.lists_heirs else set()
        called = self._flow(known)
        while not (more := self._members(run, called)) <= called:
            called = self._flow(called | more)
        special = set(filter(is_special, {*self._methods, *self._values}))
        given = self._given_in_classes(called | run.attributes | special, called)
        run.attributes |= self._functions.keys() & given
        for name in self._methods.keys() & (called | run.touched | run.attributes | special):
            run.attributes.update(method.attr for method in self._methods[name])
            run.touched.update(*(names_of(method.value) for method in self._methods[name]))
        return called

    def _touched(self, run: Run) -> set[str]:
        """Classes of which, or of whose objects, methods may be called."""
        names = run.called | run.touched | run.read | run.stored
        names |= self.inner_classes & run.attributes
        is_shown = run.lists or run.lists_heirs
        names |= self._classes.keys() if is_shown else self._running_with_their_class(run)
        return self._flow(names)

    def _with_hooks(self, run: Run, called: set[str]) -> set[str]:
        """Classes with an object on which a method of a base runs that this file does not have."""
        asked = self._flow(run.asked) & self._classes.keys() & called
        return set(filter(self._has_strange_base, asked))

    def _running_with_their_class(self, run: Run) -> set[str]:
        """Classes that run code when they are made, with all that are made from them."""
        found = {n for n, hooks in self._making_classes.items() if self._may_run(hooks, run, n)}
        heirs = self._classes if found else ()
        return found | {name for name in heirs if found & self._flow({name})}

    @fact
    def _making_classes(self) -> dict[str, set[str]]:
        """Classes with the methods that run when they, or those made from them, are made."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, functions in self._functions.items():
            for function in functions:
                if (owner := self.owner(function)) and id(function) in self._with_classes:
                    found[owner.name].add(name)
        return found

    def _may_run(self, hooks: set[str], run: Run, owner: str) -> bool:
        """Whether any method runs with classes: `__init_subclass__` only where one has heirs."""
        if hooks != {"__init_subclass__"} or not self._outside.packages:
            return True  # of a file by itself nobody knows who makes classes from it
        return owner in run.read or owner in self._bases or owner in run.by_text()

    def _members(self, run: Run, called: set[str]) -> set[str]:
        """What the values of members are made of that are looked up, or that Python calls."""
        special = {n for n in self._values if is_special(n) and self._may_be_called_by_python(n)}
        names = (self._values.keys() | self._filled.keys()) & run.attributes
        values = [value for name in names for value in self.held_by(name)]
        values += [
            value
            for name in special - names
            for value in self.held_by(name)
            if self._may_have(called, value)
        ]
        values += [value for name, value in self._set if self._may_be_asked_for(name, run)]
        results = (self._results.all(called_name(value)) for value in values)
        return set().union(*map(names_of, values), *results)

    def _may_have(self, called: set[str], value: ast.expr) -> bool:
        """Whether a class that has a special method, or an object of it, may be used."""
        owner = self._of_objects.get(id(value))
        return owner is None or owner in called

    def _may_be_called_by_python(self, name: str) -> bool:
        """Whether Python calls a member: no name or docstring that some object is given."""
        is_text = name in OF_FUNCTIONS and self._fields[name] == len(self._given[name])
        return name in OF_PYTHON and not is_text

    def _may_be_asked_for(self, name: ast.expr, run: Run) -> bool:
        """Whether an attribute may be looked up whose name is that of a loop or of a function."""
        is_word = isinstance(name, ast.Name) or getattr(name, "attr", "") == "__name__"
        if not is_word or run.lists or run.looks_up:
            return True
        words = run.strings | self._outside.texts
        words |= self._functions.keys() if "__name__" in run.attributes else set()
        return not words.isdisjoint(run.attributes) or not words.isdisjoint(CALLED_BY_PYTHON)

    def _given_in_classes(self, names: set[str], called: set[str]) -> set[str]:
        """What names get in the body of a class, where alone the name of a method means it."""
        found, waiting = set[str](), [*(names & self._values.keys())]
        while waiting:
            values = self._values.get(waiting.pop(), ())
            held = (value for value in values if id(value) in self._in_classes)
            own = (names_of(value) for value in held if self._may_have(called, value))
            more = set().union(*own) - found
            found |= more
            waiting += more
        return found

    def _held(self, run: Run, by_text: set[str]) -> set[str]:
        """Names that hold methods, or functions as members, and that anything reads."""
        return (run.read | by_text) & {*self._methods, *self._static.values()}


def _given_by(function: Function) -> set[str]:
    """Names in what a special method gives back: whoever uses it does not call it by name.

    Not so the `__getattr__` of a module: what it gives for old names is mostly only imported.
    """
    if not is_special(function.name) or function.name == "__call__":
        return set()
    given = (n for n in walk(function) if isinstance(n, ast.Return | ast.Yield | ast.YieldFrom))
    return set().union(*(names_of(node.value) for node in given if node.value))


def _calls_its_first(function: Function) -> bool:
    first = [a.arg for a in (*function.args.posonlyargs, *function.args.args)][:1]
    called = (node.func for node in walk(function) if isinstance(node, ast.Call))
    return any([getattr(func, "id", "")] == first for func in called)
