"""Tell whether anybody may notice how a function is declared, other than by a call.

A framework that reads the defaults of a function would find the one that stands for "left
out", and a caller that hands on `...` would be taken for one that leaves a parameter out.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.heads import below
from flagwright.core.wrapping.effect import FUNCTIONS, Effects, Function, last_name
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.source import parse
from flagwright.core.wrapping.tree import nodes
from flagwright.errors import CannotWrap

_READERS = [
    "getfullargspec",
    "getargspec",
    "getcallargs",
    "__defaults__",
    "__kwdefaults__",
    "Signature",
]
_READERS += ["co_varnames", "co_argcount", "from_callable"]
_READS = re.compile(
    rb"\binspect\b[^\n]*\bsignature\b|\bimport\s+inspect\s+as\b|\bfuncsigs\b|\b(?:"
    + "|".join(_READERS).encode()
    + rb")\b"
)
"""What shows how a function is declared."""
_CALLED_AS_GIVEN = ("__init__", "__new__", "__call__")
"""Special methods that get what a caller gave, and nothing from Python itself."""
_GENERIC = ("tuple", "Tuple", "Callable", "Concatenate", "Annotated")


@dataclass(frozen=True)
class Declared:
    """The functions of one file, in both versions, and who may look at them."""

    trees: tuple[ast.Module, ast.Module]
    effects: Effects
    policy: WrappingPolicy
    states: Sequence[Bases]
    """The repository, in each of its states; the file alone where none is known."""

    def reader_of(self, function: Function) -> str | None:
        """Who may look at how a function of the new version is declared; none where nobody can.

        Args:
            function: Stands at the top of the file, or in a class there.
        """
        name, owner = function.name, self._owner(function)
        if not self.effects.is_plain(function):
            return "what decorates it, or reads annotations in this file, may look at it"
        if any(map(_reads, self.trees)):
            return "this file looks at how functions are declared"
        if name.startswith("__") and name.endswith("__") and name not in _CALLED_AS_GIVEN:
            return "Python itself calls it"
        if any(fnmatchcase(name, pattern) for pattern in self.policy.looked_up):
            return "others look for it by its name"
        word = owner.name if owner and name in _CALLED_AS_GIVEN else name
        if word == name and any(_is_handed_on(name, tree) for tree in self.trees):
            return "it is handed on as a value, and whoever gets it may look at it"
        if any(map(_hands_on_ellipsis, self.trees)):
            return "this file hands on `...`, which stands for a parameter that is left out"
        if owner and (because := self._made_otherwise(name, owner)):
            return because
        return next(
            filter(None, (self._reader_in(bases, word, owner) for bases in self.states)), None
        )

    def _owner(self, function: Function) -> ast.ClassDef | None:
        classes = (n for n in nodes(self.trees[-1]) if isinstance(n, ast.ClassDef))
        place = function.lineno, function.name
        for owner in classes:
            for member in owner.body:
                if isinstance(member, FUNCTIONS) and (member.lineno, member.name) == place:
                    return owner
        return None

    def _made_otherwise(self, name: str, owner: ast.ClassDef) -> str | None:
        """Who makes a class, or is a base of it, of which it is not known what it looks at."""
        if owner.decorator_list or owner.keywords:
            return f"what makes `{owner.name}` may look at it"
        if not owner.bases:
            return None
        for bases in self.states:
            strangers = bases.strangers(owner.name)
            for origin in strangers or ():
                names = self.policy.looked_up_by(origin)
                if names is None or any(fnmatchcase(name, pattern) for pattern in names):
                    return f"`{origin}`, which `{owner.name}` inherits from, may look at it"
            if strangers is None:
                return f"a base of `{owner.name}` may look at it"
        return None

    def _reader_in(self, bases: Bases, name: str, owner: ast.ClassDef | None) -> str | None:
        """Another file that looks at how something is declared, and may mean this."""
        stem = bases.path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
        near = _words(below(bases.modules, owner.name) | _bases_of(owner) if owner else {stem})
        own, readers = _words([name]), _words(self.policy.annotation_readers)
        for path, text in bases.modules.items():
            if path == bases.path or self.policy.is_test(path):
                continue
            is_near, has_it = near.search(text) is not None, own.search(text) is not None
            if (is_near or has_it) and _READS.search(text):
                return f"{path} looks at how functions are declared"
            if has_it and (is_near or readers.search(text)):
                tree = _tree(text)
                if _hands_on_ellipsis(tree):
                    return f"{path} hands on `...`, which stands for a parameter that is left out"
                if (readers.search(text) or owner is None) and _is_handed_on(name, tree):
                    return f"{path} hands it on as a value, and whoever gets it may look at it"
        return None


def _tree(text: bytes) -> ast.Module:
    """What a file does; one that does not parse does nothing."""
    try:
        return parse(text.decode("utf-8-sig", "replace"))
    except CannotWrap:
        return ast.Module([], [])


def _words(words: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\b(?:" + "|".join(map(re.escape, sorted(words))).encode() + rb")\b")


def _bases_of(owner: ast.ClassDef) -> set[str]:
    return {name for base in owner.bases if (name := last_name(base))}


def _reads(tree: ast.Module) -> bool:
    """Whether a version looks at how functions are declared."""
    words = {getattr(n, field, None) for n in nodes(tree) for field in ("id", "attr", "name")}
    words |= {node.module for node in nodes(tree) if isinstance(node, ast.ImportFrom)}
    is_inspected = "signature" in words and not words.isdisjoint({"inspect", "funcsigs"})
    return is_inspected or not words.isdisjoint(_READERS)


def _is_handed_on(name: str, tree: ast.Module) -> bool:
    """Whether a version uses a name other than by calling it."""
    called = {id(node.func) for node in nodes(tree) if isinstance(node, ast.Call)}
    return any(
        name in (getattr(node, "id", ""), getattr(node, "attr", "")) and id(node) not in called
        for node in nodes(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    )


def _hands_on_ellipsis(tree: ast.Module) -> bool:
    """Whether a version has `...` as a value that may get into a call."""
    idle = {id(part) for node in nodes(tree) for part in _idle(node)}
    return any(
        (isinstance(node, ast.Constant) and node.value is ... and id(node) not in idle)
        or (isinstance(node, ast.Name) and node.id == "Ellipsis")
        for node in nodes(tree)
    )


def _idle(node: ast.AST) -> Iterator[ast.AST]:
    """Where `...` is no value: a statement of its own, in an annotation, in a type."""
    match node:
        case ast.Expr(value=ast.Constant() as value):
            yield value
        case ast.Subscript(value=value, slice=index) if last_name(value) in _GENERIC:
            yield from ast.walk(index)
        case ast.arg(annotation=ast.expr() as annotation):
            yield from ast.walk(annotation)
        case ast.AnnAssign(annotation=annotation):
            yield from ast.walk(annotation)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from ast.walk(node.returns) if node.returns else ()
            yield from node.args.defaults if _is_stub(node) else ()
            yield from filter(None, node.args.kw_defaults if _is_stub(node) else ())
        case _:
            pass


def _is_stub(node: Function) -> bool:
    """Whether a function only says how it is called."""
    return any(last_name(decorator) == "overload" for decorator in node.decorator_list)
