"""Read the attributes of classes that have the value of either side at each read.

Knows one form: `rates_off` and `rates` with a mark each, and below them `rates = _ByFlag(rates_off,
rates)`, which asks the flag in its `__get__`. Anything else under such a mark is refused.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.tree import nodes

_FORM = """
class {name}:
    def __init__(self, off, on):
        self.off, self.on = off, on

    def __get__(self, instance, owner=None):
        return self.on if {check} else self.off
"""
_MARKED = r"(?m)^[ \t]*# flag {flag}: (off|on|both)\r?$"


class Choice(NamedTuple):
    """A line that gives an attribute two values: the class it stands in, and what it names."""

    owner: ast.ClassDef
    line: ast.Assign
    name: str
    helper: str


@dataclass(frozen=True)
class Choices:
    """What of a file belongs to this form."""

    gone: frozenset[int] = frozenset()
    """By identity, what is there for both sides, and in neither of them."""
    old: Mapping[int, str] = field(default_factory=dict)
    """By identity, the statements that give the old value, and to what."""
    new: frozenset[int] = frozenset()
    """By identity, those that give the new one."""
    fresh: frozenset[str] = frozenset()
    """Names that neither version has."""


def goes_with_the_flag(node: ast.stmt, sides: Sequence[str]) -> bool:
    """Whether a class or an assignment is there for both sides, and in neither of them.

    An assignment says of which name it takes the old value: another one would be lost.
    """
    match node:
        case ast.ClassDef():
            return "both" in sides
        case ast.Assign(
            targets=[ast.Name(name)], value=ast.Call(args=[ast.Name(old), ast.Name(new)])
        ):
            return "both" in sides and (old, new) == (f"{name}_off", name)
        case _:
            return False


def choices(tree: ast.Module, plain: Mapping[int, Sequence[str]], check: str) -> Choices:
    """All of a file that belongs to this form, where everything about it is right.

    Args:
        plain: Sides of marks that are about a whole statement, by its line.
        check: What asks for the flag.

    Raises:
        CannotWrap: `proof-failed`.
    """
    if not any("both" in sides for sides in plain.values()):
        return Choices()
    helpers = [n for n in tree.body if isinstance(n, ast.ClassDef) and _has(n, "both", plain)]
    found = list(_lines(tree, plain))
    if not helpers and not found:
        return Choices()
    _hold(tree, len(helpers) == 1 and found)
    helper = helpers[0]
    wanted = ast.parse(_FORM.format(name=helper.name, check=check)).body[0]
    is_told = isinstance(helper.body[0], ast.Expr) and ast.get_docstring(helper)
    bare = type(helper)(**dict(ast.iter_fields(helper)) | {"body": helper.body[bool(is_told) :]})
    _hold(helper, ast.dump(bare) == ast.dump(wanted))
    names = Counter(n.id for n in nodes(tree) if isinstance(n, ast.Name))
    attributes = {n.attr for n in nodes(tree) if isinstance(n, ast.Attribute)}
    above = tree.body.index(helper)
    counts = Counter(choice.name for choice in found)
    _hold(helper, names[helper.name] == len(found) and helper.name not in attributes)
    old: dict[int, str] = {}
    new: set[int] = set()
    for choice in found:
        alias = f"{choice.name}_off"
        _hold(choice.line, choice.helper == helper.name and tree.body.index(choice.owner) > above)
        _hold(choice.line, names[alias] == 2 * counts[choice.name] and alias not in attributes)
        pair = _pair(choice, plain)
        old[id(pair[0])] = choice.name
        new.add(id(pair[1]))
    gone = {id(helper), *(id(choice.line) for choice in found)}
    fresh = {helper.name, *(f"{name}_off" for name in counts)}
    return Choices(frozenset(gone), old, frozenset(new), frozenset(fresh))


def _lines(tree: ast.Module, plain: Mapping[int, Sequence[str]]) -> Iterator[Choice]:
    """The lines that give attributes two values; any other with such a mark is refused."""
    members = {id(m): n for n in tree.body if isinstance(n, ast.ClassDef) for m in n.body}
    for node in nodes(tree):
        if not isinstance(node, ast.stmt) or not _has(node, "both", plain):
            continue
        match node:
            case ast.Import() | ast.ImportFrom():
                pass
            case ast.ClassDef() if node in tree.body:
                pass
            case ast.Assign(
                targets=[ast.Name(name)],
                value=ast.Call(ast.Name(helper), [ast.Name(old), ast.Name(new)], []),
            ) if id(node) in members and (old, new) == (f"{name}_off", name):
                yield Choice(members[id(node)], node, name, helper)
            case _:
                _hold(node, holds=False)


def _pair(choice: Choice, plain: Mapping[int, Sequence[str]]) -> list[ast.stmt]:
    """The statements that give an attribute its old and new value: no other one is there."""
    name, body = choice.name, choice.owner.body
    wanted = ((f"{name}_off", "off"), (name, "on"))
    found = [m for word, side in wanted for m in body if _gives(m, word) and _has(m, side, plain)]
    places = [body.index(m) for m in found]
    _hold(choice.line, len(found) == 2 and max(places) < body.index(choice.line))
    own = {id(found[0]), id(found[1]), id(choice.line)}
    words = {word for word, _ in wanted}
    for member in body:
        parts = _at_once(member)
        if id(member) in own:
            fields = [getattr(member, word, None) for word in ("value", "annotation")]
            parts = [p for f in fields if f and member is not choice.line for p in _at_once(f)]
        _hold(member, words.isdisjoint(w for part in parts for w in _words(part)))
    return found


def _at_once(node: ast.AST) -> list[ast.AST]:
    """All that runs, or is bound, with a statement of a class; bodies of functions do not."""
    found, waiting = [], [node]
    while waiting:
        part = waiting.pop()
        found.append(part)
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*part.decorator_list, part.args, *filter(None, [part.returns])]
        elif isinstance(part, ast.Lambda):
            waiting.append(part.args)
        else:
            waiting += ast.iter_child_nodes(part)
    return found


def _gives(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=word)]):
            return word == name
        case ast.AnnAssign(target=ast.Name(id=word), value=ast.expr()):
            return word == name
        case _:
            return False


def _words(node: ast.AST) -> Iterator[str]:
    """Names that a node binds or reads where it stands."""
    yield from (str(getattr(node, field, "")) for field in ("id", "name"))
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    yield from getattr(node, "names", ()) if isinstance(node, ast.Global | ast.Nonlocal) else ()


def _has(node: ast.stmt, side: str, plain: Mapping[int, Sequence[str]]) -> bool:
    lines = [node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]
    return side in plain.get(min(lines), ())


def renamed(node: Any, name: str) -> ast.stmt:
    """A statement that gives its value to another name."""
    target = ast.copy_location(ast.Name(name, ast.Store()), node)
    own = {"targets": [target]} if isinstance(node, ast.Assign) else {"target": target}
    return ast.copy_location(type(node)(**dict(ast.iter_fields(node)) | own), node)  # type: ignore[no-any-return] # a statement


def as_properties(tree: ast.Module, text: str, flag: str) -> ast.Module:
    """A file in which each such attribute is a property that asks by itself.

    That is how it is read. Nothing of it has to be right, for `choices` refuses what is not.
    """
    marked = re.compile(_MARKED.format(flag=re.escape(flag)))
    lines = {text.count("\n", 0, m.end()) + 2: (m[1],) for m in marked.finditer(text)}
    helpers = {
        n.name: n for n in tree.body if isinstance(n, ast.ClassDef) and _has(n, "both", lines)
    }
    if not helpers:
        return tree
    body: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name not in helpers:
            members = [_as_property(m, helpers) if _has(m, "both", lines) else m for m in node.body]
            fields = dict(ast.iter_fields(node)) | {"body": members}
            body.append(ast.copy_location(ast.ClassDef(**fields), node))
        elif node not in helpers.values():
            body.append(node)
    return ast.Module(body, [])


def _as_property(line: ast.stmt, helpers: Mapping[str, ast.ClassDef]) -> ast.stmt:
    match line:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=helper))):
            tests = (n.test for n in ast.walk(helpers[helper]) if isinstance(n, ast.IfExp))
            asked = ast.unparse(next(tests))
            made = ast.parse(f"@property\ndef {name}(self):\n    return {asked}").body[0]
            for part in ast.walk(made):
                if hasattr(part, "lineno"):
                    ast.copy_location(part, line)
            return made
        case _:
            return line


def _hold(node: Any, holds: object) -> None:
    if not holds:
        because = "an attribute does not have the values of both versions as its mark says"
        raise refuse(getattr(node, "lineno", 1), "proof-failed", because)
