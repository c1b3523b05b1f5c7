"""Check what taking a flag out left of a file, by folding the answer a second time.

The same rules as the first time, written anew over the standard library's trees. A file
passes where both come to the same code, where every function that is left gives what it
gave, and where every name in it is found where it was.
"""

import ast
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from flagwright.core.wrapping.proof import defaults, form, taken
from flagwright.core.wrapping.proof.apart import question_of
from flagwright.core.wrapping.proof.attribute import goes_with_the_flag
from flagwright.core.wrapping.proof.bound import assigned, bound
from flagwright.core.wrapping.proof.equal import Anything, Folded, same
from flagwright.core.wrapping.proof.expression import Answering, taken_case
from flagwright.core.wrapping.proof.fold import Mark, first_line, marks_of, required
from flagwright.core.wrapping.proof.lasting import known, lasting
from flagwright.core.wrapping.proof.remains import (
    bound_in,
    code_of,
    imports_of,
    put_back,
    set_aside,
    stepped_aside,
    without,
)
from flagwright.core.wrapping.proof.scope import (
    Meaning,
    ScopeProblem,
    check_kinds,
    check_scopes,
)
from flagwright.core.wrapping.proof.typenames import without_types
from flagwright.core.wrapping.proof.usage import unsteady
from flagwright.core.wrapping.proof.was import with_old_text
from flagwright.core.wrapping.sound import set_to
from flagwright.core.wrapping.tree import definitions, lines_of, nodes, outermost, parsed

_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def difference(
    before: str,
    text: str,
    flag: str,
    *,
    on: bool,
    spelled: Collection[str] = (),
    dropped: Collection[str] = (),
    old_text: bool = True,
    apart: Collection[str] = (),
) -> tuple[int, str] | None:
    """Why a text is not what remains of another one once a flag has its answer.

    Args:
        spelled: Other ways in which the file names the flag, or asks for it.
        dropped: Those of them whose definition nothing uses any more.
        old_text: Whether comments that hold old text have given it back.
        apart: Functions and methods, by their full names, that stay as they are.

    Returns:
        Line of the original and the reason; none where the text is right.
    """
    aliases, imported = {} if on else set_aside(parsed(before)), imports_of(parsed(before))
    whole, before = before, with_old_text(before, flag, on=on or not old_text)
    was, left = (Answered(t, flag, spelled, on=on, apart=apart) for t in (before, text))
    aliases |= was.stepped_aside()
    folded, rest = without(was.module(), dropped), left.module()
    expected = put_back(folded, aliases) if aliases else folded
    if code_of(expected) != code_of(rest):
        return _differing(expected, rest), "two ways of taking the flag out differ"
    texts = [ast.get_docstring(tree, clean=False) for tree in (parsed(before), rest)]
    if texts[0] != texts[1]:
        return 1, "a string would become the docstring of the file"
    if was.documented_otherwise:
        return was.documented_otherwise[0], "a string would become a docstring"
    if old_text and not on and before != whole:
        new = with_old_text(whole, flag, on=True)
        as_new = Answered(new, flag, spelled, on=on, apart=apart)
        plain = put_back(without(as_new.module(), dropped), aliases)
        one, other = without_types(expected, plain)
        if not same(Folded(one, []), Folded(other, []), Anything()):
            return 1, "the old text would change what runs"
    there = {*aliases, *bound_in(rest)} if old_text and not on else None
    if name := _without_import(expected, rest, imported, there):
        return 1, f"`{name}` would lose its import"
    pairs = [(rest, folded), *zip(definitions(rest), definitions(folded), strict=True)]
    standing = [(new, was.bodies.get(getattr(old, "lineno", 0), old)) for new, old in pairs]
    return _moved(standing, Meaning(text), Meaning(before, was.stand_for, aliases))


def _differing(expected: ast.Module, rest: ast.Module) -> int:
    """The line of the first function that differs, or of the file."""
    left = dict(outermost(rest))
    own = ((f, left.get(name)) for name, f in outermost(expected))
    return next((f.lineno for f, g in own if g and ast.dump(f) != ast.dump(g)), 1)


def _without_import(
    expected: ast.Module,
    rest: ast.Module,
    imported: Collection[tuple[str, str, str]],
    there: Collection[str] | None,
) -> str | None:
    """A name that is used, but no longer imported.

    Args:
        imported: What the text imported, of which all counts that is not `there` by its name.
    """
    lost = imports_of(expected) - imports_of(rest)
    if there is not None:
        lost |= {found for found in imported if found[2] not in there}
    used = {node.id for node in nodes(rest) if isinstance(node, ast.Name)}
    kept = {name for _, _, name in imports_of(rest)}
    return min((name for _, _, name in lost if name in used and name not in kept), default=None)


def _moved(
    standing: Sequence[tuple[ast.AST, ast.AST]], text: Meaning, whole: Meaning
) -> tuple[int, str] | None:
    """Where a name would be found in another place, or a function be of another kind."""
    try:
        check_kinds(standing, text, whole)
        check_scopes(standing, text, whole, ())
    except ScopeProblem as problem:
        moved = f"`{problem.name}` would be found in another place"
        return problem.line, moved if problem.name else problem.because
    return None


class Answered(Answering):
    """One text with the answer in place of each check."""

    def __init__(
        self,
        text: str,
        flag: str,
        spelled: Collection[str],
        *,
        on: bool,
        apart: Collection[str] = (),
    ) -> None:
        """`apart` are functions and methods, by their full names, that stay as they are."""
        super().__init__(parsed(text), flag, spelled, on=on)
        self._marks = marks_of(text, flag)
        self._lasting = lasting(self._tree) if self._marks else frozenset()
        self.bodies: dict[int, ast.AST] = {}
        """By the line of a function, the inner function that held its body."""
        self.stand_for: dict[str, str] = {}
        """The name of each such function by that of the inner one."""
        self.documented_otherwise: list[int] = []
        """Lines of what would get another docstring."""
        words = (flag, *(name.partition(".")[0].rstrip("()") for name in spelled))
        lines = enumerate(text.split("\n"), 1)
        away = lines_of(self._tree, apart)
        self._mentioned = [
            n for n, line in lines if n not in away and any(w in line for w in words)
        ]

    def module(self) -> ast.Module:
        """The whole file."""
        found = ast.Module(self._block(self._tree.body, {}), [])
        self._note_docstring(self._tree, found)
        return found

    def stepped_aside(self) -> dict[str, str]:
        """Names by the alias that their definition of this side has."""
        return stepped_aside(self._tree, self._marks, on=self._on)

    def _block(self, body: Sequence[ast.stmt], held: dict[str, bool]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for node in body:
            marks = self._marks.get(first_line(node), ())
            sides = [mark.side for mark in marks if not mark.names]
            if self._away in sides or goes_with_the_flag(node, sides):
                continue
            if not held and not marks and self.is_silent(node):
                found.append(node)
                continue
            left = self._statement(node, held, marks)
            found += left
            if isinstance(node, ast.If | ast.Match) and left and isinstance(left[-1], _LEAVES):
                break
        return found

    def is_silent(self, node: ast.stmt) -> bool:
        """Whether no line of a statement mentions the flag."""
        at = bisect_left(self._mentioned, first_line(node))
        end = node.end_lineno or node.lineno
        return at == len(self._mentioned) or self._mentioned[at] > end

    @property
    def _away(self) -> str:
        return "off" if self._on else "on"

    def _statement(
        self, node: ast.stmt, held: dict[str, bool], marks: Sequence[Mark]
    ) -> list[ast.stmt]:
        match node:
            case ast.If(test=test):
                answer = self._tests(test, held)
                if answer is not None:
                    return self._branch(node.body if answer else node.orelse, held)
            case ast.Match(subject=subject, cases=cases):
                answer = self._answer(self._part(subject, held))
                if answer is not None and (body_taken := taken_case(cases, answer)) is not None:
                    return self._branch(body_taken, held)
            case ast.While(test=test) if self._tests(test, held) is False:
                return self._branch(node.orelse, held)
            case ast.Assert(test=test) if self._tests(test, held):
                return []
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if name in held and self._answer(self._part(value, held)) is not None:
                return []
            case ast.With() | ast.Try():
                return self._around(node, held)
            case ast.Import() | ast.ImportFrom():
                away = [mark for mark in marks if mark.side == self._away]
                return self._import(node, {name for mark in away for name in mark.names})
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return [self._function(node, held, marks)]
            case _:
                pass
        return [self._compound(node, held)]

    def _around(self, node: ast.With | ast.Try, held: dict[str, bool]) -> list[ast.stmt]:
        """A `with` that only sets the flag goes, and a `try` with nothing left to try."""
        if isinstance(node, ast.With):
            left = [item for item in node.items if not self._sets(item)]
            if not left:
                return self._branch(node.body, held)
            node = ast.copy_location(ast.With(left, node.body), node)
        elif not (node.orelse and node.finalbody) and not self._block(node.body, held):
            return self._branch(node.orelse or node.finalbody, held)
        return [self._compound(node, held)]

    def _sets(self, item: ast.withitem) -> bool:
        """Whether a part of a `with` only sets the flag to the answer."""
        value = set_to(item.context_expr, self._flag, self._spelled)
        return item.optional_vars is None and value is self._on

    def _decorators(self, found: list[ast.expr]) -> list[ast.expr]:
        return [d for d in found if set_to(d, self._flag, self._spelled) is not self._on]

    def _tests(self, test: ast.expr, held: dict[str, bool]) -> bool | None:
        return self._answer(self._truth(self._part(test, held)))

    def _branch(self, body: Sequence[ast.stmt], held: dict[str, bool]) -> list[ast.stmt]:
        found = self._block(body, held)
        return [] if all(isinstance(n, ast.Pass) for n in found) else found

    def _compound(self, node: ast.stmt, held: dict[str, bool]) -> ast.stmt:
        fields: dict[str, Any] = {}
        for name, value in ast.iter_fields(node):
            if name == "decorator_list":
                fields[name] = self._decorators(value)
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                block = self._block(value, held)
                fields[name] = block if name == "orelse" else block or [ast.Pass()]
            else:
                fields[name] = self._part(value, held)
        return self._folded(ast.copy_location(type(node)(**fields), node))  # type: ignore[no-any-return] # a statement

    def _import(self, node: Any, gone: set[str]) -> list[ast.stmt]:
        names = [a for a in node.names if (a.asname or a.name) not in gone]
        fields = {**dict(ast.iter_fields(node)), "names": names}
        return [ast.copy_location(type(node)(**fields), node)] if names else []

    def _function(self, node: Any, held: dict[str, bool], marks: Sequence[Mark]) -> ast.stmt:
        for mark in marks:
            if mark.side == "both" and mark.plain:
                at = int(ast.get_docstring(node, clean=False) is not None)
                test = getattr(node.body[at], "test", node)
                check = ast.dump(question_of(test) if "*" in mark.plain else test)
                node, held_body = form.one_body(
                    node, mark.plain, check, known(self._tree), on=self._on
                )
                if held_body is not None:
                    self.bodies[node.lineno] = held_body
                    self.stand_for[held_body.name] = node.name
        node = form.without_question(node, required(marks))
        away = [mark for mark in marks if mark.side == self._away]
        own = [name for mark in marks if mark.side == "both" for name in mark.defaults]
        gone = [name for mark in away for name in mark.plain]
        rest = [name for name in own if name in gone]
        if gone:
            node = form.without_parameters(taken.left_out(node, rest), gone, rest)
        node = defaults.without_defaults(node, [name for mark in away for name in mark.defaults])
        counts = Counter(bound(node))
        inner = {name: answer for name, answer in held.items() if name not in counts}
        unsure = unsteady(node)
        for name, value in assigned(node) if unsure is not None else ():
            negated = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
            asked = value.operand if isinstance(value, ast.UnaryOp) and negated else value
            asked = asked.value if isinstance(asked, ast.Await) else asked
            if counts[name] == 1 and name not in (unsure or ()) and self._asks(asked):
                inner[name] = self._on != negated
        fields = dict(ast.iter_fields(node))
        fields["args"] = self._part(node.args, held)
        fields["decorator_list"] = self._decorators(node.decorator_list)
        fields["body"] = self._block(node.body, inner) or [ast.Pass()]
        found = ast.copy_location(type(node)(**fields), node)
        self._note_docstring(node, found)
        own = [name for name in own if name not in gone]
        found = defaults.with_own_defaults(found, own, self._lasting)
        return taken.without_rest(found, rest)  # type: ignore[no-any-return] # alike

    def _note_docstring(self, node: Any, folded: Any) -> None:
        texts = [ast.get_docstring(n, clean=False) for n in (node, folded)]
        if texts[0] != texts[1]:
            self.documented_otherwise.append(getattr(node, "lineno", 1))
