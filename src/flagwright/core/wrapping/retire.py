"""Take one flag out of the Python files of a repository, keeping one side."""

import ast
import warnings
from collections.abc import Iterator, Mapping

from flagwright.core.records import FileProof, Segment
from flagwright.core.wrapping.project import MAX_KB, project
from flagwright.core.wrapping.proof.answered import is_answered
from flagwright.core.wrapping.refusal import at, refuse
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.spelling import imported_spellings, spellings
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
        CannotWrap: `unparsable`, `too-complex` or `proof-failed`, for the first such file.
    """
    parts = []
    spelled = _spelled(files, flag)
    for path in sorted(files):
        names = spelled.get(path, set())
        if flag.encode() not in files[path] and not names:
            continue
        try:
            text = project(files[path], flag=flag, on=on, drops_dead=True, spelled=names)
            assert isinstance(text, bytes)
            _check_compiles(text)
            proved = text in (files[path], b"") or is_answered(
                _decoded(files[path]), _decoded(text), flag, on=on, spelled=names
            )
        except CannotWrap as error:
            raise at(path, error) from error
        if proved:
            parts.append(_retired(path, files[path], text, flag))
        else:
            segments = tuple(_left(path, files[path], flag, _UNPROVED))
            parts.append(Wrapped(files=(), coverage=segments, proof=()))
    return joined(parts)


def _spelled(files: Mapping[str, bytes], flag: str) -> dict[str, set[str]]:
    """How each file names the flag besides its string; files that cannot be read have no names."""
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
    return found


def _tree(text: bytes) -> ast.Module | None:
    try:
        return read(text, max_kb=MAX_KB).tree
    except CannotWrap:
        return None


def _check_compiles(text: bytes) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(ast.parse(text), "<retired>", "exec", dont_inherit=True)
    except SyntaxError as error:
        because = f"without the flag it does not compile ({error.msg})"
        raise refuse(max(error.lineno or 1, 1), "proof-failed", because) from error


def _retired(path: str, before: bytes, text: bytes, flag: str) -> Wrapped:
    segments = tuple(_left(path, text, flag))
    if text == before:
        return Wrapped(files=(), coverage=segments, proof=())
    gone = not text and bool(before)
    edited = WrappedFile(path=path, before=before, text=None if gone else text)
    return Wrapped(files=(edited,), coverage=segments, proof=(FileProof(path=path),))


def _decoded(content: bytes) -> str:
    return read(content, max_kb=MAX_KB).text


def _left(path: str, text: bytes, flag: str, because: str = _UNFOLDED) -> Iterator[Segment]:
    """Lines that still mention the flag."""
    for number, line in enumerate(text.split(b"\n"), 1):
        if flag.encode() in line:
            place = {"path": path, "line": number, "end_line": number, "because": because}
            yield Segment.model_validate(place | {"treatment": "not-controllable"})
