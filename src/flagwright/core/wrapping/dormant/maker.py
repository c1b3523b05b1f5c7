"""Tell for which members a metaclass of the repository asks the classes that it makes.

One that spells out whatever it wants, such as `members["rate"]`, never comes upon another
member, and sees of none how it is declared.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import FUNCTIONS, Function

_OF_TYPE = ("__new__", "__init__")
"""What a metaclass hands a class on to, with what it inherits from, and its members."""
_PLAIN = ("abc.ABCMeta",)
_ON_ITS_OWN = {"__prepare__", "__call__", "__getattr__", "__getattribute__", "__dir__"}
_OPEN = ("__name__", "__qualname__", "__doc__", "__module__")
_BY_NAME = ("get", "pop", "setdefault")
_ASKING = ("getattr", "hasattr", "setattr", "delattr")
_TELLING, _COUNTING = ("isinstance", "issubclass"), ("len", "bool")
_SHOW_ALL = {"locals", "vars", "eval", "exec", "globals"}


class _Given(NamedTuple):
    """What the parameters of `__new__` and `__init__` of a metaclass are called."""

    classes: set[str]
    bases: set[str]
    members: set[str]

    @property
    def all(self) -> set[str]:
        """Each of them."""
        return self.classes | self.bases | self.members


def asks_for_others(maker: ast.ClassDef, origins: Origins, name: str) -> bool:
    """Whether a metaclass never comes upon a member of this name.

    Args:
        origins: The names of the file that it stands in.
    """
    asked = _asked_by(maker)
    kinds = [origins.builtin(b) is type or origins.is_one_of(b, _PLAIN) for b in maker.bases]
    return asked is not None and name not in asked and all(kinds) and not maker.keywords


def _asked_by(maker: ast.ClassDef) -> set[str] | None:
    """The members that a metaclass asks for; none where it may come upon any."""
    methods = {m.name: m for m in maker.body if isinstance(m, FUNCTIONS)}
    inside = [n for n in ast.walk(maker) if isinstance(n, ast.ClassDef) and n is not maker]
    if inside or maker.decorator_list or not _ON_ITS_OWN.isdisjoint(methods):
        return None
    making = [_places(methods[name]) for name in _OF_TYPE if name in methods]
    given = _Given(*({places[at] for places in making if places[at:]} for at in (0, 2, 3)))
    asked = [_Asking(maker.name, m, methods, given).names() for m in methods.values()]
    names = [each for each in asked if each is not None]
    return set[str]().union(*names) if len(names) == len(asked) else None


def _places(method: Function) -> list[str]:
    return [a.arg for a in (*method.args.posonlyargs, *method.args.args)]


def _is_static(method: Function) -> bool:
    return [ast.unparse(d) for d in method.decorator_list] == ["staticmethod"]


class _Asking:
    """One method of a metaclass, and what stands for a class or its members there."""

    def __init__(
        self, maker: str, method: Function, methods: dict[str, Function], given: _Given
    ) -> None:
        first = set() if _is_static(method) else set(_places(method)[:1])
        stars = {star.arg for star in (method.args.vararg, method.args.kwarg) if star}
        self._helpers = {name: m for name, m in methods.items() if _is_static(m)}
        self._makers = {maker} | (first if method.name == "__new__" else set())
        self._given, self._parts = given, [*ast.walk(method)]
        self._held = first | stars | (given.all & {n.arg for n in _arguments(method)})
        size = 0
        while len(self._held) > size:
            size = len(self._held)
            self._held |= {name for node in self._parts for name in self._made_of(node)}
        self._called = {id(n.func) for n in self._parts if isinstance(n, ast.Call)}
        self._idle, self._names = set[int](), set[str]()

    def names(self) -> set[str] | None:
        """The members that the method asks for; none where it may come upon any."""
        for node in self._parts:
            self._read(node)
        uses = [n for n in self._parts if isinstance(n, ast.Name) and n.id in self._held]
        calls = [n for n in self._parts if isinstance(n, ast.Call) and self._hands_on(n)]
        names = {n.id for n in self._parts if isinstance(n, ast.Name)}
        stored = {n.id for n in self._parts if isinstance(n, ast.Name) and _is_stored(n)}
        if names & _SHOW_ALL or stored & self._given.bases:
            return None
        return self._names if all(id(n) in self._idle for n in (*uses, *calls)) else None

    def _made_of(self, node: ast.AST) -> Iterator[str]:
        """Names that get a class, or its members."""
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if self._gives(value):
                yield name
            case ast.For(target=ast.Name(id=name), iter=value) if self._is_of_bases(value):
                yield name
            case ast.comprehension(target=ast.Name(id=name), iter=value) if self._is_of_bases(
                value
            ):
                yield name
            case _:
                pass

    def _gives(self, value: ast.expr) -> bool:
        """Whether an expression may be a class, or its members."""
        is_held = isinstance(value, ast.Name) and value.id in self._held
        return is_held or (isinstance(value, ast.Call) and self._hands_on(value))

    def _is_of_bases(self, value: ast.expr) -> bool:
        """Whether an expression goes through what a class inherits from."""
        match value:
            case ast.Call(func=ast.Name("reversed"), args=[ast.Name(id=name)]):
                return name in self._given.bases
            case ast.Name(id=name):
                return name in self._given.bases
            case _:
                return False

    def _hands_on(self, call: ast.Call) -> bool:
        """Whether a call goes to `type`, or to a static method of the metaclass."""
        match call.func:
            case ast.Attribute(value=ast.Call(func=ast.Name("super")) | ast.Name("type"), attr=n):
                return n in _OF_TYPE
            case ast.Attribute(value=ast.Name(id=held), attr=name):
                return held in self._makers and name in self._helpers
            case _:
                return False

    def _is_known(self, call: ast.Call) -> bool:
        """Whether what gets a class, or its members, has the names for them that are followed."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name not in self._helpers or call.keywords:
            return name in _OF_TYPE
        places = _places(self._helpers[name])
        given = [(at, value) for at, value in enumerate(call.args) if self._gives(value)]
        return all(places[at : at + 1] == [getattr(value, "id", "")] for at, value in given)

    def _read(self, node: ast.AST) -> None:
        """Take what only asks for members by name, and note these."""
        match node:
            case ast.Call(func=ast.Attribute(value=held)) if self._hands_on(node):
                values = (*node.args, *(k.value for k in node.keywords))
                stars = (v.value for v in node.args if isinstance(v, ast.Starred))
                self._take(*((held, *values, *stars) if self._is_known(node) else ()))
            case ast.Call(func=ast.Name(id=name), args=[held, key, *_]) if name in _ASKING:
                self._ask(held, key)
            case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=word) as held, *_]) if (
                name in _TELLING or (name in _COUNTING and word in self._given.bases)
            ):
                self._take(held)
            case ast.Call(func=ast.Attribute(value=held, attr=word), args=[key, *_]) if (
                word in _BY_NAME
            ):
                self._ask(held, key)
            case ast.Attribute(value=held, attr=name) if id(node) not in self._called:
                self._ask(held, ast.Constant(name) if name in _OPEN or name[:2] != "__" else None)
            case ast.Subscript(value=held, slice=key):
                self._ask(held, key)
            case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[held]):
                self._ask(held, key)
            case ast.Assign(targets=[ast.Name() as held], value=value) if self._gives(value):
                self._take(held, value)
            case ast.For(target=held, iter=value) | ast.comprehension(target=held, iter=value):
                over = value.args[0] if isinstance(value, ast.Call) and value.args else value
                self._take(*((held, over) if self._is_of_bases(value) else ()))
            case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
                self._take(value)
            case _:
                pass

    def _ask(self, held: ast.expr, key: ast.expr | None) -> None:
        """Take a question for one member, which is spelled out."""
        match key:
            case ast.Constant(value=str(name)) if name not in ("mro", "__dict__"):
                self._names.add(name)
                self._take(held)
            case _:
                pass

    def _take(self, *parts: ast.expr) -> None:
        self._idle.update(id(part) for part in parts)


def _is_stored(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _arguments(method: Function) -> Iterator[ast.arg]:
    return (n for n in ast.walk(method.args) if isinstance(n, ast.arg))
