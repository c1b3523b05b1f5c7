"""Tell whether anybody may notice how a function is declared, other than by a call.

A framework that reads the defaults of a function would find the one that stands for "left
out", and a caller that hands on `...` would be taken for one that leaves a parameter out.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.heads import below
from flagwright.core.wrapping.dormant.named import stem_of
from flagwright.core.wrapping.effect import FUNCTIONS, Effects, Function, last_name
from flagwright.core.wrapping.frame import own_nodes
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.threedots import file_with_dots, hands_on_dots, tree_of
from flagwright.core.wrapping.tree import nodes

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
    rb"\binspect\b(?:[^\n]*|\s+import\s*\([^)]*)\bsignature\b|\bimport\s+inspect\s+as\b|\bfuncsigs\b|\b(?:"
    + "|".join(_READERS).encode()
    + rb")\b"
)
"""What shows how a function is declared."""
_LISTS = re.compile(
    rb"\b(?:dir|vars|getmembers)\(|\bgetattr\(\s*[\w.()]+\s*,\s*(?![\"'])|__dict__\b"
)
_ONLY_ASK = ("isinstance", "issubclass", "super", "cast", "TypeVar", "hasattr", "getattr")
"""Calls that only look which class they are given, or for one name."""
_CHECKS_ALL = re.compile(
    rb"\bbeartype\.claw\b|\bbeartype_(?:this_)?packages?\b|\binstall_import_hook\b|\bmypycify\b"
)
"""What holds every function of a package to its annotations, defaults included."""
_CALLED_AS_GIVEN = ("__init__", "__new__", "__call__")
"""Special methods that get what a caller gave, and nothing from Python itself."""


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
        if any(map(hands_on_dots, self.trees)):
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
        others = {path: text for path, text in bases.looking.items() if path != bases.path}
        looking = [path for path, text in others.items() if _READS.search(text)]
        if finder := next((path for path in looking if _LISTS.search(others[path])), None):
            return f"{finder} looks at how whatever it finds is declared"
        family = below(bases.modules, owner.name) if owner else {stem_of(bases.path)}
        near, own = _words(family | (_bases_of(owner) if owner else set())), _words([name])
        readers = _words(self.policy.annotation_readers)
        if looking and any(_is_given(family, tree) for tree in self.trees):
            return f"{looking[0]} looks at how functions are declared, and may get it"
        for path, text in others.items():
            if _CHECKS_ALL.search(text):
                return f"{path} lets every value be checked, and `...` is none of them"
            is_near, has_it = near.search(text) is not None, own.search(text) is not None
            if (is_near or has_it) and _READS.search(text):
                return f"{path} looks at how functions are declared"
            is_read = bool(looking) or readers.search(text) is not None
            tree = tree_of(text) if has_it or (is_read and is_near) else None
            handed = tree and has_it and (is_read or owner is None) and _is_handed_on(name, tree)
            if tree and (handed or (is_read and _is_given(family, tree))):
                return f"{path} hands it on as a value, and whoever gets it may look at it"
        if source := file_with_dots(others, bases.looking.values()):
            return f"{source} hands on `...`, which stands for a parameter that is left out"
        return None


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
    """Whether a version uses a name other than by calling it, or a local that it is given."""
    called = {id(node.func) for node in nodes(tree) if isinstance(node, ast.Call)}
    aliases = {id(value) for value in _called_aliases(name, tree, called)}
    return any(
        name in (getattr(node, "id", ""), getattr(node, "attr", ""))
        and id(node) not in called | aliases
        for node in nodes(tree)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def _called_aliases(name: str, tree: ast.Module, called: Collection[int]) -> Iterator[ast.expr]:
    """What locals are made of that are only called: `render = self.render`."""
    names = (n for n in nodes(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    read = {n.id for n in names if id(n) not in called}
    inner = [n for f in nodes(tree) if isinstance(f, FUNCTIONS) for n in own_nodes(f)]
    shared = {n for node in nodes(tree) if isinstance(node, ast.Global) for n in node.names}
    for node in inner:
        match node:
            case ast.Assign(targets=[ast.Name(id=alias)], value=ast.Name() | ast.Attribute()):
                is_meant = last_name(node.value) == name
                if is_meant and alias not in read | shared:
                    yield node.value
            case _:
                pass


def _is_given(names: Collection[str], tree: ast.Module) -> bool:
    """Whether a version gives a class or a module to a call, or keeps it in something."""
    idle = {id(part) for node in nodes(tree) for part in _only_asked(node)}
    return any(
        last_name(value) in names and id(value) not in idle
        for node in nodes(tree)
        for value in _values(node)
    )


def _values(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(args=args, keywords=keywords):
            yield from (*args, *(keyword.value for keyword in keywords))
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            yield from parts
        case ast.Dict(values=parts):
            yield from parts
        case ast.Assign(value=value) | ast.Return(value=ast.expr() as value):
            yield value
        case ast.AnnAssign(value=ast.expr() as value) | ast.Yield(value=ast.expr() as value):
            yield value
        case _:
            pass


def _only_asked(node: ast.AST) -> Iterator[ast.AST]:
    """Where a class is only named: a type, an exception to catch, the second of `isinstance`."""
    match node:
        case ast.Call(func=func) if last_name(func) in _ONLY_ASK:
            yield from (part for argument in node.args for part in ast.walk(argument))
        case ast.ExceptHandler(type=ast.expr() as kind):
            yield from ast.walk(kind)
        case ast.Subscript(slice=index):
            yield from ast.walk(index)
        case _:
            pass
