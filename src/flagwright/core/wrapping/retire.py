"""Take one flag out of the Python files of a repository, keeping one side."""

import ast
import warnings
from collections.abc import Collection, Iterator, Mapping

from flagwright.core.records import FileProof, Segment
from flagwright.core.wrapping.project import MAX_KB, project
from flagwright.core.wrapping.proof.answered import is_answered
from flagwright.core.wrapping.refusal import at
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.spelling import imported_spellings, spellings
from flagwright.core.wrapping.unused import unused, without
from flagwright.core.wrapping.wrapped import Wrapped, WrappedFile, joined
from flagwright.errors import CannotWrap

_UNFOLDED = "it mentions the flag and cannot be folded for certain"
_UNPROVED = "taking the flag out of this file could not be proved, so nothing of it changes"


def retire_files(files: Mapping[str, bytes], *, flag: str, on: bool) -> Wrapped:
    """Take a flag out of Python files, keeping one side.

    Args:
        files: Files by path; those that do not mention the flag cost nothing.

    Returns:
        The edits; what still mentions the flag afterwards is listed as not controllable, and
        so is a file for which the proof, which folds the answer a second time, fails.

    Raises:
        CannotWrap: `unparsable` or `too-complex`, for the first such file.
    """
    own, spelled = _spelled(files, flag)
    texts: dict[str, bytes] = {}
    for path in sorted(files):
        names = spelled.get(path, set())
        if flag.encode() in files[path] or names:
            try:
                text = project(files[path], flag=flag, on=on, drops_dead=True, spelled=names)
            except CannotWrap as error:
                raise at(path, error) from error
            assert isinstance(text, bytes)
            texts[path] = text
    dropped = unused({**files, **texts}, own)
    parts = []
    for path, text in texts.items():
        gone = dropped.get(path, set())
        left = without(text, gone) if gone else text
        if gone and not left.strip():
            left, gone = text, set()
        proved = _is_proved(files[path], left, flag, on, spelled.get(path, set()), gone)
        parts.append(_retired(path, files[path], left if proved else None, flag))
    return joined(parts)


def _is_proved(
    before: bytes,
    text: bytes,
    flag: str,
    on: bool,  # noqa: FBT001 # the answer
    spelled: Collection[str],
    dropped: Collection[str],
) -> bool:
    """Whether a file compiles without the flag, and is what a second fold makes of it."""
    if text in (before, b""):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<retired>", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    was, left = (read(content, max_kb=MAX_KB).text for content in (before, text))
    return is_answered(was, left, flag, on=on, spelled=spelled, dropped=dropped)


def _spelled(
    files: Mapping[str, bytes], flag: str
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """How each file names the flag besides its string: what it binds, and what it may use.

    Files that cannot be read have no names.
    """
    trees = {path: _tree(text) for path, text in files.items() if flag.encode() in text}
    known = {path: spellings(tree, flag) for path, tree in trees.items() if tree}
    known = {path: names for path, names in known.items() if names}
    words = {
        name.partition(".")[0].rstrip("()").encode() for names in known.values() for name in names
    }
    found = dict(known)
    for path, text in files.items():
        if any(word in text for word in words) and (tree := trees.get(path) or _tree(text)):
            names = imported_spellings(path, tree, known)
            if names:
                found[path] = found.get(path, set()) | names
    return known, found


def _tree(text: bytes) -> ast.Module | None:
    try:
        return read(text, max_kb=MAX_KB).tree
    except CannotWrap:
        return None


def _retired(path: str, before: bytes, text: bytes | None, flag: str) -> Wrapped:
    """The edit of one file; none where no text was proved."""
    if text is None or text == before:
        because = _UNPROVED if text is None else _UNFOLDED
        return Wrapped(files=(), coverage=tuple(_left(path, before, flag, because)), proof=())
    gone = not text and bool(before)
    edited = WrappedFile(path=path, before=before, text=None if gone else text)
    segments = tuple(_left(path, text, flag, _UNFOLDED))
    return Wrapped(files=(edited,), coverage=segments, proof=(FileProof(path=path),))


def _left(path: str, text: bytes, flag: str, because: str) -> Iterator[Segment]:
    """Lines that still mention the flag."""
    for number, line in enumerate(text.split(b"\n"), 1):
        if flag.encode() in line:
            place = {"path": path, "line": number, "end_line": number, "because": because}
            yield Segment.model_validate(place | {"treatment": "not-controllable"})
