"""Note what the code of a file that runs at import does: what it calls, reads, stores, looks up."""

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from flagwright.core.wrapping.proof import lookup
from flagwright.core.wrapping.proof.decorating import Decorating
from flagwright.core.wrapping.proof.facts import fact
from flagwright.core.wrapping.proof.filling import (
    extended,
    fills,
    keeping_places,
    name_of,
    only_filled,
    whole_names,
)
from flagwright.core.wrapping.proof.keeping import inspects
from flagwright.core.wrapping.proof.names import heads_of
from flagwright.core.wrapping.proof.run import Run
from flagwright.core.wrapping.proof.running import (
    ASKING,
    COUNTING,
    KEEPING,
    LOOKING,
    MAKING_FIELDS,
    OF_FUNCTIONS,
    Function,
    bound_by,
    called_name,
    is_bare,
    methods_held,
    names_of,
    results_kept,
    root_of,
    set_by,
    special,
    stored_by,
)
from flagwright.core.wrapping.tree import members, walk

_DULL = frozenset(
    {ast.Name, ast.Constant, ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp}
    | {ast.Tuple, ast.List, ast.JoinedStr, ast.FormattedValue, ast.arguments, ast.arg}
)
"""Nodes of which nothing is noted but the names and texts in them."""
_OF_CLASSES = {"register", "mro", "__subclasses__"}
"""What a class of which nobody wrote a method so called does without making an object."""
_LIKE_FIELDS = re.compile("property|reify|lazy|memo|cache")
"""What decorators are called whose functions are read like fields: `cached_property`."""


class Noting(Decorating):
    """Notes what running code does with the names of its file."""

    def _note(self, run: Run, ran: list[ast.AST]) -> None:
        read = [node for node in ran if _is_read(node)]
        texts = [n for n in ran if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        nodes = [node for node in ran if node.__class__ not in _DULL]
        kept = {id(v) for node in nodes for v in (*results_kept(node), *self._stored_by(node))}
        only_set = {id(value) for node in nodes for value in lookup.only_set(node)}
        named = {id(method) for node in nodes for method in self._named_methods(node)}
        filled = (field for node in ran for field in only_filled(node))
        named |= {id(field) for field in filled if field.attr not in self._functions}
        accessing = {id(part) for node in nodes for part in self._accessing(node)}
        named |= accessing
        given = {id(name) for node in nodes for name in self._given_away(node)}
        given |= {id(name) for node in nodes for name in _idle(node)} | accessing
        above = {id(d) for node in nodes for d in getattr(node, "decorator_list", ())}
        put_on = {id(call): call for node in nodes if (call := self._put_on(node))}
        for node in nodes:
            run.special |= special(node)
            self._bind(node)
            self._look_up(run, node)
            if id(node) not in only_set and lookup.lists(node):
                self._list(run, node)
            for decorator in getattr(node, "decorator_list", ()):
                if not self._is_accessor(decorator, getattr(node, "name", "")):
                    self._decorate(run, node, decorator)
            match node:
                case ast.Call() if id(node) in put_on:
                    run.called |= self.called_above(called_name(node))
                case ast.Call():
                    self._call(run, node)
                    run.called |= set() if id(node) in above else self._run_by(node)
                    run.called |= self._results_of(node) if id(node) not in kept else set()
                case ast.ClassDef(keywords=keywords):
                    run.called.update(*(names_of(k.value) for k in keywords))
                case ast.MatchClass(cls=owner, kwd_attrs=attributes):
                    run.attributes.update(attributes)
                    run.touched |= names_of(owner)
                case ast.Raise(exc=ast.Name(id=name)):
                    run.called.add(name)
                case ast.Attribute() if id(node) not in named:
                    self._look_at(run, node)
                case ast.AugAssign(target=ast.Attribute(attr=name)):
                    run.attributes.add(name)
                case _:
                    pass
        run.lists |= run.lists_others and (run.looks_up or run.evaluates or run.calls_stored)
        run.read |= {node.id for node in read if id(node) not in given}
        run.strings |= {str(text.value) for text in texts if id(text) not in given}

    def _stored_by(self, node: ast.AST) -> list[ast.expr]:
        """What a node gives to somebody else's code that only stores it."""
        if not isinstance(node, ast.Call) or called_name(node) in KEEPING:
            return []
        if not self._outside.is_all or not self._is_of_others(node):
            return []
        return [*node.args, *(k.value for k in node.keywords if k.arg not in MAKING_FIELDS)]

    def _results_of(self, call: ast.Call) -> set[str]:
        return self._results.inner(called_name(call))

    def _bind(self, node: ast.AST) -> None:
        """What names, attributes, and fields of objects that others make are given."""
        if node.__class__ is ast.Attribute:
            return
        self._set += ((n, v) for n, v in set_by(node) if not isinstance(n, ast.Constant))
        for target, value in (*bound_by(node), *stored_by(node)):
            self._values[target].append(value)
        self._fill(node)
        if isinstance(node, ast.Call) and root_of(node.func) in self._foreign:
            for keyword in node.keywords:
                self._values[keyword.arg or ""].append(keyword.value)

    def _fill(self, node: ast.AST) -> None:
        """What containers get, from this code or from a function of the file that it calls."""
        for into, value in fills(node):
            self._filled[name_of(into)] += [] if into in getattr(node, "targets", ()) else [value]
            self._filled[name_of(into)] += map(
                self._word, self._putting_themselves.get(id(node), ())
            )
        if isinstance(node, ast.Call):
            for place in self._places(called_name(node)):
                self._filled[place] += (*node.args, *(k.value for k in node.keywords))
        for decorator in getattr(node, "decorator_list", ()):
            registry = extended(decorator)
            own = {name_of(registry)} if registry else set()
            for place in own | self._places(called_name(decorator)):
                self._filled[place].append(self._word(str(getattr(node, "name", ""))))

    @fact
    def _putting_themselves(self) -> dict[int, list[str]]:
        """By identity, nodes that put an object, or a class, somewhere, and those it may be of."""
        found: dict[int, list[str]] = {}
        for owners in self._classes.values():
            for owner in owners:
                for method in (m for m in members(owner) if isinstance(m, Function)):
                    itself = {a.arg for a in (*method.args.posonlyargs, *method.args.args)[:1]}
                    for node in walk(method):
                        if any(whole_names(value) & itself for _, value in fills(node)):
                            found[id(node)] = [owner.name, *self._heirs(owner.name)]
        return found

    def _places(self, name: str) -> set[str]:
        """Containers and fields into which a function of the file puts what it is given."""
        if name not in self._kept_by:
            own = self._functions.get(name, ())
            found = (into for f in own for into in keeping_places(f, self._functions))
            self._kept_by[name] = {*map(name_of, found)}
        return self._kept_by[name]

    def _heirs(self, owner: str) -> set[str]:
        """Classes of the file that are made from one of it."""
        if owner not in self._bases:
            return set()
        if owner not in self._heirs_of:
            found, size = {owner}, 0
            while len(found) > size:
                size = len(found)
                heads = ((n, h) for n, cs in self._classes.items() for c in cs for h in heads_of(c))
                found |= {name for name, head in heads if names_of(head) & found}
            self._heirs_of[owner] = found - {owner}
        return self._heirs_of[owner]

    def _word(self, name: str) -> ast.Name:
        """A use of a name that nobody wrote; always the same one."""
        return self._words.setdefault(name, ast.Name(name, ast.Load()))

    def _look_up(self, run: Run, node: ast.AST) -> None:
        run.evaluates |= lookup.evaluates(node)
        run.calls_stored |= lookup.reads_all(node)
        run.has_module |= lookup.may_be_its_own(node)
        run.lists_heirs |= isinstance(node, ast.Attribute) and node.attr == "__subclasses__"
        run.attributes |= {"keys"} if isinstance(node, ast.keyword | ast.Dict) else set()
        asked = lookup.asked_for(node)
        if asked and not self._is_foreign(asked[0]):
            names = lookup.written(asked[1])
            run.looks_up |= names is None
            run.attributes.update(names or ())
            run.read.update(names or ())
            run.touched |= names_of(asked[0])

    def _list(self, run: Run, node: ast.AST) -> None:
        """A node shows what members something has; here these of another file tell nothing."""
        run.attributes.add("__dict__")
        if self._is_strange(lookup.names_of_other(node)) and "dir" not in self._names:
            run.lists_others = True
        else:
            run.lists = True

    def _accessing(self, node: ast.AST) -> Iterator[ast.AST]:
        """What only gets a property of a class, to make one of it: `@Base.total.setter`."""
        for decorator in getattr(node, "decorator_list", ()):
            if self._is_accessor(decorator, getattr(node, "name", "")):
                yield from walk(decorator)

    def _named_methods(self, node: ast.AST) -> Iterator[ast.Attribute]:
        """A method that only gets another name, or is inspected, and not called by a look-up."""
        for value in node.args if isinstance(node, ast.Call) and inspects(node.func) else ():
            if isinstance(value, ast.Attribute) and not self._is_like_field(value.attr):
                yield value
        match node:
            case ast.Attribute(value=ast.Attribute(attr=name) as method, attr=asked):
                if (
                    asked in OF_FUNCTIONS
                    and name in self._functions
                    and not self._is_like_field(name)
                ):
                    yield method
            case _:
                pass
        for name, method in methods_held(node, shows=id(node) in self._top):
            functions = self._functions.get(method.attr, ())
            decorators = {called_name(d) for f in functions for d in f.decorator_list}
            is_handed_on = name == method.attr and not self._is_like_field(name)
            is_plain = method.attr in self._outside.plain and id(node) in self._top
            if is_plain or (
                functions and (is_handed_on or decorators <= {"classmethod", "staticmethod"})
            ):
                self._methods[name].append(method)
                yield method

    def _look_at(self, run: Run, node: ast.Attribute) -> None:
        """An attribute that is looked up; one that is set calls a setter at most."""
        if self._is_foreign(node.value):
            return
        if not isinstance(node.ctx, ast.Store) or node.attr in self._functions:
            run.attributes.add(node.attr)
        run.touched |= names_of(node.value)

    def _is_like_field(self, name: str) -> bool:
        """Whether looking up a method may call it."""
        decorators = (
            called_name(d) for f in self._functions.get(name, ()) for d in f.decorator_list
        )
        return any(map(_LIKE_FIELDS.search, decorators))

    def _call(self, run: Run, node: ast.Call) -> None:
        """What a call calls: itself, and through a function that does so."""
        root, name = root_of(node.func), called_name(node)
        if isinstance(node.func, ast.Name):
            run.called.add(root)
        elif not isinstance(node.func, ast.Attribute) and not is_bare(node.func):
            kept = root in self._foreign and name not in KEEPING
            inner = node.func.args if isinstance(node.func, ast.Call) else ()  # `retry(f)(1)`
            called = [{root}, *map(self._meant_by, inner)] if kept else [self._meant_by(node.func)]
            run.called.update(*called)
        run.calls_stored |= self._is_unknown(node.func)
        run.asked |= self._asked(node.func)
        if isinstance(node.func, ast.Attribute) and name not in _OF_CLASSES:
            run.called |= self._asked(node.func) & {root} & self._classes.keys()
        if (name in KEEPING and root not in self._functions) or self._only_makes_a_member(node):
            return
        if any(set_by(node)) or self._only_orders(node):
            return
        values = (*node.args, *(keyword.value for keyword in node.keywords))
        given = set[str]().union(*map(self._meant_by, values))
        of_classes = id(node) in self._of_classes
        if name == root in COUNTING and name not in self._functions:
            run.touched |= given
        elif name == root in ASKING | LOOKING and name not in self._functions:
            idle = names_of(node.args[0]) if name in LOOKING and node.args else given
            idle = idle & (self._classes.keys() | self._foreign.keys())
            idle -= set[str]().union(*map(names_of, values[1:] if name in LOOKING else ()))
            run.called |= given - idle
        elif self._calls_what_it_is_given(node.func, root, name, of_classes=of_classes):
            run.called |= given
        elif root not in self._foreign and (name in self._functions or name == root):
            run.stored |= given


def _is_read(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and type(node.ctx) is ast.Load


def _idle(node: ast.AST) -> Iterator[ast.AST]:
    """Names and texts that a node has and does nothing with."""
    match node:
        case ast.ClassDef(bases=bases):
            yield from (part for base in bases for part in walk(base))
        case ast.ExceptHandler(type=ast.expr() as kind):
            yield from walk(kind)
        case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
            yield from walk(value)
        case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, kind]):
            yield from walk(kind)
        case _:
            pass
