"""Put a whole change behind one flag, or take one flag out of a whole repository.

Pure: files come in as bytes and go out as bytes. All of a change is wrapped or none of it.
"""

import ast
from collections.abc import Mapping, Sequence
from functools import partial

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.binding import NOTHING, Shared
from flagwright.core.wrapping.circle import client_needs
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.named import hidden_by
from flagwright.core.wrapping.graph import new_circle
from flagwright.core.wrapping.importable import can_import
from flagwright.core.wrapping.importers import Importers
from flagwright.core.wrapping.left import MAX_FILES, Left, check_left, in_part
from flagwright.core.wrapping.linking import exported
from flagwright.core.wrapping.loaded import check_loaded
from flagwright.core.wrapping.module import is_brought
from flagwright.core.wrapping.needed import newly_needed
from flagwright.core.wrapping.never_run import is_never_run
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.project import MAX_KB
from flagwright.core.wrapping.proof.attribute import as_properties
from flagwright.core.wrapping.refusal import WAY_OUT, at, refuse, refuse_all
from flagwright.core.wrapping.release import only_builds, released, with_told
from flagwright.core.wrapping.shared import sharing
from flagwright.core.wrapping.sound import asked_flag
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.started import may_ask_at_its_top
from flagwright.core.wrapping.tree import nodes, uncollected
from flagwright.core.wrapping.whole import added, deleted, renamed
from flagwright.core.wrapping.wrapped import Wrapped, WrappedFile, joined, listed
from flagwright.errors import CannotWrap


@uncollected()
def wrap_change(
    change: Change,
    *,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    modules: Mapping[str, bytes] = {},
    near: Mapping[str, Convention] = {},
) -> Wrapped:
    """Wrap every file of a change.

    Args:
        modules: The repository's other Python files by path.
        near: Files that ask in another way than `convention`, as their own package does.

    Raises:
        CannotWrap: For places that have no flagged form, unless the policy lets a plan leave
            them as they are and the rest can do without them.
    """
    change, told = released(change, policy)
    states = _states(change, modules)
    looking = [{p: t for p, t in s.items() if not is_never_run(p, s, policy)} for s in states]
    shared, more = sharing(change, policy, looking)
    planned = partial(_planned, change, flag, convention, policy, modules, near, states, looking)
    try:
        return with_told(planned(shared, more), told)
    except CannotWrap:
        if not more:
            raise
        return with_told(planned({}, ()), told)


def _planned(
    change: Change,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    modules: Mapping[str, bytes],
    near: Mapping[str, Convention],
    states: Sequence[Mapping[str, bytes]],
    looking: Sequence[Mapping[str, bytes]],
    shared: Mapping[str, Shared],
    more: Sequence[FileChange],
) -> Wrapped:
    """Every file of a change, and some beside it, behind a flag.

    Args:
        states: The repository as it is and as it was, and `looking`: what of it runs.
        shared: What files have together.
    """
    everywhere = [Importers(state, policy) for state in states or ({}, {})]
    parts: list[Wrapped] = []
    left: list[Left] = []
    for file in (*change.files, *more):
        elsewhere = tuple(Bases(file.path, *both) for both in zip(states, looking, strict=True))
        way = near.get(file.path, convention)
        try:
            both = shared.get(file.path, NOTHING)
            part = _file(file, flag, way, policy, elsewhere, both)
            _check_client(part, way, modules)
            _check_importers(file, part, flag, everywhere, elsewhere, policy)
        except CannotWrap as error:
            if shared or len(left) == MAX_FILES:
                raise refuse_all(
                    [*(e for part in left for e in part.errors), at(file.path, error)]
                ) from error
            found = in_part(file, at(file.path, error), flag, way, policy, elsewhere)
            _check_client(found.wrapped, way, modules)
            _check_importers(file, found.wrapped, flag, everywhere, elsewhere, policy)
            left.append(found)
            part = found.wrapped
        parts.append(part)
    whole = joined(parts, (_beside(file) for file in more))
    _check_hidden(change, whole, modules)
    _check_imports(whole, states)
    if states:
        check_loaded(whole, states, looking, policy)
    if left:
        check_left(change, left, whole, policy)
    notes = newly_needed(whole.files, *states) if states else ()
    return whole.model_copy(update={"notes": (*whole.notes, *notes)})


def _beside(file: FileChange) -> str:
    because = "has the old and the new value of a private name, and asks for the flag"
    return f"{file.path}: it is not in the change, but it {because}"


def _check_hidden(change: Change, whole: Wrapped, modules: Mapping[str, bytes]) -> None:
    """Refuse a module and a package of one name: Python would find one of them only.

    Where both versions have the file, it is the same one for both.
    """
    in_both = {file.path for file in change.files if file.kind == "modified"}
    there = {file.path for file in whole.files if file.text is not None}
    paths = frozenset(path for path in {*modules, *there} if path.endswith(".py"))
    of_one_side = {s.path for s in whole.coverage if s.treatment in ("dormant", "kept")}
    for file in whole.files:
        if file.path in of_one_side - in_both and (other := hidden_by(file.path, paths)):
            because = f"{other} is there for the other version, and one hides the other"
            raise refuse(1, "name-clash", because, path=file.path)


def _states(change: Change, modules: Mapping[str, bytes]) -> tuple[Mapping[str, bytes], ...]:
    """The repository's Python files as they are, and as they were."""
    if not modules:
        return ()
    was = dict(modules)
    for file in change.files:
        if file.path.endswith(".py"):
            was.pop(file.path, None)
            if file.before is not None:
                was[file.renamed_from or file.path] = file.before
    return modules, was


def _check_client(part: Wrapped, convention: Convention, modules: Mapping[str, bytes]) -> None:
    """Refuse a file that the flag client imports, or that may be where there is no client."""
    if not any(segment.treatment == "guarded" for segment in part.coverage):
        return
    is_found = convention.source not in ("given", "policy")
    new = convention.source if convention.source.endswith(".py") else ""
    for file in part.files if convention.import_line else ():
        if is_found and not can_import(file.path, convention.import_line, modules, new):
            because = f"nothing around it imports what `{convention.import_line}` does"
            raise refuse(1, "convention", because, path=file.path)
        if client_needs(file.path, convention.import_line, modules):
            because = "the flag client imports this file itself, and another one has to be named"
            way_out = WAY_OUT["convention"]
            raise refuse(1, "import-time", because, path=file.path, way_out=way_out)


def _check_imports(whole: Wrapped, states: Sequence[Mapping[str, bytes]]) -> None:
    """Refuse a plan with which files would import each other that do so in neither version."""
    wrapped = {file.path: file.text for file in whole.files if file.text is not None}
    if states and (found := new_circle(states[-1], states[0], wrapped)):
        because = f"with the imports of both versions it and {found[1]} would import each other"
        raise refuse(1, "import-time", because, path=found[0])


def _check_importers(
    file: FileChange,
    part: Wrapped,
    flag: str,
    everywhere: Sequence[Importers],
    elsewhere: Sequence[Bases],
    policy: WrappingPolicy,
) -> None:
    """Refuse a file that others could not import as before.

    That is one that they make ask for the flag meanwhile, or of which `*` takes what is there
    for one version only, and hides a name by it.

    Args:
        everywhere: The repository as it is, and as it was.
    """
    if part.files and file.before is not None and file.after is not None:
        old, new = (exported(read(c, max_kb=MAX_KB).tree) for c in (file.before, file.after))
        for names, importers in ((new - old, everywhere[-1]), (old - new, everywhere[0])):
            if names and (found := importers.star_clash(file.path, names)):
                because = f"`{found[0]}` means something else in {found[1]}, which imports `*`"
                raise refuse(1, "name-clash", because, path=file.path)
    is_program = may_ask_at_its_top(file.path, elsewhere, policy)
    for edit in () if is_program else part.files:
        if edit.text is None or flag.encode() not in edit.text:
            continue
        source = read(edit.text, max_kb=MAX_KB)
        tree = as_properties(source.tree, source.text, flag)
        asking = [n for n in nodes(tree) if isinstance(n, ast.expr) and asked_flag(n) == flag]
        lines, places = everywhere[0].read_at_import(edit.path, tree, asking)
        if lines:
            is_other = places and places[0].path != edit.path
            by = places[0].path if is_other else "this file"
            way = ", then ".join(step.in_words() for step in places)
            because = f"the flag would be read while {by} is imported"
            because = f"{because} ({way})" if way else because
            raise refuse(lines[0], "import-time", because, path=edit.path)


def _file(
    file: FileChange,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases],
    shared: Shared,
) -> Wrapped:
    treatment = policy.treatment(file.path)
    if treatment == "passed-through":
        return listed(file, "passed-through", "tests and documents are changed as they are")
    if treatment == "not-controllable":
        return listed(file, "not-controllable", "a flag reaches Python code only")
    if any(only_builds(file.path, bases.modules, policy) for bases in elsewhere[:1]):
        return listed(file, "not-controllable", "it builds the package, and nothing imports it")
    if is_brought(file):
        return listed(file, "added", "the flag is asked for through it")
    if file.unreadable or file.mode not in {"100644", "100755"}:
        because = file.unreadable or "it is a link or a submodule"
        raise refuse(1, "not-python", because)
    if file.renamed_from is not None:
        return renamed(file, flag, policy, elsewhere)
    if file.before is None and file.after is not None:
        return added(file, file.after, flag, policy, elsewhere)
    if file.before is not None and file.after is None:
        return deleted(file, file.before, flag, policy, elsewhere[::-1])
    if file.before is None or file.after is None:
        raise refuse(1, "unparsable", "only a diff is known, not both versions of the file")
    return _modified(file, file.before, file.after, flag, convention, policy, elsewhere, shared)


def _modified(
    file: FileChange,
    before: bytes,
    after: bytes,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases],
    shared: Shared,
) -> Wrapped:
    from flagwright.core.wrapping.single import merge_versions

    content, merged = merge_versions(
        before,
        after,
        flag=flag,
        convention=convention,
        policy=policy,
        elsewhere=elsewhere,
        shared=shared,
    )
    segments = tuple(s.model_copy(update={"path": file.path}) for s in merged.segments)
    proof = (merged.proof.model_copy(update={"path": file.path}),) if merged.proof else ()
    files: tuple[WrappedFile, ...] = ()
    if content != after:
        assert isinstance(content, bytes)
        files = (WrappedFile(path=file.path, before=after, text=content, mode=file.mode),)
    notes = tuple(f"{file.path}: {note}" for note in merged.notes)
    return Wrapped(files=files, coverage=segments, proof=proof, notes=notes)
