"""Tell whether a method may stand for the one that it overrides, or for none.

On the side that does not have it, it calls `super()`, so nobody may notice that it is there.
"""

import ast
import enum
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from functools import cached_property

from flagwright.core.wrapping.binding import bindings
from flagwright.core.wrapping.dormant.bases import OF_EVERY_OBJECT, Bases, Method
from flagwright.core.wrapping.dormant.family import looks_for
from flagwright.core.wrapping.dormant.heads import may_be_both
from flagwright.core.wrapping.dormant.making import Making, is_special
from flagwright.core.wrapping.dormant.ofpython import python_lacks
from flagwright.core.wrapping.dormant.origin import Origins, bound_in
from flagwright.core.wrapping.dormant.tuples import tuple_lacks
from flagwright.core.wrapping.dormant.unknown import answers_for
from flagwright.core.wrapping.dormant.upwards import fits, goes_up, takes_anything
from flagwright.core.wrapping.effect import FUNCTIONS, Function, last_name
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.standin import is_generator
from flagwright.core.wrapping.tree import nodes, walk

_HANDED_UP = frozenset(
    f"__{name}__"
    for name in ("init", "call", "str", "repr", "len", "iter", "contains", "enter", "exit")
)
"""What Python calls by itself, and finds in a base as it finds any other method."""
_CALLED_BY_CLASSES = ("__init__", "__call__")
"""What is called without being named."""
_EXCEPTIONS = ("*Error", "*Exception", "*.exceptions.*")
_ENUMS = {
    f"enum.{kind.__name__}": kind
    for kind in (enum.Enum, enum.IntEnum, enum.StrEnum, enum.Flag, enum.IntFlag)
}
_WITHOUT_METHODS = ("abc.ABC", "typing*.Protocol", "typing*.Generic")


class Members(Making):
    """Judges the methods of one version of one file by what other classes have and look for."""

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

    def is_compared(self, owner: ast.ClassDef) -> bool:
        """Whether `isinstance` goes by the members of a class, or of one made from it."""
        heirs = [c for c in self._classes + self._others if owner.name in map(last_name, c.bases)]
        kinds = (last_name(d) for c in (owner, *heirs) for d in c.decorator_list)
        return "runtime_checkable" in kinds

    def hands_up(self, node: ast.stmt, owner: ast.ClassDef) -> bool:
        """Whether a method may ask for the flag and else call the one that it overrides.

        That one must be the same kind of method with the same parameters, whatever class it
        comes from, in each state of the repository.
        """
        if not isinstance(node, FUNCTIONS) or owner.decorator_list or self._lists(owner):
            return False
        if self.is_compared(owner):
            return False
        if (
            self._sight.spells(node.name)
            or node.name in self._doubled
            or is_private(node.name)
            or (is_special(node.name) and node.name not in _HANDED_UP)
        ):
            return False
        if not self._elsewhere or not self._runs_nothing(node):
            return False
        gives = "property" in map(last_name, node.decorator_list)
        if any(bases.texts.compares(node.name, is_value=gives) for bases in self._elsewhere):
            return False
        is_alone = not self._heir_with_another(owner, node.name) and not any(
            bases.texts.mixes(owner.name) for bases in self._elsewhere
        )
        if is_alone and self._has_its_like_above(node, owner):
            return True
        if self._finds(node.name, owner):
            return False
        if self._goes_up(node, owner):
            return True
        if node.name.startswith("_") and self.is_unheard_of(node, owner):
            return True
        if is_alone and node.name in OF_EVERY_OBJECT and self._bases_lack(owner, node.name, set()):
            return isinstance(node, ast.FunctionDef) and _takes_itself_alone(node)
        return is_alone and self.is_unheard_of(node, owner)

    def _finds(self, name: str, owner: ast.ClassDef) -> bool:
        """Whether the other version may look for a member of a class by a string."""
        return self._sight.finds(name, lambda asked: self._may_be_both(asked, owner))

    def _lists(self, owner: ast.ClassDef) -> bool:
        """Whether the other version may list the members of a class."""
        return self._sight.lists_members(lambda asked: self._may_be_both(asked, owner))

    def _comes_upon(self, name: str, owner: ast.ClassDef) -> str:
        """Say where the other version may come upon a member, as far as one line shows it."""
        line = self._sight.place(name, lambda asked: self._may_be_both(asked, owner))
        return f" (line {line} of it)" if line else ""

    def _may_be_both(self, asked: str, owner: ast.ClassDef) -> bool:
        states = [b.modules for b in self._elsewhere]
        return not states or any(may_be_both(files, asked, owner.name) for files in states)

    def _has_its_like_above(self, node: Function, owner: ast.ClassDef) -> bool:
        """Whether the repository shows the method that one overrides, and it takes the same.

        Then `getattr` may as well find the other one.
        """
        found = [bases.inherited(owner.name, node.name) for bases in self._elsewhere]
        return all(method and self._is_alike(node, method) for method in found)

    def _goes_up(self, node: Function, owner: ast.ClassDef) -> bool:
        """Whether a base has what a method overrides, and gets just what that method is given."""
        decorators = _decorators((node, self._origins))
        if decorators not in ([], [classmethod]) or not goes_up(node):
            return False
        if any(b.name == "super" for n in nodes(self._tree) for b in bindings(n)):
            return False
        if is_special(node.name) and len(owner.bases) > 1:  # an enumeration chooses among its bases
            return False
        states = self._elsewhere
        found = [method for b in states if (method := b.inherited(owner.name, node.name))]
        if not all(type(node) is type(m.tree) and _decorators(m) == decorators for m in found):
            return False
        if any(b.watches(owner.name) or b.texts.binds("super") for b in states):
            return False
        if takes_anything(node):
            return node.name != "__init__" or not self._reads_heads()
        if node.name in _CALLED_BY_CLASSES or any(b.texts.asks_for(node.name) for b in states):
            return False
        return fits(node, owner.name, {t for b in states for t in b.looking.values()})

    def _reads_heads(self) -> bool:
        """Whether the file imports what reads of a class how it is made: `Depends(Basket)`."""
        imported = [b for node in nodes(self._tree) for b in bindings(node)]
        words = {b.module.partition(".")[0] for b in imported} | {b.attribute for b in imported}
        return not words.isdisjoint(self._policy.annotation_readers)

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
        if self._sight.reads(name) or self._elsewhere[-1].mention(name, ""):
            return False
        there = self._elsewhere[-1]
        if name.startswith("_") and (
            looks_for(owner.name, name, there) or there.texts.asks_for(name)
        ):
            return False
        decorators = _decorators((node, self._origins))
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
        decorators = [_decorators(method) for method in ((node, self._origins), other)]
        return (
            type(node) is type(other.tree)
            and not is_generator(node)
            and not is_generator(other.tree)
            and decorators[0] == decorators[1]
            and decorators[0] in ([], [classmethod], [property])
            and _parameters(node) == _parameters(other.tree) is not None
        )

    def _is_missed(self, name: str, owner: ast.ClassDef) -> bool:
        """Whether the other version reads a member that nothing in the file gives its object."""
        others = [c for c in self._others if c.name == owner.name and name not in bound_in(c)]
        read = (n for c in others for n in walk(c) if isinstance(n, ast.Attribute))
        return name not in self._set and any(
            n.attr == name and isinstance(n.value, ast.Name) and n.value.id in ("self", "cls")
            for n in read
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
            bound = bound_in(found)
            known = name in bound or found.name in seen or answers_for(found, name, bound)
            return not known and self._bases_lack(found, name, seen | {found.name})
        builtin = self._builtin_base(base)
        if builtin is not None:
            return not hasattr(builtin, name) or name in OF_EVERY_OBJECT
        if self._there.is_one_of(base, _WITHOUT_METHODS) or tuple_lacks(base, name, self._there):
            return True
        if name in OF_EVERY_OBJECT and self._there.is_one_of(base, _EXCEPTIONS):
            return True
        origins = self._there.of(base)
        if len(origins) != 1:
            return False
        if python_lacks(origin := min(origins), name):
            hooks = self._policy.looked_up_by(origin) or ()
            return not any(fnmatchcase(name, pattern) for pattern in hooks)
        return bool(self._elsewhere) and self._elsewhere[-1].lack(origin, name)

    def _is_enum_without(self, name: str, owner: ast.ClassDef) -> bool:
        """Whether a class is made from Python's own enum, which has no member of this name."""
        for origins in (self._origins, self._there):
            made = [_ENUMS.get(min(origins.of(b), default="")) for b in owner.bases]
            kinds = [e or origins.builtin(b) for e, b in zip(made, owner.bases, strict=True)]
            known = [kind for kind in kinds if isinstance(kind, type)]
            if not any(made) or len(known) < len(kinds) or not origins.is_plainly_made(owner):
                return False
            if any(name in vars(part) for kind in known for part in kind.__mro__):
                return False
        return True

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


def _decorators(method: tuple[Function, Origins]) -> list[object]:
    """What Python brings of the decorators of a method; none for any other."""
    tree, origins = method
    return [origins.builtin(decorator) for decorator in tree.decorator_list]


def _takes_itself_alone(node: ast.FunctionDef) -> bool:
    count = sum(isinstance(part, ast.arg) for part in ast.walk(node.args))
    return count == 1 and not node.decorator_list and not is_generator(node)


def _parameters(node: Function) -> tuple[object, ...] | None:
    """Names that callers may use, kinds and defaults; none where a default is made at import."""
    arguments = node.args
    defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    if not all(isinstance(default, ast.Constant) for default in defaults):
        return None
    sides = (arguments.args, arguments.kwonlyargs)
    stars = [a is not None for a in (arguments.vararg, arguments.kwarg)]
    has_default = [d is not None for d in arguments.kw_defaults]
    values = [repr(d.value) for d in defaults if isinstance(d, ast.Constant)]
    names = [[a.arg for a in side] for side in sides]
    return (len(arguments.posonlyargs), names, stars, has_default, values)


def is_private(name: str) -> bool:
    """Whether a class mangles a name, so that no other class overrides it."""
    return name.startswith("__") and not name.endswith("__")
