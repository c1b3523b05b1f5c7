"""Read a wrapped file as it runs on one side of its flag: syntax trees only.

Knows the forms that wrapping writes (the check or its local as a test, its negation, marks,
and what `form` reads) and nothing else, so that it cannot be lenient.
"""

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flagwright.core.wrapping.proof import attribute, defaults, form, taken
from flagwright.core.wrapping.proof.lasting import known, lasting
from flagwright.core.wrapping.tree import walk

_OF_HEADERS = frozenset({"test", "iter", "context_expr", "type", "subject"})
"""What compound statements evaluate before their blocks."""


class Mark(NamedTuple):
    """A side, and the names that it is about; none: the whole statement."""

    side: str
    names: tuple[str, ...]

    @property
    def plain(self) -> tuple[str, ...]:
        """Names that stand for themselves."""
        return tuple(name for name in self.names if name[-1] != "=")

    @property
    def defaults(self) -> tuple[str, ...]:
        """Parameters whose default it is about: `a=`."""
        return tuple(name[:-1] for name in self.names if name[-1] == "=")


@dataclass
class Folded:
    """One side of a wrapped file. Its nodes keep the line numbers of the wrapped text."""

    tree: ast.Module
    extra: list[tuple[int, str]] = field(default_factory=list)
    """Line and name of what stands in the file but belongs to the other side alone."""
    bodies: dict[int, ast.AST] = field(default_factory=dict)
    """By the line of a function, the inner function that holds its body on this side."""
    stand_for: dict[str, str] = field(default_factory=dict)
    """The name of each such function by that of the inner one."""
    fresh: frozenset[str] = frozenset()
    """Names that neither version has."""


def fold(wrapped: ast.Module, text: str, flag: str, check: str, *, on: bool) -> Folded:
    """The tree of one side. Shares nodes with `wrapped`, which is not changed."""
    folder = _Folder(wrapped, text, flag, check, on=on)
    tree = folder.visit_node(wrapped, frozenset())
    assert isinstance(tree, ast.Module)
    both = folder.choices
    return Folded(tree, folder.extra, folder.bodies, folder.stand_for, both.fresh)


def renamed(
    tree: ast.Module, names: Mapping[str, str], members: Collection[str] = ()
) -> ast.Module:
    """The off side of a file as it reads with its own names.

    Args:
        names: Each name by its alias. A name that is read without its alias is of the
            other version, so it gets a spelling that no program has.
        members: The aliases that are attributes; only these are.
    """
    if not names:
        return tree
    spelled = {name: f"{name} of the other version" for name in names.values()} | {**names}
    own = {*members, *(names[alias] for alias in members)}
    attributes = {name: new for name, new in spelled.items() if name in own}
    plain = {name: new for name, new in spelled.items() if name not in own or name in members}
    renamer = _Renamer(plain, attributes, names)
    found = renamer.visit_node(tree)
    assert isinstance(found, ast.Module)
    return found


@dataclass
class _Renamer:
    """Copies a tree with other names; what it is given is not changed."""

    names: Mapping[str, str]
    attributes: Mapping[str, str]
    aliases: Mapping[str, str]

    def visit_node(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.visit_node(item) for item in node]
        if not isinstance(node, ast.AST):
            return node
        fields = {name: self.visit_node(value) for name, value in ast.iter_fields(node)}
        if isinstance(node, ast.Name):
            fields["id"] = self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            fields["attr"] = self.attributes.get(node.attr, node.attr)
        if isinstance(node, form.FUNCTIONS):
            fields["name"] = self.aliases.get(node.name, node.name)
        if isinstance(node, ast.alias) and (name := self.aliases.get(node.asname or "")):
            is_plain = node.name in (name, f"{name}_off")  # the old definition of another file
            fields["name"] = name if is_plain else node.name
            fields["asname"] = None if is_plain else name
        return ast.copy_location(type(node)(**fields), node)


class _Folder:
    def __init__(self, tree: ast.Module, text: str, flag: str, check: str, *, on: bool) -> None:
        self._check = ast.dump(ast.parse(check, mode="eval").body)
        self._on = on
        self._marks = marks_of(text, flag)
        self._lasting = lasting(tree) if self._marks else frozenset()
        self.choices = attribute.choices(tree, plain(self._marks), check)
        self._tree = tree
        self._mentioned = {i for i, line in enumerate(text.split("\n"), 1) if flag in line}
        self.extra: list[tuple[int, str]] = []
        self.bodies: dict[int, ast.AST] = {}
        self.stand_for: dict[str, str] = {}

    def visit_node(self, node: Any, names: frozenset[str]) -> Any:
        if isinstance(node, form.FUNCTIONS) and (marks := self._marks.get(first_line(node))):
            return self._of_one_side(node, marks)
        if not self._on and (name := self.choices.old.get(id(node))):
            return attribute.renamed(node, name)
        return self._folded(node, names)

    def _folded(self, node: Any, names: frozenset[str]) -> Any:
        if not names and isinstance(node, ast.stmt) and self._is_silent(node):
            return node
        if isinstance(node, form.FUNCTIONS):
            names = self._held_in(node, names)
        if not isinstance(node, ast.AST):
            return node
        fields = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                fields[name] = self._items(value, names)
            else:
                part = self._chosen(value, names) if name in _OF_HEADERS else value
                fields[name] = self.visit_node(part, names)
        return ast.copy_location(type(node)(**fields), node)

    def _chosen(self, value: Any, names: frozenset[str]) -> Any:
        """What a header evaluates on this side."""
        if isinstance(value, ast.IfExp) and (answer := self._answer(value.test, names)) is not None:
            return value.body if answer else value.orelse
        if isinstance(value, ast.BoolOp) and self._answer(value.values[0], names):
            rest = value.values[1:]
            return ast.copy_location(ast.BoolOp(value.op, rest), value) if rest[1:] else rest[0]
        return value

    def _of_one_side(self, node: Any, marks: Sequence[Mark]) -> Any:
        """A function with the body, the parameters and the defaults of this side."""
        inner = None
        for mark in marks:
            if mark.side == "both" and mark.plain:
                node, inner = form.one_body(
                    node, mark.plain, self._check, known(self._tree), on=self._on
                )
        if inner:
            self.bodies[node.lineno] = inner
            self.stand_for[inner.name] = node.name
        node = form.without_question(node, required(marks), self._check)
        away = [mark for mark in marks if mark.side == ("off" if self._on else "on")]
        gone = [name for mark in away for name in mark.plain]
        own = [name for mark in marks if mark.side == "both" for name in mark.defaults]
        rest = [name for name in own if name in gone]
        own = [name for name in own if name not in gone]
        node = taken.left_out(node, rest)
        node = form.without_parameters(node, gone, rest) if gone else node
        node = defaults.without_defaults(node, [name for mark in away for name in mark.defaults])
        node = defaults.with_own_defaults(self._folded(node, frozenset()), own, self._lasting)
        node = taken.without_rest(node, rest)
        if gone and inner is None:
            form.check_unseen(node, {*gone} - {n for n in rest if taken.is_set_first(node, n)})
        return node

    def _is_silent(self, node: ast.stmt) -> bool:
        """Whether no line of a statement mentions the flag, and no local around holds it."""
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        return not any(line in lines for line in self._mentioned)

    def _items(self, items: list[Any], names: frozenset[str]) -> list[Any]:
        found: list[Any] = []
        for item in items:
            if not isinstance(item, ast.stmt):
                found.append(self.visit_node(item, names))
            elif not self._belongs(item) or self._is_hoist(item, names):
                continue
            elif (
                isinstance(item, ast.If) and (answer := self._answer(item.test, names)) is not None
            ):
                found += self._items(item.body if answer else item.orelse, names)
            else:
                found.append(self.visit_node(item, names))
        return found

    def _answer(self, test: ast.expr, names: frozenset[str]) -> bool | None:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self._answer(test.operand, names)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            return False if self._answer(test.values[0], names) is False else None
        held = isinstance(test, ast.Name) and test.id in names
        return self._on if held or ast.dump(test) == self._check else None

    def _held_in(self, node: Any, outer: frozenset[str]) -> frozenset[str]:
        """The local that holds the answer; it must be bound once, by an assignment at the top."""
        found = {
            s.targets[0].id
            for s in node.body[:2]
            if isinstance(s, ast.Assign)
            and isinstance(s.targets[0], ast.Name)
            and ast.dump(s.value) == self._check
        }
        if not found and not outer:
            return outer
        inner = walk(node)
        stores = [
            n.id
            for n in inner
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store | ast.Del)
        ]
        arguments = {a.arg for a in inner if isinstance(a, ast.arg)}
        once = {n for n in found if n not in arguments and stores.count(n) == 1}
        return (outer - arguments - set(stores)) | once

    def _is_hoist(self, node: ast.stmt, names: frozenset[str]) -> bool:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            return False
        target = node.targets[0]
        return (
            isinstance(target, ast.Name)
            and target.id in names
            and ast.dump(node.value) == self._check
        )

    def _belongs(self, node: ast.stmt) -> bool:
        """Whether a statement is of this side, by the mark above it."""
        first = first_line(node)
        if id(node) in self.choices.gone:
            return False
        away = "off" if self._on else "on"
        if not any(mark.side == away and not mark.names for mark in self._marks.get(first, ())):
            return True
        if isinstance(node, form.FUNCTIONS) and not self._is_silent(node):
            form.check_handed_up(self._folded(node, frozenset()))
        if isinstance(node, ast.If) and not self._is_silent(node):
            form.hold(node, not [*self._items(node.body, frozenset()), *node.orelse])
        is_given_twice = id(node) in self.choices.new
        if not isinstance(node, ast.Import | ast.ImportFrom) and not is_given_twice:
            self.extra += [(first, name) for name in _names_bound(node)]
        return False


def required(marks: Sequence[Mark]) -> set[str]:
    """Parameters that only the new version has, and that it requires."""
    new = {name for mark in marks if mark.side == "on" for name in mark.plain}
    return new & {name for mark in marks if mark.side == "off" for name in mark.defaults}


def first_line(node: ast.stmt) -> int:
    """First line of a statement, that of its first decorator included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min(node.lineno, *(d.lineno for d in decorators)) if decorators else node.lineno


def marks_of(text: str, flag: str) -> dict[int, tuple[Mark, ...]]:
    """Marks by the line of the statement right below them."""
    pattern = re.compile(rf"[ \t]*# flag {re.escape(flag)}: (on|off|both)( \([\w=*, ]+\))?\r?")
    lines = text.split("\n")
    found: dict[int, tuple[Mark, ...]] = {}
    for index, line in enumerate(lines):
        if flag in line and (match := pattern.fullmatch(line)):
            names = tuple(match[2].strip(" ()").split(", ")) if match[2] else ()
            found[index + 2] = (*found.pop(index + 1, ()), Mark(match[1], names))
    return found


def plain(marks: Mapping[int, Sequence[Mark]]) -> dict[int, list[str]]:
    """The sides of marks that are about a whole statement, by its line."""
    return {line: [m.side for m in found if not m.names] for line, found in marks.items()}


def _names_bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    return [
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]
