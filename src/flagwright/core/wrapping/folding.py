"""Take a flag out of one file, and prove it.

A function that cannot do without the flag stays as it is; the rest of its file can.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import libcst as cst

from flagwright.core.wrapping.project import MAX_KB, project
from flagwright.core.wrapping.proof.answered import difference
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.tree import function_at
from flagwright.errors import CannotWrap

KEEPS_OLD_TEXT = b": was "
MOST_APART = 8
"""How many functions of one file may stay as they are before all of it does."""


class Wrong(NamedTuple):
    """Why a file is not what it was, without the flag."""

    line: int
    """0: it is about no line."""
    because: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.because}" if self.line else self.because


def folded_in_part(
    content: bytes,
    flag: str,
    on: bool,  # noqa: FBT001 # the answer
    spelled: Collection[str],
    unsure: Mapping[str, str],
) -> tuple[bytes | None, str, dict[str, str]]:
    """What remains of a file, without the functions that have to stay as they are, and why.

    Args:
        unsure: Functions that stay whatever can be folded.
    """
    apart = {**unsure}
    first = ""
    while True:
        text, wrong = folded(content, flag, on, spelled, apart=apart)
        first = first or str(wrong or "")
        if text is not None:
            return text, "" if len(apart) > len(unsure) else first, apart
        name = (
            function_at(read(content, max_kb=MAX_KB).tree, wrong.line)
            if wrong and wrong.line
            else ""
        )
        if not wrong or not name or name in apart or len(apart) - len(unsure) == MOST_APART:
            return None, first, {}
        apart[name] = wrong.because


def folded(
    content: bytes,
    flag: str,
    on: bool,  # noqa: FBT001 # the answer
    spelled: Collection[str],
    needed: Collection[str] = (),
    apart: Collection[str] = (),
) -> tuple[bytes | None, Wrong | None]:
    """What remains of a file; without its old text, where only that is right, and why.

    Args:
        needed: Imported names that other files take from it.
        apart: Functions that stay as they are.
    """
    wrong: Wrong | None = None
    for old_text in (True, False) if KEEPS_OLD_TEXT in content and not on else (True,):
        try:
            text = project(
                content,
                flag=flag,
                on=on,
                drops_dead=True,
                spelled=spelled,
                old_text=old_text,
                needed=needed,
                apart=apart,
            )
        except (CannotWrap, SyntaxError, cst.CSTValidationError) as error:
            because = getattr(error, "because", "what would be left is no valid code")
            wrong = wrong or Wrong(0, because)
            continue
        assert isinstance(text, bytes)
        found = wrong_in(content, text, flag, on, spelled, old_text=old_text, apart=apart)
        if found is None:
            return text, wrong
        wrong = wrong or found
    return None, wrong


def wrong_in(
    before: bytes,
    text: bytes,
    flag: str,
    on: bool,  # noqa: FBT001 # the answer
    spelled: Collection[str],
    dropped: Collection[str] = (),
    *,
    old_text: bool = True,
    apart: Collection[str] = (),
) -> Wrong | None:
    """Why a file is not what it was, without the flag; none where that is proved."""
    if text in (before, b""):
        return None
    try:
        was, left = (read(content, max_kb=MAX_KB).text for content in (before, text))
        found = difference(
            was,
            left,
            flag,
            on=on,
            spelled=spelled,
            dropped=dropped,
            old_text=old_text,
            apart=apart,
        )
    except SyntaxError as error:
        return Wrong(0, f"without the flag it does not compile ({error.msg})")
    except CannotWrap as error:
        return Wrong(0, error.because)
    return Wrong(*found) if found else None
