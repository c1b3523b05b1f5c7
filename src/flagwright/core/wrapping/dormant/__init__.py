"""Tell what runs nothing when its file is imported, so that it may stand there unused.

New definitions of this kind need no guard: only guarded code reaches them. Deleted ones
of this kind may be kept for the old code.
"""

import ast
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from functools import cached_property

from flagwright.core.wrapping.dormant.bases import OF_EVERY_OBJECT, Bases, Method
from flagwright.core.wrapping.dormant.making import Making, is_special
from flagwright.core.wrapping.dormant.named import is_loaded_by_name, is_read_whole, user_of
from flagwright.core.wrapping.dormant.origin import bound_in
from flagwright.core.wrapping.effect import FUNCTIONS, Function, has_no_effect, last_name
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.standin import is_generator
from flagwright.core.wrapping.tree import nodes

_HANDED_UP = frozenset(
    f"__{name}__"
    for name in ("init", "call", "str", "repr", "len", "iter", "contains", "enter", "exit")
)
"""What Python calls by itself, and finds in a base as it finds any other method."""
_EXCEPTIONS = ("*Error", "*Exception", "*.exceptions.*")
_WITHOUT_METHODS = ("abc.ABC", "typing*.Protocol", "typing*.Generic")


class Dormancy(Making):
    """Judges the statements of one version of one file."""

    def __init__(
        self,
        policy: WrappingPolicy,
        tree: ast.Module,
        other: ast.Module | None = None,
        elsewhere: Sequence[Bases] = (),
        doubled: Collection[str] = (),
    ) -> None:
        """Hold what a judgement needs; it is read when there is one.

        Args:
            other: The version that must not notice what it does not have.
            elsewhere: The other files of the repository, in each of its states; the last one
                is that of the other version.
            doubled: Members that have two definitions, so that none stands for another.
        """
        super().__init__(policy, tree, other, elsewhere)
        self._doubled = doubled

    @cached_property
    def _set(self) -> set[str]:
        """Attributes that a version sets."""
        return {
            node.attr
            for version in filter(None, (self._tree, self._other))
            for node in nodes(version)
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        }

    @cached_property
    def _classes(self) -> list[ast.ClassDef]:
        return [n for n in nodes(self._tree) if isinstance(n, ast.ClassDef)]

    @cached_property
    def _others(self) -> list[ast.ClassDef]:
        other = self._other
        return [n for n in nodes(other) if isinstance(n, ast.ClassDef)] if other else []

    def check(self, node: ast.stmt, owner: ast.ClassDef | None) -> None:
        """Refuse a definition or constant that does something at import.

        Args:
            owner: The class whose body the statement stands in.

        Raises:
            CannotWrap: `import-time`, `class-body` or `decorator`.
        """
        if owner is None and self._sight.lists_module:
            because = (
                f"the other version looks up names of its own module, and finds `{_short(node)}`"
            )
            raise refuse(node.lineno, "import-time", because)
        if owner is None:
            self._check_unnamed(node)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._check_function(node)
                if owner:
                    self._check_method(node, owner)
                elif is_special(node.name):
                    because = f"`{node.name}` of a module is called by Python itself"
                    raise refuse(node.lineno, "import-time", because)
            case ast.ClassDef():
                self._check_class(node)
            case _ if owner:
                self._check_value(node, owner)
            case _ if self._is_constant(node) or self._is_bare(node):
                pass
            case ast.If(test=test) if self._purity.is_known(test):
                self._check_block([*node.body, *node.orelse])
            case ast.Try(handlers=handlers) if all(map(self._is_for_imports, handlers)):
                inside = [statement for handler in handlers for statement in handler.body]
                self._check_block([*node.body, *inside, *node.orelse, *node.finalbody])
            case _:
                because = f"`{_short(node)}` runs when the file is imported"
                raise refuse(node.lineno, "import-time", because)

    def _check_block(self, body: Sequence[ast.stmt]) -> None:
        """A block of a new `if` or `try` may import, and define what is dormant by itself."""
        for node in body:
            if not isinstance(node, ast.Import | ast.ImportFrom) and not has_no_effect(node):
                self.check(node, None)

    def _is_for_imports(self, handler: ast.ExceptHandler) -> bool:
        """Whether a handler is for an import that fails."""
        failures = (ImportError, ModuleNotFoundError)
        return handler.type is not None and self._origins.builtin(handler.type) in failures

    def _check_unnamed(self, node: ast.stmt) -> None:
        """Refuse what other files of the other version would come upon by its name."""
        is_definition = isinstance(node, (*FUNCTIONS, ast.ClassDef))
        for bases in self._elsewhere[-1:]:
            for name in sorted({node.name} if is_definition else _bound(node)):  # type: ignore[attr-defined] # it has
                if name in self._doubled:
                    continue
                if user := user_of(name, bases.path, bases.modules, self._policy.is_test):
                    because = f"{user} looks for `{name}` in the other version, too"
                    raise refuse(node.lineno, "import-time", because)
            if not is_definition and is_loaded_by_name(bases.path, bases.modules):
                because = f"a framework may read `{_short(node)}` from this file by its name"
                raise refuse(node.lineno, "import-time", because)

    def _check_method(self, node: Function, owner: ast.ClassDef) -> None:
        """A method is dormant only where nobody else can have one of this name, or look for it."""
        if because := self._noticed(node, owner):
            raise refuse(node.lineno, "class-body", because)

    def _check_value(self, node: ast.stmt, owner: ast.ClassDef) -> None:
        """A value is dormant where nothing makes a field, a member or a descriptor of it."""
        because: str | None = f"the body of `{owner.name}` changes"
        has_it = [c for c in self._others if c.name == owner.name and _bound(node) & bound_in(c)]
        if not has_it and self._is_constant(node, owner) and not owner.decorator_list:
            name = min(_bound(node))
            because = self._found(name, owner)
            if not because and is_read_whole(owner, self._tree):
                because = f"whoever reads `{owner.name}` as a whole would find `{name}`"
            if not because and self._sight.reads(name):
                because = f"the other version reads `{name}`, which its class does not have"
        if because:
            raise refuse(node.lineno, "class-body", because)

    def _noticed(self, node: Function, owner: ast.ClassDef) -> str | None:
        """Why the other version would notice a method; none where it cannot."""
        if is_special(node.name):
            return f"`{node.name}` of `{owner.name}` is called by Python itself"
        if node.decorator_list and (node.name in self._set or self._sight.sets_by_name):
            return f"`{node.name}` is also set as an attribute, which a property would forbid"
        if not all(map(self._is_pure_decorator, owner.decorator_list)):
            return f"a decorator of `{owner.name}` may use `{node.name}`"
        if self._is_abstract(node) and (heir := self._heir_without(node.name, owner)):
            return f"nobody could make a `{heir}`, which has no `{node.name}`"
        return self._found(node.name, owner)

    def _is_abstract(self, node: Function) -> bool:
        return any("abstract" in (last_name(d) or "") for d in node.decorator_list)

    def _heir_without(self, name: str, owner: ast.ClassDef) -> str | None:
        """A class that inherits from the owner and lacks a method, in whichever version."""
        heirs: dict[str, bool] = {}
        for tree in (self._classes, self._others):
            below = {owner.name}
            for heir in tree:
                if below.intersection(last_name(base) for base in heir.bases):
                    below.add(heir.name)
                    heirs[heir.name] = heirs.get(heir.name, False) or name in bound_in(heir)
        for bases in self._elsewhere:
            for heir_name, members in bases.heirs(owner.name):
                heirs[heir_name] = heirs.get(heir_name, False) or name in members
        return next((heir for heir in sorted(heirs) if not heirs[heir]), None)

    def _found(self, name: str, owner: ast.ClassDef) -> str | None:
        """How the other version may come upon a member; none where it cannot."""
        if {"__getattr__", "__getattribute__"} & bound_in(owner):
            return f"`{owner.name}` looks up unknown names such as `{name}` by itself"
        if self._sight.lists_members or self._sight.finds(name):
            return f"the other version looks for members such as `{name}` by name"
        own = _is_private(name) and owner.name not in map(last_name, owner.bases)
        if not own and not self._bases_lack(owner, name, set()):
            return f"`{name}` may override a method that `{owner.name}` inherits"
        if heir := self._heir_with_another(owner, name):
            return f"`{heir}` may inherit another `{name}` beside that of `{owner.name}`"
        if path := next(filter(None, (b.texts.asks_for(name) for b in self._elsewhere)), None):
            return f"{path} looks for members such as `{name}` by name"
        if path := next(filter(None, (b.texts.mixes(owner.name) for b in self._elsewhere)), None):
            return f"a class in {path} inherits from `{owner.name}` and from another class"
        return None

    def hands_up(self, node: ast.stmt, owner: ast.ClassDef) -> bool:
        """Whether a method may ask for the flag and else call the one that it overrides.

        That one must be the same kind of method with the same parameters, whatever class it
        comes from, in each state of the repository.
        """
        if not isinstance(node, FUNCTIONS) or owner.decorator_list or self._sight.lists_members:
            return False
        if (
            node.name in self._doubled
            or _is_private(node.name)
            or (is_special(node.name) and node.name not in _HANDED_UP)
        ):
            return False
        if self._heir_with_another(owner, node.name) or not self._runs_nothing(node):
            return False
        if not self._elsewhere or any(bases.texts.mixes(owner.name) for bases in self._elsewhere):
            return False
        if any(bases.texts.compares(node.name) for bases in self._elsewhere):
            return False
        if node.name in OF_EVERY_OBJECT and self._bases_lack(owner, node.name, set()):
            return isinstance(node, ast.FunctionDef) and _takes_itself_alone(node)
        found = [bases.inherited(owner.name, node.name) for bases in self._elsewhere]
        alike = all(method and self._is_alike(node, method) for method in found)
        return alike or self.is_unheard_of(node, owner)

    def is_unheard_of(self, node: Function, owner: ast.ClassDef) -> bool:
        """Whether nobody of the other version can mean a method but a base that has it.

        The method is private, or the policy knows what its bases look for.

        That base calls it with what the method takes, since it overrides it in its version.
        """
        name = node.name
        if self._origins.builtin(ast.Name("hasattr")) is not hasattr:
            return False
        if name.endswith("_") or any(fnmatchcase(name, p) for p in self._policy.looked_up):
            return False
        if not name.startswith("_") and not self._is_no_hook(node, owner):
            return False
        if self._sight.reads(name) or self._elsewhere[-1].mention(name, "", lambda _: False):
            return False
        decorators = [self._origins.builtin(decorator) for decorator in node.decorator_list]
        values = [*node.args.defaults, *node.args.kw_defaults]
        is_plain = decorators in ([], [classmethod], [property]) and not is_generator(node)
        return is_plain and not any(values)

    def _is_no_hook(self, node: Function, owner: ast.ClassDef) -> bool:
        """Whether bases that the policy knows look for no method of this name."""
        strangers = self._elsewhere[-1].strangers(owner.name)
        hooks = [self._policy.looked_up_by(origin) for origin in strangers or ()]
        if not hooks or any(last_name(d) == "property" for d in node.decorator_list):
            return False
        return all(names is not None for names in hooks) and not any(
            fnmatchcase(node.name, pattern) for names in hooks for pattern in names or ()
        )

    def _is_alike(self, node: Function, other: Method) -> bool:
        """Whether two methods are called in the same way and give the same kind of result."""
        decorators = [
            [origins.builtin(decorator) for decorator in tree.decorator_list]
            for tree, origins in ((node, self._origins), other)
        ]
        return (
            type(node) is type(other.tree)
            and not is_generator(node)
            and not is_generator(other.tree)
            and decorators[0] == decorators[1]
            and decorators[0] in ([], [classmethod], [property])
            and _parameters(node) == _parameters(other.tree) is not None
        )

    def _bases_lack(self, owner: ast.ClassDef, name: str, seen: set[str]) -> bool:
        """Whether in the other version no base has a member: there, nobody knows it at all."""
        plain = self._there.is_plainly_made(owner)
        return plain and all(self._lacks(base, name, seen) for base in owner.bases)

    def _lacks(self, base: ast.expr, name: str, seen: set[str]) -> bool:
        """Whether a base and all its own bases certainly have no member of this name."""
        base = base.value if isinstance(base, ast.Subscript) else base
        found = self._there.own_class(base)
        if found is not None:
            known = name in bound_in(found) or found.name in seen
            return not known and self._bases_lack(found, name, seen | {found.name})
        builtin = self._builtin_base(base)
        if builtin is not None:
            return not hasattr(builtin, name) or name in OF_EVERY_OBJECT
        if self._there.is_one_of(base, _WITHOUT_METHODS):
            return True
        if name in OF_EVERY_OBJECT and self._there.is_one_of(base, _EXCEPTIONS):
            return True
        origins = self._there.of(base)
        return (
            len(origins) == 1
            and bool(self._elsewhere)
            and self._elsewhere[-1].lack(min(origins), name)
        )

    def _heir_with_another(self, owner: ast.ClassDef, name: str) -> str | None:
        """A class of this file that inherits from the owner, and from what may have the name."""
        heirs = {owner.name}
        for heir in self._classes:
            names = [base.id for base in heir.bases if isinstance(base, ast.Name)]
            if not heirs.intersection(names):
                continue
            heirs.add(heir.name)
            others = [b for b in heir.bases if not (isinstance(b, ast.Name) and b.id in heirs)]
            if not all(self._lacks(base, name, set()) for base in others):
                return heir.name
        return None


def _takes_itself_alone(node: ast.FunctionDef) -> bool:
    count = sum(isinstance(part, ast.arg) for part in ast.walk(node.args))
    return count == 1 and not node.decorator_list and not is_generator(node)


def _bound(node: ast.stmt) -> set[str]:
    """Names that an assignment gives a value."""
    parts = ast.walk(node)
    return {n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _parameters(node: Function) -> tuple[object, ...] | None:
    """Names, kinds and defaults; none where a default is made at import."""
    arguments = node.args
    defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    if not all(isinstance(default, ast.Constant) for default in defaults):
        return None
    sides = (arguments.posonlyargs, arguments.args, arguments.kwonlyargs)
    stars = [a and a.arg for a in (arguments.vararg, arguments.kwarg)]
    has_default = [d is not None for d in arguments.kw_defaults]
    values = [repr(d.value) for d in defaults if isinstance(d, ast.Constant)]
    return ([[a.arg for a in side] for side in sides], stars, has_default, values)


def _is_private(name: str) -> bool:
    """Whether a class mangles a name, so that no other class overrides it."""
    return name.startswith("__") and not name.endswith("__")


def _short(node: ast.stmt) -> str:
    first = ast.unparse(node).split("\n", 1)[0]
    return first if len(first) <= 60 else first[:57] + "..."
