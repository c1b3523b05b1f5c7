"""Find which parts of a change have no flagged form, and let the others have theirs.

The old version that the rest is measured by is one that nobody wrote: it has those parts as
the new version has them. So the proof of a plan in part says exactly that, and what would
make the off side call into the wrong version refuses the whole.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from flagwright.core.records.plan import Convention, Segment
from flagwright.core.wrapping.binding import bindings
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.merge import Merged, merge
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.source import Source, parse
from flagwright.core.wrapping.statement import first_line
from flagwright.errors import CannotWrap

MAX_PARTS = 40
"""A change of more parts in one file is refused as a whole: each part is tried by itself."""
MAX_LINES = 40_000
"""So is one for which more lines than this would be read, all parts together."""

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Part:
    """A statement at the top of a file or of a class, with the lines above it."""

    key: Key
    """What the statement is, so that both versions of it have the same key."""
    lines: tuple[str, ...]
    tree: ast.stmt | None
    """None for what stands below the last statement."""


@dataclass(frozen=True)
class InPart:
    """One file of which some is behind the flag, and some is not."""

    merged: Merged
    left: tuple[CannotWrap, ...]
    """Why each of the other parts has no flagged form."""
    names: frozenset[str]
    """What those parts define or delete: old code may call it in vain."""


def merge_in_part(
    before: Source,
    after: Source,
    error: CannotWrap,
    *,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases] = (),
) -> InPart:
    """Put behind a flag what can be, and leave the rest as the new version has it.

    Args:
        error: Why the whole file cannot be.
        elsewhere: The other files of the repository, in each of its states.

    Raises:
        CannotWrap: `error`, where too little or too much is left.
    """
    merge_both = partial(
        merge, flag=flag, convention=convention, policy=policy, elsewhere=elsewhere
    )
    splitter = _Splitter(before, after)
    changed = splitter.changed()
    lines = len(changed) * len(after.lines)
    if not 1 < len(changed) <= MAX_PARTS or lines > MAX_LINES:
        raise error
    refused: dict[Key, CannotWrap] = {}
    for key in changed:
        try:
            merge_both(*splitter.alone(key))
        except CannotWrap as because:
            mixed = because.category == "unparsable"  # by how the parts were put together
            refused[key] = _at(error if mixed else because, splitter.line(key))
    if not refused or len(refused) == len(changed):
        raise error
    shipped = splitter.with_needed(refused)
    names = frozenset(_named(key for key in shipped if splitter.may_break(key)))
    kept = [key for key in changed if key not in shipped]
    if not kept or names & splitter.names_used(kept):
        raise error
    merged = merge_both(splitter.with_new(shipped), after)
    needed = splitter.with_needed([key for key in refused if not splitter.is_new(key)])
    left = [
        _needed(splitter.line(key), key)
        if key not in refused or (splitter.is_new(key) and key in needed)
        else refused[key]
        for key in shipped
        if "import" not in key
    ]
    return InPart(merged, tuple(left), names)


def names_that_change(before: Source, after: Source) -> frozenset[str]:
    """What a file defines in another way than before, or not any more."""
    splitter = _Splitter(before, after)
    return frozenset(_named(key for key in splitter.changed() if splitter.may_break(key)))


def segment(path: str, left: CannotWrap) -> Segment:
    """One part that is not behind the flag."""
    place = {"path": path, "line": left.line, "end_line": left.line}
    because = f"{left.category}: {left.because}"
    return Segment.model_validate(place | {"treatment": "not-controllable", "because": because})


class _Splitter:
    """Both versions of a file as parts, to put together as needed."""

    def __init__(self, before: Source, after: Source) -> None:
        self._before, self._after = before, after
        shared = {*_classes(before.tree.body, ())} & {*_classes(after.tree.body, ())}
        self._old, self._new = (
            [*_parts(source.tree.body, source.text.split("\n"), shared)]
            for source in (before, after)
        )
        self._old_by_key = {part.key: part for part in self._old}
        self._new_by_key = {part.key: part for part in self._new}

    def changed(self) -> list[Key]:
        """What differs and is no import, in the order of the new version, deletions last."""
        keys = [*self._new_by_key, *(k for k in self._old_by_key if k not in self._new_by_key)]
        sides = (self._old_by_key, self._new_by_key)
        return [
            key
            for key in keys
            if "import" not in key and _look(sides[0].get(key)) != _look(sides[1].get(key))
        ]

    def may_break(self, key: Key) -> bool:
        """Whether code of the old version may need the old version of a part."""
        return "definition" in key[-3:] or "head" in key or key not in self._new_by_key

    def line(self, key: Key) -> int:
        """Where a part stands in the new version, or what stood above one that is gone."""
        above = [part.key for part in takewhile(lambda part: part.key != key, self._old)]
        there = (self._new_by_key.get(each) for each in (key, *reversed(above)))
        return next((first_line(part.tree) for part in there if part and part.tree), 1)

    def alone(self, key: Key) -> tuple[Source, Source]:
        """Two versions that differ in one part, and in imports: what is new comes to old code."""
        if self.is_new(key):
            imports = _imports(self._new_by_key, self._old_by_key)
            return self._before, self.with_new([*imports, *self.with_needed([key])])
        imports = _imports(self._old_by_key, self._new_by_key)
        return self._joined(self._new, self._old, [*imports, key]), self._after

    def is_new(self, key: Key) -> bool:
        """Whether only the new version has a part."""
        return key not in self._old_by_key

    def with_new(self, keys: Collection[Key]) -> Source:
        """The old version with some parts of the new one."""
        return self._joined(self._old, self._new, keys)

    def with_needed(self, keys: Collection[Key]) -> list[Key]:
        """Parts of the new version, with those that only it has and that they use."""
        found = list(keys)
        for key in found:  # grows while it is walked
            used = self.names_used([key], old=False)
            found += [
                part.key
                for part in self._new
                if part.key not in self._old_by_key
                and part.key not in found
                and part.tree
                and used.intersection(_binds(part.tree))
            ]
        return found

    def names_used(self, keys: Collection[Key], *, old: bool = True) -> set[str]:
        """Names and attributes that parts of one version use."""
        parts = self._old_by_key if old else self._new_by_key
        trees = [part.tree for key in keys if (part := parts.get(key)) and part.tree]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        found = {node.id for node in nodes if isinstance(node, ast.Name)}
        return found | {node.attr for node in nodes if isinstance(node, ast.Attribute)}

    def _joined(self, base: Sequence[Part], other: Sequence[Part], keys: Collection[Key]) -> Source:
        """The parts of one version, some of them as the other version has them, or has not."""
        theirs = {part.key: part for part in other}
        found = [theirs.get(p.key, p) if p.key in keys else p for p in base]
        found = [part for part in found if part.key in theirs or part.key not in keys]
        at = 0
        for part in other:
            here = next((i for i, p in enumerate(found) if p.key == part.key), None)
            if here is None and part.key in keys:
                found.insert(at, part)
                here = at
            at = at if here is None else here + 1
        text = "\n".join(line for part in found for line in part.lines)
        return Source(text, parse(text), self._after.encoding, self._after.bom)


def _imports(parts: Collection[Key], others: Collection[Key]) -> list[Key]:
    """Imports that only one version has."""
    return [key for key in parts if "import" in key and key not in others]


def _classes(body: Sequence[ast.stmt], around: Key) -> Iterator[Key]:
    """Keys of classes, those in classes included, whose members stand on lines of their own."""
    for key, node in _keyed(body, around):
        if isinstance(node, ast.ClassDef) and first_line(node.body[0]) > node.lineno:
            yield key
            yield from _classes(node.body, key)


def _parts(body: Sequence[ast.stmt], lines: Sequence[str], shared: Collection[Key]) -> list[Part]:
    """Every line of a file in exactly one part."""
    found: list[Part] = []
    done = 0
    for key, node, last in _flat(body, (), shared):
        if last <= done and found:  # two statements on one line
            one = found.pop()
            found.append(Part((*one.key, *key), one.lines, one.tree))
            continue
        found.append(Part(key, tuple(lines[done:last]), node))
        done = last
    return [*found, Part(("end",), tuple(lines[done:]), None)]


def _flat(
    body: Sequence[ast.stmt], around: Key, shared: Collection[Key]
) -> Iterator[tuple[Key, ast.stmt, int]]:
    """Key, statement and last line; of a class that both versions have, its head and members."""
    for key, node in _keyed(body, around):
        if key in shared and isinstance(node, ast.ClassDef):
            head = ast.ClassDef(**{**dict(ast.iter_fields(node)), "body": []})
            yield (*key, "head"), ast.copy_location(head, node), first_line(node.body[0]) - 1
            yield from _flat(node.body, key, shared)
        else:
            yield key, node, node.end_lineno or node.lineno


def _keyed(body: Sequence[ast.stmt], around: Key) -> Iterator[tuple[Key, ast.stmt]]:
    seen: Counter[Key] = Counter()
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                key: Key = (*around, "definition", node.name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                key = (*around, "name", name)
            case ast.Import() | ast.ImportFrom():
                key = (*around, "import", ast.dump(node))
            case _:
                key = (*around, "code", ast.dump(node))
        yield (*key, seen[key]), node
        seen[key] += 1


def _look(part: Part | None) -> str | None:
    return ast.dump(part.tree) if part and part.tree else None


def _binds(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    stored = {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return stored | {binding.name for binding in bindings(node)}


def _named(keys: Iterable[Key]) -> Iterator[str]:
    """What parts define, by the name that others use: `__init__` is called as its class."""
    for key in keys:
        names = [str(key[i + 1]) for i, word in enumerate(key) if word in ("definition", "name")]
        while len(names) > 1 and names[-1].startswith("__"):
            del names[-1]
        yield from names[-1:]


def _at(error: CannotWrap, line: int) -> CannotWrap:
    return refuse(line, error.category, error.because, way_out=error.next_step)


def _needed(line: int, key: Key) -> CannotWrap:
    name = "".join(_named([key])) or "this line"
    return refuse(line, "import-time", f"`{name}` is used by code that is not behind the flag")
