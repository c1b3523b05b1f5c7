"""Read each changed file once, for every signal: its role, its lines, its syntax tree."""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from pydantic import ConfigDict

from flagwright.core.policy.head import Examples
from flagwright.core.record import Record
from flagwright.core.records.change import Change, FileChange, Side
from flagwright.core.risk.owners import Owners
from flagwright.core.risk.pattern import Pattern, matches
from flagwright.core.risk.syntax import Touched, imported_names, touched

Role = Literal["tests", "docs", "migrations", "dependencies", "delivery", "code"]
POLICIES = ".flagwright/"
"""Where a repository has its policies, and cases of them in a folder `tests`."""


class RoleRule(Record):
    """Which files play one role; the first role that matches is the file's."""

    path: Pattern
    matches: Examples
    passes: Examples


Roles = Mapping[Role, RoleRule]


class Kinds(Record):
    """Of the risk policy only the kinds of files: all that most rules need to be tried."""

    model_config = ConfigDict(extra="ignore")

    files: dict[Role, RoleRule]


class Block(NamedTuple):
    """Changed lines that stand together on one side."""

    start: int
    """Number of the first line, counted from 1."""
    text: str


@dataclass(frozen=True, eq=False)
class FileView:
    """One changed file, as signals look at it."""

    change: FileChange
    role: Role | Literal["other"]
    owners: tuple[str, ...] = ()
    """Of the file where it is now, as CODEOWNERS writes them."""

    @property
    def path(self) -> str:
        """Where the file is now."""
        return self.change.path

    @property
    def is_source(self) -> bool:
        """Whether the file runs in production."""
        return self.role in ("code", "migrations")

    @property
    def is_python(self) -> bool:
        """By its name only."""
        return self.path.endswith(".py")

    @cached_property
    def parsed(self) -> bool:
        """Whether both versions, as far as there are two, have a syntax tree."""
        texts = (self.change.before, self.change.after)
        return (
            self.is_python
            and any(text is not None for text in texts)
            and (texts[0] is None or self.before is not None)
            and (texts[1] is None or self.after is not None)
        )

    @cached_property
    def before(self) -> ast.Module | None:
        """Syntax tree of the old version."""
        return _tree(self.change.before) if self.is_python else None

    @cached_property
    def after(self) -> ast.Module | None:
        """Syntax tree of the new version."""
        return _tree(self.change.after) if self.is_python else None

    def tree(self, side: Side) -> ast.Module | None:
        """Syntax tree of one version."""
        return self.before if side == "before" else self.after

    @cached_property
    def _lines(self) -> dict[Side, dict[int, str]]:
        return {
            side: {
                block.start + index: line
                for block in self.blocks(side)
                for index, line in enumerate(block.text.split("\n"))
            }
            for side in ("before", "after")
        }

    def lines(self, side: Side) -> dict[int, str]:
        """Removed (before) or added (after) lines by their number."""
        return self._lines[side]

    def blocks(self, side: Side) -> Iterator[Block]:
        """Removed (before) or added (after) lines, a block a hunk."""
        for hunk in self.change.hunks:
            start, lines = (
                (hunk.before_start, hunk.removed)
                if side == "before"
                else (hunk.after_start, hunk.added)
            )
            if lines:
                yield Block(start, "\n".join(lines))

    @cached_property
    def _source(self) -> dict[Side, list[bytes]]:
        return {
            "before": (self.change.before or b"").splitlines(),
            "after": (self.change.after or b"").splitlines(),
        }

    def source(self, side: Side, node: ast.expr | ast.stmt) -> str:
        """Write the text of a node without its indentation, so that moved code stays equal."""
        end = node.end_lineno or node.lineno
        lines = self._source[side][node.lineno - 1 : end]
        lines[-1:] = [line[: node.end_col_offset] for line in lines[-1:]]
        lines[:1] = [line[node.col_offset :] for line in lines[:1]]
        return "\n".join(line.strip().decode("utf-8", "replace") for line in lines)

    @cached_property
    def _touched(self) -> dict[Side, tuple[Touched, ...]]:
        return {
            side: tuple(touched(tree, self.lines(side)))
            for side in ("before", "after")
            if (tree := self.tree(side))
        }

    def touched(self, side: Side) -> tuple[Touched, ...]:
        """Syntax that a changed line is part of, in the order of the file."""
        return self._touched.get(side, ())

    @cached_property
    def _imported(self) -> dict[Side, dict[str, str]]:
        return {
            side: imported_names(tree) for side in ("before", "after") if (tree := self.tree(side))
        }

    def imported(self, side: Side) -> dict[str, str]:
        """What each imported name stands for, as a dotted path."""
        return self._imported.get(side, {})


def view(change: Change, roles: Roles) -> tuple[FileView, ...]:
    """Look at every file of the change."""
    owners = Owners(change.owners)
    return tuple(
        FileView(file, role_of(file.path, roles), owners.of(file.path)) for file in change.files
    )


def role_of(path: str, roles: Roles) -> Role | Literal["other"]:
    """Name the first role whose pattern the path matches; cases of a policy are no tests."""
    known = (role for role, rule in roles.items() if matches(rule.path, path))
    is_policy = path.startswith(POLICIES)
    return next((role for role in known if not (is_policy and role == "tests")), "other")


def _tree(text: bytes | None) -> ast.Module | None:
    if text is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
