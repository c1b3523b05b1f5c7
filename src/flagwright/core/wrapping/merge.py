"""Merge two versions of one Python file under one flag, and prove the result.

What has no effect at run time needs no flag and is given back as it is.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import libcst as cst

from flagwright.core.records.plan import Convention, FileProof, Segment
from flagwright.core.wrapping import basesasked, redefined, was
from flagwright.core.wrapping.aliased import idle_aliases
from flagwright.core.wrapping.aside import set_aside, set_aside_new
from flagwright.core.wrapping.attribute import Attributes, helper_name
from flagwright.core.wrapping.binding import NOTHING, Shared, top_bindings
from flagwright.core.wrapping.bodies import Form
from flagwright.core.wrapping.cachings import same_caches
from flagwright.core.wrapping.client import client_for, quoted_as_in
from flagwright.core.wrapping.declared import Declared
from flagwright.core.wrapping.definitions import DefinitionMerge
from flagwright.core.wrapping.documented import check_docstrings
from flagwright.core.wrapping.dormant import Dormancy
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.effect import Effects
from flagwright.core.wrapping.fortypes import check_blocks
from flagwright.core.wrapping.function import FunctionForms
from flagwright.core.wrapping.guard import FunctionMerge
from flagwright.core.wrapping.handedback import handed_back
from flagwright.core.wrapping.importmarks import with_import_marks
from flagwright.core.wrapping.larger import larger_form
from flagwright.core.wrapping.lenient import taken_unread
from flagwright.core.wrapping.neutral import neutral_places
from flagwright.core.wrapping.outline import Moved, ends, opened, unchanged
from flagwright.core.wrapping.outliving import kept_in_a_loop, kept_over_a_wait
from flagwright.core.wrapping.overriding import idle_overrides
from flagwright.core.wrapping.place import with_line
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.project import project_text
from flagwright.core.wrapping.proof import Claim, prove
from flagwright.core.wrapping.read import Reader
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.respelled import spelling
from flagwright.core.wrapping.retyped import idle_types
from flagwright.core.wrapping.source import Source, parse
from flagwright.core.wrapping.started import may_ask_at_its_top
from flagwright.core.wrapping.statement import Statement, statements
from flagwright.core.wrapping.topmost import AS_IT_STARTS, asking_at_top
from flagwright.core.wrapping.tree import parsed
from flagwright.core.wrapping.twin import Twin, twins
from flagwright.core.wrapping.types_read import read_elsewhere
from flagwright.core.wrapping.typesonly import kept_imports, only_types_change
from flagwright.errors import CannotWrap

_Top = Literal["", "plain", "all"]


@dataclass(frozen=True)
class Merged:
    """One wrapped text."""

    text: str
    segments: list[Segment] = field(default_factory=list)
    proof: FileProof | None = None
    """None where nothing needed a flag."""
    notes: tuple[str, ...] = ()


def merge(
    before: Source,
    after: Source,
    *,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases] = (),
    shared: Shared = NOTHING,
) -> Merged:
    """The text that is `before` with the flag off and `after` with it on.

    Where the old definition of a private name cannot step aside, both may still be one.

    Args:
        elsewhere: The other files of the repository, as they are and as they were.
        shared: What the file has together with others of the change.

    Raises:
        CannotWrap: Where there is no such text, or it could not be proved.
    """
    check_docstrings(before, after)
    check_blocks(before, after)
    read = read_elsewhere(before.tree, after.tree, elsewhere, policy.annotation_readers)
    trees = (before.tree, after.tree)
    states = elsewhere or [_alone(after), _alone(before)]
    effects = Effects(
        policy,
        *trees,
        read=read,
        overrides=idle_overrides((before.text, after.text), trees, elsewhere),
        idle_types=idle_types(trees, states, policy),
        caches=same_caches(trees),
        aliases=idle_aliases(trees, states, policy),
    )
    effects.share(unchanged(before, after))
    is_same = effects.of(before.tree) == effects.of(after.tree)
    is_same = is_same or only_types_change(*trees, effects, elsewhere, policy)
    if is_same and not shared.taken:
        whole = Segment(path="", line=1, end_line=max(len(after.lines), 1), treatment="neutral")
        return Merged(after.text, [*neutral_places(before, after, effects, ())] or [whole])
    doubled = twins(before.tree, after.tree, effects, policy, elsewhere, shared.own)
    if lacking := shared.own - {twin.name for twin in doubled}:
        because = f"other files of the change need the old `{min(lacking)}` beside the new one"
        raise refuse(1, "signature", because)
    is_program = any(may_ask_at_its_top(b.path, elsewhere, policy) for b in elsewhere[:1])
    fitted = partial(_Merging, before, after, flag, convention, policy, effects, elsewhere, shared)
    fitted = partial(fitted, is_program=is_program)
    alone = [()] if doubled and not shared.own else []
    tops: list[_Top] = ["", "plain", "all"] if is_program else [""]
    ways = [(twice, top) for top in tops for twice in (doubled, *alone)]
    errors: list[CannotWrap] = []
    for twice, top in ways:
        try:
            return _proved(fitted(twice, at_top=top))
        except CannotWrap as error:
            errors.append(error)
    raise errors[0] from None


def _proved(merging: "_Merging") -> Merged:
    """The wrapped text; a function of which the proof fails is tried again in a larger form."""
    forms: dict[int, Form] = {}
    while True:
        claim, segments = merging.written(forms)
        try:
            proof = prove(claim)
            every = [*segments, *merging.neutral(segments)]
            return Merged(claim.wrapped, every, proof, (*merging.notes, *merging.told(claim)))
        except CannotWrap as error:
            larger = larger_form(error, claim.wrapped, merging.after.tree, forms)
            if not larger:
                raise
        forms |= larger


class _Merging:
    """Both versions of one file, parsed and fitted to each other once."""

    def __init__(
        self,
        before: Source,
        after: Source,
        flag: str,
        convention: Convention,
        policy: WrappingPolicy,
        effects: Effects,
        elsewhere: Sequence[Bases],
        shared: Shared,
        doubled: Sequence[Twin],
        *,
        is_program: bool,
        at_top: _Top,
    ) -> None:
        """Fit both versions to each other.

        Args:
            is_program: Whether people start the file, and nobody imports it.
            at_top: What of its top is asked for there.
        """
        self._is_program, self._at_top = is_program, at_top
        self._versions, self._flag, self._policy = (before, after), flag, policy
        public = [twin for twin in doubled if twin.is_public]
        own = [twin for twin in doubled if not twin.is_public]
        self._effects, self._is_alone = effects, not elsewhere
        states = elsewhere or [_alone(source) for source in (after, before)]
        self._states = states
        self._imported = [top_bindings(source.tree) for source in (before, after)]
        self._spelled = spelling((before.tree, after.tree), states)
        aside, self._aside = set_aside(before, after, own, self._spelled, shared.taken)
        self.after, self._instead = set_aside_new(after, public)
        after = self.after
        self._members = frozenset(twin.alias for twin in doubled if twin.owner)
        self._trees = (aside.tree, after.tree)
        self._client = client_for(convention, flag, self._trees, self._is_in_sight(elsewhere))
        check = cst.parse_expression(quoted_as_in(after.text, self._client.check))
        self._reader = Reader(check, _local_name(flag), self._trees, self._client.needs)
        self._before, self._same = aside, unchanged(aside, after)
        effects.share_only(self._same)
        self._read([*self._same, *ends(aside, after)])
        self._declared = Declared((before.tree, after.tree), effects, policy, states)
        names = {name for twin in doubled for name in (twin.name, twin.alias)}
        self.notes: tuple[str, ...] = ()
        self._dormancies = [
            Dormancy(policy, *self._trees, states[::-1], names),
            Dormancy(policy, *self._trees[::-1], states, names),
        ]

    def _read(self, same: Sequence[tuple[ast.stmt, ast.stmt]]) -> None:
        """Read both versions but for what is the same in them."""
        self._outline, old, self._module = opened(self._before, self.after, same)
        self._old = statements(old.body, self._before.tree.body)
        self._new = statements(self._module.body, self.after.tree.body)

    def _is_in_sight(self, elsewhere: Sequence[Bases]) -> Callable[[str], bool]:
        """Whether other files, in either state, would come upon a new name of the file."""
        return lambda name: any(bases.shows(name, self._policy.is_test) for bases in elsewhere)

    def told(self, claim: Claim) -> Iterator[str]:
        """What no proof shows, and a person should know."""
        tree = parsed(claim.wrapped)
        yield from kept_in_a_loop(tree, self._reader.asked[1])
        yield from kept_over_a_wait(tree, claim.wrapped.split("\n"), self._reader.asked)
        yield from handed_back(tree, self._reader.asked)
        yield from kept_imports(self._imported, tree, self._states)
        yield from taken_unread(tree, claim.wrapped, self._flag)
        for alias, name in self._instead.items():
            yield (
                f"outside of the repository `{name}` has its old value until the flag is taken "
                f"out; the new one is `{alias}`"
            )

    def written(self, forms: Mapping[int, Form]) -> tuple[Claim, list[Segment]]:
        """The merged file with all that is to be proved of it, and what became of each part.

        Args:
            forms: For functions, by their line in the new version, in which guards are not right.
        """
        for same in (self._same, ()):
            try:
                return self._written(forms)
            except Moved:
                self._read(same)
        return self._written(forms)

    def _written(self, forms: Mapping[int, Form]) -> tuple[Claim, list[Segment]]:
        indent = self._module.default_indent
        functions = FunctionMerge(self._flag, self._effects, self._reader, indent)
        quiet = (self._dormancies[0].is_quiet, self._dormancies[1].is_quiet)
        chosen = FunctionForms(self._flag, functions, self._trees, self._declared, quiet, forms)
        attributes = self._attributes()
        definitions = DefinitionMerge(
            self._flag,
            self._policy,
            self._effects,
            functions,
            chosen,
            self._dormancies[0],
            self._dormancies[1],
            attributes,
            self._spelled,
        )
        sides: tuple[Sequence[Statement], Sequence[Statement]] = self._old, self._new
        if self._at_top:
            every = self._at_top == "all"
            sides = asking_at_top(*sides, functions, self._effects, with_definitions=every)
        at_top = [AS_IT_STARTS] if sides != (self._old, self._new) else []
        body = attributes.with_helper(definitions.block(*sides, indent), indent)
        self.notes = (*at_top, *attributes.notes(), *basesasked.told(functions.segments))
        told = ("guarded", "variant")
        asks = any(s.treatment in told or basesasked.asks_bases(s) for s in functions.segments)
        added = self._client.import_line if asks else None
        merged = self._module.with_changes(
            body=with_line(body, added, self._own()) if added else body
        )
        moved = {*self._aside.values(), *self._spelled.names(*self._imported)}
        text, off, on = with_import_marks(merged, self._outline, *self._versions, self._flag, moved)
        text, off = self._with_old_text(text, off)
        text = redefined.with_comments(text, self._flag, self._reader.asked)
        claim = Claim(
            flag=self._flag,
            check=self._client.check,
            client_import=added,
            before=self._versions[0].text,
            after=self._versions[1].text,
            wrapped=text,
            off=off,
            on=on,
            aside=self._aside,
            instead=self._instead,
            members=self._members,
            plain_decorators=self._policy.plain_decorators,
            package=self._spelled.package,
            annotation_readers=self._policy.annotation_readers,
            running_calls=self._policy.running_calls,
            is_alone=self._is_alone,
            is_program=self._is_program,
        )
        return claim, functions.segments

    def _own(self) -> set[str]:
        """Words in the names of the repository's modules."""
        paths = (path for bases in self._states for path in bases.modules)
        return {word for path in paths for word in path.removesuffix(".py").split("/")}

    def _attributes(self) -> Attributes:
        helper = helper_name(_local_name(self._flag), self._trees)
        return Attributes(self._flag, helper, self._reader, self._effects, self._dormancies)

    def neutral(self, others: Sequence[Segment]) -> Iterator[Segment]:
        """The changed places that need no flag."""
        return neutral_places(*self._versions, self._effects, others)

    def _with_old_text(self, text: str, off: str) -> tuple[str, str]:
        """The wrapped file with the old text that the flag cannot switch, and its off side.

        What stood beside that text may be one-sided once the old is back, so there are two rounds.
        """
        most = self._policy.old_text_lines
        found = text, off
        for _ in range(2):
            kept = was.kept(*found, self._versions[0].text, self._flag, most=most)
            left = was.of_side(kept, self._flag, on=False)
            if kept == found[0] or f"# flag {self._flag}: was " in left:
                break
            try:
                parse(left)
                off_of_kept = project_text(kept, flag=self._flag, on=False)
            except CannotWrap:
                return text, off
            if off_of_kept == found[1]:
                break
            found = kept, off_of_kept
        if found[0] == text:
            return found
        is_same = found[1] == self._versions[0].text
        is_right = is_same or self._effects.same(parse(found[1]), self._versions[0].tree)
        return found if is_right else (text, off)


def _alone(source: Source) -> Bases:
    """The classes of a file of which no repository is known."""
    return Bases("file.py", {"file.py": source.text.encode()})


def _local_name(flag: str) -> str:
    """A readable name for the answer: `new_tax_on` for the flag `checkout.new-tax`."""
    words = re.sub(r"\W+|_+", "_", re.split(r"[.:]", flag)[-1], flags=re.ASCII).strip("_").lower()
    return f"{words}_on" if words and not words[0].isdigit() else f"flag_{words}_on"
