"""Let an attribute of a class have the value of either version at each read.

    # flag shop.new-tax: off
    rates_off = {"de": 19}
    # flag shop.new-tax: on
    rates = {"de": 21}
    # flag shop.new-tax: both
    rates = _ByNewTax(rates_off, rates)

`_ByNewTax` stands above the class, and Python asks it whenever the attribute is looked up, of
whatever object or class. It has no `__set__`, so an object or a class made from this one may
still have a value of its own.
"""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from flagwright.core.wrapping import mark
from flagwright.core.wrapping.aside import defined
from flagwright.core.wrapping.binding import names_in
from flagwright.core.wrapping.dormant import Dormancy
from flagwright.core.wrapping.effect import Effects
from flagwright.core.wrapping.read import Reader
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.statement import Statement
from flagwright.core.wrapping.twin import SUFFIX

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement
_HELPER = '''class {name}:
{indent}"""Gives an attribute its old or new value at each read, as the flag says."""

{indent}def __init__(self, off, on):
{indent}{indent}self.off, self.on = off, on

{indent}def __get__(self, instance, owner=None):
{indent}{indent}return self.on if {check} else self.off
'''


@dataclass
class Attributes:
    """The attributes of the classes of one file that are switched at each read."""

    flag: str
    helper: str
    """What the class is called that asks."""
    reader: Reader
    effects: Effects
    dormancies: Sequence[Dormancy]
    """Of the old and of the new version."""
    switched: dict[str, list[str]] = field(default_factory=dict)
    """By class, the attributes."""
    _trees: set[int] = field(default_factory=set)
    """Their statements, by identity."""

    def apart(
        self, before: Sequence[Statement], after: Sequence[Statement], owner: ast.ClassDef
    ) -> list[Statement]:
        """The old statements of a class, of which those that give another value have an alias.

        Raises:
            CannotWrap: `class-body` where the value of an attribute cannot be switched.
        """
        old, new = _values(before), _values(after)
        names = [n for n in old if n in new and self._differ(old[n], new[n])]
        for name in names:
            self._check(name, old[name], new[name], owner)
        aside = {id(old[name]): name for name in names}
        found = [_renamed(s, aside[id(s)]) if id(s) in aside else s for s in before]
        self._trees.update(id(new[name].tree) for name in names)
        self._trees.update(id(s.tree) for s, was in zip(found, before, strict=True) if s is not was)
        if names:
            self.switched[owner.name] = names
        return found

    def has(self, statement: Statement) -> bool:
        """Whether a statement gives one of two values."""
        return id(statement.tree) in self._trees

    def _differ(self, old: Statement, new: Statement) -> bool:
        values = (getattr(s.tree, "value", None) for s in (old, new))
        return len({self.effects.of(value) for value in values if value}) > 1

    def _check(self, name: str, old: Statement, new: Statement, owner: ast.ClassDef) -> None:
        because = None if self.reader.asks_anywhere else "nothing there says for whom it would ask"
        for dormancy, statement in zip(self.dormancies, (old, new), strict=True):
            because = because or dormancy.keeps_one_value(statement.tree, owner)
        if because:
            because = f"`{name}` of `{owner.name}` changes, and {because}"
            raise refuse(new.line, "class-body", because)

    def joined(self, body: Sequence[Line], owner: ast.ClassDef) -> list[Line]:
        """The merged statements of a class, with one more below each two values."""
        found = list(body)
        for name in self.switched.get(owner.name, ()):
            at = max(i for i, node in enumerate(found) if defined(node) in (name, name + SUFFIX))
            line = cst.parse_statement(f"{name} = {self.helper}({name}{SUFFIX}, {name})")
            found.insert(at + 1, self._marked(cst.ensure_type(line, cst.SimpleStatementLine)))
        return found

    def with_helper(self, body: Sequence[Line], indent: str) -> list[Line]:
        """The merged file, with what asks above the first class that needs it."""
        if not self.switched:
            return list(body)
        classes = ((i, node) for i, node in enumerate(body) if isinstance(node, cst.ClassDef))
        names = {node.name.value: i for i, node in classes}
        at = min(names[owner] for owner in self.switched)
        check = self.reader.asked[0]
        text = _HELPER.format(name=self.helper, check=check, indent=indent)
        node = cst.ensure_type(cst.parse_statement(text), cst.ClassDef)
        gap = [cst.EmptyLine(indent=False)] * 2
        helper = self._marked(node.with_changes(leading_lines=gap if at else ()))
        below = body[at]
        if not at and not any(line.comment is None for line in mark.lines_above(below)):
            below = below.with_changes(leading_lines=[*gap, *mark.lines_above(below)])
        return [*body[:at], helper, below, *body[at + 1 :]]

    def _marked(self, node: Line) -> Line:
        return mark.marked(node, self.flag, mark.Mark("both"))

    def notes(self) -> Iterator[str]:
        """What a reviewer has to know."""
        if self.switched:
            names = [f"{owner}.{name}" for owner, names in self.switched.items() for name in names]
            shown = ", ".join(f"`{name}`" for name in names[:3])
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            yield (
                f"{shown}{more}: the flag is asked at each read, so code that reads twice may see "
                "both values in the moment of a switch"
            )


def helper_name(local: str, trees: Collection[ast.Module]) -> str:
    """A name for what asks, such as `_ByNewTax`, that the file does not have."""
    words = re.split("_+", local.removesuffix("_on"))
    name = "_By" + "".join(word.capitalize() for word in words)
    while any(name in names_in(tree) for tree in trees):
        name += "_"
    return name


def _values(side: Sequence[Statement]) -> dict[str, Statement]:
    """Names that a class gives a value in one statement of its own."""
    found: dict[str, Statement] = {}
    for statement in side:
        match statement.trees:
            case (ast.Assign(targets=[ast.Name(id=name)]),) | (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()),
            ):
                found[name] = statement
            case _:
                pass
    return found


def _renamed(statement: Statement, name: str) -> Statement:
    line = cst.ensure_type(statement.node, cst.SimpleStatementLine)
    part, tree, alias = line.body[0], statement.tree, ast.Name(name + SUFFIX, ast.Store())
    fields = dict(ast.iter_fields(tree))
    if isinstance(part, cst.Assign):
        target = cst.AssignTarget(cst.Name(name + SUFFIX))
        part = part.with_changes(targets=[part.targets[0].with_changes(target=target.target)])
        fields["targets"] = [alias]
    else:
        part = cst.ensure_type(part, cst.AnnAssign).with_changes(target=cst.Name(name + SUFFIX))
        fields["target"] = alias
    made = ast.copy_location(type(tree)(**fields), tree)
    ast.fix_missing_locations(made)
    return Statement(line.with_changes(body=[part, *line.body[1:]]), (made,))
