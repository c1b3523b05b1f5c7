"""Tell where other files of a repository meet a member of a class that one version has.

A property is met by whoever sets an attribute of its name, and any member by a class that
inherits it and answers for names that it does not have, or by a function that gets the class and
lists what is in it.
"""

import ast
import re
from collections.abc import Collection, Iterator
from functools import partial

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.heads import below
from flagwright.core.wrapping.dormant.origin import bound_in
from flagwright.core.wrapping.dormant.unknown import answers_for
from flagwright.core.wrapping.effect import FUNCTIONS, last_name
from flagwright.core.wrapping.giving_on import Asking, is_handed_to
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.tree import nodes, walk

_SETS = r"\.{0}\b\s*(?:(?::|,)[^=\n()]*)?(?:[-+*/%&|^@]|//|\*\*|<<|>>)?=(?!=)|\bdel\b[^\n]*\.{0}\b"
_SETS += r"|\bsetattr\([^\n]*[\"']{0}[\"']"
_ANSWERING = (b"__getattr__", b"__getattribute__")


def setter_of(name: str, owner: str, bases: Bases) -> str | None:
    """Another file that sets an attribute of a name, be it of what it calls `self` or not.

    Args:
        owner: The class that gets the member. What others set of themselves does not count.
        bases: The repository without the member.
    """
    sets = re.compile(_SETS.format(re.escape(name)).encode())
    family: set[str] = set()
    for path, text in bases.looking.items():
        if path == bases.path or name.encode() not in text or not sets.search(text):
            continue
        family = family or below(bases.modules, owner)
        tree = tree_of(text)
        if tree is None or any(_sets(node, name, tree, family) for node in nodes(tree)):
            return path
    return None


def _sets(node: ast.AST, name: str, tree: ast.Module, family: Collection[str]) -> bool:
    match node:
        case ast.Attribute(value=value, attr=word, ctx=ast.Store() | ast.Del()) if word == name:
            is_itself = isinstance(value, ast.Name) and value.id in ("self", "cls")
            return not is_itself or any(node in walk(c) for c in _classes(tree, family))
        case ast.Call(func=ast.Name("setattr"), args=[_, ast.Constant(value=word), *_]):
            return word == name
        case _:
            return False


def answering_heir(name: str, owner: str, bases: Bases) -> str | None:
    """A class that inherits a member, and gives something for its name where it has none."""
    heirs = below(bases.modules, owner) - {owner}
    for text in bases.looking.values() if heirs else ():
        if not any(word in text for word in _ANSWERING):
            continue
        tree = tree_of(text)
        for heir in _classes(tree, heirs) if tree else ():
            if answers_for(heir, name, bound_in(heir)):
                return heir.name
    return None


def lister_of(owner: str, bases: Bases) -> str | None:
    """A file that hands a class, an heir or a new object to a function that lists its members."""
    family = sorted(below(bases.modules, owner))
    words = "|".join(map(re.escape, family))
    given = re.compile(rf"[(,=\[]\s*(?:\w+\.)*(?:{words})\s*[(,)\]]".encode())
    for path, text in bases.looking.items():
        if given.search(text) and (tree := tree_of(text)):
            seen = bases if path == bases.path else bases.seen_from(path)
            asked = [(name + made, who) for made, who in _LISTING.items() for name in family]
            if any(is_handed_to(name, tree, [seen], who) for name, who in asked):
                return path
    return None


def _lists(tree: ast.Module, *, by_object: bool) -> bool:
    """Whether a function of a file lists the members of the class that it is given.

    Args:
        by_object: Whether it is given an object, which has but its own in `vars(x)`.
    """
    for function in (n for n in nodes(tree) if isinstance(n, FUNCTIONS)):
        given = {n.arg for n in walk(function.args) if isinstance(n, ast.arg)} - {"self"}
        if any(_is_listed(node, given, by_object=by_object) for node in walk(function)):
            return True
    return False


def _is_listed(node: ast.AST, given: Collection[str], *, by_object: bool) -> bool:
    match node:
        case ast.Call(func=func, args=[value, *_]) if last_name(func) in _LISTERS:
            is_own = last_name(func) == "vars"
        case ast.Attribute(value=value, attr="__dict__"):
            is_own = True
        case _:
            return False
    if by_object and is_own and isinstance(value, ast.Name):
        return False
    return _class_of(value) in given


def _class_of(value: ast.expr) -> str:
    """The name of what is looked at, by itself or by its class: `type(x)`."""
    match value:
        case ast.Call(func=ast.Name("type"), args=[ast.Name(name)]):
            return name
        case ast.Attribute(value=ast.Name(name), attr="__class__"):
            return name
        case _:
            return getattr(value, "id", "")


_LISTERS = ("dir", "vars", "getmembers", "getmembers_static")
_LISTING = {
    "": Asking(lambda origin: False, partial(_lists, by_object=False)),
    "()": Asking(lambda origin: False, partial(_lists, by_object=True)),
}
"""For a class, and for an object. What is called itself in a file with it, `texts` sees."""


def _classes(tree: ast.Module, names: Collection[str]) -> Iterator[ast.ClassDef]:
    return (n for n in nodes(tree) if isinstance(n, ast.ClassDef) and n.name in names)
