"""Tell what runs where something is put above a function or class: `@option("--config")`.

What code of somebody else is given for that, it stores, as it does with a handler. Shared options
are the same under a name of their own: `config = option("--config", callback=f)` and `@config`.
"""

import ast
from collections import Counter
from collections.abc import Iterator

from flagwright.core.wrapping.proof.classes import methods_of
from flagwright.core.wrapping.proof.facts import fact
from flagwright.core.wrapping.proof.filling import whole_names
from flagwright.core.wrapping.proof.names import APPLYING
from flagwright.core.wrapping.proof.run import Run
from flagwright.core.wrapping.proof.running import (
    KEEPING,
    Function,
    called_name,
    made_at_top,
    names_of,
    only_tells,
    root_of,
)
from flagwright.core.wrapping.proof.unknown import Unknown
from flagwright.core.wrapping.tree import nodes, of_kind, walk

_MAKING = "cls"
"""By this parameter a decorator is told of what it makes an object: `@group(cls=Sorted)`."""
_BEGINNING = {"__init__", "__new__"}
_ORDERING = {"reversed", "tuple", "list"}
"""What has decorators in it that it is given many of, and calls none."""


class Decorating(Unknown):
    """Knows what the decorators of a file call."""

    def called_above(self, name: str) -> set[str]:
        """What is called where a name stands above a function, and not what that calls later."""
        made = self._decorators_of(name)
        return {name} if made is None else set().union(*map(self._called_by, made))

    def _decorate(self, run: Run, node: ast.AST, decorator: ast.expr) -> None:
        """A decorator is called, what it gives back as well, and it may call what it is above."""
        func, name = getattr(decorator, "func", decorator), called_name(decorator)
        text = ast.unparse(func)
        decorated = {str(getattr(node, "name", ""))}
        if self._is_strange(root_of(func)) or self._is_of_other_object(func):
            is_run = func is decorator and isinstance(func, ast.Attribute) and name in APPLYING
            run.called |= decorated if is_run or text in self._outside.calling else set()
            run.called |= self._called_by(decorator)
            return
        if func is decorator and isinstance(node, Function) and isinstance(func, ast.Name):
            run.called |= self.called_above(name)
        else:
            run.called |= {name} if _is_member(func) else names_of(func)
        run.called |= decorated if isinstance(func, ast.Lambda) else set()
        given = {name}
        if isinstance(decorator, ast.Call):
            given = self._results.direct(name)
        run.called |= given - {name}
        calling = [o for n in given for o in self._calling_objects(n)]
        own = [f for n in given for f in self._functions.get(n, ())]
        own += [f for owner in calling for f in methods_of(owner, self._classes, {"__call__"})]
        made = [o for n in given for o in self._classes.get(n, ())]
        first = [f for owner in made for f in methods_of(owner, self._classes, _BEGINNING)]
        if not all(map(self._keeps, (*own, *first))) or text in self._outside.calling:
            run.called |= decorated
        elif own:
            run.stored |= decorated

    def _calling_objects(self, name: str) -> list[ast.ClassDef]:
        """The classes of the objects that a name stands for."""
        made = [called_name(v) for v in self._given.get(name, ()) if isinstance(v, ast.Call)]
        return [owner for of in made for owner in self._classes.get(of, ())]

    def _is_of_other_object(self, func: ast.expr) -> bool:
        """Whether a method is that of an object that somebody else made: `@app.before_request`."""
        match func:
            case ast.Attribute(value=ast.Name(name), attr=method):
                if method in self._fields or self._outside.sets(method):
                    return False
                made = self._decorators_of(name) or []
                if not made and self._is_made_elsewhere(name):
                    made = [d for f in self._functions[name] for d in f.decorator_list]
                return bool(made) and not any(map(self._may_be_own, made))
            case _:
                return False

    def _may_be_own(self, made: ast.expr) -> bool:
        """Whether what somebody else gives back may be an object of a class of the repository."""
        given = _given(made) if isinstance(made, ast.Call) else []
        names = set[str]().union(*map(whole_names, given))
        return not names.isdisjoint(self._classes) or any(map(self._is_near, names))

    def _is_near(self, name: str) -> bool:
        """Whether a name is imported from the repository, as far as that is known."""
        package = self._foreign.get(name, "").partition(".")[0]
        return name in self._near or package in self._outside.packages

    def _run_by(self, call: ast.Call) -> set[str]:
        """A function that others put something around, and that a method of this may run.

        So does `command.main()`; `group.add_command(command)` is given another one.
        """
        match call.func:
            case ast.Attribute(value=ast.Name(id=name)):
                heads = [d for f in self._functions.get(name, ()) for d in f.decorator_list]
                given = {n for value in _given(call) for n in names_of(value)}
                known = {*self._functions, *self._classes, *self._foreign, *self._made}
                is_run = not all(called_name(head) in KEEPING for head in heads)
                return {name} if is_run and given.isdisjoint(known) else set()
            case _:
                return set()

    def _called_by(self, decorator: ast.expr) -> set[str]:
        """What a decorator that somebody else makes calls of what it is made with; or its name."""
        if not isinstance(decorator, ast.Call):
            return names_of(decorator) & self._functions.keys()
        values = [k.value for k in decorator.keywords if k.arg in (None, _MAKING)]
        if called_name(decorator) in KEEPING:
            values = _given(decorator)
        return set().union(*map(self._meant_by, values))

    def _put_on(self, node: ast.AST) -> ast.Call | None:
        """What a node puts above what it has, as decorators do: `f = option(f)`."""
        match node:
            case (
                ast.Assign(
                    targets=[ast.Name(name)],
                    value=ast.Call(ast.Name(option), [ast.Name(given)], []) as call,
                )
                | ast.Return(
                    value=ast.Call(ast.Name(option), [ast.Name(given as name)], []) as call
                )
            ) if name == given and self._only_decorates(option):
                return call
            case _:
                return None

    def _only_orders(self, call: ast.Call) -> bool:
        """Whether a call gives back the decorators that it is given."""
        is_order = isinstance(call.func, ast.Name) and call.func.id in _ORDERING
        return is_order and self._decorators_in(call) is not None

    def _only_decorates(self, name: str) -> bool:
        """Whether all that a name stands for is made by what also stands above functions."""
        made = self._decorators_of(name)
        if made is None or name in self._asked_about:
            return False  # a function that calls itself by that name says nothing of it
        self._asked_about.add(name)
        try:
            return all(map(self._is_above, made))
        finally:
            self._asked_about.remove(name)

    def _is_above(self, made: ast.expr) -> bool:
        """Whether a decorator is made as one of a function of the file, or only keeps that."""
        if isinstance(made, ast.Call):
            return ast.unparse(made.func) in self._made_above
        return all(map(self._keeps, self._functions[called_name(made)]))

    def _decorators_of(self, name: str) -> list[ast.expr] | None:
        """What a name, of one or many decorators, stands for; none where that may be another."""
        if name not in self._known_as:
            self._known_as[name] = None  # where it is made from itself
            self._known_as[name] = self._find_decorators(name)
        return self._known_as[name]

    def _find_decorators(self, name: str) -> list[ast.expr] | None:
        given = self._given.get(name, [])
        known = (self._functions, self._classes, self._foreign, self._arguments)
        if any(name in names for names in known) or len(given) != self._bindings[name]:
            return None
        used = self._outside.read | self._outside.touched | self._outside.called
        if name in used and not all(isinstance(value, ast.Call) for value in given):
            return None  # another file may have put one more there
        found = [self._decorators_in(value) for value in given]
        inner = [one for made in found for one in made or ()]
        return inner if found and None not in found else None

    def _decorators_in(self, value: ast.expr) -> list[ast.expr] | None:
        """Decorators that a value is, or is put together from."""
        match value:
            case ast.Call(ast.Name(name), [inner], []) if name in _ORDERING:
                is_own = name in self._names or name in self._foreign or name in self._given
                return None if is_own else self._decorators_in(inner)
            case ast.Call() if self._is_of_others(value):
                return [value]
            case ast.Tuple(elts=elts) | ast.List(elts=elts) if self._is_left(value):
                found = [self._decorators_in(one) for one in elts]
            case ast.BinOp(left, ast.Add(), right):
                found = [self._decorators_in(left), self._decorators_in(right)]
            case ast.Name(name) if name in self._functions and name not in self._classes:
                is_it = name not in self._foreign | self._given | self._arguments
                return [value] if is_it else None
            case ast.Name(name):
                return self._decorators_of(name)
            case _:
                return None
        return None if None in found else [one for made in found for one in made or ()]

    def _is_left(self, display: ast.Tuple | ast.List) -> bool:
        """Whether nothing is put into a display: a tuple, or a list that is only gone through."""
        names = {n for n, given in self._given.items() if display in given}
        words = [n for n in of_kind(self._tree, ast.Name) if n.id in names]
        read = {id(n) for n in words if isinstance(n.ctx, ast.Load)}
        return isinstance(display, ast.Tuple) or read <= self._gone_through

    @fact
    def _gone_through(self) -> set[int]:
        """Names, by identity, of what a loop goes through, be it in another order."""
        loops = [*of_kind(self._tree, ast.For)]
        return {id(n) for loop in loops for n in (loop.iter, *getattr(loop.iter, "args", ()))}

    def _is_of_others(self, value: ast.Call) -> bool:
        """Whether a value is what code of somebody else gives back, which calls nothing at once."""
        func, root = value.func, root_of(value.func)
        if not isinstance(func, ast.Name | ast.Attribute):
            return False
        is_known = self._is_strange(root) and root not in self._near
        package = self._foreign.get(root, "").partition(".")[0]
        if not is_known or (self._outside.is_all and package in {"", *self._outside.packages}):
            return False
        return not self._calls_what_it_is_given(func, root, called_name(func))

    @fact
    def _made(self) -> set[str]:
        """Names of what calls at the top of the file make."""
        return {name for name, _ in made_at_top(self._tree)}

    @fact
    def _arguments(self) -> dict[str, ast.arg]:
        """Parameters of all functions."""
        return {node.arg: node for node in of_kind(self._tree, ast.arg)}

    @fact
    def _made_above(self) -> set[str]:
        """What is called, as it is spelled, for what stands above functions of the file."""
        functions = [f for found in self._functions.values() for f in found]
        made = [d for f in functions for d in f.decorator_list if isinstance(d, ast.Call)]
        return {ast.unparse(decorator.func) for decorator in made}

    @fact
    def _bindings(self) -> Counter[str]:
        """How often each name of the file, or attribute, is set."""
        words = (n.id for n in of_kind(self._tree, ast.Name) if not isinstance(n.ctx, ast.Load))
        found = of_kind(self._tree, ast.Attribute)
        fields = (n.attr for n in found if not isinstance(n.ctx, ast.Load))
        others = (word for n in nodes(self._tree) for word in _caught(n))
        return Counter((*words, *fields, *others))

    def _meant_by(self, value: ast.expr) -> set[str]:
        """Names in a value, and in what its calls give back; none in what only tells of them."""
        if only_tells(value, self._functions):
            return set()
        calls = [called_name(n) for n in walk(value) if isinstance(n, ast.Call)]
        return names_of(value).union(*map(self._results.all, calls))


def _caught(node: ast.AST) -> Iterator[str]:
    """Names that a pattern, or a handler, gives something to."""
    match node:
        case (
            ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
            | ast.ExceptHandler(name=str(name))
        ):
            yield name
        case _:
            pass


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _is_member(node: ast.AST) -> bool:
    """Whether something is looked up by names alone: `Basket.register`."""
    while isinstance(node, ast.Attribute):
        node = node.value
        if isinstance(node, ast.Name):
            return True
    return False
