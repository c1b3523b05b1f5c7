"""Tell which methods run while a class is made, so at import, in whatever file that is."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from flagwright.core.wrapping.proof.running import (
    Function,
    bound_by,
    called_name,
    is_special,
    root_of,
    running,
)
from flagwright.core.wrapping.tree import members

_BY_CLASSES = {"__init_subclass__", "__set_name__"}
"""What Python calls while it makes a class, in whatever file."""
OF_TYPES = {"__class_getitem__", "__subclasshook__"}
OF_TYPES |= {"__get_pydantic_core_schema__", "__get_validators__"}
"""What is called where a class is only named: in an annotation, in `isinstance`, as a base."""
_OF_METACLASSES = {"__new__", "__init__", "__prepare__", "__call__"}
_OF_MEMBERS = {"__new__", "__init__", "_generate_next_value_"}
"""What an enumeration calls for each of its members while it is made."""
_ENUMERATIONS = ("Enum", "Flag", "Choices")
_METACLASSES = ("Meta", "MetaClass", "Metaclass", "EnumType", "ModelBase")

Classes = Mapping[str, Sequence[ast.ClassDef]]


def runs_with_its_class(name: str, owner: ast.ClassDef, classes: Classes) -> bool:
    """Whether a method runs when a class is made from its own, or its own is made.

    Args:
        classes: Those of the file, by name.
    """
    if name in _BY_CLASSES:
        return True
    above = {owner.name, *(called_name(base) for base in _bases(owner, classes))}
    if name in _OF_METACLASSES and ("type" in above or any(map(_is_metaclass, above))):
        return True
    return name in _OF_MEMBERS and any(word.endswith(_ENUMERATIONS) for word in above)


def has_its_members_again(owner: ast.ClassDef, classes: Classes) -> bool:
    """Whether a class hands out what its body has under other names: `list(Kind)`, `pair[0]`."""
    names = (called_name(base) for base in _bases(owner, classes))
    return any(name.endswith((*_ENUMERATIONS, "NamedTuple")) for name in names)


def called_in_body(owner: ast.ClassDef) -> Iterator[tuple[ast.AST, str]]:
    """Where the body of a class calls its own functions, and their names.

    There a method is a name like any other: `rate = _rate()`, `@_checked`. A name that the body
    gives something else, as a loop does, may stand for each function that the body names.
    """
    own = {getattr(member, "name", "") for member in members(owner)}
    ran = [node for statement in owner.body for node in running(statement)]
    given = {name for node in ran for name, _ in bound_by(node)} - own
    named = {node.id for node in ran if isinstance(node, ast.Name)} & own
    heads = (d for member in members(owner) for d in getattr(member, "decorator_list", ()))
    for node in (*(n.func for n in ran if isinstance(n, ast.Call)), *heads):
        name = getattr(node, "id", "")
        found = {name} & own or (named if name in given else set())
        yield from ((node, function) for function in found)


def is_of_objects(member: ast.Assign, owner: ast.ClassDef, classes: Classes) -> bool:
    """Whether a class body so gives its objects special methods, and nothing to classes."""
    names = [getattr(target, "id", "") for target in member.targets]
    if any(called_name(base).endswith(_ENUMERATIONS) for base in _bases(owner, classes)):
        return False  # its members are made with it
    return all(is_special(name) and name not in OF_TYPES for name in names) and not any(
        runs_with_its_class(name, owner, classes) for name in names
    )


def methods_of(owner: ast.ClassDef, classes: Classes, names: Collection[str]) -> Iterator[Function]:
    """Methods of some names that a class has, or one above it in the file."""
    waiting, seen = [owner], list[ast.ClassDef]()
    while waiting:
        one = waiting.pop()
        seen.append(one)
        yield from (m for m in one.body if isinstance(m, Function) and m.name in names)
        above = [upper for base in one.bases for upper in classes.get(root_of(base), ())]
        waiting += [upper for upper in above if upper not in seen]


def _bases(owner: ast.ClassDef, classes: Classes) -> Iterator[ast.expr]:
    """The bases of a class, and theirs, so far as they stand in the file."""
    waiting, seen = list(owner.bases), {owner.name}
    while waiting:
        base = waiting.pop()
        yield base
        if isinstance(base, ast.Name) and base.id not in seen:
            seen.add(base.id)
            waiting += [b for found in classes.get(base.id, ()) for b in found.bases]


def _is_metaclass(name: str) -> bool:
    return name.endswith(_METACLASSES) and name != "Meta"
