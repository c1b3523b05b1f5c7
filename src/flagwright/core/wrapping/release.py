"""Find what only tells which release a file is of, or builds it: no flag reaches that.

`__version__ = "1.3"` is there on both sides, as the number in `pyproject.toml` is: a release in
which a flag is off is that release, too. The plan lists the place, where nothing else of the
file changes that runs.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Mapping

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Segment
from flagwright.core.wrapping.outside import used_outside
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.source import Source, read
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap

_BECAUSE = "it says which release this is, on both sides"

Told = Mapping[str, tuple[Segment, ...]]


def released(change: Change, policy: WrappingPolicy) -> tuple[Change, Told]:
    """The change without what only tells the release, and those places by path."""
    told: dict[str, tuple[Segment, ...]] = {}
    files = []
    for file in change.files:
        old, segments = _with_new_numbers(file, policy)
        files.append(old)
        if segments:
            told[file.path] = segments
    return (change.model_copy(update={"files": tuple(files)}) if told else change), told


def with_told(whole: Wrapped, told: Told) -> Wrapped:
    """A plan that lists those places, too, and says of its proofs that they leave them out."""
    if not told:
        return whole
    proof = tuple(
        p.model_copy(update={"apart_from": p.apart_from + len(told.get(p.path, ()))})
        for p in whole.proof
    )
    listed = (segment for segments in told.values() for segment in segments)
    return whole.model_copy(update={"coverage": (*whole.coverage, *listed), "proof": proof})


def only_builds(path: str, modules: Mapping[str, bytes], policy: WrappingPolicy) -> bool:
    """Whether a file builds the package, and no code of the repository imports it."""
    if not policy.is_packaging(path):
        return False
    others = {p: text for p, text in modules.items() if not policy.is_test(p)}
    return not used_outside(path, (), others)


def _with_new_numbers(
    file: FileChange, policy: WrappingPolicy
) -> tuple[FileChange, tuple[Segment, ...]]:
    """One file whose old version has the new numbers, and where they stand in the new one."""
    if file.kind != "modified" or not (file.before and file.after):
        return file, ()
    if not policy.may_tell_release(file.path, file.before):
        return file, ()
    try:
        old, new = (read(c, max_kb=policy.max_file_kb) for c in (file.before, file.after))
    except CannotWrap:
        return file, ()
    sides = [_numbers(source, file.path, policy) for source in (old, new)]
    differ = [name for name, node in sides[1].items() if _differs(sides[0].get(name), node)]
    if all(_is_count(sides[1][name].value) for name in differ):
        return file, ()
    if _without(old, sides[0], differ) != _without(new, sides[1], differ):
        return file, ()  # a file that is wrapped gives its old version back, the number included
    lines, new_lines = old.lines, new.lines
    for name in sorted(differ, key=lambda n: -sides[0][n].lineno):
        was, now = sides[0][name], sides[1][name]
        lines[was.lineno - 1 : was.end_lineno] = new_lines[now.lineno - 1 : now.end_lineno]
    places = [{"line": sides[1][n].lineno, "end_line": sides[1][n].end_lineno} for n in differ]
    told = {"path": file.path, "treatment": "not-controllable", "because": _BECAUSE}
    before = old.like("".join(lines))
    segments = tuple(Segment.model_validate(told | place) for place in places)
    return file.model_copy(update={"before": before}), segments


def _without(source: Source, numbers: Mapping[str, ast.stmt], names: Collection[str]) -> list[str]:
    away = {id(numbers[name]) for name in names}
    return [ast.dump(node) for node in source.tree.body if id(node) not in away]


def _differs(was: ast.Assign | ast.AnnAssign | None, now: ast.Assign | ast.AnnAssign) -> bool:
    return was is not None and ast.dump(was) != ast.dump(now)


def _numbers(
    source: Source, path: str, policy: WrappingPolicy
) -> dict[str, ast.Assign | ast.AnnAssign]:
    """Numbers at the top of a file, on lines of their own, that tell its release."""
    bound = Counter(n.id for n in nodes(source.tree) if isinstance(n, ast.Name) and _is_bound(n))
    lines = Counter(
        line for n in source.tree.body for line in range(n.lineno, (n.end_lineno or n.lineno) + 1)
    )
    found: dict[str, ast.Assign | ast.AnnAssign] = {}
    for node in source.tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if policy.tells_release(path, name) and (_is_number(value) or _is_count(value)):
                alone = lines[node.lineno] == 1 and lines[node.end_lineno or node.lineno] == 1
                if alone and bound[name] == 1 and node.col_offset == 0:
                    found[name] = node
            case _:
                pass
    return found


def _is_bound(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _is_count(value: ast.expr | None) -> bool:
    """Whether a value is one whole number, or yes or no: it tells a release beside its number."""
    return isinstance(value, ast.Constant) and isinstance(value.value, int)


def _is_number(value: ast.expr) -> bool:
    """Whether a value is the number of a release, written out: `"1.3rc1"`, `(1, 3, "rc1")`.

    Its day is one, too: `"2026-01-31"`, `"20260131"`.
    """
    match value:
        case ast.Constant(value=str(text)):
            return re.match(r"v?\d+\.\d+|(?:19|20)\d\d(-?)[01]\d\1[0-3]\d$", text) is not None
        case ast.Tuple(elts=[first, second, *_] as parts):
            numbers = (getattr(part, "value", None) for part in (first, second))
            plain = all(isinstance(part, ast.Constant) for part in parts)
            return plain and all(type(number) is int for number in numbers)
        case _:
            return False
