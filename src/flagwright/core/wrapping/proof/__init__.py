"""Check a wrapped file by other means than those that made it: standard library only.

Nothing here is shared with the rewriter but how a text is parsed and a tree is walked. A file
passes only when everything holds that a `FileProof` promises; the first thing that does not
is a refusal.
"""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flagwright.core.records.plan import FileProof
from flagwright.core.wrapping.proof.doubled import stands_once, used_by_its_own
from flagwright.core.wrapping.proof.equal import Version, same
from flagwright.core.wrapping.proof.fold import Folded, fold, renamed
from flagwright.core.wrapping.proof.importing import asks_at_import, spelled
from flagwright.core.wrapping.proof.scope import Meaning, ScopeProblem, check_kinds, check_scopes
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.tree import compiled, definitions, parsed


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
    members: Collection[str]
    """Those aliases that are attributes of a class's own objects."""
    plain_decorators: Collection[str]
    """Decorators under which annotations are not read."""
    annotation_readers: Collection[str]
    package: str
    """The package that relative imports start from; empty where it is not certain."""
    running_calls: Collection[str]
    """Functions of others that call what they are given."""


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
    _check_projections(claim, before, after, sides)
    if lines := asks_at_import(wrapped, spelled(wrapped, claim.check), claim.running_calls):
        raise refuse(lines[0], "import-time", "the flag would be read while the file is imported")
    meanings = [_meaning(claim.before), _meaning(claim.after)]
    stand_for = {**sides[0].stand_for, **sides[1].stand_for}
    meanings.append(Meaning(claim.wrapped, stand_for, claim.aside))
    try:
        for version, other, side, meaning in (
            (before, after, sides[0], meanings[0]),
            (after, before, sides[1], meanings[1]),
        ):
            pairs = _pairs(version, side)
            check_kinds(pairs, meaning, meanings[2])
            moved = set(claim.aside.values()) if version is before else set()
            foreign = _foreign(version, other, claim.package) - set(claim.aside.values())
            extra = [found for found in side.extra if found[1] not in moved]
            extra += [(0, name) for name in foreign]
            check_scopes(pairs, meaning, meanings[2], extra)
    except ScopeProblem as problem:
        raise refuse(problem.line, problem.category, problem.because) from problem
    _check_bytes(claim, before, after)
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


def _meaning(version: str) -> Meaning:
    try:
        return Meaning(version)
    except SyntaxError as error:
        line = max(error.lineno or 1, 1)
        raise refuse(line, "unparsable", f"Python cannot compile it ({error.msg})") from error


def _check_aside(claim: Claim, wrapped: ast.Module) -> None:
    """An alias is bound by one import at the top, and means nothing in either version."""
    for alias in claim.aside:
        used = re.search(rf"\b{alias}\b", claim.before + claim.after)
        _hold(not used and stands_once(wrapped, alias), f"`{alias}` means something else")
        if alias in claim.members:
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
    _hold(same(off, was, plain), "with the flag off it is not the old code")
    _hold(same(on, is_now, None), "with the flag on it is not the new code")
    docs = [ast.get_docstring(tree, clean=False) for tree in (sides[1].tree, after)]
    _hold(docs[0] == docs[1], "the docstring of the file is lost")
    united = _imports(before) | _imports(after)
    if claim.client_import:
        united |= _imports(ast.parse(claim.client_import))
    _hold(_imports(sides[0].tree) | _imports(sides[1].tree) == united, "it loses an import")
    if claim.off != claim.before:
        _check_off(parsed(claim.off), claim.off, was, plain)
    if claim.on != claim.after:
        without = ast.dump(parsed(claim.on)) == ast.dump(after)
        _hold(without, "taking the flag out, on, does not give the new code back")


def _check_off(off: ast.Module, text: str, was: Version, plain: Collection[str]) -> None:
    given_back = same(Version(off, text.split("\n")), was, plain)
    given_back &= _exported(off) == _exported(was.tree)
    _hold(given_back, "taking the flag out, off, does not give the old code back")
    missing = _imports(was.tree) - _imports(off)
    _hold(not missing, "taking the flag out, off, loses an import")


def _plain(claim: Claim) -> Collection[str]:
    """Decorators under which annotations are not read; none where a file imports a reader."""
    text = claim.before + claim.after
    words = [reader for reader in claim.annotation_readers if reader in text]
    names = "|".join(words)
    pattern = rf"(?m)^\s*(?:from|import)\b.*\b(?:{names})\b|\.(?:{names})\b"
    return () if words and re.search(pattern, text) else claim.plain_decorators


def _exported(tree: ast.Module) -> list[str]:
    """Every assignment of `__all__` at the top of a file."""
    found = [n for n in tree.body if isinstance(n, ast.Assign | ast.AugAssign | ast.AnnAssign)]
    return [ast.unparse(n) for n in found if ast.unparse(n).startswith("__all__")]


def _foreign(version: ast.Module, other: ast.Module, package: str) -> set[str]:
    """Names that only the other version imports; `import a.b` and `import a.c` share `a`.

    So do `from a.b import c` and, in the package `a`, `from .b import c`.
    """
    own = _imports(version)
    spelled = {(_absolute(module, package), path, name) for module, path, name in own}
    packages = {name for module, path, name in own if not module and _is_package(path, name)}
    rest = _imports(other) - own - _for_types(version)
    extra = {i for i in rest if (_absolute(i[0], package), *i[1:]) not in spelled}
    return {
        name
        for module, path, name in extra
        if module or name not in packages or not _is_package(path, name)
    }


def _absolute(module: str, package: str) -> str:
    """A module as it is called from anywhere."""
    level = len(module) - len(module.lstrip("."))
    if not level or not package or package.count(".") + 1 < level:
        return module
    around = package.rsplit(".", level - 1)[0]
    return f"{around}.{module[level:]}".rstrip(".")


def _is_package(path: str, name: str) -> bool:
    """Whether `import a.b` binds a name: `a`, and not another one by `as`."""
    return path.partition(".")[0] == name


@lru_cache(maxsize=16)
def _imports(tree: ast.Module) -> frozenset[tuple[str, str, str]]:
    """Imports outside functions as (module, attribute, bound name)."""
    found = set()
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = "." * getattr(node, "level", 0) + (getattr(node, "module", "") or "")
            for a in node.names:
                found.add((module, a.name, a.asname or a.name.partition(".")[0]))
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_for_types(
            node
        ):
            stack.extend(ast.iter_child_nodes(node))
    return frozenset(found)


def _for_types(tree: ast.Module) -> set[tuple[str, str, str]]:
    """Imports that only type checkers see."""
    blocks = [node for node in tree.body if _is_for_types(node)]
    return {
        found
        for block in blocks
        for found in _imports(ast.Module(block.body, []))  # type: ignore[attr-defined] # an `if`
    }


def _is_for_types(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and not node.orelse
        and ast.unparse(node.test).endswith("TYPE_CHECKING")
    )


def _pairs(version: ast.Module, side: Folded) -> list[tuple[ast.AST, ast.AST]]:
    """Functions and classes of one version with what stands for them in the wrapped text."""
    trees: list[list[Any]] = [definitions(t) for t in (version, side.tree)]
    _hold(len(trees[0]) == len(trees[1]), "its definitions are not those of this version")
    standing = [side.bodies.get(n.lineno, n) for n in trees[1]]
    return [(version, side.tree), *zip(trees[0], standing, strict=True)]


def _check_bytes(claim: Claim, before: ast.Module, after: ast.Module) -> None:
    """Every line outside changed definitions, and every comment, must still be there."""
    _hold(_line_ends(claim.wrapped) <= _line_ends(claim.after), "it has other line ends")
    lines = claim.after.split("\n")
    touched = _touched(Version(before, claim.before.split("\n")), Version(after, lines))
    if moved := set(claim.aside.values()):
        touched |= {line for node in after.body if moved & _names(node) for line in _lines(node)}
    kept = [line for i, line in enumerate(lines, 1) if i not in touched and line.strip()]
    rest = iter(claim.wrapped.split("\n"))
    _hold(
        all(any(line == other for other in rest) for line in kept),
        "a line outside the change is lost",
    )
    if _with_hashes(claim.after) - _with_hashes(claim.wrapped):
        lost = _comments(claim.after) - _comments(claim.wrapped)
        _hold(not lost, "a comment is lost")


def _touched(before: Version, after: Version) -> set[int]:
    """Lines of the new version inside top-level statements that the old one has not."""
    same_text = Counter(_look(before, node) for node in before.tree.body)
    found: set[int] = set()
    for node in after.tree.body:
        look = _look(after, node)
        if same_text[look]:
            same_text[look] -= 1
        else:
            found.update(_lines(node))
    return found


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _names(node: ast.stmt) -> set[str]:
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return found | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


def _look(version: Version, node: ast.stmt) -> str:
    text = version.text(node)
    return "\n".join(text) if isinstance(text, list) else ast.dump(node)


def _with_hashes(text: str) -> Counter[str]:
    """Lines that may have a comment: where all of them are there, none is lost."""
    return Counter(line.strip() for line in text.split("\n") if "#" in line)


def _comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def _line_ends(text: str) -> set[str]:
    return {"\r\n" if line.endswith("\r") else "\n" for line in text.split("\n")[:-1]}


def _hold(holds: object, otherwise: str) -> None:
    if not holds:
        raise refuse(1, "proof-failed", otherwise)
