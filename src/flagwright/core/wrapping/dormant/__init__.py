"""Tell what runs nothing when its file is imported, so that it may stand there unused.

New definitions of this kind need no guard: only guarded code reaches them. Deleted ones
of this kind may be kept for the old code.
"""

import ast
from collections.abc import Sequence
from functools import partial

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.heads import below
from flagwright.core.wrapping.dormant.making import is_special
from flagwright.core.wrapping.dormant.members import is_private
from flagwright.core.wrapping.dormant.met import answering_heir, lister_of, setter_of
from flagwright.core.wrapping.dormant.named import (
    fails_without,
    is_loaded_by_name,
    is_read_whole,
    is_submodule,
    stem_of,
    user_of,
)
from flagwright.core.wrapping.dormant.origin import bound_in
from flagwright.core.wrapping.dormant.switching import Switching
from flagwright.core.wrapping.dormant.typed import is_given_twice
from flagwright.core.wrapping.dormant.unknown import answers_for
from flagwright.core.wrapping.effect import FUNCTIONS, Function, has_no_effect, last_name
from flagwright.core.wrapping.never_run import is_never_run
from flagwright.core.wrapping.ordered import is_order_seen
from flagwright.core.wrapping.proof.running import ACCESSORS
from flagwright.core.wrapping.refusal import OF_A_METHOD, refuse
from flagwright.core.wrapping.types_read import is_module_read

_ASKED_BY_PYTHON = ("keys", "fileno")
"""What `dict(x)` and `select` look for, without two underscores."""


class Dormancy(Switching):
    """Judges the statements of one version of one file."""

    def check(self, node: ast.stmt, owner: ast.ClassDef | None) -> None:
        """Refuse a definition or constant that does something at import.

        Args:
            owner: The class whose body the statement stands in.

        Raises:
            CannotWrap: `import-time`, `class-body` or `decorator`.
        """
        if not self._is_overloaded(node, owner) and not self._only_says_a_type(node, owner):
            self._check(node, owner)

    def _check(self, node: ast.stmt, owner: ast.ClassDef | None) -> None:
        if owner is None and any(map(self._sight.finds_in_module, _names(node))):
            because = (
                f"the other version looks up names of its own module, and finds `{_short(node)}`"
            )
            raise refuse(node.lineno, "import-time", because)
        if owner is None:
            self._check_unnamed(node)
            self._check_type(node)
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
                if owner:
                    self._check_inner(node, owner)
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

    def check_import(self, name: str, line: int) -> None:
        """Refuse an import that would be found where the other version answers for the name.

        Raises:
            CannotWrap: `import-time`.
        """
        if self._sight.answers_for(name):
            because = f"the other version answers for `{name}` in its `__getattr__`"
            raise refuse(line, "import-time", because)

    def sees_order(self) -> bool:
        """Whether anybody may see in which order the file lists what it exports."""
        trees = filter(None, (self._tree, self._other))
        return is_order_seen(trees, self._elsewhere)

    def _check_block(self, body: Sequence[ast.stmt]) -> None:
        """A block of a new `if` or `try` may import, and define what is dormant by itself."""
        for node in body:
            if not isinstance(node, ast.Import | ast.ImportFrom) and not has_no_effect(node):
                self.check(node, None)

    def _is_for_imports(self, handler: ast.ExceptHandler) -> bool:
        """Whether a handler is for an import that fails."""
        caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        failures = (ImportError, ModuleNotFoundError)
        return all(node and self._origins.builtin(node) in failures for node in caught)

    def _check_unnamed(self, node: ast.stmt) -> None:
        """Refuse what other files of the other version would come upon by its name."""
        is_definition = isinstance(node, (*FUNCTIONS, ast.ClassDef))
        for bases in self._elsewhere[-1:]:
            for name in sorted(_names(node) - {""}):
                if name in self._doubled:
                    continue
                if is_submodule(name, bases.path, bases.modules):
                    because = f"`{name}` is also a module of this package"
                    raise refuse(node.lineno, "name-clash", because)
                if user := self._user_of(name, bases):
                    because = f"{user} looks for `{name}` in the other version, too"
                    raise refuse(node.lineno, "import-time", because)
            if lister := bases.texts.lists_module(stem_of(bases.path)):
                because = f"{lister} looks up names of this file, and finds `{_short(node)}`"
                raise refuse(node.lineno, "import-time", because)
            apart = partial(is_never_run, modules=bases.modules, policy=self._policy)
            if not is_definition and is_loaded_by_name(bases.path, bases.modules, apart):
                because = f"a framework may read `{_short(node)}` from this file by its name"
                raise refuse(node.lineno, "import-time", because)

    def _user_of(self, name: str, bases: Bases) -> str | None:
        """Another file of the other version that runs there, and may come upon a name."""

        def is_left_out(other: str) -> bool:
            policy = self._policy
            return is_never_run(other, bases.modules, policy) or fails_without(
                other, name, bases.path, bases.modules, policy.is_test
            )

        return user_of(name, bases.path, bases.modules, is_left_out)

    def _check_method(self, node: Function, owner: ast.ClassDef) -> None:
        """A method is dormant only where nobody else can have one of this name, or look for it."""
        if because := self._noticed(node, owner):
            raise refuse(node.lineno, "class-body", because, way_out=OF_A_METHOD)

    def _check_inner(self, node: ast.ClassDef, owner: ast.ClassDef) -> None:
        """A class in a class is a value of it: a member of an enum, the `Meta` of a model."""
        because = self._found(node.name, owner)
        if not because and is_read_whole(node, ast.Module([node], [])):
            because = f"whoever reads `{owner.name}` may look for its `{node.name}`"
        if because:
            raise refuse(node.lineno, "class-body", because)

    def _check_value(self, node: ast.stmt, owner: ast.ClassDef) -> None:
        """A value is dormant where nothing makes a field, a member or a descriptor of it."""
        has_it = [c for c in self._others if c.name == owner.name and _bound(node) & bound_in(c)]
        because: str | None = f"`{_short(node)}` in the body of `{owner.name}` changes"
        typed = isinstance(node, ast.AnnAssign) and not self.is_untyped(owner)
        if not (has_it or typed or owner.decorator_list) and self._is_constant(node, owner):
            name = min(_bound(node))
            because = self._found(name, owner)
            if not because and is_read_whole(owner, self._tree):
                because = f"whoever reads `{owner.name}` as a whole would find `{name}`"
            if not because and self._sight.reads(name):
                because = f"the other version reads `{name}`, which its class does not have"
        if because:
            raise refuse(node.lineno, "class-body", because)

    def _only_says_a_type(self, node: ast.stmt, owner: ast.ClassDef | None) -> bool:
        """Whether a statement differs from none, or from its other version, in a type alone.

        Nobody reads that. The value of an attribute may be given twice, if it is the same.
        """
        top = [self._other.body] if self._other and owner is None else []
        others = top or [c.body for c in self._others if owner and c.name == owner.name]
        if len(others) != 1 or self._sight.reads_annotations:
            return False
        if isinstance(node, ast.AnnAssign) and node.value is None:
            is_said = (owner or _is_bare_in(others[0], node)) and self._is_bare(node)
        else:
            is_said = is_given_twice(node, others[0]) and self._is_constant(node, owner)
        if not is_said:
            return False
        if owner is None:
            return not self._types_are_read()
        return self.is_untyped(owner) and self._hides_types(owner, others[0])

    def _check_type(self, node: ast.stmt) -> None:
        if isinstance(node, ast.AnnAssign) and self._types_are_read():
            because = f"another file reads the types of this one, and finds `{_short(node)}`"
            raise refuse(node.lineno, "import-time", because)

    def _types_are_read(self) -> bool:
        """Whether another file may read the types that the file gives its own names."""
        readers = self._policy.annotation_readers
        return any(is_module_read(bases, readers) for bases in self._elsewhere)

    def _hides_types(self, owner: ast.ClassDef, other: Sequence[ast.stmt]) -> bool:
        """Whether nobody who lists a class would find `__annotations__` for the first time."""
        if any(isinstance(n, ast.AnnAssign) for n in other):
            return True
        family = {owner.name}.union(*(below(b.modules, owner.name) for b in self._elsewhere))
        listed = any(b.texts.lists(family, whole=True) for b in self._elsewhere)
        return not listed and not self._lists(owner) and not self._sight.lists_module

    def _is_overloaded(self, node: ast.stmt, owner: ast.ClassDef | None) -> bool:
        """Whether a function only says how another one may be called, which takes its name.

        That one stands below it, and in the other version, too.
        """
        if not isinstance(node, FUNCTIONS) or not self._is_stub(node) or not self._other:
            return False
        others = [c for c in self._others if owner and c.name == owner.name]
        there = others[0].body if len(others) == 1 else self._other.body if not owner else []
        own = [c for c in self._classes if owner and c.name == owner.name and node in c.body]
        here = own[0].body if own else [] if owner else self._tree.body
        below = here[here.index(node) + 1 :] if node in here else []
        has_both = all(
            any(getattr(n, "name", "") == node.name and not self._is_stub(n) for n in body)
            for body in (below, there)
        )
        if has_both and any(b.texts.reads_overloads() for b in self._elsewhere):
            because = f"`get_overloads` would find the `{node.name}` of the other version"
            raise refuse(node.lineno, "import-time", because)
        return has_both and self._runs_nothing(node)

    def _is_stub(self, node: ast.stmt) -> bool:
        decorators = getattr(node, "decorator_list", [])
        return any(self._origins.is_one_of(d, ("typing*.overload",)) for d in decorators)

    def _noticed(self, node: Function, owner: ast.ClassDef) -> str | None:
        """Why the other version would notice a method; none where it cannot."""
        if is_special(node.name) or node.name in _ASKED_BY_PYTHON:
            return f"`{node.name}` of `{owner.name}` is called by Python itself"
        is_named = self._sight.sets_by_name and not node.name.startswith("_")
        is_set = node.name in self._set or is_named
        there, is_data = self._elsewhere[-1:], any(map(self._is_data, node.decorator_list))
        is_set = is_set or any(is_data and setter_of(node.name, owner.name, b) for b in there)
        if is_set and is_data:
            return f"`{node.name}` is also set as an attribute, which a property would forbid"
        if not all(map(self._is_pure_decorator, owner.decorator_list)):
            return f"a decorator of `{owner.name}` may use `{node.name}`"
        if self._is_abstract(node) and (heir := self._heir_without(node.name, owner)):
            return f"nobody could make a `{heir}`, which has no `{node.name}`"
        if self._is_missed(node.name, owner):
            return f"the other version reads `{node.name}`, which its class does not have"
        return self._found(node.name, owner, is_method=True)

    def _is_data(self, decorator: ast.expr) -> bool:
        """Whether a decorator makes what decides on its own being set: a property."""
        is_accessor = isinstance(decorator, ast.Attribute) and decorator.attr in ACCESSORS
        known = self._origins.is_one_of(decorator, ("property", "werkzeug.utils.cached_property"))
        made = self._class(decorator)
        setting = {"property", "__set__", "__delete__"}
        parts = {*bound_in(made[0]), *map(last_name, made[0].bases)} if made else set()
        return is_accessor or known or not setting.isdisjoint(parts)

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

    def _found(self, name: str, owner: ast.ClassDef, *, is_method: bool = False) -> str | None:
        """How the other version may come upon a member; none where it cannot."""
        if self.is_compared(owner):
            return f"`isinstance` asks for every member of a protocol such as `{owner.name}`"
        both = (owner, *(c for c in self._others if c.name == owner.name))
        if any(answers_for(version, name, bound_in(version)) for version in both):
            return f"`{owner.name}` looks up unknown names such as `{name}` by itself"
        if heir := next(
            filter(None, (answering_heir(name, owner.name, b) for b in self._elsewhere)), None
        ):
            return f"`{heir}` looks up unknown names such as `{name}` by itself"
        is_sole = name not in self._doubled
        tries = is_sole and any(bases.texts.tries(name) for bases in self._elsewhere[-1:])
        if tries or self._lists(owner) or self._finds(name, owner):
            said = f"the other version looks for members such as `{name}` by name"
            return said + self._comes_upon(name, owner)
        own = is_private(name) and owner.name not in map(last_name, owner.bases)
        known = own or (is_method and self._is_enum_without(name, owner))
        if not known and not self._bases_lack(owner, name, set()):
            return f"`{name}` may override a method that `{owner.name}` inherits"
        if heir := self._heir_with_another(owner, name):
            return f"`{heir}` may inherit another `{name}` beside that of `{owner.name}`"
        if path := next(filter(None, (b.texts.asks_for(name) for b in self._elsewhere)), None):
            return f"{path} looks for members such as `{name}` by name"
        family = {owner.name}.union(*(below(b.modules, owner.name) for b in self._elsewhere))
        if path := next(filter(None, (b.texts.lists(family) for b in self._elsewhere)), None):
            return f"{path} looks up members of `{owner.name}`, and finds `{name}`"
        if path := next(filter(None, (lister_of(owner.name, b) for b in self._elsewhere)), None):
            return f"{path} hands `{owner.name}` to what lists its members, and finds `{name}`"
        if path := next(filter(None, (b.mixed(owner.name, name) for b in self._elsewhere)), None):
            return f"a class in {path} inherits from `{owner.name}` and from another class"
        return None


def _bound(node: ast.stmt) -> set[str]:
    """Names that an assignment gives a value."""
    parts = ast.walk(node)
    return {n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _names(node: ast.stmt) -> set[str]:
    """Names that a statement of a file binds."""
    is_definition = isinstance(node, (*FUNCTIONS, ast.ClassDef))
    return {node.name} if is_definition else _bound(node) or {""}  # type: ignore[attr-defined] # it has


def _is_bare_in(body: Sequence[ast.stmt], node: ast.AnnAssign) -> bool:
    """Whether a block, too, says of a name of which type it is, and no more."""
    found = (n for n in body if isinstance(n, ast.AnnAssign) and n.value is None)
    return any(ast.dump(n.target) == ast.dump(node.target) for n in found)


def _short(node: ast.stmt) -> str:
    first = ast.unparse(node).split("\n", 1)[0]
    return first if len(first) <= 60 else first[:57] + "..."
