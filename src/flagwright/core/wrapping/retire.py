"""Take one flag out of the Python files of a repository, keeping one side."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from flagwright.core.records.plan import Convention, FileProof, Segment
from flagwright.core.wrapping.folding import KEEPS_OLD_TEXT, folded, folded_in_part, wrong_in
from flagwright.core.wrapping.orphaned import Orphans
from flagwright.core.wrapping.outside import bound_at_top, used_outside
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.project import MAX_KB
from flagwright.core.wrapping.remaining import (
    Remaining,
    asserts_that_go,
    calls_that_go,
    emptied,
    missed,
    place,
    values_in,
)
from flagwright.core.wrapping.sound import mention_of
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.spelling import lines_with, spelled_in
from flagwright.core.wrapping.tested import keep_settings, users_of_what_goes
from flagwright.core.wrapping.tree import lines_of
from flagwright.core.wrapping.unsure import Unsure
from flagwright.core.wrapping.unused import unused, without
from flagwright.core.wrapping.wrapped import Wrapped, WrappedFile, joined


def retire_files(
    files: Mapping[str, bytes],
    *,
    flag: str,
    on: bool,
    policy: WrappingPolicy = WrappingPolicy(),  # noqa: B008 # nothing changes it
    ways: Collection[Convention] = (),
) -> Wrapped:
    """Take a flag out of Python files, keeping one side.

    Args:
        files: Files by path; those that do not mention the flag cost nothing.
        policy: Which questions ask a flag client, and which files only test the others: these
            hold nothing that goes, and are listed.
        ways: How plans for the flag asked.

    Returns:
        The edits. What still names the flag afterwards is listed as left, and so is a file that
        cannot be read, or for which the proof fails: it stays as it is. A public name that
        goes because nothing here uses it any more is listed as gone.
    """
    own, spelled = spelled_in(files, flag)
    is_test = policy.is_test
    apart = _unsure(files, flag, own, spelled, Unsure(files, flag, spelled, policy, ways, on=on))
    texts, stays, notes = _without_checks(files, flag, on, spelled, apart, is_test)
    keep_settings(files, texts, stays, flag, spelled, policy)
    gone = _without_names(files, texts, own, flag, on, spelled, apart)
    remaining = Remaining({**files, **texts}, flag, spelled)
    orphans = Orphans(files, {name.partition(".")[0] for names in own.values() for name in names})
    told: dict[str, list[Segment]] = {}
    for path in sorted({*spelled, *texts, *remaining.put_together} - {*stays}):
        names, before, text = gone.get(path, ()), files[path], texts.get(path, files[path])
        left = apart.get(path, {})
        told[path] = [*missed(path, before, names), *_set_apart(path, before, flag, left)]
        told[path] += remaining.places(path, before)
        if text != before:
            told[path] += _changed(path, before, text, flag, is_test=is_test(path))
        if text not in (before, b""):
            told[path] += orphans.in_file(path, text)
            if on or KEEPS_OLD_TEXT not in before:
                own_names = spelled.get(path, ())
                told[path] += values_in(
                    path, before, flag, on=on, spelled=own_names, dropped=names, apart=left
                )
    alone = orphans.told(texts)
    parts: list[Wrapped] = []
    for path in sorted({*stays, *told, *alone}):
        if path in stays:
            names = spelled.get(path, ())
            parts.append(_as_it_was(path, files[path], flag, names, stays[path]))
        else:
            segments = [*told.get(path, ()), *alone.get(path, ())]
            parts.append(_retired(path, files[path], texts.get(path, files[path]), segments))
    tests = users_of_what_goes(files, _lost(files, texts), texts, is_test)
    return joined([*parts, *tests, _noted(notes)])


def _changed(
    path: str, before: bytes, text: bytes, flag: str, *, is_test: bool
) -> Iterator[Segment]:
    """What an edit takes away beside the question."""
    yield from emptied(path, before, text)
    yield from calls_that_go(path, before, text, flag)
    yield from asserts_that_go(path, before, text, flag) if is_test else ()


def _unsure(
    files: Mapping[str, bytes],
    flag: str,
    own: dict[str, set[str]],
    spelled: dict[str, set[str]],
    unsure: Unsure,
) -> dict[str, dict[str, str]]:
    """The functions of each file that may ask for something else; "" stands for its top.

    Where one of them only asks, by no name of its own a function counts as the flag's.
    """
    found = {p: unsure.functions(p) for p in files if flag.encode() in files[p] or p in spelled}
    if any(f"{name}()" in own.get(path, ()) for path, names in found.items() for name in names):
        for names in (*own.values(), *spelled.values()):
            names -= {name for name in names if name.endswith("()")}
    return found


def _lost(files: Mapping[str, bytes], texts: Mapping[str, bytes]) -> dict[str, frozenset[str]]:
    """Names at the top of each file that it does not have any more."""
    return {path: bound_at_top(files[path]) - bound_at_top(text) for path, text in texts.items()}


def _without_checks(
    files: Mapping[str, bytes],
    flag: str,
    on: bool,  # noqa: FBT001 # the answer
    spelled: Mapping[str, Collection[str]],
    apart: dict[str, dict[str, str]],
    is_test: Callable[[str], bool],
) -> tuple[dict[str, bytes], dict[str, str], list[str]]:
    """What remains of each file; those that stay as they are, with why; and notes.

    Args:
        apart: The functions that stay as they are, by path, with why; gets more of them.
    """
    texts: dict[str, bytes] = {}
    stays: dict[str, str] = {}
    notes: list[str] = []
    for path in sorted(files):
        names = spelled.get(path, set())
        if flag.encode() in files[path] or names:
            if because := apart.get(path, {}).pop("", ""):
                stays[path] = because
                continue
            text, wrong, apart[path] = folded_in_part(
                files[path], flag, on, names, apart.get(path, {})
            )
            if text is None:
                stays[path] = wrong
                continue
            texts[path] = text
            if wrong:
                notes.append(f"{path}: old comments and annotations do not come back: {wrong}")
    needed = _still_needed(files, texts, flag, on, spelled, apart, is_test)
    for path, (text, because) in needed.items():
        if text is None:
            del texts[path]
            stays[path] = because
        else:
            texts[path] = text
    return texts, stays, notes


def _without_names(
    files: Mapping[str, bytes],
    texts: dict[str, bytes],
    own: Mapping[str, Collection[str]],
    flag: str,
    on: bool,  # noqa: FBT001 # the answer
    spelled: Mapping[str, Collection[str]],
    apart: Mapping[str, Collection[str]],
) -> dict[str, set[str]]:
    """Take names of the flag that nothing uses any more out of the texts, and say which."""
    gone: dict[str, set[str]] = {}
    for path, names in unused({**files, **texts}, own, files).items():
        left = without(texts[path], names) if path in texts else b""
        own_apart = apart.get(path, ())
        if left.strip() and not wrong_in(
            files[path], left, flag, on, spelled[path], names, apart=own_apart
        ):
            texts[path], gone[path] = left, names
    return gone


def _still_needed(
    files: Mapping[str, bytes],
    texts: Mapping[str, bytes],
    flag: str,
    on: bool,  # noqa: FBT001 # the answer
    spelled: Mapping[str, Collection[str]],
    apart: Mapping[str, Collection[str]],
    is_test: Callable[[str], bool],
) -> dict[str, tuple[bytes | None, str]]:
    """Files that lose a name that another file uses: with their imports, or none and why.

    What stays of one file may need more of the others, so it is asked until nothing more stays.
    """
    lost = _lost(files, texts)
    found: dict[str, tuple[bytes | None, str]] = {}
    while True:
        stays = {p: files[p] if text is None else text for p, (text, _) in found.items()}
        left = {**files, **texts, **stays}
        acting = {p: text for p, text in left.items() if not is_test(p)}
        more = dict(found)
        for path, text in texts.items():
            others = left if is_test(path) else acting
            users = _users(path, files[path], text, lost[path], others)
            if users:
                own = spelled.get(path, ())
                more[path] = _kept(files[path], flag, on, own, users, apart.get(path, ()))
        if more == found:
            return found
        found = more


def _users(
    path: str, before: bytes, text: bytes, lost: Collection[str], left: Mapping[str, bytes]
) -> dict[str, str]:
    """Who uses each name that a file loses, or the file that goes."""
    if not text or not lost:
        return used_outside(path, (), left) if not text and before else {}
    return used_outside(path, lost, left)


def _kept(
    before: bytes,
    flag: str,
    on: bool,  # noqa: FBT001 # the answer
    spelled: Collection[str],
    users: Mapping[str, str],
    apart: Collection[str],
) -> tuple[bytes | None, str]:
    """A file with the imports that others use, or none and why."""
    name, user = min(users.items())
    because = f"{user} uses `{name}` of it" if name else f"{user} imports it"
    kept, _ = folded(before, flag, on, spelled, needed=users, apart=apart)
    return (kept if kept and users.keys() <= bound_at_top(kept) else None), because


def _noted(notes: Sequence[str]) -> Wrapped:
    return Wrapped(files=(), coverage=(), proof=(), notes=tuple(notes))


def _set_apart(path: str, before: bytes, flag: str, apart: Mapping[str, str]) -> Iterator[Segment]:
    """The checks in functions that stay as they are."""
    for name, because in apart.items():
        own = lines_of(read(before, max_kb=MAX_KB).tree, {name})
        told = f"`{name}` stays as it is: {because}"
        found = [s for s in _left(path, before, flag, told) if s.line in own]
        yield from found or [place(path, min(own), "left", told)]


def _as_it_was(
    path: str, content: bytes, flag: str, spelled: Collection[str], because: str
) -> Wrapped:
    """A file that stays as it is, with the lines that name the flag."""
    because = f"nothing of this file changes: {because}"
    other = {line for name in spelled for line in lines_with(content, name)}
    segments = [*_left(path, content, flag, because)]
    segments += [place(path, n, "left", because) for n in other - {s.line for s in segments}]
    told = sorted(segments, key=lambda s: s.line) or [place(path, 1, "left", because)]
    return Wrapped(files=(), coverage=tuple(told), proof=())


def _retired(path: str, before: bytes, text: bytes, told: Iterable[Segment]) -> Wrapped:
    """The edit of a file; of what is told of one line the last thing counts least."""
    by_line = {segment.line: segment for segment in reversed([*told])}
    coverage = tuple(segment for _, segment in sorted(by_line.items()))
    if text == before:
        return Wrapped(files=(), coverage=coverage, proof=())
    gone = not text and bool(before)
    edited = WrappedFile(path=path, before=before, text=None if gone else text)
    return Wrapped(files=(edited,), coverage=coverage, proof=(FileProof(path=path),))


def _left(path: str, text: bytes, flag: str, because: str) -> Iterator[Segment]:
    """Lines that still mention the flag."""
    mention, mark = mention_of(flag), f"# flag {flag}: ".encode()
    for number, line in enumerate(text.split(b"\n"), 1):
        if mark in line or mention.search(line):
            yield place(path, number, "left", because)
