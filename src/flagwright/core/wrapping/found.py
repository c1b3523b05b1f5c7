"""Follow what a file finds by a computed name, as `getattr(plugin, name)`, to where it may get.

A value is followed by its words, through assignments, loops, calls inside the file and what
functions give back, and never by what runs. So it may be said to get too far, and not too short.
"""

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from flagwright.core.wrapping.binding import names_in
from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import last_name
from flagwright.core.wrapping.globalnames import asked_of_file
from flagwright.core.wrapping.inmodule import looked_up
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.words import Scopes, Word, functions

FINDS = ("getmembers", "vars", "globals", "methodcaller", "attrgetter", "import_string", "locate")
"""Calls beside `getattr` that give what has a computed name."""
MAKERS = ("__init__", "__new__")
"""Methods that make an object; nothing else of a class is one of them."""
_PLAIN = ("len", "str", "int", "bool", "repr", "isinstance", "issubclass", "hasattr", "callable")
"""Calls that give nothing of what they are given."""
_OF_FOUND = ("func", "fget", "fset", "fdel", "wrapped", "callback")
"""Attributes of what was found that are as good as itself."""
_TEXTS = ("__name__", "__qualname__", "__module__", "__doc__")
"""Attributes that say something of what was found, and do not lead to it."""


class Found:
    """What may be a thing that was found by a computed name, in one file."""

    def __init__(
        self,
        tree: ast.Module,
        classes: Collection[str],
        names: Collection[str],
        is_called: Callable[[str], bool],
        are_modules_filled: Callable[[], bool],
    ) -> None:
        """Follow everything that may be in question.

        Args:
            classes: What an object of any other class has in it is not.
            names: What is known to be called otherwise is not.
            is_called: Whether another file calls a function of this name.
            are_modules_filled: Whether a module may have in it what its lines do not say.
        """
        self._scopes, self._names = Scopes(tree), names
        self._makes = bool(classes) and not {*MAKERS, "__call__"}.isdisjoint(names)
        steps = [*_steps(tree, self._scopes)]
        self._idle = {id(part) for part in _of_others(tree, classes)}
        if names_in(tree).isdisjoint({*names, *classes}):
            self._idle |= asked_of_file(tree)
        begins = _Beginnings(steps, self._scopes, is_called)
        self._idle |= {id(call) for call in begins.of_others(tree, names)}
        if classes and not self._makes and not are_modules_filled():
            self._idle |= {id(call) for call in looked_up(tree, steps, self._scopes)}
        self._words: set[Word] = set()
        count = -1
        while count < len(self._words):
            count = len(self._words)
            for words, value in steps:
                if not self._words.issuperset(words) and self.has(value):
                    self._words.update(words)

    def has(self, value: ast.AST) -> bool:
        """Whether a part of an expression may be one."""
        waiting = [value]
        while waiting:
            node = waiting.pop()
            if self._is_one(node):
                return True
            waiting.extend(_parts(node))
        return False

    def _is_one(self, node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=name), *_]):
                return name in self._names
            case ast.Call(func=func) if last_name(func) in ("getattr", *FINDS):
                return id(node) not in self._idle
            case ast.Call(func=ast.Name(id="type"), args=[_]) | ast.Name(id="self" | "cls"):
                return self._makes and id(node) not in self._idle
            case ast.Attribute(attr="__class__" | "__init__" | "__new__" | "__call__"):
                return self._makes and id(node) not in self._idle
            case ast.Call(func=func):
                return (2, last_name(func) or "") in self._words
            case ast.Attribute(attr="__dict__" | "__globals__"):
                return id(node) not in self._idle
            case ast.Name() | ast.Attribute():
                return self._scopes.word(node) in self._words
            case _:
                return False


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an expression that it may give on.

    What a literal name gives (`plugin.run`) is none: who asks for that is asked elsewhere.
    """
    match node:
        case ast.Compare() | ast.JoinedStr():
            pass
        case ast.Call(
            func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(name)), *default]
        ):
            yield from (*default, *([value] if _gives_itself(name) else []))
        case ast.Call(func=func, args=args, keywords=keywords):
            if last_name(func) not in _PLAIN:
                yield from (*args, *(keyword.value for keyword in keywords))
                if isinstance(func, ast.Attribute):  # `found.values()`
                    yield func.value
        case ast.Attribute(attr="__init__" | "__new__"):
            pass
        case ast.Attribute(value=value, attr=name):
            if _gives_itself(name):
                yield value
                if isinstance(value, ast.Attribute) and value.attr in MAKERS:
                    yield value.value
        case _:
            yield from ast.iter_child_nodes(node)


def _gives_itself(attribute: str) -> bool:
    """Whether an attribute of what was found is as good as itself; what it is called is a text."""
    is_special = attribute.startswith("__") and attribute not in _TEXTS
    return attribute in _OF_FOUND or is_special


class _Beginnings:
    """What the names that a file computes begin with: `f"cmd_{word}"`."""

    def __init__(
        self,
        steps: Sequence[tuple[set[Word], ast.AST]],
        scopes: Scopes,
        is_called: Callable[[str], bool],
    ) -> None:
        self._steps, self._scopes, self._is_called = steps, scopes, is_called

    def of_others(self, tree: ast.Module, names: Collection[str]) -> Iterator[ast.Call]:
        """Calls of `getattr` that look for none of some names."""
        for node in nodes(tree):
            match node:
                case ast.Call(func=ast.Name(id="getattr"), args=[_, wanted, *_]):
                    begins = self._of(wanted, ())
                    if begins and not any(n.startswith((*begins,)) for n in names):
                        yield node
                case _:
                    pass

    def _of(self, node: ast.AST, seen: tuple[Word, ...]) -> set[str]:
        """What a text begins with; nothing where that is not known."""
        match node:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.JoinedStr(values=[ast.FormattedValue(value=first), *_]):
                return self._of(first, seen)
            case ast.JoinedStr(values=[first, *_]) | ast.BinOp(op=ast.Add(), left=first):
                return self._of(first, seen)
            case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(text))):
                return {text.partition("%")[0]}
            case ast.Name() if (word := self._scopes.word(node)) not in seen:
                values = [value for words, value in self._steps if word in words]
                found = [self._of(value, (*seen, word)) for value in values]
                is_known = all(found) and not any(map(self._is_called, self._scopes.takers(word)))
                return set().union(*found) if is_known else set()
            case _:
                return set()


def _of_others(tree: ast.Module, classes: Collection[str]) -> Iterator[ast.AST]:
    """Where a file looks into something that certainly is, or has, nothing that matters."""
    for owner in (n for n in nodes(tree) if isinstance(n, ast.ClassDef)):
        if owner.name not in classes:
            yield from (part for node in ast.walk(owner) for part in _of_itself(node))
    origins = Origins(tree)
    for node in nodes(tree):
        match node:
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name() as held, *_]):
                made = origins.own_value(held)
                if isinstance(made, ast.Call) and origins.of(made.func) == {"threading.local"}:
                    yield node
            case ast.Attribute(value=ast.Name(id=name) as held) if name not in classes:
                if origins.of(held) or origins.own_class(held) or is_tuple(held, origins):
                    yield node
            case _:
                pass


def is_tuple(held: ast.Name, origins: Origins) -> bool:
    """Whether a name stands for a class of tuples: `Row.__new__.__defaults__ = (None,)`."""
    made = origins.own_value(held)
    return isinstance(made, ast.Call) and origins.is_one_of(made.func, ("collections.namedtuple",))


def _of_itself(node: ast.AST) -> Iterator[ast.AST]:
    """Where a method looks into its own object, or hands it on."""
    match node:
        case ast.Call(args=[ast.Name(id="self" | "cls"), *_]) | ast.Name(id="self" | "cls"):
            yield node
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            if name.startswith("__"):
                yield node
        case _:
            pass


def _steps(tree: ast.Module, scopes: Scopes) -> Iterator[tuple[set[Word], ast.AST]]:
    """The words that stand for a value from some place of a file on, and the value."""
    takes: dict[str, list[ast.arguments]] = {}
    for name, function in functions(tree):
        takes.setdefault(name, []).append(function.args)
        for argument, value in _defaults(function.args):
            yield {scopes.word(argument)}, value
        gives = {(2, name), (2, function.name)}
        if function.decorator_list:  # a property
            gives.add((1, function.name))
        for node in ast.walk(function):
            if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and node.value:
                yield gives, node.value
    for node in nodes(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield _set_by(targets, scopes), value
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.AugAssign(target=target, value=value)
                | ast.NamedExpr(target=target, value=value)
                | ast.For(target=target, iter=value)
                | ast.AsyncFor(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
                | ast.withitem(optional_vars=ast.expr() as target, context_expr=value)
            ):
                yield _set_by([target], scopes), value
            case ast.Call():
                yield from _given(node, takes, scopes)
            case _:
                pass


def _defaults(own: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    """Parameters that may be left out, and what they are then."""
    positional = [*own.posonlyargs, *own.args]
    yield from zip(positional[len(positional) - len(own.defaults) :], own.defaults, strict=True)
    by_name = zip(own.kwonlyargs, own.kw_defaults, strict=True)
    yield from ((argument, value) for argument, value in by_name if value is not None)


def _set_by(targets: list[ast.expr], scopes: Scopes) -> set[Word]:
    """Names and attributes that are set, or of which a part is."""
    found, waiting = set[Word](), [*targets]
    while waiting:
        match waiting.pop():
            case ast.Name() | ast.Attribute() as target:
                found.add(scopes.word(target))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                waiting.extend(parts)
            case ast.Starred(value=part) | ast.Subscript(value=part) | ast.Call(func=part):
                waiting.append(part)
            case _:
                pass
    return found


def _given(
    call: ast.Call, takes: Mapping[str, Sequence[ast.arguments]], scopes: Scopes
) -> Iterator[tuple[set[Word], ast.AST]]:
    """What gets the arguments of a call: parameters, and the object of which it is a method."""
    words = set[Word]()
    match call:
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), _]):
            words.add((1, name))
        case ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute() as held)):
            if not scopes.is_module(held):
                words.add(scopes.word(held))
        case _:
            pass
    given = [*enumerate(call.args), *((k.arg, k.value) for k in call.keywords)]
    called = takes.get(last_name(call.func) or "", ())
    handed = [a for _, value in given for a in takes.get(last_name(value) or "", ())]
    for place, value in given:
        own = {a for f in called for a in _taken(f, place, value)}
        own.update(a for f in handed for a in _taken(f, None, value))
        yield words | {scopes.word(a) for a in own}, value


def _taken(own: ast.arguments, place: int | str | None, value: ast.expr) -> Iterable[ast.arg]:
    """The parameters that may get an argument, by its place or name; none: any place."""
    stars = [a for a in (own.vararg, own.kwarg) if a is not None]
    positional = [*own.posonlyargs, *own.args]
    if positional and positional[0].arg in ("self", "cls"):
        del positional[0]
    if isinstance(place, int) and not isinstance(value, ast.Starred):
        return positional[place : place + 1] or stars
    named = [*positional, *own.kwonlyargs]
    found = [a for a in named if a.arg == place]
    return found or [*(named if not isinstance(place, str) else ()), *stars]
