"""Tell whether making a definition, when its file is imported, runs anything."""

import ast
from collections.abc import Sequence
from functools import cached_property

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.decorating import only_keeps, only_wraps
from flagwright.core.wrapping.dormant.heirs import list_heirs
from flagwright.core.wrapping.dormant.origin import Origins, bound_in, is_plain_base
from flagwright.core.wrapping.dormant.pure import Purity
from flagwright.core.wrapping.dormant.sight import Sight
from flagwright.core.wrapping.effect import Function, has_no_effect, last_name
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.refusal import REGISTERED, refuse
from flagwright.errors import CannotWrap


class Making:
    """Judges the definitions of one version of one file by what their making does."""

    def __init__(
        self,
        policy: WrappingPolicy,
        tree: ast.Module,
        other: ast.Module | None,
        elsewhere: Sequence[Bases],
    ) -> None:
        """Hold what a judgement needs; it is read when there is one.

        Args:
            other: The version that must not notice what it does not have.
            elsewhere: The other files of the repository, in each of its states.
        """
        self._policy, self._elsewhere = policy, elsewhere
        self._tree, self._other = tree, other
        self._versions = (tree, other) if other else ()

    @cached_property
    def _origins(self) -> Origins:
        return Origins(self._tree)

    @cached_property
    def _there(self) -> Origins:
        return Origins(self._other) if self._other else self._origins

    @cached_property
    def _purity(self) -> Purity:
        return Purity(self._policy, self._origins, self._versions, self._is_class_there)

    @cached_property
    def _sight(self) -> Sight:
        return Sight(self._other)

    def _is_class_there(self, origin: str) -> bool:
        """Whether a dotted name is that of a class of the repository in each of its states."""
        states = self._elsewhere
        return bool(states) and all(bases.made_of(origin) is not None for bases in states)

    def _is_constant(self, node: ast.stmt, owner: ast.ClassDef | None = None) -> bool:
        """Whether a statement gives a new name to a value that nobody else sees."""
        origins = self._origins.inside(owner) if owner else self._origins
        purity = Purity(self._policy, origins, self._versions, self._is_class_there)
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return not is_special(name) and purity.is_pure(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                return (
                    not is_special(name)
                    and not self._sight.reads_annotations
                    and purity.is_pure(value)
                    and (self._origins.defers_annotations or purity.is_pure(node.annotation))
                )
            case _:
                return False

    def _is_bare(self, node: ast.stmt) -> bool:
        """Whether a statement only says of which type a name of the file would be."""
        if (
            not isinstance(node, ast.AnnAssign)
            or node.value
            or not isinstance(node.target, ast.Name)
        ):
            return False
        quiet = self._origins.defers_annotations or self._purity.is_pure(node.annotation)
        return quiet and not self._sight.reads_annotations

    def _check_function(self, node: Function) -> None:
        for decorator in node.decorator_list:
            if not self._is_pure_decorator(decorator):
                because = f"the decorator of `{node.name}` runs when the file is imported"
                raise refuse(node.lineno, "decorator", because, way_out=REGISTERED)
        arguments = node.args
        values: list[ast.expr | None] = [*arguments.defaults, *arguments.kw_defaults]
        if not self._origins.defers_annotations:
            annotated = (arg for arg in ast.walk(arguments) if isinstance(arg, ast.arg))
            values += [node.returns, *(arg.annotation for arg in annotated)]
        if not all(self._purity.is_pure(value) for value in values if value):
            because = f"a default or type of `{node.name}` is computed when the file is imported"
            raise refuse(node.lineno, "import-time", because)

    def is_quiet(self, value: ast.expr) -> bool:
        """Whether making a value while the file is imported runs no code but Python's own."""
        return self._purity.is_pure(value)

    def _runs_nothing(self, node: Function) -> bool:
        try:
            self._check_function(node)
        except CannotWrap:
            return False
        return True

    def _check_class(self, node: ast.ClassDef) -> None:
        if not all(map(self._is_pure_decorator, node.decorator_list)):
            because = f"a decorator of `{node.name}` runs when the file is imported"
            raise refuse(node.lineno, "decorator", because)
        is_plain = self._origins.is_plainly_made(node)
        if not all(map(self._is_plain_base, node.bases)) or not is_plain:
            because = f"a base of `{node.name}` may act when the class is made"
            raise refuse(node.lineno, "import-time", because)
        if node.bases and self._is_listed(node):
            because = f"the other version may list subclasses, and would find `{node.name}`"
            raise refuse(node.lineno, "import-time", because)
        for statement in node.body:
            self._check_class_statement(statement, node)

    def _check_class_statement(self, node: ast.stmt, owner: ast.ClassDef) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                local = bound_in(owner)
                rest = [d for d in node.decorator_list if not _is_accessor(d, local)]
                bare = ast.copy_location(_with_decorators(node, rest), node)
                self._check_function(bare)
            case ast.ClassDef():
                self._check_class(node)
            case ast.AnnAssign(value=None):
                pass
            case _ if has_no_effect(node) or _is_slots(node) or self._is_constant(node, owner):
                pass
            case _:
                raise refuse(node.lineno, "import-time", f"the body of `{owner.name}` runs code")

    def _is_pure_decorator(self, node: ast.expr) -> bool:
        call = node if isinstance(node, ast.Call) else None
        arguments = [*call.args, *(k.value for k in call.keywords)] if call else []
        func = call.func if call else node
        is_pure = self._origins.is_one_of(func, self._policy.pure_decorators)
        if not is_pure and (found := self._function(func)):
            is_pure = only_wraps(*found, is_made=call is not None)
        if not is_pure and call is None and (made := self._class(func)):
            is_pure = only_keeps(*made)
        own = self._origins.own_value(func) if call is None else None
        if isinstance(own, ast.Call):
            is_pure = self._origins.is_one_of(own.func, self._policy.pure_decorators)
        return is_pure and all(map(self._purity.is_pure, arguments))

    def _function(self, node: ast.expr) -> tuple[Function, Origins] | None:
        """The function of this file, or of the repository, that a name stands for."""
        if (own := self._origins.own_function(node)) is not None:
            return own, self._origins
        names = self._origins.of(node)
        return (
            self._elsewhere[0].function(min(names)) if len(names) == 1 and self._elsewhere else None
        )

    def _class(self, node: ast.expr) -> tuple[ast.ClassDef, Origins] | None:
        """The class of this file, or of the repository, that a name stands for."""
        if (own := self._origins.own_class(node)) is not None:
            return own, self._origins
        names = self._origins.of(node)
        known = len(names) == 1 and self._elsewhere
        return self._elsewhere[0].made_of(min(names)) if known else None

    def _is_plain_base(self, node: ast.expr) -> bool:
        """Whether making a class from one runs nothing: of `Base[int]` not even what it asks."""
        asked = {"__init_subclass__"}
        asked |= {"__class_getitem__"} if isinstance(node, ast.Subscript) else set()
        return self._runs_none_of(frozenset(asked), node)

    def _runs_none_of(self, asked: frozenset[str], node: ast.expr) -> bool:
        node = node.value if isinstance(node, ast.Subscript) else node
        base = self._origins.own_class(node)
        if base is not None:
            quiet = not asked & bound_in(base)
            others = [b for b in base.bases if getattr(b, "id", "") != base.name]
            quiet &= self._origins.is_plainly_made(base)
            return quiet and all(self._runs_none_of(asked, other) for other in others)
        if self._builtin_base(node) is not None:
            return True
        origins, patterns = self._origins.of(node), self._policy.plain_bases
        if self._elsewhere and len(origins) == 1:
            return self._elsewhere[0].are_plain(min(origins), patterns, asked)
        return bool(origins) and all(is_plain_base(origin, patterns) for origin in origins)

    def _is_listed(self, node: ast.ClassDef) -> bool:
        """Whether a class may be found among those that are made from one of its bases."""
        bare = [b.value if isinstance(b, ast.Subscript) else b for b in node.bases]
        bases = {last_name(base) or "" for base in bare if self._builtin_base(base) is None}
        if not bases or not self._elsewhere:
            return self._sight.lists_subclasses
        return any(list_heirs(b.looking, bases) for b in self._elsewhere)

    def _builtin_base(self, node: ast.expr) -> type | None:
        """A class that Python itself brings; one that makes classes is none."""
        found = self._there.builtin(node) or self._origins.builtin(node)
        return found if isinstance(found, type) and found is not type else None


def _with_decorators(node: Function, decorators: list[ast.expr]) -> Function:
    fields = dict(ast.iter_fields(node)) | {"decorator_list": decorators}
    return type(node)(**fields)


def _is_accessor(node: ast.expr, local: set[str]) -> bool:
    """`@name.setter` and its kind, for a property of the same class."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in {"setter", "getter", "deleter"}
        and isinstance(node.value, ast.Name)
        and node.value.id in local
    )


def _is_slots(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id="__slots__")], value=value):
            return all(
                isinstance(n, ast.Tuple | ast.List | ast.Constant | ast.Load)
                for n in ast.walk(value)
            )
        case _:
            return False


def is_special(name: str) -> bool:
    """Whether Python itself looks for a name: `__init__`."""
    return name.startswith("__") and name.endswith("__")
