"""Tell whether two pieces of code do the same: compare them without what never runs.

Comments, formatting, docstrings, stray constants, `pass`, annotations that nobody reads,
`object` as the only base, an idle `@override`, another word for one cache and imports for type
checkers have no effect.
"""

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from flagwright.core.wrapping.inert import is_of_object, renames_object
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.tree import nodes, of_kind

_SPECIAL = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.AnnAssign, ast.arg)
_MARKUP = frozenset({"type_comment"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Effects:
    """What code does, as a value that can be compared and hashed."""

    def __init__(
        self,
        policy: WrappingPolicy,
        *trees: ast.Module,
        read: Collection[str] = (),
        overrides: Collection[str] = (),
        idle_types: Collection[str] = (),
        caches: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """Annotations count where a version of the file uses a reader of annotations.

        Args:
            read: Names of functions whose annotations are read elsewhere.
            overrides: Decorators that do nothing, as they are spelled.
            idle_types: Assignments outside of functions whose type nobody reads, dumped.
            caches: Decorators that make a cache, by what makes the same one.
            aliases: Such as name a type that annotations alone have, dumped, and the names.
        """
        self._policy, self._read, self._overrides = policy, read, overrides
        self._idle_types, self._caches, self._aliases = idle_types, caches or {}, aliases or {}
        used = {name for tree in trees for name in names_met(tree)}
        self._annotations_are_read = not used.isdisjoint(policy.annotation_readers)
        self._known: dict[int, tuple[ast.AST, Any]] = {}
        self._trees = trees

    @cached_property
    def _object_is_pythons(self) -> bool:
        return not any(map(renames_object, self._trees))

    def annotations_are_idle(self, is_untyped: Callable[[ast.ClassDef], bool]) -> bool:
        """Whether it does not matter when the annotations are evaluated that are so at once.

        Args:
            is_untyped: Whether nobody reads the annotations of a class.
        """
        if self._annotations_are_read:
            return False
        return all(
            self.is_plain(node)
            if isinstance(node, FUNCTIONS)
            else not _calls(node.annotation)
            if isinstance(node, ast.AnnAssign)
            else not isinstance(node, ast.ClassDef)
            or not any(map(_is_annotated, node.body))
            or is_untyped(node)
            for tree in self._trees
            if not defers(tree)
            for node in nodes(tree)
        )

    def share(self, pairs: Iterable[tuple[ast.AST, ast.AST]]) -> None:
        """Take nodes for equal, two by two, without a look into them: each has one text twice."""
        for pair in pairs:
            for node in pair:
                self._known[id(node)] = (node, pair)
            if isinstance(pair[0], ast.ClassDef) and isinstance(pair[1], ast.ClassDef):
                self.share(zip(pair[0].body, pair[1].body, strict=True))

    def share_only(self, pairs: Iterable[tuple[ast.AST, ast.AST]]) -> None:
        """Take these nodes for equal, and no others: one side has new names."""
        self._known.clear()
        self.share(pairs)

    def of(self, node: ast.AST) -> Any:
        """The effect of one node of a file."""
        if isinstance(node, ast.Module):
            return tuple(
                self.of(statement) for statement in node.body if not has_no_effect(statement)
            )
        held = self._known.get(id(node))
        if held is None:
            held = self._known[id(node)] = (node, self._effect(node, in_function=False))
        return held[1]

    def same(self, one: ast.Module, other: ast.Module) -> bool:
        """Whether two whole versions do the same, whatever is known of their nodes."""
        known, self._known = self._known, {}
        effects = [self.of(tree) for tree in (one, other)]
        self._known = known
        return bool(effects[0] == effects[1])

    def of_local(self, node: ast.AST) -> Any:
        """The effect of a statement inside a function, where annotations of names are not read."""
        return self._effect(node, in_function=True)

    def header(self, node: Function) -> Any:
        """What a `def` itself does, without its body."""
        skip = {"body", "type_comment", "decorator_list"}
        skip |= {"returns"} if self.is_plain(node) else set()
        fields = self._fields(node, skip, in_function=True, bare=self.is_plain(node))
        return (self.decorators(node), fields)

    def decorators(self, node: Function) -> Any:
        """What the decorators of a function do; `@override` alone does nothing."""
        does_nothing = self._overrides and self.has_plain_decorators(node)
        idle = self._overrides if does_nothing else ()
        kept = [d for d in node.decorator_list if ast.unparse(d) not in idle]
        return tuple(self._caches.get(ast.unparse(d)) or self.of_local(d) for d in kept)

    def class_header(self, node: ast.ClassDef) -> Any:
        """What a `class` itself does, without its body."""
        parts = (*self._bases(node), *node.keywords, *node.decorator_list)
        return [self.of(part) for part in parts]

    def _bases(self, node: ast.ClassDef) -> list[ast.expr]:
        return [] if is_of_object(node) and self._object_is_pythons else node.bases

    def is_plain(self, node: Function) -> bool:
        """Whether the annotations of a function call nothing, and nothing is known to read them."""
        return self.are_types_idle(node) and self.has_plain_decorators(node)

    def are_types_idle(self, node: Function) -> bool:
        """Whether annotations of a function call nothing, and nothing in the file reads any."""
        is_read = self._annotations_are_read or node.name in self._read
        return not is_read and not any(map(_calls, annotations_of(node)))

    def has_plain_decorators(self, node: Function) -> bool:
        """Whether no decorator is known to look at how this function is declared."""
        return all(self.is_plain_decorator(decorator, node) for decorator in node.decorator_list)

    def is_plain_decorator(self, decorator: ast.expr, node: Function) -> bool:
        """Whether a decorator is not known to look at how a function is declared."""
        plain = self._policy.plain_decorators
        return last_name(decorator) in plain or is_accessor(decorator, node)

    def _effect(self, node: Any, *, in_function: bool, bare: bool = False) -> Any:
        if self._aliases and not in_function and (name := self._names_a_type(node)):
            return ("type", name)
        if isinstance(node, ast.AST) and not isinstance(node, _SPECIAL):
            return self._fields(node, _MARKUP, in_function=in_function, bare=bare)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if (
                id(node) in self._known
            ):
                return self._known[id(node)][1]
            case list():
                kept = [n for n in node if not has_no_effect(n)]
                return tuple(self._effect(n, in_function=in_function, bare=bare) for n in kept)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                body = self._effect(node.body, in_function=True)
                return (self.header(node), body)
            case ast.ClassDef():
                bases = self._effect(self._bases(node), in_function=False)
                return (bases, self._fields(node, {"bases"}, in_function=False, bare=False))
            case ast.AnnAssign(target=target, value=ast.expr() as value) if (
                in_function or self.has_idle_type(node)
            ):
                plain = ast.Assign(targets=[target], value=value)
                return self._fields(plain, {"type_comment"}, in_function=in_function, bare=False)
            case ast.AnnAssign(simple=1) if in_function:
                return ("local", node.target.id)  # type: ignore[union-attr] # simple: a name
            case ast.arg() if bare:
                return ("arg", node.arg)
            case ast.AST():
                return self._fields(node, _MARKUP, in_function=in_function, bare=bare)
            case _:
                return (type(node).__name__, node)

    def _names_a_type(self, node: Any) -> str | None:
        is_given = isinstance(node, ast.Assign | ast.AnnAssign)
        return self._aliases.get(ast.dump(node)) if is_given else None

    def has_idle_type(self, node: ast.AST) -> bool:
        """Whether nobody reads the type that a statement outside of functions gives."""
        return bool(self._idle_types) and ast.dump(node) in self._idle_types

    def _fields(
        self, node: ast.AST, skip: Collection[str], *, in_function: bool, bare: bool
    ) -> Any:
        found: list[object] = [type(node).__name__]
        held = node.__dict__
        for name in node._fields:
            if name not in skip and name in held:
                value = held[name]
                if isinstance(value, ast.AST | list):
                    value = self._effect(value, in_function=in_function, bare=bare)
                else:
                    value = (type(value).__name__, value)
                found.append((name, value))
        return tuple(found)


def annotations_of(node: Function) -> Iterator[ast.expr]:
    """What a function says of the types of its parameters, and of what it gives back."""
    arguments = node.args
    stars = filter(None, (arguments.vararg, arguments.kwarg))
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars)
    yield from filter(None, (node.returns, *(argument.annotation for argument in every)))


def _calls(annotation: ast.expr) -> bool:
    """Whether evaluating an annotation calls something: whatever that does, it does at import."""
    return any(isinstance(part, ast.Call) for part in ast.walk(annotation))


def defers(tree: ast.Module) -> bool:
    """Whether a version leaves its annotations unevaluated."""
    futures = (n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__")
    return any(alias.name == "annotations" for node in futures for alias in node.names)


def _is_annotated(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign)


def is_accessor(decorator: ast.expr, function: Function) -> bool:
    """Whether a decorator is that of a property's setter: `@name.setter` above `def name`."""
    match decorator:
        case ast.Attribute(value=ast.Name(id=name), attr="setter" | "getter" | "deleter"):
            return name == function.name
        case _:
            return False


def has_no_effect(node: Any) -> bool:
    """Whether a statement does nothing: `pass`, a stray constant, an import for type checkers."""
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.If(orelse=[]):
            return last_name(node.test) == "TYPE_CHECKING"
        case _:
            return False


def last_name(node: ast.AST) -> str | None:
    """`c` of `a.b.c` and of `a.b.c(...)`; none for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return last_name(func)
        case ast.Subscript(value=value):
            return last_name(value)
        case _:
            return None


def names_met(tree: ast.Module) -> Iterable[str]:
    """Packages and names that a file imports, and attributes that it reads.

    Of a local, an attribute in one word is a field of it: `tag.attrs`, `event.fire`. And one that
    is called in what a file imports is a method, as no package is: `events.quitting.fire()`.
    """
    aliases = [*_aliases(tree)]
    imported = {alias.asname or alias.name.partition(".")[0] for alias in aliases}
    yield from (alias.name.partition(".")[0] for alias in aliases)
    called = {id(node.func) for node in of_kind(tree, ast.Call)}
    yield from ((node.module or "").partition(".")[0] for node in of_kind(tree, ast.ImportFrom))
    for node in of_kind(tree, ast.Attribute):
        if (
            "_" in node.attr
            or (_root(node) in imported and not (id(node) in called and _is_deep(node)))
            or "*" in imported
        ):
            yield node.attr


def _is_deep(node: ast.Attribute) -> bool:
    """Whether it is an attribute of an attribute."""
    return isinstance(node.value, ast.Attribute)


def _aliases(tree: ast.Module) -> Iterator[ast.alias]:
    yield from (alias for node in of_kind(tree, ast.Import) for alias in node.names)
    yield from (alias for node in of_kind(tree, ast.ImportFrom) for alias in node.names)


def _root(node: ast.expr) -> str:
    """`a` of `a.b.c`; empty where it begins with something else than a name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
