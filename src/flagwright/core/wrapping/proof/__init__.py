"""Check a wrapped file by other means than those that made it: standard library only.

Nothing here is shared with the rewriter but how a text is parsed and a tree is walked. A file
passes only when everything holds that a `FileProof` promises; the first thing that does not
is a refusal.
"""

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flagwright.core.records.plan import FileProof
from flagwright.core.wrapping.proof.attribute import as_properties
from flagwright.core.wrapping.proof.doubled import (
    given_twice,
    overloaded,
    stands_once,
    used_by_its_own,
)
from flagwright.core.wrapping.proof.equal import Version, identical, same, spelled
from flagwright.core.wrapping.proof.fold import Folded, fold, renamed
from flagwright.core.wrapping.proof.hollow import Paired, have_one_of, hollow, paired
from flagwright.core.wrapping.proof.imported import foreign, imports, unseen
from flagwright.core.wrapping.proof.importing import asks_at_import
from flagwright.core.wrapping.proof.ofobject import same_where_renamed
from flagwright.core.wrapping.proof.outside import Outside
from flagwright.core.wrapping.proof.overridden import same_caches, same_where_set
from flagwright.core.wrapping.proof.scope import (
    Meaning,
    Pairs,
    ScopeProblem,
    check_kinds,
    check_scopes,
)
from flagwright.core.wrapping.proof.starting import may_start
from flagwright.core.wrapping.proof.typenames import without_types
from flagwright.core.wrapping.proof.untouched import lost
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.tree import compiled, compiled_part, parsed


@dataclass(frozen=True)
class Claim:
    """What the rewriter says it did to one file."""

    flag: str
    check: str
    """The expression that asks for the flag, as it stands in the wrapped text."""
    client_import: str | None
    """The import line that was added, if any."""
    before: str
    after: str
    wrapped: str
    off: str
    """The wrapped text with the flag taken out, keeping off."""
    on: str
    aside: Mapping[str, str]
    """Names that the new version imports from elsewhere, or defines anew, by the alias of the
    old import or definition."""
    instead: Mapping[str, str]
    """Names of which the old version keeps its definition, by the alias of the new one."""
    members: Collection[str]
    """Those aliases that are attributes of a class's own objects."""
    plain_decorators: Collection[str]
    """Decorators under which annotations are not read."""
    annotation_readers: Collection[str]
    package: str
    """The package that relative imports start from; empty where it is not certain."""
    running_calls: Collection[str]
    """Functions of others that call what they are given."""
    is_alone: bool
    """Whether nobody looks at what other files do with it while they are imported."""
    is_program: bool
    """Whether people start the file, and nobody imports it, so that it may ask at its top."""


def prove(claim: Claim) -> FileProof:
    """Check one wrapped file.

    Raises:
        CannotWrap: `proof-failed`, `scope`, `function-kind`, `name-clash` or `import-time`.
    """
    before, after = parsed(claim.before), parsed(claim.after)
    wrapped = _compiled(claim)
    sides = [fold(wrapped, claim.wrapped, claim.flag, claim.check, on=on) for on in (False, True)]
    _check_aside(claim, wrapped)
    sides[0].tree = renamed(sides[0].tree, claim.aside, claim.members)
    sides[1].tree = renamed(sides[1].tree, claim.instead)
    _check_projections(claim, before, after, sides)
    shown = as_properties(wrapped, claim.wrapped, claim.flag)
    outside = Outside(is_all=not claim.is_alone)
    lines = asks_at_import(shown, spelled(shown, claim.check), claim.running_calls, outside)
    if lines and not (
        claim.is_program and may_start(claim.check, wrapped, (before, after), min(lines))
    ):
        raise refuse(lines[0], "import-time", "the flag would be read while the file is imported")
    for name in sides[0].fresh:
        _hold(not re.search(rf"\b{name}\b", claim.before + claim.after), f"`{name}` is there")
    texts = (before, claim.before), (after, claim.after), (wrapped, claim.wrapped)
    was, is_now, both = (Version(tree, text.split("\n")) for tree, text in texts)
    try:
        read = _meanings(claim, (was, is_now), both, sides)
        for version, other, side, aliases, (pairs, meaning, merged) in zip(
            (was, is_now), (after, before), sides, (claim.aside, claim.instead), read, strict=True
        ):
            check_kinds(pairs, meaning, merged)
            moved = {*unseen(version.tree), *aliases.values()}
            strange = foreign(version.tree, other, claim.package) - set(claim.aside.values())
            extra = [
                (line, name)
                for line, name in side.extra
                if name not in moved
                and not given_twice(wrapped, line, name)
                and not overloaded(wrapped, side.tree, line, name)
            ]
            extra += [(0, name) for name in strange]
            check_scopes(pairs, meaning, merged, extra)
    except ScopeProblem as problem:
        raise refuse(problem.line, problem.category, problem.because) from problem
    renamed_there = {*claim.aside.values(), *claim.instead.values()}
    indents = claim.is_program
    if because := lost(was, is_now, claim.wrapped, renamed_there, may_indent=indents):
        raise refuse(1, "proof-failed", because)
    return FileProof(path="-")


def _compiled(claim: Claim) -> ast.Module:
    try:
        tree = parsed(claim.wrapped)
        compiled(claim.wrapped)
    except SyntaxError as error:
        is_scope = "global" in str(error) or "nonlocal" in str(error)
        because = f"both versions in one file do not compile ({error.msg})"
        line = max(error.lineno or 1, 1)
        raise refuse(line, "scope" if is_scope else "proof-failed", because) from error
    return tree


def _meanings(
    claim: Claim,
    versions: Sequence[Version],
    both: Version,
    sides: Sequence[Folded],
    *,
    leaves_out: bool = True,
) -> list[tuple[Pairs, Meaning, Meaning]]:
    """Definitions of each version, with what the compiler makes of it and of the wrapped file.

    A function that stands in both as it is means the same in both, unless they bind other
    names of it.
    """
    found: list[Paired] = []
    for version, side in zip(versions, sides, strict=True):
        pair = paired(version, side, both, leaves_out=leaves_out)
        if pair is None:
            raise refuse(1, "proof-failed", "its definitions are not those of this version")
        found.append(pair)
    changed = found[0].lines | found[1].lines
    same = {line: n for pair in found for line, (_, n) in pair.same.items() if line not in changed}
    stand_for = {**sides[0].stand_for, **sides[1].stand_for}
    code = compiled(claim.wrapped)
    aliases = {**claim.aside, **claim.instead}
    merged = Meaning(hollow(both.lines, same.values()), stand_for, aliases, code)
    read: list[tuple[Pairs, Meaning, Meaning]] = []
    for version, pair in zip(versions, found, strict=True):
        left_out = [own for own, _ in pair.same.values()]
        own = _meaning(version, left_out, pair.changed)
        if have_one_of(own.bound ^ merged.bound, version.lines, left_out):
            return _meanings(claim, versions, both, sides, leaves_out=False)
        read.append((pair.pairs, own, merged))
    return read


def _meaning(version: Version, left_out: Sequence[Any], changed: Sequence[Any]) -> Meaning:
    """What the compiler makes of a version, and of those functions that are not the same."""
    try:
        return Meaning(hollow(version.lines, left_out), code=compiled_part(changed))
    except SyntaxError:
        pass
    try:
        return Meaning("\n".join(version.lines))
    except SyntaxError as error:
        line = max(error.lineno or 1, 1)
        raise refuse(line, "unparsable", f"Python cannot compile it ({error.msg})") from error


def _check_aside(claim: Claim, wrapped: ast.Module) -> None:
    """An alias is bound by one import at the top, and means nothing in either version."""
    for alias in (*claim.aside, *claim.instead):
        used = re.search(rf"\b{alias}\b", claim.before + claim.after)
        is_member = alias in claim.members
        once = stands_once(wrapped, alias, is_member=is_member)
        _hold(not used and once, f"`{alias}` means something else")
        if is_member:
            own = used_by_its_own(wrapped, {alias, claim.aside[alias]}, alias)
            _hold(own, f"`{alias}` is asked of an object that may not have it")


def _check_projections(
    claim: Claim, before: ast.Module, after: ast.Module, sides: Sequence[Folded]
) -> None:
    """Compare both sides with both versions: as they run, and with the flag taken out."""
    plain = _plain(claim)
    old, new, wrapped = (text.split("\n") for text in (claim.before, claim.after, claim.wrapped))
    was, is_now = Version(before, old), Version(after, new)
    off, on = (Version(side.tree, wrapped) for side in sides)
    off = Version(off.tree, []) if claim.aside else off
    _hold(_same_but_types(off, was, plain), "with the flag off it is not the old code")
    for version in (before, after):
        is_kept = same_where_renamed(sides[0].tree, before, by=version)
        _hold(is_kept, "with the flag off a class is made from another `object`")
    is_idle = same_where_set(sides[0].tree, before, (claim.before, claim.after))
    _hold(is_idle, "with the flag off a function has another `@override`")
    is_idle = same_caches(sides[0].tree, before, (claim.before, claim.after))
    _hold(is_idle, "with the flag off a function has another cache")
    _hold(same(on, is_now, None), "with the flag on it is not the new code")
    docs = [ast.get_docstring(tree, clean=False) for tree in (sides[1].tree, after)]
    _hold(docs[0] == docs[1], "the docstring of the file is lost")
    united = imports(before) | imports(after)
    if claim.client_import:
        united |= imports(ast.parse(claim.client_import))
    _hold(imports(sides[0].tree) | imports(sides[1].tree) == united, "it loses an import")
    if claim.off != claim.before:
        _check_off(parsed(claim.off), claim.off, was, plain)
    if claim.on != claim.after:
        without = identical(parsed(claim.on), after)
        _hold(without, "taking the flag out, on, does not give the new code back")


def _same_but_types(one: Version, other: Version, plain: Collection[str]) -> bool:
    """Whether two programs are the same, or names for types alone stand for others."""
    if same(one, other, plain):
        return True
    trees = without_types(one.tree, other.tree)
    return same(Version(trees[0], one.lines), Version(trees[1], other.lines), plain)


def _check_off(off: ast.Module, text: str, was: Version, plain: Collection[str]) -> None:
    given_back = _same_but_types(Version(off, text.split("\n")), was, plain)
    given_back &= _exported(off) == _exported(was.tree)
    _hold(given_back, "taking the flag out, off, does not give the old code back")
    missing = imports(was.tree) - imports(off)
    _hold(not missing, "taking the flag out, off, loses an import")


def _plain(claim: Claim) -> Collection[str]:
    """Decorators under which annotations are not read; none where a file imports a reader."""
    text = f"{claim.before}\n{claim.after}"
    words = [reader for reader in claim.annotation_readers if reader in text]
    names, looked_up = "|".join(words), "|".join(word for word in words if "_" in word)
    imported = rf"[ \t\f]*(?:from|import)\b.*\b(?:{names})\b"
    pattern = re.compile(rf"{imported}|.*\.(?:{looked_up or '$.'})\b")
    lines = text.split("\n") if words else ()
    near = (line for line in lines if any(word in line for word in words))
    return () if any(map(pattern.match, near)) else claim.plain_decorators


def _exported(tree: ast.Module) -> list[str]:
    """Every assignment of `__all__` at the top of a file; plain names in any order."""
    found = [n for n in tree.body if isinstance(n, ast.Assign | ast.AugAssign | ast.AnnAssign)]
    return [_in_order(n) for n in found if ast.unparse(n).startswith("__all__")]


def _in_order(node: ast.stmt) -> str:
    match node:
        case ast.Assign(value=ast.List(elts=parts) | ast.Tuple(elts=parts)):
            return " ".join([type(node.value).__name__, *sorted(map(ast.unparse, parts))])
        case _:
            return ast.unparse(node)


def _hold(holds: object, otherwise: str) -> None:
    if not holds:
        raise refuse(1, "proof-failed", otherwise)
