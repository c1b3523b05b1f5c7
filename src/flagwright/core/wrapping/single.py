"""Wrap one file, from any two versions of it: text or bytes, flagged already or not."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flagwright.core.records.plan import Convention, FileProof, Segment
from flagwright.core.wrapping.binding import NOTHING, Shared, bindings, context_names, top_bindings
from flagwright.core.wrapping.effect import Effects
from flagwright.core.wrapping.outliving import asked_of_heirs, broken_by_a_switch
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.setotherwise import changed_pairs, set_otherwise
from flagwright.core.wrapping.sound import asked_flag
from flagwright.core.wrapping.source import Source, parse, read
from flagwright.core.wrapping.tree import uncollected
from flagwright.core.wrapping.typechecked import of_another_type
from flagwright.errors import CannotWrap

if TYPE_CHECKING:
    from flagwright.core.wrapping.dormant.bases import Bases
    from flagwright.core.wrapping.partial import InPart


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    segments: tuple[Segment, ...] = ()
    proof: FileProof | None = None
    """None where nothing needed a flag."""
    notes: tuple[str, ...] = ()


@uncollected()
def merge_versions(
    before: str | bytes,
    after: str | bytes,
    *,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    elsewhere: Sequence["Bases"] = (),
    shared: Shared = NOTHING,
) -> tuple[str | bytes, Outcome]:
    """The wrapped file in the form of `after`; `after` itself where nothing needs a flag.

    Args:
        elsewhere: The other files of the repository, in each of its states.
        shared: What the file has together with others of the change.

    Raises:
        CannotWrap: Where there is no flagged form, or it could not be proved.
    """
    found = _unflagged(before, after, flag, convention, policy)
    if found is None:
        return after, Outcome(notes=("it is behind this flag already",))
    old, new, convention = found

    from flagwright.core.wrapping.merge import merge

    merged = merge(
        old,
        new,
        flag=flag,
        convention=convention,
        policy=policy,
        elsewhere=elsewhere,
        shared=shared,
    )
    notes = (*_told(old.tree, new.tree),) if merged.proof else ()
    outcome = Outcome(tuple(merged.segments), merged.proof, (*notes, *merged.notes))
    return (after if merged.proof is None else new.like(merged.text)), outcome


def merge_versions_in_part(
    before: str | bytes,
    after: str | bytes,
    error: CannotWrap,
    *,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    elsewhere: Sequence["Bases"] = (),
) -> tuple[str | bytes, Outcome, "InPart"]:
    """`merge_versions`, but for the parts that have no flagged form.

    Args:
        error: What `merge_versions` raised.

    Raises:
        CannotWrap: Where no part has, or those that have not would break the others.
    """
    found = _unflagged(before, after, flag, convention, policy)
    if found is None:
        raise error
    old, new, convention = found

    from flagwright.core.wrapping.partial import merge_in_part

    part = merge_in_part(
        old, new, error, flag=flag, convention=convention, policy=policy, elsewhere=elsewhere
    )
    merged = part.merged
    if merged.proof is None:
        raise error
    proof = merged.proof.model_copy(update={"apart_from": len(part.left)})
    notes = (*_told(old.tree, new.tree), *merged.notes)
    return new.like(merged.text), Outcome(tuple(merged.segments), proof, notes), part


def _told(before: ast.Module, after: ast.Module) -> Iterator[str]:
    """What both versions mean for objects that live through a switch, for heirs and for types."""
    telling = (broken_by_a_switch, set_otherwise, changed_pairs, asked_of_heirs, of_another_type)
    for tell in telling:
        yield from tell(before, after)


def _unflagged(
    before: str | bytes,
    after: str | bytes,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
) -> tuple[Source, Source, Convention] | None:
    """Both versions as they are without the flag; none where it guards the change already."""
    old = read(before, max_kb=policy.max_file_kb)
    new = read(after, max_kb=policy.max_file_kb)
    check_convention(convention, flag)
    if flag not in old.text and flag not in new.text:
        return old, new, convention
    off = [_side(source, flag, on=False) for source in (old, new)]
    if _is_guarded_already(off[0].tree, off[1].tree, new.tree, policy):
        return None
    return off[0], _side(new, flag, on=True), _as_spelled(convention, flag, new)


def _as_spelled(convention: Convention, flag: str, source: Source) -> Convention:
    """The check in the spelling that a file has for it, so that checks of old stay as they are."""
    wanted = ast.dump(ast.parse(convention.asking(flag), mode="eval").body)
    found = (n for n in ast.walk(source.tree) if isinstance(n, ast.expr) and ast.dump(n) == wanted)
    text = next((ast.get_source_segment(source.text, node) for node in found), None)
    fits = text is not None and "\n" not in text
    return convention.model_copy(update={"check": text, "context": ""}) if fits else convention


def _is_guarded_already(
    before: ast.Module, off: ast.Module, after: ast.Module, policy: WrappingPolicy
) -> bool:
    """Whether a new version does what the old one does while the flag is off.

    Imports stand beside each other, so that it only matters that none of the old is gone.
    """
    effects = Effects(policy, before, off)
    bodies = [_without_imports(tree) for tree in (before, off)]
    same = effects.of(bodies[0]) == effects.of(bodies[1])
    return same and top_bindings(before) <= top_bindings(after)


def _without_imports(tree: ast.Module) -> ast.Module:
    kept = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return ast.Module(kept, tree.type_ignores)


def check_convention(convention: Convention, flag: str) -> None:
    """Refuse a way of asking that could not be found again when the flag is taken out."""
    tree = parse(convention.asking(flag))
    expression = getattr(tree.body[0], "value", None) if len(tree.body) == 1 else None
    if expression is None or asked_flag(expression) != flag:
        because = f"`{convention.check}` does not read as a check of one flag"
        raise refuse(1, "convention", because)
    if convention.import_line:
        bound = [b.name for node in parse(convention.import_line).body for b in bindings(node)]
        names = {n.id for n in ast.walk(expression) if isinstance(n, ast.Name)}
        if len(bound) != 1 or not names - context_names(convention) <= {*bound}:
            because = f"`{convention.import_line}` does not import what `{convention.check}` uses"
            raise refuse(1, "convention", because)


def _side(source: Source, flag: str, *, on: bool) -> Source:
    """One side of a version that may have checks of this flag."""
    if flag not in source.text:
        return source
    from flagwright.core.wrapping.project import project_text

    text = project_text(source.text, flag=flag, on=on)
    return Source(text, parse(text), source.encoding, source.bom)
