"""Read two versions of some files, or the text of a diff, as one `Change`.

Pure: no files, no git. Equal input gives an equal change with an equal digest.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from io import StringIO
from itertools import groupby
from typing import Literal, NamedTuple

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as Group
from unidiff.patch import PatchedFile, PatchSet

from flagwright.core.record import digest, sha256
from flagwright.core.records.change import Change, FileChange, Hunk
from flagwright.errors import UnreadableChange

_MAX_COMPARED = 20_000_000
"""Pairs of lines. Above it, only what lies between lines that each version has once is compared;
what is too much even so is one hunk."""

_MAX_RENAME_PAIRS = 10_000
_MIN_SIMILARITY = 0.5
"""Both are what git uses by default for renames, the first as 100 times 100 files."""

_FIX_DIFF = "Pass the whole output of `git diff`, or name a revision instead."
_MODES: dict[str | None, Literal["100755", "120000", "160000"]] = {
    "100755": "100755",
    "120000": "120000",
    "160000": "160000",
}


def read_change(base: str, head: str, files: Iterable[FileChange], *, owners: str = "") -> Change:
    """Pair renamed files, find the changed lines, and tie everything by one digest.

    Args:
        base: Commit of the before-side, in hex.
        head: Commit of the after-side, in hex, or `worktree`.
        files: With both texts and no hunks. A deleted and an added file with the same
            text, or with at least half of it, become one renamed file.
        owners: Text of CODEOWNERS at the base.

    Returns:
        The change, its files sorted by path.
    """
    read = [
        file if file.unreadable else file.model_copy(update={"hunks": tuple(hunks(file))})
        for file in _pair_renames(list(files))
    ]
    return _change(base, head, read).model_copy(update={"owners": owners})


def parse_diff(text: str) -> Change:
    """Read a unified diff, e.g. the output of `git diff`; no file is looked at.

    Raises:
        UnreadableChange: If the text holds no file, a broken hunk, or one file twice.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    try:
        files = [_parsed(file) for file in PatchSet(StringIO(text, newline="\n"))]
    except (UnidiffParseError, ValueError) as error:
        first = str(error).splitlines()[0][:200]
        raise UnreadableChange(f"The diff cannot be read: {first}.", next_step=_FIX_DIFF) from error
    if not files:
        raise UnreadableChange("The text holds no diff of any file.", next_step=_FIX_DIFF)
    path, times = Counter(file.path for file in files).most_common(1)[0]
    if times > 1:
        raise UnreadableChange(f"The diff changes {path} {times} times.", next_step=_FIX_DIFF)
    return _change("diff", "diff", files)


def _change(base: str, head: str, files: Iterable[FileChange]) -> Change:
    ordered = tuple(sorted(files, key=lambda file: file.path))
    return Change(base=base, head=head, files=ordered, digest=_digest(base, ordered))


def _digest(base: str, files: Iterable[FileChange]) -> str:
    def content(file: FileChange) -> object:
        if file.before is None and file.after is None:
            return [hunk.model_dump(mode="json") for hunk in file.hunks]
        return [text if text is None else sha256(text) for text in (file.before, file.after)]

    return digest(
        {
            "base": base,
            "files": [
                [file.path, file.kind, file.renamed_from, file.mode, file.unreadable, content(file)]
                for file in files
            ],
        }
    )


# --- changed lines


def hunks(file: FileChange) -> Iterator[Hunk]:
    """Find the runs of changed lines between the two texts of a file.

    A line ends where Python's own tokenizer ends it (LF, CRLF or CR), so that line numbers
    agree with its syntax trees; the line end is compared but not shown.
    """
    before, after = ((text or b"").splitlines(keepends=True) for text in (file.before, file.after))
    encoding = _encoding(file.before or b"", file.after or b"")

    def shown(lines: list[bytes]) -> tuple[str, ...]:
        return tuple(line.rstrip(b"\r\n").decode(encoding) for line in lines)

    for i1, i2, j1, j2 in _spans(before, after):
        yield Hunk(
            before_start=i1 + (i2 > i1),
            removed=shown(before[i1:i2]),
            after_start=j1 + (j2 > j1),
            added=shown(after[j1:j2]),
        )


def _encoding(*texts: bytes) -> str:
    """UTF-8 where both texts are; else Latin-1, which shows different bytes differently."""
    try:
        for text in texts:
            text.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _spans(before: list[bytes], after: list[bytes]) -> Iterator[tuple[int, int, int, int]]:
    """Yield changed spans as 0-based half-open ranges of lines."""
    shortest = min(len(before), len(after))
    head = next((n for n in range(shortest) if before[n] != after[n]), shortest)
    rest = shortest - head
    tail = next((n for n in range(rest) if before[-1 - n] != after[-1 - n]), rest)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    is_large = len(old) * len(new) > _MAX_COMPARED
    ends = [*(_in_both(old, new) if is_large else ()), (len(old), len(new))]
    left, at = _MAX_COMPARED, (0, 0)
    for end in ends:
        some, others = old[at[0] : end[0]], new[at[1] : end[1]]
        left -= len(some) * len(others)
        for i1, i2, j1, j2 in _changed(some, others, compares=left >= 0):
            start = head + at[0], head + at[1]
            yield start[0] + i1, start[0] + i2, start[1] + j1, start[1] + j2
        at = end[0] + 1, end[1] + 1


def _changed(
    old: list[bytes], new: list[bytes], *, compares: bool
) -> Iterator[tuple[int, int, int, int]]:
    if not old or not new or not compares:
        if old or new:
            yield 0, len(old), 0, len(new)
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            yield i1, i2, j1, j2


def _in_both(old: list[bytes], new: list[bytes]) -> list[tuple[int, int]]:
    """Places of lines that each version has once, as many as stand in one order in both."""
    often = Counter(old), Counter(new)
    places = {line: n for n, line in enumerate(new) if often[1][line] == 1}
    once = [
        (n, places[line]) for n, line in enumerate(old) if often[0][line] == 1 and line in places
    ]
    ends: list[int] = []
    lasts: list[int] = []
    """By length, the last pair of the chain that ends first in the new version."""
    before: list[int] = []
    for n, (_, place) in enumerate(once):
        length = bisect_left(ends, place)
        before.append(lasts[length - 1] if length else -1)
        ends[length : length + 1], lasts[length : length + 1] = [place], [n]
    chain: list[tuple[int, int]] = []
    at = lasts[-1] if lasts else -1
    while at >= 0:
        chain.append(once[at])
        at = before[at]
    return chain[::-1]


# --- renames


class _Pair(NamedTuple):
    similarity: float
    old: int
    new: int


def _pair_renames(files: list[FileChange]) -> list[FileChange]:
    """Join deleted and added files that hold the same text, or most of it."""
    old = [n for n, file in enumerate(files) if file.kind == "deleted" and file.before]
    new = [n for n, file in enumerate(files) if file.kind == "added" and file.after]
    if not old or not new or len(old) * len(new) > _MAX_RENAME_PAIRS:
        return files
    taken: set[int] = set()
    renamed = []
    for pair in sorted(_similar(files, old, new), key=lambda p: (-p.similarity, p.old, p.new)):
        if pair.old in taken or pair.new in taken:
            continue
        taken |= {pair.old, pair.new}
        source, target = files[pair.old], files[pair.new]
        renamed.append(
            target.model_copy(
                update={"kind": "renamed", "renamed_from": source.path, "before": source.before}
            )
        )
    return [file for n, file in enumerate(files) if n not in taken] + renamed


def _similar(files: list[FileChange], old: list[int], new: list[int]) -> Iterator[_Pair]:
    """Yield the pairs that share at least half of the bytes of the larger file, by whole lines."""
    lines = {n: Counter((files[n].before or files[n].after or b"").splitlines()) for n in old + new}
    sizes = {n: sum((len(line) + 1) * times for line, times in lines[n].items()) for n in lines}
    for i in old:
        for j in new:
            if (files[i].mode == "120000") != (files[j].mode == "120000"):
                continue
            largest = max(sizes[i], sizes[j])
            if min(sizes[i], sizes[j]) < largest * _MIN_SIMILARITY:
                continue
            shared = sum((len(line) + 1) * times for line, times in (lines[i] & lines[j]).items())
            if shared >= largest * _MIN_SIMILARITY:
                yield _Pair(similarity=shared / largest, old=i, new=j)


# --- diffs as text


def _parsed(file: PatchedFile) -> FileChange:
    before, after = _name(file.source_file), _name(file.target_file)
    if file.patch_info is None:
        before = None if file.is_added_file else before
        after = None if file.is_removed_file else after
    path = after or before
    if path is None:
        raise ValueError("a file has no name on either side")
    renamed = before is not None and after is not None and before != after
    kind: Literal["added", "deleted", "modified", "renamed"]
    kind = "added" if not before else "deleted" if not after else "modified"
    return FileChange(
        path=path,
        kind="renamed" if renamed else kind,
        renamed_from=before if renamed else None,
        mode=_MODES.get(file.target_mode or file.source_mode, "100644"),
        hunks=tuple(hunk for group in file for hunk in _without_context(group)),
        unreadable="binary" if file.is_binary_file else None,
    )


def _without_context(group: Group) -> Iterator[Hunk]:
    """Yield the runs of removed and added lines between the context lines of one hunk."""
    old = group.source_start - (group.source_length > 0)
    new = group.target_start - (group.target_length > 0)
    for changed, run in groupby(
        (line for line in group if not line.line_type.startswith("\\")),
        key=lambda line: line.is_added or line.is_removed,
    ):
        lines = list(run)
        if not changed:
            old, new = old + len(lines), new + len(lines)
            continue
        removed = tuple(line.value.rstrip("\r\n") for line in lines if line.is_removed)
        added = tuple(line.value.rstrip("\r\n") for line in lines if line.is_added)
        yield Hunk(
            before_start=old + bool(removed),
            removed=removed,
            after_start=new + bool(added),
            added=added,
        )
        old, new = old + len(removed), new + len(added)


def _name(raw: str) -> str | None:
    """Undo git's quoting and its one-letter prefix; none for /dev/null."""
    if raw == "/dev/null":
        return None
    if raw.startswith('"') and raw.endswith('"'):
        quoted = raw[1:-1].encode("utf-8")
        escaped = re.sub(rb"\\([0-7]{3}|.)", _unescape, quoted)
        raw = escaped.decode("utf-8", "backslashreplace")
    return re.sub(r"^[abciow]/", "", raw)


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if len(code) == 3:
        return bytes([int(code, 8) & 0xFF])
    return {b"n": b"\n", b"t": b"\t", b"r": b"\r"}.get(code, code)
