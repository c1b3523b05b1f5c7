"""Tell whether anybody reads what a class says of the types of its attributes.

`rate: int` in the body of a class is a field to a dataclass, a model or a tuple, and nothing
to any other class that nobody asks for its annotations. A `TypedDict` is a plain dictionary that
holds whatever it is given: its fields are for whoever reads types, where anything does.
"""

import ast
import builtins
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.fields import is_more_than_a_type
from flagwright.core.wrapping.dormant.heads import below
from flagwright.core.wrapping.dormant.state import Definition
from flagwright.core.wrapping.effect import FUNCTIONS, last_name, names_met
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.proof.running import running
from flagwright.core.wrapping.tree import nodes

_READING = ("typing*.NamedTuple", "typing*.TypedDict", "typing*.Protocol", "enum.*", "ctypes.*")
"""Bases that Python itself brings, to which an annotation or a second value is more than that."""
_FIELDS = "typing*.TypedDict"
_PROTOCOL = "typing*.Protocol"
_KEYS = "__required_keys__|__optional_keys__|__total__|is_typeddict"
_MAKERS = ("type", "abc.ABCMeta")
_MAKING = {"__new__", "__init__", "__call__", "__prepare__"}
_TELLING = re.compile(r"(?i)annot|hint|dataclass|attrs|define|__dict__|vars|slots|prepare")
"""Words of code that may read the annotations of a class which it is given."""
_ASKED = re.compile(
    rb"\b(\w+)\s*\.\s*__annotations__|\b(?:get_type_hints|get_annotations)\(\s*([\w.]*)|"
    rb"[\"']__annotations__[\"']()|"
    rb"\b(?:dataclass|TypeAdapter|structure|define|frozen|attrs)\(\s*([\w.]+)\s*[,)]"
)
"""What reads the annotations of a class that it is given, and what that is called there."""
_READERS = ("get_type_hints", "get_annotations")
_MAKING_ANEW = ("dataclass", "TypeAdapter", "structure", "define", "frozen", "attrs")


def is_untyped(owner: ast.ClassDef, bases: Bases, policy: WrappingPolicy) -> bool:
    """Whether nothing that makes a class, and no file, reads its annotations."""
    if owner.decorator_list or bases.texts.mixes(owner.name):
        return False
    for made, makes in bases.above(owner.name):
        if _is_typed_dict(made) and not has_readers(bases.looking, policy.annotation_readers):
            continue
        if made is not None and _is_protocols(made) and not _is_protocol(owner, bases):
            continue
        if made is None or not _is_quiet(made, policy, makes=makes):
            return False
    family = {owner.name} | below(bases.modules, owner.name)
    if any(map(_is_typed_dict, (m for m, _ in bases.above(owner.name)))):
        texts = (t for t in bases.looking.values() if any(n.encode() in t for n in family))
        if any(is_more_than_a_type(family, tree_of(text)) for text in texts):
            return False
    return not (_asks(bases.looking, family) or _is_handed_on(owner.name, bases.looking))


def _is_typed_dict(made: Definition | str | None) -> bool:
    """Whether a class is the one that makes dictionaries with fields, or one of these."""
    if isinstance(made, str):
        return fnmatchcase(made, _FIELDS)
    node = made.tree if made else None
    return (
        isinstance(node, ast.ClassDef)
        and made is not None
        and any(made.origins.is_one_of(base, (_FIELDS,)) for base in node.bases)
        and all(k.arg == "total" for k in node.keywords)
        and not node.decorator_list
    )


def _is_protocols(made: Definition | str) -> bool:
    """Whether a class is the one that protocols are made from."""
    return isinstance(made, str) and fnmatchcase(made, _PROTOCOL)


def _is_protocol(owner: ast.ClassDef, bases: Bases) -> bool:
    """Whether a class says itself that it is one: its heirs are classes like any other."""
    own = [m for m, _ in bases.above(owner.name) if isinstance(m, Definition)]
    own = [made for made in own if getattr(made.tree, "name", "") == owner.name]
    return not own or any(
        made.origins.is_one_of(part, (_PROTOCOL,))
        for made in own
        for base in owner.bases
        for part in (base, getattr(base, "value", base))
    )


def has_readers(modules: Mapping[str, bytes], readers: Collection[str]) -> bool:
    """Whether any file of the repository has to do with what reads types at run time.

    Of a file that stands alone it is not known who does.
    """
    if len(modules) == 1:
        return True
    names = sorted(readers)
    written = "|".join(re.escape(name) for name in names if "_" in name)
    imported = rf"^[ \t]*(?:from|import)\b.*\b(?:{'|'.join(map(re.escape, names))})\b"
    pattern = re.compile(rf"(?m){imported}|{written or '$.'}|{_KEYS}".encode())
    of_module = re.compile(rf"\.(?:{'|'.join(map(re.escape, names))})\b".encode())
    return any(
        pattern.search(text) or (of_module.search(text) and _meets(text, readers))
        for text in modules.values()
    )


def _meets(text: bytes, readers: Collection[str]) -> bool:
    tree = tree_of(text)
    return tree is None or not {*names_met(tree)}.isdisjoint(readers)


def _is_quiet(made: Definition | str, policy: WrappingPolicy, *, makes: bool) -> bool:
    """Whether a class does nothing with the annotations of what is made from it."""
    if isinstance(made, str):
        of_python = made.partition(".")[0] in sys.stdlib_module_names
        is_known = of_python or any(fnmatchcase(made, p) for p in (*policy.plain_bases, *_MAKERS))
        reads = any(fnmatchcase(made, p) for p in _READING)
        return is_known and not reads and made.partition(".")[0] not in policy.annotation_readers
    node = made.tree
    if not isinstance(node, ast.ClassDef) or any(k.arg != "metaclass" for k in node.keywords):
        return False
    methods = {m.name: m for m in node.body if isinstance(m, FUNCTIONS)}
    if makes and not methods.keys().isdisjoint(_MAKING):
        return False
    hook = methods.get("__init_subclass__")
    return hook is None or not any(map(_may_read, ast.walk(hook)))


def _may_read(node: ast.AST) -> bool:
    """Whether code that is given a class may read its annotations, or hands the class on."""
    words = [getattr(node, field, None) for field in ("id", "attr", "arg", "name", "value")]
    if any(_TELLING.search(w) for w in words if isinstance(w, str) and w.isidentifier()):
        return True
    if not isinstance(node, ast.Call):
        return False
    values = (*node.args, *(k.value for k in node.keywords))
    given = [value for value in values if getattr(value, "id", "") == "cls"]
    return bool(given) and not _only_keeps(node.func)


def _only_keeps(func: ast.expr) -> bool:
    match func:
        case ast.Name(id=name):
            return hasattr(builtins, name)
        case ast.Attribute(value=ast.Name(id="inspect")):
            return True
        case ast.Attribute(attr=name):
            return name in ("append", "add", "setdefault", "setattr", "delattr")
        case _:
            return False


def _asks(modules: Mapping[str, bytes], family: Collection[str]) -> bool:
    """Whether a file reads the annotations of one of some names, or of who knows what."""
    for text in modules.values():
        if any(name.encode() in text for name in _READERS) and _renames_reader(tree_of(text)):
            return True
        for found in _ASKED.findall(text):
            word = b"".join(found).decode().rpartition(".")[2]
            is_prose = found[-1] and not _calls_a_maker(tree_of(text))
            if not is_prose and (not word[:1].isupper() or word in family):
                return True
    return False


def _renames_reader(tree: ast.Module | None) -> bool:
    """Whether a file has what reads annotations under another name, or hands it on."""
    if tree is None:
        return True
    called = {id(node.func) for node in nodes(tree) if isinstance(node, ast.Call)}
    return any(
        node.name in _READERS and node.asname not in (None, node.name)
        if isinstance(node, ast.alias)
        else isinstance(node, ast.Name | ast.Attribute)
        and last_name(node) in _READERS
        and id(node) not in called
        for node in nodes(tree)
    )


def _calls_a_maker(tree: ast.Module | None) -> bool:
    """Whether code calls what makes a class anew; in a text it may be a word like any other."""
    calls = (node.func for node in nodes(tree) if isinstance(node, ast.Call)) if tree else ()
    return tree is None or any(last_name(func) in _MAKING_ANEW for func in calls)


def _is_handed_on(name: str, modules: Mapping[str, bytes]) -> bool:
    """Whether a file gives a class to what may read it: `dataclass(Box)`."""
    for text in (text for text in modules.values() if name.encode() in text):
        tree = tree_of(text)
        if tree is None or any(_hands_on(node, name) for node in nodes(tree)):
            return True
    return False


def _hands_on(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call) or _only_keeps(node.func):
        return False
    given = (*node.args, *(k.value for k in node.keywords))
    classes = (v for v in given if isinstance(v, ast.Name | ast.Attribute))
    return any(last_name(value) == name for value in classes)


def is_given_twice(node: ast.stmt, body: Sequence[ast.stmt]) -> bool:
    """Whether a block gives a name the value that a statement gives it, and nobody sees which.

    It does so once. Two values that can change are two, and what stands below has the second.
    """
    name, value = _given(node)
    others = [n for n in body if name and _given(n)[0] == name]
    if len(others) != 1 or value is None or ast.dump(others[0]) == ast.dump(node):
        return False
    given = _given(others[0])[1]
    if given is None or ast.dump(given) != ast.dump(value):
        return False
    above = body[: body.index(others[0])]
    uses = (n.id for part in above for n in running(part) if isinstance(n, ast.Name))
    return name not in uses


def _given(node: ast.stmt) -> tuple[str, ast.expr | None]:
    """The name that a statement gives a value, and that."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            return name, value
        case _:
            return "", None
