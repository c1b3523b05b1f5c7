"""What comes in: two versions of some files, as values."""

from typing import Annotated, Literal

from pydantic import Field

from flagwright.core.record import Record, Sha256

Line = Annotated[int, Field(ge=1)]
Side = Literal["before", "after"]


class Hunk(Record):
    """Lines that went and lines that came, at one place, without context."""

    before_start: Annotated[int, Field(ge=0)]
    """First removed line, counted from 1; in a pure addition, the line before it (0: the top)."""
    removed: tuple[str, ...] = ()
    after_start: Annotated[int, Field(ge=0)]
    """First added line, counted from 1; in a pure removal, the line before it (0: the top)."""
    added: tuple[str, ...] = ()


class FileChange(Record):
    """One file in two versions. Where only a diff was given, both texts are none."""

    path: str
    """Relative to the repository root, with forward slashes."""
    kind: Literal["added", "deleted", "modified", "renamed"]
    renamed_from: str | None = None
    before: bytes | None = Field(default=None, repr=False)
    after: bytes | None = Field(default=None, repr=False)
    mode: Literal["100644", "100755", "120000", "160000"] = "100644"
    """Git's mode of the newest version: file, executable, link or submodule."""
    hunks: tuple[Hunk, ...] = Field(default=(), repr=False)
    unreadable: str | None = None
    """Why the content was not read (binary, too large, ...): such a change is never low risk."""


class Change(Record):
    """Two versions of some files, as one value."""

    base: str
    """40-hex commit of the before-side, or `diff` where only a diff was given."""
    head: str
    """40-hex commit of the after-side, `worktree`, or `diff`."""
    files: tuple[FileChange, ...]
    """Sorted by path."""
    owners: str = ""
    """Text of CODEOWNERS at the base; empty where there is none."""
    digest: Sha256
    """Over base, paths, kinds, modes and the SHA-256 of both texts (or of the hunks)."""
