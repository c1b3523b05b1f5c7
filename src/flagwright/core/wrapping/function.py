"""Choose the form in which both versions of a function become one.

Guards inside one body come first. Optional parameters that one version lacks widen the
signature, and defaults that differ move into the body; any other signature is refused, since
a flag that is switched between a caller and its function would hand the arguments of one
version to the other. Where guards are not right, each version gets a body of its own.
"""

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

import libcst as cst

from flagwright.core.records.plan import Segment
from flagwright.core.wrapping import mark
from flagwright.core.wrapping.apart import (
    APART,
    FURTHER,
    can_be_inside,
    first_of_both,
    handing_on,
)
from flagwright.core.wrapping.bodies import Bodies, Form, Handing
from flagwright.core.wrapping.declared import Declared
from flagwright.core.wrapping.defaults import Alike, alike
from flagwright.core.wrapping.effect import FUNCTIONS, Effects, Function, defers
from flagwright.core.wrapping.guard import FunctionMerge
from flagwright.core.wrapping.lasting import IsLasting, is_constant, is_set_in, lasting
from flagwright.core.wrapping.oneline import with_mark
from flagwright.core.wrapping.read import Reads
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.standin import check_kind
from flagwright.core.wrapping.statement import Statement
from flagwright.core.wrapping.taken import taken
from flagwright.core.wrapping.widen import IsQuiet, Widening, widened
from flagwright.errors import CannotWrap


@dataclass(frozen=True)
class FunctionForms:
    """Merges the functions of one file under one flag."""

    flag: str
    guards: FunctionMerge
    trees: tuple[ast.Module, ast.Module]
    declared: Declared
    are_quiet: tuple[IsQuiet, IsQuiet]
    """For each version, which of its values the other one may make at import as well."""
    forms: Mapping[int, Form]
    """Form by line in the new version, for functions of which guards did not pass the proof."""

    def function(self, before: Statement, after: Statement, indent: str) -> cst.FunctionDef:
        """The merged function, which asks for the flag at most once a call.

        Raises:
            CannotWrap: `signature`, `decorator`, `function-kind` or `scope`.
        """
        node = self._of_both(before, after, indent)
        return with_mark(node, before.node, after.node, self.flag)

    def _of_both(self, before: Statement, after: Statement, indent: str) -> cst.FunctionDef:
        assert isinstance(before.tree, FUNCTIONS)
        assert isinstance(after.tree, FUNCTIONS)
        check_kept(before.tree, after.tree, self.guards.effects)
        form, count = self.forms.get(after.tree.lineno, Form.GUARDS), len(self.guards.segments)
        if not self._differ(before, after):
            return self._merged(before, after, None, form, indent)
        try:
            return self._united(before, after, form, indent)
        except CannotWrap as error:
            del self.guards.segments[count:]
            node = self._apart(before, after, indent) if error.category == "signature" else None
            if node is None:
                raise
            return node

    def _united(
        self, before: Statement, after: Statement, form: Form, indent: str
    ) -> cst.FunctionDef:
        """The function with one signature that serves both versions.

        Raises:
            CannotWrap: `signature`, `function-kind` or `scope`.
        """
        name = cast(Function, after.tree).name
        own = None if indent == self.guards.default_indent else indent
        sides = zip(self.trees, (before, after), strict=True)
        old, new = (partial(self._is_lasting, tree, version) for tree, version in sides)
        apart = taken(before, after, own, new) if self._is_only_called(after) else None
        if apart:
            before, after = apart.before, apart.after
        same = alike(before, after, own, (old, new), self.are_quiet)
        if same:
            before, after = same.before, same.after
        wide = self._wide(before, after)
        if wide is None and (not (same or apart) or self._differ(before, after)):
            raise self._refused(after)
        left_out = {*same.moved, *same.required} if same else set[str]()
        left_out.update(apart.names if apart else ())
        if clash := self.guards.reader.needs.intersection(left_out):
            because = f"the check is asked with `{min(clash)}`, which may be left out"
            raise refuse(after.line, "signature", because)
        tree = cast(Function, after.tree)
        if (same or apart) and (reader := self.declared.reader_of(tree, has_dots=bool(left_out))):
            because = f"`{name}` would be declared otherwise, and {reader}"
            raise refuse(after.line, "signature", because)
        if wide and wide.is_seen:
            form = max(form, Form.TWO_BODIES)
        node = self._merged(before, after, wide, form, indent, same)
        return self._marked(node, after, wide, same, apart.names if apart else ())

    def _refused(self, after: Statement) -> CannotWrap:
        """The refusal of another signature, and the decorator that may be all of the reason."""
        tree = cast(Function, after.tree)
        because, way_out = f"the signature of `{tree.name}` changes", ""
        plain = self.guards.effects.is_plain_decorator
        above = [each for each in tree.decorator_list if not plain(each, tree)]
        if above and not self.declared.is_called(tree):
            word = ast.unparse(above[0]).partition("(")[0]
            because = f"{because}, and `@{word}` may look at it"
            way_out = f"If `{word}` only calls what is below it, add it to `calling_decorators` in "
            way_out += "policies/wrapping.toml."
        return refuse(after.line, "signature", because, way_out=way_out)

    def _apart(self, before: Statement, after: Statement, indent: str) -> cst.FunctionDef | None:
        """The function with a signature for each version; none where somebody could tell."""
        old, new = (cast(Function, version.tree) for version in (before, after))
        first = first_of_both(old.args, new.args)
        words = {*first, *FURTHER}
        for tree, version in zip(self.trees, (before, after), strict=True):
            names = (
                partial(_is_known, words, partial(ask, tree, version))
                for ask in (self._is_lasting, self._is_there)
            )
            if not can_be_inside(cast(Function, version.tree), *names, defers=defers(tree)):
                return None
        own = {n.arg for tree in (old, new) for n in ast.walk(tree.args) if isinstance(n, ast.arg)}
        is_asked = self.guards.reader.needs & (own | words) - {*first}
        if is_asked or not self.declared.is_called(new):
            return None
        telling = self.declared.telling(old, new, len(first))
        if telling is None or self.declared.reader_of(new, has_dots=False, is_exact=True):
            return None
        node = cst.ensure_type(after.node, cst.FunctionDef)
        handing = Handing(handing_on(first, node, (old, new), self.trees), telling)
        return self._bodies(before, after, None, Form.TWO_BODIES, indent, handing)

    def _wide(self, before: Statement, after: Statement) -> Widening | None:
        """A signature with the optional parameters of both."""
        assert isinstance(before.tree, FUNCTIONS)
        assert isinstance(after.tree, FUNCTIONS)
        old, new = (cst.ensure_type(s.node, cst.FunctionDef) for s in (before, after))
        called = self.declared.is_called(after.tree)
        sides = (old, before.tree), (new, after.tree)
        wide = widened(*sides, self.guards.effects, self.are_quiet, is_called=called)
        if wide and (clash := self.guards.reader.needs.intersection((*wide.off, *wide.on))):
            because = f"only one version has `{min(clash)}`, which the check is asked with"
            raise refuse(after.line, "signature", because)
        return wide

    def _is_lasting(self, tree: ast.Module, version: Statement, name: str) -> bool:
        """Whether a name of one version may as well be looked up when the function is called.

        Or a constant in what it stands for: `logging.INFO`.
        """
        word, _, constant = name.partition(".")
        if not self._is_there(tree, version, word):
            return False
        is_known = not constant or is_constant(tree, word, constant)
        if not is_known and not self.declared.has_literal(tree, word, constant):
            return False
        files = [text for bases in self.declared.states for text in bases.looking.values()]
        is_kept = lasting(tree)[word] == 0 or not is_set_in(word, files)
        return is_kept and not (constant and is_set_in(constant, files, of_class=True))

    def _is_there(self, tree: ast.Module, version: Statement, name: str) -> bool:
        """Whether a file has bound a name for good before a function, which has none like it."""
        own = {n.arg for n in ast.walk(version.tree) if isinstance(n, ast.arg)}
        return name not in own and lasting(tree).get(name, version.line) < version.line

    def _differ(self, before: Statement, after: Statement) -> bool:
        assert isinstance(before.tree, FUNCTIONS)
        assert isinstance(after.tree, FUNCTIONS)
        header = self.guards.effects.header
        return bool(header(before.tree) != header(after.tree))

    def _merged(
        self,
        before: Statement,
        after: Statement,
        wide: Widening | None,
        form: Form,
        indent: str,
        same: Alike | None = None,
    ) -> cst.FunctionDef:
        """The function in the first form that is right."""
        required = same.required if same else ()
        if form is not Form.GUARDS and not required:
            return self._bodies(before, after, wide, form, indent)
        count = len(self.guards.segments)
        node = after.node.with_changes(params=wide.parameters) if wide else after.node
        try:
            if form is not Form.GUARDS:
                because = f"old and new code need bodies of their own, and `{required[0]}` is new"
                raise refuse(after.line, "signature", because)
            return self.guards.function(before, Statement(node, after.trees), indent, required)
        except CannotWrap as error:
            if error.category not in ("scope", "function-kind") or required:
                raise
            del self.guards.segments[count:]
            return self._bodies(before, after, wide, Form.NEW_BODY, indent)

    def _bodies(
        self,
        before: Statement,
        after: Statement,
        wide: Widening | None,
        form: Form,
        indent: str,
        handing: Handing | None = None,
    ) -> cst.FunctionDef:
        assert isinstance(before.tree, FUNCTIONS)
        assert isinstance(after.tree, FUNCTIONS)
        own = None if indent == self.guards.default_indent else indent
        bodies = Bodies(before, after, form, self.trees, own, handing)
        check_kind(before.tree, after.tree, self.declared)
        node = bodies.dispatched(wide.parameters if wide else None)
        node = self.guards.reader.settle(node, after.tree, Reads(own=1))
        shows = f"`{after.tree.name}` shows neither signature while the flag is there"
        tells = "; a call that only one version takes gets that one"
        tells = tells if handing and any(handing.telling) else ""
        self._note(after, "variant", f"{shows}, also to type checkers{tells}" if handing else None)
        names = (*bodies.names, APART) if handing else bodies.names
        return mark.marked(node, self.flag, mark.Mark("both", names))

    def _is_only_called(self, version: Statement) -> bool:
        """Whether no decorator is known to look at how a function is declared."""
        return self.guards.effects.has_plain_decorators(cast(Function, version.tree))

    def _marked(
        self,
        node: cst.FunctionDef,
        after: Statement,
        wide: Widening | None,
        same: Alike | None,
        apart: tuple[str, ...],
    ) -> cst.FunctionDef:
        """The function with a mark for each thing of its signature that is of one side."""
        sides: tuple[mark.Side, ...] = ("off", "on")
        for side in sides:
            names = getattr(wide, side) if wide else apart if side == "on" else ()
            told = [name for name in names if not same or name not in same.holders]
            optional = getattr(same, side) if same else ()
            if same and side == "off":
                optional = (*optional, *same.required)
            if names or optional:
                given = (*names, *(f"{name}=" for name in optional))
                node = mark.marked(node, self.flag, mark.Mark(side, given))
                self._note_wider(after, "on" if side == "off" else "off", told, optional)
        if moved := (*(same.moved if same else ()), *apart):
            own = tuple(f"{name}=" for name in moved)
            node = mark.marked(node, self.flag, mark.Mark("both", own))
            listed = ", ".join(f"`{name}`" for name in moved)
            self._note(
                after, "widened", f"`...` stands for {listed} left out, also to type checkers"
            )
        return node

    def _note_wider(
        self, after: Statement, other: str, names: Iterable[str], optional: Iterable[str]
    ) -> None:
        """Say which calls a side takes that its own version does not."""
        for words, can in ((names, "given"), (optional, "left out")):
            if listed := ", ".join(f"`{name}`" for name in words):
                self._note(after, "widened", f"{listed} can be {can} with the flag {other}, too")

    def _note(self, after: Statement, treatment: str, because: str | None) -> None:
        segment = {"path": "", "line": after.line, "end_line": after.end_line, "because": because}
        self.guards.segments.append(Segment.model_validate(segment | {"treatment": treatment}))


def _is_known(words: Collection[str], is_lasting: IsLasting, name: str) -> bool:
    """Whether a name means the same beside some parameters."""
    return name.partition(".")[0] not in words and is_lasting(name)


def check_kept(before: Function, after: Function, effects: Effects) -> None:
    """Refuse a function that changes what makes it: `async`, or a decorator."""
    if type(before) is not type(after):
        because = f"`{after.name}` changes between plain and async"
        raise refuse(after.lineno, "function-kind", because)
    if effects.decorators(before) != effects.decorators(after):
        raise refuse(after.lineno, "decorator", f"the decorators of `{after.name}` change")
