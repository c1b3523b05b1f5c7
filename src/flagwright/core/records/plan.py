"""What nobody has approved yet: edits or a switch, tied to the exact state that they replace."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from flagwright.core.record import Record, Sha256
from flagwright.core.records.change import Line, Side
from flagwright.core.records.score import Assessment, Band, RuleHit, Score
from flagwright.core.strategy import Placement


class Convention(Record):
    """How this repository asks for a flag."""

    import_line: str
    """One import statement, e.g. `from flags import client`; may be empty."""
    check: str
    """An expression with `{flag}` in it, e.g. `client.is_enabled("{flag}")`.

    Where it is asked for somebody, with `{context}`: `is_active({context}, "{flag}")`.
    """
    context: str = ""
    """The user or tenant, as an expression that every wrapped function can use: `request`."""
    source: str = "given"
    """Where it was found: `path:line`, `policy`, `given`, or the path of a module to be added."""

    def asking(self, flag: str) -> str:
        """The check of one flag."""
        return self.check.replace("{flag}", flag).replace("{context}", self.context)


Treatment = Literal[
    "guarded",
    "variant",
    "widened",
    "dormant",
    "kept",
    "neutral",
    "added",
    "passed-through",
    "not-controllable",
    "left",
    "gone",
]


class Segment(Record):
    """What becomes of one changed place."""

    path: str
    line: Line
    end_line: Line
    side: Side = "after"
    treatment: Treatment
    because: str | None = None


class FileProof(Record):
    """What was checked of one wrapped file; a plan exists only where all of it holds."""

    path: str
    apart_from: Annotated[int, Field(ge=0)] = 0
    """Changed places that are not behind the flag: both sides have the new version of them.

    All of the below is then about an old version that has those places, too.
    """
    off_is_before: Literal[True] = True
    on_is_after: Literal[True] = True
    scopes_kept: Literal[True] = True
    kinds_kept: Literal[True] = True
    names_kept: Literal[True] = True
    outside_bytes_kept: Literal[True] = True


class FileEdit(Record):
    """One file of a plan. Its bytes lie in the store by their SHA-256."""

    path: str
    before_sha256: Sha256 | None
    """Of the file as it must be when the plan is applied; none: there must be no file."""
    after_sha256: Sha256 | None
    """Of the file as the plan leaves it; none: the file is removed."""
    mode: Literal["100644", "100755"] = "100644"
    patch: str = Field(repr=False)
    """Unified diff from the one to the other."""


class Switch(Record):
    """What a plan changes on the flag server: a flag, in one environment, from state to state."""

    server: str
    """Address of the one server that it is about."""
    project: str
    environment: str
    before: Placement
    after: Placement


class Plan(Record):
    """What nobody has approved yet, tied to the exact texts, or the exact state, it replaces."""

    id: str
    """The first 12 hex digits of `digest`."""
    kind: Literal["wrap", "retire", "switch"]
    flag: str
    keep: Literal["on", "off"] | None = None
    """For a retirement: the side that stays."""
    switch: Switch | None = None
    """For a plan of kind `switch`, which has no edits and no proof."""
    root: str
    """Absolute path of the repository; empty where no file is touched."""
    edits: tuple[FileEdit, ...]
    coverage: tuple[Segment, ...] = ()
    proof: tuple[FileProof, ...]
    convention: Convention | None = None
    score: Score | None = None
    band: Band
    rules: tuple[RuleHit, ...] = ()
    """Rules of the team that the change meets."""
    notes: tuple[str, ...] = ()
    """What no proof is about, and a person should know; of a switch, what wrapping told."""
    assessment: Assessment | None = None
    """The score with its findings, so that the person sees the same ones."""
    change_digest: Sha256 | None = None
    policy_digest: Sha256
    proposed_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime
    digest: Sha256
    """Over every other field but `id`."""


PlanState = Literal["proposed", "approved", "rejected", "applied", "undone", "expired"]
