"""Merge two versions of one Python file under one flag, and prove the result.

What has no effect at run time needs no flag and is given back as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst

from flagwright.core.records import Convention, FileProof, Segment
from flagwright.core.wrapping import mark
from flagwright.core.wrapping.aside import set_aside
from flagwright.core.wrapping.binding import Binding, bindings, names_used, top_bindings
from flagwright.core.wrapping.bodies import Form
from flagwright.core.wrapping.client import client_for, with_line
from flagwright.core.wrapping.definitions import DefinitionMerge
from flagwright.core.wrapping.dormant import Dormancy
from flagwright.core.wrapping.effect import Effects, read_docstring_that_changes
from flagwright.core.wrapping.function import FunctionForms, larger_form
from flagwright.core.wrapping.guard import FunctionMerge
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.project import projections
from flagwright.core.wrapping.proof import Claim, prove
from flagwright.core.wrapping.read import Reader
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.source import Source, parse
from flagwright.core.wrapping.statement import Statement, statements
from flagwright.errors import CannotWrap


@dataclass(frozen=True)
class Merged:
    """One wrapped text."""

    text: str
    segments: list[Segment] = field(default_factory=list)
    proof: FileProof | None = None
    """None where nothing needed a flag."""


def merge(
    before: Source,
    after: Source,
    *,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    forms: Mapping[int, Form] = {},
) -> Merged:
    """The text that is `before` with the flag off and `after` with it on.

    Args:
        forms: For functions, by their line in `after`, in which guards are not right.

    Raises:
        CannotWrap: Where there is no such text, or it could not be proved.
    """
    _check_docstrings(before, after)
    effects = Effects(policy, before.tree, after.tree)
    if effects.of(before.tree) == effects.of(after.tree):
        last = max(len(after.lines), 1)
        return Merged(after.text, [Segment(path="", line=1, end_line=last, treatment="neutral")])
    whole, (before, aside) = before, set_aside(before, after)
    trees = [before.tree, after.tree]
    client = client_for(convention, flag, trees)
    module = cst.parse_module(after.text)
    reader = Reader(cst.parse_expression(client.check), _local_name(flag), trees)
    functions = FunctionMerge(effects, reader, module.default_indent)
    definitions = DefinitionMerge(
        flag,
        policy,
        effects,
        functions,
        FunctionForms(flag, functions, (before.tree, after.tree), forms),
        Dormancy(policy, before.tree, after.tree),
        Dormancy(policy, after.tree, before.tree),
    )
    old = statements(cst.parse_module(before.text).body, before.tree.body)
    new = statements(module.body, after.tree.body)
    body = definitions.block(old, new, module.default_indent)
    asks = any(segment.treatment in ("guarded", "variant") for segment in functions.segments)
    added = client.import_line if asks else None
    merged = module.with_changes(body=with_line(body, added) if added else body)
    text, off, on = _with_import_marks(merged, whole, after, flag, set(aside.values()))
    claim = Claim(
        flag=flag,
        check=client.check,
        client_import=added,
        before=whole.text,
        after=after.text,
        wrapped=text,
        off=off,
        on=on,
        aside=aside,
        plain_decorators=policy.plain_decorators,
        annotation_readers=policy.annotation_readers,
    )
    try:
        return Merged(text, functions.segments, prove(claim))
    except CannotWrap as error:
        larger = larger_form(error, text, after.tree, forms)
        if not larger:
            raise
    known = {**forms, **larger}
    return merge(whole, after, flag=flag, convention=convention, policy=policy, forms=known)


def _with_import_marks(
    merged: cst.Module, before: Source, after: Source, flag: str, moved: set[str]
) -> tuple[str, str, str]:
    """Mark the imports of which use alone would not tell the side.

    Args:
        moved: Names that each version imports from another place.

    Returns:
        The wrapped text, and what taking the flag out of it gives, off and on.
    """
    text = merged.code
    wanted = [top_bindings(source.tree) for source in (before, after)]
    off, on = projections(text, flag, (False, True))
    off_tree = parse(off)
    found = [top_bindings(off_tree), top_bindings(parse(on))]
    lost = (wanted[0] - found[0]) | (wanted[1] - found[1])
    used = names_used(off_tree) - moved
    excess = {b for b in found[0] - wanted[0] if b.name not in used}
    if not lost and not excess:
        return text, off, on
    body = [
        _with_marks(statement, lost, excess, flag)
        for statement in statements(merged.body, parse(text).body)
    ]
    text = merged.with_changes(body=body).code
    off, on = projections(text, flag, (False, True))
    return text, off, on


def _with_marks(
    statement: Statement, lost: set[Binding], excess: set[Binding], flag: str
) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
    """One statement of the wrapped file; an import gets the marks that it needs."""
    bound = [b for tree in statement.trees for b in bindings(tree)]
    node = statement.node
    if lost.intersection(bound) and not any(mark.marks(mark.lines_above(node), flag)):
        node = mark.marked(node, flag, mark.Mark("both"))
    if away := [b.name for b in bound if b in excess]:
        names = tuple(away) if len(away) < len(bound) else ()
        node = mark.marked(node, flag, mark.Mark("on", names))
    return node


def _check_docstrings(before: Source, after: Source) -> None:
    if name := read_docstring_that_changes(before.tree, after.tree):
        what = "the file" if name == "-" else f"`{name}`"
        because = f"the docstring of {what} changes, and the file reads docstrings"
        raise refuse(1, "import-time", because)


def _local_name(flag: str) -> str:
    """A readable name for the answer: `new_tax_on` for the flag `checkout.new-tax`."""
    words = re.sub(r"\W+|_+", "_", re.split(r"[.:]", flag)[-1], flags=re.ASCII).strip("_").lower()
    return f"{words}_on" if words and not words[0].isdigit() else f"flag_{words}_on"
