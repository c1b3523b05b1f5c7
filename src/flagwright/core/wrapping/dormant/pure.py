"""Tell which expressions do nothing but make a value, whenever the file is imported."""

import ast
from collections.abc import Callable, Sequence

from flagwright.core.wrapping.dormant.origin import Origins, bound_in
from flagwright.core.wrapping.dormant.paths import gives_path
from flagwright.core.wrapping.dormant.settled import looked_up
from flagwright.core.wrapping.policy import WrappingPolicy

_USING = {"set", "dict", "list", "tuple", "frozenset", "zip", "enumerate", "sorted", "len", "str"}
_USING |= {"bool", "abs", "round", "min", "max", "sum"}
"""Functions that call methods of what they are given: `__iter__`, `__lt__`."""
_OF_A_FILE = frozenset({"__name__", "__file__"})
"""Texts that every file has."""
_OPERATIONS = (
    ast.UnaryOp
    | ast.BinOp
    | ast.BoolOp
    | ast.Compare
    | ast.IfExp
    | ast.JoinedStr
    | ast.FormattedValue
    | ast.Slice
)


class Purity:
    """Judges the expressions of one version of one file."""

    def __init__(
        self,
        policy: WrappingPolicy,
        origins: Origins,
        versions: Sequence[ast.Module],
        is_class_there: Callable[[str], bool],
    ) -> None:
        """Hold what a judgement needs.

        Args:
            versions: Both of the file; what each looks up anyhow may be looked up once more.
            is_class_there: Whether a dotted name is that of a class of another file.
        """
        self._policy, self._origins, self._versions = policy, origins, versions
        self._is_class_there = is_class_there
        self._asked: set[int] = set()
        self._items: frozenset[str] = frozenset()

    def is_pure(self, node: ast.expr) -> bool:
        """Whether evaluating an expression runs no code but Python's own."""
        match node:
            case ast.Constant() | ast.Name():
                return True
            case ast.Attribute():
                return self._is_settled(node) or self.is_known(node) or self._is_again(node)
            case ast.Lambda(args=args):
                return all(self.is_pure(d) for d in (*args.defaults, *args.kw_defaults) if d)
            case ast.Subscript(value=value, slice=index) if self._is_type(value):
                return self.is_pure(index)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return all(map(self.is_pure, parts))
            case ast.Set(elts=parts):
                return all(map(self._is_key, parts))
            case ast.Dict(keys=keys, values=values):
                merged = (v for k, v in zip(keys, values, strict=True) if k is None)
                return (
                    all(map(self.is_known, merged))
                    and all(map(self._is_key, filter(None, keys)))
                    and all(map(self.is_pure, values))
                )
            case ast.BinOp(op=ast.BitOr(), left=left, right=right) if self._is_type(left):
                return self._is_type(right)
            case ast.Call(func=func, args=args, keywords=keywords) if self._is_plain_class(func):
                return all(map(self.is_pure, (*args, *(k.value for k in keywords))))
            case _:
                return self.is_known(node)

    def _is_plain_class(self, node: ast.expr) -> bool:
        """Whether a class of this file runs no code of its own when an object is made."""
        owner = self._origins.own_class(node)
        if owner is None or id(owner) in self._asked or not self._origins.is_plainly_made(owner):
            return False
        makers = {
            "__init__",
            "__new__",
            "__post_init__",
            "__setattr__",
            "__getattribute__",
            "__del__",
        }
        plain = ("object", "typing*.NamedTuple", "typing*.Generic", "abc.ABC")
        decorators = ("dataclasses.dataclass", "typing*.final")
        fields = (n.value for n in owner.body if isinstance(n, ast.AnnAssign) and n.value)
        bases = (b.value if isinstance(b, ast.Subscript) else b for b in owner.bases)
        self._asked.add(id(owner))
        is_plain = (
            makers.isdisjoint(bound_in(owner))
            and not self._origins.is_changed(node)
            and all(map(self._is_plain_field, fields))
            and all(self._origins.is_one_of(base, plain) for base in bases)
            and all(self._origins.is_one_of(_called(d), decorators) for d in owner.decorator_list)
        )
        self._asked.discard(id(owner))
        return is_plain

    def _is_plain_field(self, node: ast.expr) -> bool:
        """Whether the default of a field runs nothing when an object gets it."""
        if not isinstance(node, ast.Call):
            return self.is_known(node) or self._origins.own_class(node) is not None
        given = {k.arg: k.value for k in node.keywords}
        factory = given.pop("default_factory", None)
        return (
            self._origins.is_one_of(node.func, ("dataclasses.field",))
            and None not in given
            and (factory is None or self._is_plain_factory(factory))
            and all(map(self.is_known, given.values()))
        )

    def _is_key(self, node: ast.expr) -> bool:
        """Whether finding the place of a value among others runs nothing."""
        value = self._origins.own_value(node) or node
        if isinstance(value, ast.Call) and not self.is_known(value):
            return False
        return self.is_known(node) if _is_display(value) else self.is_pure(node)

    def _is_plain_factory(self, node: ast.expr) -> bool:
        return self._origins.builtin(node) in (list, dict, set) or self._is_plain_class(node)

    def is_known(self, node: ast.expr) -> bool:
        """Whether the value is of a type that Python brings, so that its operators do nothing."""
        match node:
            case ast.Constant():
                return True
            case ast.Name():
                return self._is_known_name(node) or self._origins.is_of_python(node)
            case ast.Attribute(value=value):
                return self._origins.is_of_python(node) or self.is_known(value)
            case ast.Starred(value=value):
                return self.is_known(value)
            case ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
                return self.is_pure(node) and all(map(self._is_plain_item, _items(node)))
            case ast.Subscript(value=value, slice=index):
                is_taken = isinstance(index, ast.Slice) and self.is_known(value)
                return (is_taken or self._is_literal(value)) and self.is_known(index)
            case ast.Call():
                return self._is_known_call(node)
            case (
                ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element)
            ):
                return self._is_known_loop(node.generators, [element])
            case ast.DictComp(key=key, value=value):
                return self._is_known_loop(node.generators, [key, value])
            case node if isinstance(node, _OPERATIONS):
                parts = ast.iter_child_nodes(node)
                return all(self.is_known(part) for part in parts if isinstance(part, ast.expr))
            case _:
                return False

    def _is_plain_item(self, node: ast.expr) -> bool:
        """Whether nothing of this file runs when a value in a display is used in whatever way."""
        value = self._origins.own_value(node)
        own = isinstance(node, ast.Call) or _is_display(node) or value is not None
        return not own or self.is_known(node)

    def _is_known_call(self, node: ast.Call) -> bool:
        values = [*node.args, *(k.value for k in node.keywords)]
        if isinstance(node.func, ast.Attribute) and self._is_text(node.func.value):
            return all(map(self.is_known, values))
        if gives_path(node.func, self._origins):
            return self.is_known(node.func) and all(map(self.is_known, values))
        builtin = self._origins.builtin(node.func)
        if (builtin, len(values)) in ((hasattr, 2), (getattr, 3)):  # content if it is not there
            return self._origins.is_of_python(values[0]) and all(map(self.is_known, values[1:]))
        if (builtin, len(values)) == (type, 1):
            return self.is_known(values[0])
        return self._origins.is_one_of(node.func, self._policy.pure_calls) and all(
            self._is_argument(value, node.func) for value in values
        )

    def _is_known_loop(self, loops: list[ast.comprehension], parts: list[ast.expr]) -> bool:
        """Whether a comprehension goes over known values; what it takes from them is known."""
        outer = self._items
        try:
            for loop in loops:
                if not self.is_known(loop.iter):
                    return False
                self._items |= {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
                parts = [*parts, *loop.ifs]
            return all(map(self.is_known, parts))
        finally:
            self._items = outer

    def _is_text(self, node: ast.expr) -> bool:
        value = self._origins.own_value(node) or node
        is_text = isinstance(value, ast.Constant) and isinstance(value.value, str | bytes)
        is_text |= isinstance(value, ast.Name) and value.id in _OF_A_FILE
        return is_text or (isinstance(value, ast.JoinedStr) and self.is_known(value))

    def _is_known_name(self, node: ast.Name) -> bool:
        if node.id in {*_OF_A_FILE, "__package__"} or node.id in self._items:
            return True
        value = self._origins.own_value(node)
        if value is None or id(value) in self._asked:
            return False
        self._asked.add(id(value))
        known = self.is_known(value)
        self._asked.discard(id(value))
        return known

    def _is_argument(self, node: ast.expr, func: ast.expr) -> bool:
        """What a pure call may be given: an iterator would be used up by it."""
        if self.is_known(node):
            return True
        if isinstance(func, ast.Name) and func.id in _USING:
            return False
        unsure = isinstance(node, ast.Name) and self._origins.own_value(node) is not None
        return self.is_pure(node) and not unsure

    def _is_literal(self, node: ast.expr) -> bool:
        value = self._origins.own_value(node) or node
        return isinstance(value, ast.Constant | ast.Tuple | ast.List | ast.Dict) and self.is_known(
            value
        )

    def _is_settled(self, node: ast.Attribute) -> bool:
        """An attribute of a module, of Python's own, or one that a class of this file binds."""
        if self._origins.is_module(node.value) or self._origins.is_of_python(node):
            return True
        if isinstance(owner := self._origins.builtin(node.value), type):
            return hasattr(owner, node.attr)
        if isinstance(node.value, ast.Attribute):
            return self._is_settled(node.value) and self._is_type(node)
        found = self._origins.own_class(node.value)
        if found is None or found.keywords or node.attr not in bound_in(found):
            return False
        value = self._origins.inside(found).own_value(ast.Name(node.attr))
        return not isinstance(value, ast.Call) or self.is_known(value)

    def _is_again(self, node: ast.Attribute) -> bool:
        """Whether importing either version looks up this attribute of what it imported.

        It has the name of a type or constant: a property may give something else each time.
        Of a name that types are taken from anyhow, another one may be. A file that only one
        version has may look up a class that stands in another file in both.
        """
        found = self._origins.of(node)
        is_imported = len(found) == 1 and not self._origins.is_changed(node)
        if not is_imported or not node.attr[:1].isupper():
            return False
        if not self._versions:
            return self._is_class_there(min(found))
        word = ast.unparse(node)
        known = frozenset.intersection(*map(looked_up, self._versions))
        return word in known or (
            self._is_type(node)
            and any(
                other.rpartition(".")[0] == ast.unparse(node.value)
                and other.rpartition(".")[2][:1].isupper()
                and not other.rpartition(".")[2].isupper()
                for other in known
            )
        )

    def _is_plain_type(self, owner: ast.ClassDef) -> bool:
        """Whether a class and its bases in this file leave it to Python to be asked for types."""
        bases = [b for base in owner.bases if (b := self._origins.own_class(base)) is not None]
        return (
            "__class_getitem__" not in bound_in(owner)
            and self._origins.is_plainly_made(owner)
            and all(self._is_plain_type(base) for base in bases if base is not owner)
        )

    def _is_type(self, node: ast.expr) -> bool:
        """Whether an expression reads as a type: `dict`, `Callable`, `Money`, `int | None`."""
        match node:
            case ast.Constant(value=None):
                return True
            case ast.Subscript(value=value, slice=index):
                return self._is_type(value) and self.is_pure(index)
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return self._is_type(left) and self._is_type(right)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                if isinstance(self._origins.builtin(node), type):
                    return True
                if (found := self._origins.own_class(node)) is not None:
                    return self._is_plain_type(found)
                if (own := self._origins.own_value(node)) is not None:
                    return isinstance(own, ast.Subscript | ast.BinOp) and self._is_type(own)
                known = self._origins.is_of_python(node) or not name.isupper()
                return bool(self._origins.of(node)) and name[:1].isupper() and known
            case _:
                return False


def _is_display(node: ast.expr) -> bool:
    return isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict)


def _items(node: ast.expr) -> list[ast.expr]:
    return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node
