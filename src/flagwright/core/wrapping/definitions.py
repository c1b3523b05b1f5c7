"""Merge what runs at import: the definitions, imports and constants of modules and classes.

Nothing here can be switched, so every statement of both versions must be able to stand
side by side. Bodies of functions are the business of `guard`.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import filterfalse, takewhile
from typing import Any

import libcst as cst

from flagwright.core.records.plan import Segment
from flagwright.core.wrapping import compound, fortypes, imports, listing, mark, order
from flagwright.core.wrapping.attribute import Attributes
from flagwright.core.wrapping.basesasked import unless
from flagwright.core.wrapping.binding import Binding, bindings
from flagwright.core.wrapping.dormant import Dormancy
from flagwright.core.wrapping.effect import FUNCTIONS, Effects, has_no_effect, last_name
from flagwright.core.wrapping.function import FunctionForms
from flagwright.core.wrapping.guard import FunctionMerge
from flagwright.core.wrapping.inherited import asking_upwards, handed_up
from flagwright.core.wrapping.match import Stretch, pairs, stretches
from flagwright.core.wrapping.outline import Moved, is_stub
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.read import Reads
from flagwright.core.wrapping.refusal import REMEMBERING, refuse
from flagwright.core.wrapping.respelled import Spelling
from flagwright.core.wrapping.script import are_scripts, both_scripts, is_script
from flagwright.core.wrapping.statement import Statement, is_idle, suite
from flagwright.core.wrapping.union import paired
from flagwright.errors import CannotWrap

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


@dataclass(frozen=True)
class DefinitionMerge:
    """Merges the definition-level blocks of one file under one flag."""

    flag: str
    policy: WrappingPolicy
    effects: Effects
    functions: FunctionMerge
    forms: FunctionForms
    before: Dormancy
    after: Dormancy
    attributes: Attributes
    spelled: Spelling

    def block(
        self,
        before: Sequence[Statement],
        after: Sequence[Statement],
        indent: str,
        owner: ast.ClassDef | None = None,
    ) -> list[Line]:
        """The merged statements of a module, a class or a compound statement in one.

        Args:
            owner: The class, as it is in the new version.

        Raises:
            CannotWrap: Where a statement cannot stand beside the other version.
        """
        wanted = fortypes.lonely(before, after, self.forms.trees) if owner is None else None
        old = [s for s in before if not is_idle(s) or s is wanted]
        keys = (self._keys(old), self._keys(after))
        imported = [[s for s in side if imports.is_import(s)] for side in (old, after)]
        idle = partial(self.effects.annotations_are_idle, self.after.is_untyped)
        imports.check_union(imported[0], imported[1], self.spelled, annotations_are_idle=idle)
        self._check_answers(*imported)
        order.check_moves(old, after, self.effects)
        have = {binding for s in imported[1] for binding in _bound(s)}
        if for_types := fortypes.blocks(before, after):
            both = self._for_types(*for_types, indent)
            after = [both if s is for_types[1] else s for s in after]
        merged: list[Line] = []
        for stretch in stretches(old, after, *keys):
            if stretch.same:
                merged += [self._same(b, a, indent) for b, a in pairs(stretch)]
            else:
                merged += self._changed(stretch, have, owner)
        return merged

    def _check_answers(self, before: Sequence[Statement], after: Sequence[Statement]) -> None:
        """Refuse an import that the `__getattr__` of the other version answers for."""
        old, new = ({b: s.line for s in side for b in _bound(s)} for side in (before, after))
        for dormancy, own, others in ((self.before, old, new), (self.after, new, old)):
            for binding in (b for b in own if b not in others):
                dormancy.check_import(binding.name, own[binding])

    def _keys(self, side: Sequence[Statement]) -> list[Any]:
        """Definitions are known by name and ordinal, other statements by what they do."""
        return [
            key if key is not None else self._plain_key(s)
            for key, s in zip(order.names(side, self.effects), side, strict=True)
        ]

    def _plain_key(self, statement: Statement) -> Any:
        if listing.is_listing(statement.tree):
            return "__all__"
        head = compound.header(statement, self.effects)
        if head is None:
            return tuple(self.effects.of(tree) for tree in statement.trees)
        return (head, len(compound.suites(statement)))

    def _same(self, before: Statement, after: Statement, indent: str) -> Line:
        """Merge two statements that are the same one."""
        if self._effect(before) == self._effect(after):
            return after.node
        match after.node:
            case cst.FunctionDef():
                return self._function(before, after, indent)
            case cst.ClassDef():
                return self._class(before, after, indent)
            case cst.SimpleStatementLine():
                return self._listing(before, after)
            case _:
                return self._compound(before, after, indent)

    def _listing(self, before: Statement, after: Statement) -> Line:
        """Both versions of `__all__`, with the names of either side in a mark."""
        if listing.is_reordered(before, after) and self.after.sees_order():
            raise refuse(after.line, "import-time", "the order of `__all__` changes")
        line = listing.united(before, after)
        self._note(after, "after")
        sides: tuple[mark.Side, mark.Side] = ("off", "on")
        for side, names in zip(sides, listing.one_sided(before, after), strict=True):
            if names:
                line = mark.marked(line, self.flag, mark.Mark(side, names))
        return line

    def _effect(self, statement: Statement) -> Any:
        return tuple(self.effects.of(tree) for tree in statement.trees)

    def _function(self, before: Statement, after: Statement, indent: str) -> Line:
        assert isinstance(after.tree, FUNCTIONS)
        if not isinstance(before.tree, FUNCTIONS):
            raise refuse(after.line, "name-clash", f"`{after.tree.name}` was a class before")
        merged = self.forms.function(before, after, indent)
        for decorator in after.tree.decorator_list:
            if last_name(decorator) in self.policy.remembering_decorators:
                because = f"`{after.tree.name}` remembers results across a switch"
                raise refuse(after.line, "decorator", because, way_out=REMEMBERING)
        return merged

    def _class(self, before: Statement, after: Statement, indent: str) -> Line:
        old, new = before.tree, after.tree
        assert isinstance(new, ast.ClassDef)
        if not isinstance(old, ast.ClassDef):
            raise refuse(after.line, "name-clash", f"`{new.name}` was a function before")
        if self.effects.class_header(old) != self.effects.class_header(new):
            raise refuse(after.line, "class-body", f"the header of `{new.name}` changes")
        blocks = [
            suite(cst.ensure_type(s.node, cst.ClassDef).body, tree.body)
            for s, tree in ((before, old), (after, new))
        ]
        inner = getattr(blocks[1].node, "indent", None) or indent
        apart = self.attributes.apart(blocks[0].statements, blocks[1].statements, new)
        body = self.attributes.joined(self.block(apart, blocks[1].statements, inner, new), new)
        return after.node.with_changes(body=self._rebuilt(blocks[1].node, body, inner))

    def _compound(self, before: Statement, after: Statement, indent: str) -> Line:
        """Merge inside `if`, `try` and the like, which run at import."""
        if are_scripts(before.tree, after.tree, self.forms.trees):
            return self.functions.script(before, after, indent)
        if isinstance(after.tree, ast.Try | ast.TryStar):
            order.check_attempt(before, after)
        blocks: list[cst.BaseSuite | None] = []
        for old, new in zip(compound.suites(before), compound.suites(after), strict=True):
            if new.node is None and old.node is None:
                blocks.append(None)
                continue
            if new.node is None or old.node is None:
                raise refuse(after.line, "import-time", "a branch at the top of the file changes")
            inner = getattr(new.node, "indent", None) or indent
            body = self.block(old.statements, new.statements, inner)
            blocks.append(self._rebuilt(new.node, body, inner))
        assert not isinstance(after.node, cst.SimpleStatementLine)
        return compound.rebuilt(after.node, blocks)

    def _for_types(self, before: Statement, after: Statement, indent: str) -> Statement:
        """The new imports for type checkers, with the old ones that old code still needs."""
        old, new = (compound.suites(side)[0] for side in (before, after))
        wanted = fortypes.needed(old.statements, self.forms.trees)
        if not wanted:
            return after
        have = {b for s in (*old.statements, *new.statements) for b in _bound(s)} - wanted
        keys = (self._keys(old.statements), self._keys(new.statements))
        merged: list[Line] = []
        for stretch in stretches(old.statements, new.statements, *keys):
            imported = Stretch(
                stretch.same, *(tuple(filter(imports.is_import, s)) for s in stretch[1:])
            )
            merged += [] if stretch.same else self._changed(imported, have, None)
            merged += [s.node for s in stretch.after if stretch.same or s not in imported.after]
        inner = getattr(new.node, "indent", None) or indent
        node = after.node.with_changes(body=self._rebuilt(new.node, merged, inner))
        return Statement(node, after.trees)

    def _rebuilt(self, block: cst.BaseSuite | None, body: list[Line], indent: str) -> cst.BaseSuite:
        if isinstance(block, cst.IndentedBlock):
            return block.with_changes(body=body)
        own = None if indent == self.functions.default_indent else indent
        return cst.IndentedBlock(body, indent=own)

    def _changed(
        self, stretch: Stretch, have: set[Binding], owner: ast.ClassDef | None
    ) -> list[Line]:
        """Imports of both, then old statements that stay, then new ones, each with its mark."""
        head = list(takewhile(_is_head, stretch.after))
        docstring = [s.node for s in takewhile(is_idle, head)]
        old, united = self._united(stretch, have)
        merged: list[Line] = list(docstring)
        merged += self._kept(filter(imports.is_future, old), have)
        for statement in head[len(docstring) :]:
            merged.append(united.get(id(statement)) or self._new(statement, owner))
        merged += self._kept(filterfalse(imports.is_future, old), have)
        others = filterfalse(imports.is_import, stretch.before)
        merged += [self._alone(statement, "before", owner) for statement in others]
        for statement in stretch.after[len(head) :]:
            merged.append(united.get(id(statement)) or self._new(statement, owner))
        return merged

    def _united(
        self, stretch: Stretch, have: set[Binding]
    ) -> tuple[list[Statement], dict[int, Line]]:
        """Old imports that stay as they are, and new ones that hold the names of an old one."""
        old, both = paired(stretch.before, stretch.after, have)
        found: dict[int, Line] = {}
        for other, line, names in both:
            self._note(other, "after")
            off = mark.Mark("off", names)
            found[id(other)] = mark.marked(line, self.flag, off) if names else line
        return old, found

    def _kept(self, statements: Iterable[Statement], have: set[Binding]) -> Iterator[Line]:
        """What old import lines bind and the new version does not, each with its mark."""
        for statement in statements:
            if lines := imports.kept(statement, have):
                self._note(statement, "before")
                yield from (mark.marked(line, self.flag, mark.Mark("off")) for line in lines)

    def _new(self, statement: Statement, owner: ast.ClassDef | None) -> Line:
        """A statement of the new version: its imports are told by what uses them."""
        if is_idle(statement):
            return statement.node
        if imports.is_import(statement):
            self._note(statement, "after")
            return statement.node
        return self._alone(statement, "after", owner)

    def _alone(self, statement: Statement, side: str, owner: ast.ClassDef | None) -> Line:
        """Mark a statement that only one version has, if it may stand there for both."""
        own = mark.Mark("on" if side == "after" else "off")
        if owner is None and is_script(statement.tree, self.forms.trees[side == "before"]):
            if is_stub(statement.node):
                raise Moved
            pair = both_scripts(statement, is_new=side == "after")
            line: Line = self.functions.script(*pair, self.functions.default_indent)
            return mark.marked(line, self.flag, own)
        dormancy = self.after if side == "after" else self.before
        line, is_switched = statement.node, self.attributes.has(statement)
        try:
            for tree in () if is_switched else statement.trees:
                dormancy.check(tree, owner)
            self._note(statement, side, "guarded" if is_switched else "")
        except CannotWrap:
            if owner is None or not dormancy.hands_up(statement.tree, owner):
                raise
            line = self._handing_up(statement, side, owner)
        return mark.marked(line, self.flag, own)

    def _handing_up(self, statement: Statement, side: str, owner: ast.ClassDef) -> cst.FunctionDef:
        """A method that is there for one side: on the other it calls the one it overrides."""
        assert isinstance(statement.tree, FUNCTIONS)
        body = cst.ensure_type(statement.node, cst.FunctionDef).body
        indent = getattr(body, "indent", None) or self.functions.default_indent
        dormancy = self.after if side == "after" else self.before
        is_unsure = dormancy.is_unheard_of(statement.tree, owner)
        if is_unsure or all(map(has_no_effect, statement.tree.body)):
            own = None if indent == self.functions.default_indent else indent
            node = asking_upwards(statement, own, on=side == "after", is_sure=not is_unsure)
            self._note(statement, side, *(["", unless(owner, node)] if is_unsure else ["guarded"]))
            return self.functions.reader.settle(node, statement.tree, Reads(own=1))
        other = handed_up(statement)
        pair = (other, statement) if side == "after" else (statement, other)
        return self.functions.function(*pair, indent)

    def _note(
        self, statement: Statement, side: str, treatment: str = "", because: str = ""
    ) -> None:
        treatment = treatment or ("dormant" if side == "after" else "kept")
        segment = {"path": "", "line": statement.line, "end_line": statement.end_line}
        segment |= {"side": side, "treatment": treatment, "because": because or None}
        self.functions.segments.append(Segment.model_validate(segment))


def _bound(statement: Statement) -> Iterator[Binding]:
    return (binding for tree in statement.trees for binding in bindings(tree))


def _is_head(statement: Statement) -> bool:
    return is_idle(statement) or imports.is_import(statement)
