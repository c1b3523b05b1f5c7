"""Say what of a flag is left to a person once it is taken out, where, and what to do about it.

Lines are those of the files as they are now, since no plan has been applied yet.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from flagwright.core.records.plan import Segment
from flagwright.core.wrapping.proof.value import values
from flagwright.core.wrapping.puttogether import put_together, tail_of
from flagwright.core.wrapping.sound import asked_flag, mention_of, set_to, surely_asked_flag
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.spelling import MAX_KB, constant
from flagwright.core.wrapping.tree import children, nodes, walk
from flagwright.core.wrapping.unused import bound_at, count, made, word_of
from flagwright.errors import CannotWrap

_TEXT = "a comment or a text names it: reword it"
_PARTS = "a text that is put together may name it: see whether it does, and take that out"
_EXPECTED = "a test expects a text that names it: see whether that goes with its side"
_READ = "a name or an attribute is called so: if that is this flag, take what asks for it out"
_BOUND = "a name or an attribute is set that is called so: if that is this flag, delete it at last"
_ENTRY = "a collection has it as an entry: take that out"
_COMPARED = "it is compared there: see what that decides"
_SETTING = "a test sets it to the side that goes: delete what tests that side"
_DECORATOR = "a decorator"
_LONG = 40
MOST_FILES = 5
_OUTSIDE = "what imports it from outside this repository would miss it"


class _Spot(NamedTuple):
    """A line that names the flag."""

    line: int
    because: str
    binds: str = ""
    """The constant whose value it is there."""
    uses: str = ""
    """The name by which it is named there."""
    gives: str = ""
    """The name of what a call that gets it there gives, which may be asked in its place."""


class Remaining:
    """What still names one flag in the files that a retirement leaves."""

    def __init__(
        self, files: Mapping[str, bytes], flag: str, spelled: Mapping[str, Collection[str]]
    ) -> None:
        """Look at every file as it is left.

        Args:
            spelled: Other ways in which each file names the flag.
        """
        self._flag, self._files = flag, files
        self._spots: dict[str, list[_Spot]] = {}
        for path, text in files.items():
            names = {n for n in spelled.get(path, ()) if not n.endswith("()")}
            is_near = flag.encode() in text or tail_of(flag) in text
            if is_near or any(word_of(name) in text for name in names):
                self._spots[path] = _spots(text, flag, names)

    @property
    def put_together(self) -> Collection[str]:
        """Files with a text that may become the flag's name."""
        return [path for path, spots in self._spots.items() if _PARTS in {s.because for s in spots}]

    def places(self, path: str, before: bytes) -> Iterator[Segment]:
        """Lines of one file that still name the flag, where they stand now."""
        spots = self._spots.get(path, [])
        text = self._files[path]
        lines = _as_now(before, text) if spots and before != text else {}
        for spot in spots:
            because = self._bound(spot.binds) if spot.binds else spot.because
            if spot.gives:
                because += self._used(spot.gives, path)
            yield place(path, lines.get(spot.line, spot.line), "left", because)

    def _used(self, name: str, path: str) -> str:
        """Where a name of one file stands; in others only one that says more than any word."""
        is_own = name.islower() and "_" not in name
        word = word_of(name)
        found = [
            other
            for other, text in sorted(self._files.items())
            if (not is_own or other == path) and count(word, text) > (other == path)
        ]
        if not found:
            return ""
        more = f" and {len(found) - MOST_FILES} more files" * (len(found) > MOST_FILES)
        return f"; `{name}` is what that gives, and used in {', '.join(found[:MOST_FILES])}{more}"

    def _bound(self, name: str) -> str:
        """What becomes of a constant depends on who else uses it."""
        word = word_of(name)
        for path, spots in sorted(self._spots.items()):
            for spot in spots:
                if spot.uses and word_of(spot.uses) == word:
                    return f"`{name}` names it, and {path} still uses that: mend that first"
        if sum(count(word, text) for text in self._files.values()) == 1:
            return f"`{name}` names it, and no Python file here uses that: delete it by hand"
        return f"`{name}` names it, and that word stands elsewhere: see who means it"


def place(path: str, line: int, treatment: Literal["left", "gone"], because: str) -> Segment:
    """One line that a person has to know of."""
    return Segment(path=path, line=line, end_line=line, treatment=treatment, because=because)


def missed(path: str, before: bytes, names: Collection[str]) -> Iterator[Segment]:
    """Public names that go with their last use here: who imports them from outside is not seen."""
    tree = read(before, max_kb=MAX_KB).tree if names else ast.Module([], [])
    for line, name in sorted((bound_at(tree, name), name) for name in names):
        if not word_of(name).startswith(b"_"):
            because = f"`{name.rstrip('()')}` goes, as nothing here uses it any more; {_OUTSIDE}"
            yield place(path, line, "gone", because)


def emptied(path: str, before: bytes, text: bytes) -> Iterator[Segment]:
    """Functions of which nothing is left: a test that checks nothing would stay green."""
    old, new = (_functions(read(each, max_kb=MAX_KB).tree) for each in (before, text))
    for name, node in old.items():
        if name in new and _is_empty(new[name]) and not _is_empty(node):
            yield place(
                path, node.lineno, "left", f"nothing is left of `{name}`: see whether it may go"
            )


def calls_that_go(path: str, before: bytes, text: bytes, flag: str) -> Iterator[Segment]:
    """Calls that only told for whom the flag is asked: with the question they run no more."""
    old, new = ([*_asked_with(read(each, max_kb=MAX_KB).tree, flag)] for each in (before, text))
    left = {call for _, call in new}
    for call, line in {call: line for line, call in reversed(old) if call not in left}.items():
        because = f"`{call}` was called only to ask for the flag, and is not called any more"
        yield place(path, line, "gone", because)


def asserts_that_go(path: str, before: bytes, text: bytes, flag: str) -> Iterator[Segment]:
    """Asserts of a test that only look at the answer: with it they say nothing, and go."""
    old, new = ([*_asserts(read(each, max_kb=MAX_KB).tree, flag)] for each in (before, text))
    for line in old if len(new) < len(old) else ():
        yield place(
            path, line, "gone", "the test looked at the answer itself, which it has no more"
        )


def _asserts(tree: ast.Module, flag: str) -> Iterator[int]:
    yield from (
        node.lineno
        for node in nodes(tree)
        if isinstance(node, ast.Assert) and asked_flag(node.test) == flag
    )


def _asked_with(tree: ast.Module, flag: str) -> Iterator[tuple[int, str]]:
    for node in nodes(tree):
        if isinstance(node, ast.Call) and asked_flag(node) == flag:
            for value in (*node.args, *(keyword.value for keyword in node.keywords)):
                if isinstance(value, ast.Call):
                    yield value.lineno, ast.unparse(value)


def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions by their full name; of several the last."""
    found = {}
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        above, node = waiting.pop()
        name = f"{above}{getattr(node, 'name', '')}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[name] = node
        is_scope = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        below = f"{name}." if is_scope else above
        waiting += ((below, child) for child in children(node) if not isinstance(child, ast.expr))
    return found


def _is_empty(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(
        isinstance(n, ast.Pass) or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
        for n in node.body
    )


def values_in(
    path: str,
    before: bytes,
    flag: str,
    *,
    on: bool,
    spelled: Collection[str],
    dropped: Collection[str],
    apart: Collection[str] = (),
) -> Iterator[Segment]:
    """Lines in which the answer stays as a value, so that what reads it has both sides still."""
    text = read(before, max_kb=MAX_KB).text
    for line, because in values(text, flag, on=on, spelled=spelled, dropped=dropped, apart=apart):
        yield place(path, line, "left", because)


def _spots(text: bytes, flag: str, names: Collection[str]) -> list[_Spot]:
    try:
        tree = read(text, max_kb=MAX_KB).tree
    except CannotWrap:
        tree = ast.Module([], [])
    mention = mention_of(flag)
    lines = {n for n, line in enumerate(text.split(b"\n"), 1) if mention.search(line)}
    found = {spot.line: spot for spot in reversed([*_in_code(tree, lines, flag, names)])}
    named = {spot.line: spot for spot in _named(tree, lines, flag)}
    parts = {line: _Spot(line, _PARTS) for line in put_together(text, flag)}
    found = {line: _Spot(line, _TEXT) for line in lines} | named | parts | found
    return [spot for _, spot in sorted(found.items())]


def _named(tree: ast.Module, lines: Collection[int], flag: str) -> Iterator[_Spot]:
    """Where code has a name or an attribute that is called like the flag, as a setting is.

    Of one in small letters, which may mean anything, only those that stand alone.
    """
    for node in nodes(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name == flag:
                line = node.end_lineno or node.lineno
                if flag.isupper() or line in lines:
                    is_read = isinstance(node.ctx, ast.Load)
                    yield _Spot(line, _READ if is_read else _BOUND)
            case _:
                pass


def _in_code(
    tree: ast.Module, lines: Collection[int], flag: str, names: Collection[str]
) -> Iterator[_Spot]:
    """Where statements name the flag; the outermost place comes first."""
    mention = mention_of(flag)
    expected = {id(n) for each in nodes(tree) if isinstance(each, ast.Assert) for n in walk(each)}
    waiting: list[tuple[ast.AST, str, str]] = [(node, _TEXT, "") for node in reversed(tree.body)]
    kept = dict(made(tree))
    while waiting:
        node, because, binds = waiting.pop()
        match node:
            case ast.Constant(value=str(text), lineno=line) if mention.search(text.encode()):
                own = [n for n in range(line, (node.end_lineno or line) + 1) if n in lines]
                why = because
                if len(text.split()) > 1 and because != _SETTING:  # it only speaks of the flag
                    why = _EXPECTED if id(node) in expected else _TEXT
                yield from (
                    _Spot(n, why, binds, gives=kept.get(id(node), "")) for n in own or [line]
                )
            case ast.Name() | ast.Attribute() if names and ast.unparse(node) in names:
                if isinstance(node.ctx, ast.Load):
                    yield _Spot(node.lineno, because, uses=ast.unparse(node))
                    continue
            case _:
                pass
        bound = constant(node, flag) if isinstance(node, ast.stmt) else None
        if set_to(node, flag, names) is not None and because == _TEXT:
            because = _SETTING
        below = [(child, _why(node, child, because), bound or binds) for child in children(node)]
        waiting += reversed(below)


def _why(node: ast.AST, child: ast.AST, because: str) -> str:
    """Why the flag cannot go from a part of a statement, and what a person does."""
    if because == _SETTING or because.startswith(_DECORATOR):
        return because
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            if child in node.decorator_list:
                return f"{_DECORATOR} takes it: take that off, or delete `{node.name}`"
            return because
        case ast.Call(func=func):
            called = ast.unparse(func)
            what = f"`{called}`" if len(called) <= _LONG else "a call"
            if surely_asked_flag(node):
                return f"what {what} gives is used as more than yes or no: see as what"
            return f"{what} gets it, and may be more than a check: see what that does with it"
        case ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
            return _ENTRY
        case ast.Compare() | ast.MatchValue():
            return _COMPARED
        case ast.Subscript():
            return "something is looked up by it, which is more than an answer: see what"
        case _:
            return because


def _as_now(before: bytes, text: bytes) -> dict[int, int]:
    """Lines of a file as it is now, by where they stand in what is left of it."""
    old, new = ([line.strip() for line in each.split(b"\n")] for each in (before, text))
    found: dict[int, int] = {}
    for _, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        found |= {line + 1: min(a + line - c, max(b - 1, a)) + 1 for line in range(c, d)}
    return found
