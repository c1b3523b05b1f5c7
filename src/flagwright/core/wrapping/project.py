"""Take one flag out of a file, keeping what runs with it on, or with it off.

The inverse of wrapping, and the tool that retires a flag. It folds what the answer makes
constant, goes by the marks that wrapping left, and drops what only the removed code used.
What it cannot fold for certain stays as it is.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

import libcst as cst

from flagwright.core.wrapping import compound, filemark, redefined, was
from flagwright.core.wrapping.aside import aliases_in, imported_twice, may_be_aside, put_back
from flagwright.core.wrapping.codes import Codes
from flagwright.core.wrapping.fold import Fold
from flagwright.core.wrapping.outline import Definition, Outline
from flagwright.core.wrapping.required import without_questions
from flagwright.core.wrapping.source import parse, read
from flagwright.core.wrapping.statement import Statement, Suite, first_line, statements, suite
from flagwright.core.wrapping.telling import without_telling
from flagwright.core.wrapping.tidy import names_used, tidied
from flagwright.core.wrapping.tree import lines_of, uncollected, walked
from flagwright.core.wrapping.twin import OF_THE_NEW, SUFFIX

MAX_KB = 4000


@uncollected()
def project(
    source: str | bytes,
    *,
    flag: str,
    on: bool,
    drops_dead: bool = False,
    spelled: Collection[str] = (),
    old_text: bool = True,
    needed: Collection[str] = (),
    apart: Collection[str] = (),
) -> str | bytes:
    """The file as it behaves with the flag on, or off, and without the flag.

    Args:
        drops_dead: Whether what follows an early return that has become certain goes, too.
        spelled: Other ways in which this file names the flag, such as `Flags.NEW_TAX`, or
            asks for it, such as `use_new_tax()`.
        old_text: Whether comments, docstrings and annotations of the old version come back.
        needed: Imported names that other files take from this one.
        apart: Functions and methods, by their full names, that stay as they are.

    Returns:
        Text for text and bytes for bytes; `source` itself where the flag does not occur,
        and nothing where the whole file belongs to the other side.

    Raises:
        CannotWrap: `unparsable` or `too-complex`.
    """
    name = flag.encode() if isinstance(source, bytes) else flag
    if name not in source and not spelled:  # type: ignore[operator] # both text or both bytes
        return source
    held = read(source, max_kb=MAX_KB)
    side, text = filemark.side_of(held.text, flag)
    if side is not None and (side == "on") != on:
        return source[:0]
    text = text if old_text else was.of_side(text, flag, on=True)
    projected = next(
        projections(
            text, flag, [on], drops_dead=drops_dead, spelled=spelled, needed=needed, apart=apart
        )
    )
    return source if projected == held.text else held.like(projected)


def project_text(text: str, *, flag: str, on: bool) -> str:
    """`project` for a text that has been checked already."""
    return next(projections(text, flag, [on]))


def projections(
    text: str,
    flag: str,
    sides: Iterable[bool],
    *,
    drops_dead: bool = False,
    spelled: Collection[str] = (),
    needed: Collection[str] = (),
    apart: Collection[str] = (),
) -> Iterator[str]:
    """The text of each side asked for."""
    text = redefined.without_comments(text, flag)
    texts = {on: was.of_side(text, flag, on=on) for on in sides}
    for own in dict.fromkeys(texts.values()):
        of = [on for on in texts if texts[on] == own]
        aside = aliases_in(parse(text)) if own != text and may_be_aside(text) else {}
        asked = without_telling(without_questions(own, flag), flag)
        yield from _folded(
            asked,
            flag,
            of,
            drops_dead=drops_dead,
            spelled=spelled,
            aside=aside,
            needed=needed,
            apart=apart,
        )


def _folded(
    text: str,
    flag: str,
    sides: Iterable[bool],
    *,
    drops_dead: bool,
    spelled: Collection[str],
    aside: Mapping[str, str],
    needed: Collection[str],
    apart: Collection[str],
) -> Iterator[str]:
    """The text of each side; only what mentions the flag is opened.

    Args:
        aside: Names by their alias whose import is the old line again already.
    """
    tree, outline = parse(text), Outline()
    words = (flag, *(name.rstrip("()") for name in spelled), *_of_two(tree))
    mentioned = _lines_with(text, words) - lines_of(tree, apart)
    holders = _holders(tree, mentioned)
    may_close = not aside and not may_be_aside(text)
    opens = partial(_opened, mentioned, functions=may_close and not holders and not drops_dead)
    used = partial(_used, text, [*_silent(tree.body, mentioned, opens)])
    held = _lines_with(text, holders)
    closed = [*_closed(tree.body, mentioned, held, opens)] if may_close else []
    short = outline.of(text, closed)
    module = cst.parse_module(short)
    codes = Codes(module)
    paired = statements(module.body, parse(short).body)
    opened = _lines_with(short, {*words, *holders}) - lines_of(parse(short), apart)
    silent = {id(node): node for node in _idle(paired, opened)}
    shut = {id(node) for run in closed for node in run}
    bound = {name for node in tree.body if id(node) in shut for name in _bound(node)}
    for on in sides:
        fold = Fold(
            flag, on=on, drops_dead=drops_dead, spelled=spelled, silent=silent, holders=holders
        )
        visited = (node if id(node) in silent else node.visit(fold) for node in module.body)
        body = [node for node in visited if isinstance(node, cst.CSTNode)]
        folded = fold.finished(module, body)
        twice = imported_twice(folded.body)
        left = tidied(module, folded, fold, codes, used, {*needed, *twice}, bound)
        names = fold.aside | ({} if on else {**aside})
        yield outline.filled(codes.whole(put_back(left, names) if names else left))


def _used(text: str, trees: Sequence[ast.stmt], names: Collection[str]) -> set[str]:
    """Those of some names that statements use; most stand nowhere in their text."""
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    lines = text.split("\n")
    found = {number for number in _lines_with(text, names) if word.search(lines[number - 1])}
    near = [tree for tree in trees if not _is_silent(tree, found)]
    return names_used(near) & {*names} if near else set()


def _of_two(tree: ast.Module) -> set[str]:
    """Names of a file, and of the classes in it, that end as that of one of two definitions."""
    blocks = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    found = [{name for node in body for name in _bound(node)} for body in blocks]
    ends = (SUFFIX, OF_THE_NEW)
    return {n + end for names in found for n in names for end in ends if n + end in names}


def _lines_with(text: str, words: Collection[str]) -> set[int]:
    there = [word for word in words if word in text]
    lines = enumerate(text.split("\n"), 1) if there else ()
    return {number for number, line in lines if any(word in line for word in there)}


def _holders(tree: ast.Module, mentioned: Collection[int]) -> set[str]:
    """Names that are bound in a statement that mentions the flag, and may hold its answer."""
    found: set[str] = set()
    for node in walked(node for node in tree.body if not _is_silent(node, mentioned)):
        kinds = ast.Assign | ast.AnnAssign | ast.NamedExpr
        if isinstance(node, kinds) and not _is_silent(node, mentioned):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update(target.id for target in targets if isinstance(target, ast.Name))
    return found


def _idle(
    statements: Iterable[Statement],
    mentioned: Collection[int],
    above: int = 0,
) -> Iterator[cst.CSTNode]:
    """Statements on any level that do not mention the flag; the lines above count, too.

    Args:
        above: The last line before the first statement.
    """
    for statement in statements:
        if all(_is_silent(tree, mentioned, above + 1) for tree in statement.trees):
            yield statement.node
        else:
            for block in _blocks(statement):
                yield from _idle(block.statements, mentioned, statement.line)
        above = statement.end_line


def _blocks(statement: Statement) -> tuple[Suite, ...]:
    tree, node = statement.tree, statement.node
    if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        assert isinstance(node, cst.FunctionDef | cst.ClassDef)
        return (suite(node.body, tree.body),)
    return compound.suites(statement)


def _opened(
    mentioned: Collection[int], node: ast.stmt, above: int, *, functions: bool
) -> Sequence[ast.stmt]:
    """The statements inside one that mentions the flag, of which some may be left alone.

    Of a function that holds no answer only what asks is opened, unless its head has a mark.
    """
    if isinstance(node, ast.ClassDef):
        return node.body
    if functions and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        head = range(above + 1, first_line(node.body[0]))
        return () if any(line in head for line in mentioned) else node.body
    return ()


def _closed(
    body: Iterable[ast.stmt],
    mentioned: Collection[int],
    held: Collection[int],
    opens: Callable[[ast.stmt, int], Sequence[ast.stmt]],
    above: int = 0,
) -> Iterator[list[ast.stmt]]:
    """Runs of statements of a file, and of the classes and functions in it, that nobody opens.

    Imports and `__all__` are open: they lose what nothing uses any more.

    Args:
        held: Lines with a name that may hold the answer; a definition has its own.
        above: The last line before the first statement.
    """
    run: list[ast.stmt] = []
    for node in body:
        is_near = not isinstance(node, Definition) and not _is_silent(node, held)
        is_kept = isinstance(node, ast.Import | ast.ImportFrom) or "__all__" in _bound(node)
        if is_near or is_kept or not _is_silent(node, mentioned, above + 1):
            yield from [run] if run else ()
            run = []
            yield from _closed(opens(node, above), mentioned, held, opens, node.lineno)
        else:
            run.append(node)
        above = node.end_lineno or node.lineno
    yield from [run] if run else ()


def _bound(node: ast.stmt) -> list[str]:
    """Names that a definition or a plain assignment binds."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []


def _silent(
    body: Iterable[ast.stmt],
    mentioned: Collection[int],
    opens: Callable[[ast.stmt, int], Sequence[ast.stmt]],
    above: int = 0,
) -> Iterator[ast.stmt]:
    """Statements of a file, and of the classes and functions in it, that do not mention the flag.

    The lines above count, too: a mark belongs to the statement below it.

    Args:
        above: The last line before the first statement.
    """
    for node in body:
        if _is_silent(node, mentioned, above + 1):
            yield node
        else:
            yield from _silent(opens(node, above), mentioned, opens, node.lineno)
        above = node.end_lineno or node.lineno


def _is_silent(
    node: ast.stmt | ast.NamedExpr, mentioned: Collection[int], first: int | None = None
) -> bool:
    own = first_line(node) if isinstance(node, ast.stmt) else node.lineno
    start = own if first is None else first
    return not any(start <= line <= (node.end_lineno or start) for line in mentioned)
