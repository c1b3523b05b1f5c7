"""The nouns that every room speaks: frozen values, compared by content.

Tools return these or a lean view of them, so the published output schema is the
domain model. What must not drift apart is tied by a digest.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from flagwright.core.record import Record as Record  # noqa: PLC0414 (told on)
from flagwright.core.record import canonical as canonical  # noqa: PLC0414 (told on)
from flagwright.core.record import digest as digest  # noqa: PLC0414 (told on)
from flagwright.core.record import sha256 as sha256  # noqa: PLC0414 (told on)
from flagwright.core.strategy import Placement

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Points = Annotated[float, Field(ge=-100, le=100, description="Share of the score, in points.")]
Score = Annotated[float, Field(ge=0, le=100)]
Line = Annotated[int, Field(ge=1)]
Side = Literal["before", "after"]
Band = Literal["low", "medium", "high", "critical"]
Tier = Literal["dialog", "out-of-band", "attested", "pull-request"]
Severity = Literal["note", "require-flag", "require-approval", "block"]
Raised = Literal["out-of-band", "attested", "pull-request"]
"""Tiers that a rule may ask for."""
Door = Literal["assistant", "terminal", "page", "python"]
FlagType = Literal["release", "experiment", "operational", "kill-switch", "permission", "sunset"]


# --- a change


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


# --- a score


class Finding(Record):
    """One reason for risk, at one place. The points of all findings add up to the score."""

    rule: str
    points: Points
    path: str | None = None
    """None where the whole change is the reason."""
    line: Line | None = None
    """Counted from 1, in the file on `side`."""
    side: Side = "after"
    evidence: str
    """The words or the code that were seen, never a guess about them."""


Verdict = Literal["flag", "reuse", "already-flagged", "not-needed", "not-suited", "blocked"]


class RuleHit(Record):
    """A rule of the team that a change meets, and what it asks for."""

    rule: str
    severity: Severity
    title: str
    reason: str
    owner: str
    path: str | None = None
    line: Line | None = None
    side: Side = "after"
    evidence: str
    files: int = 1
    """How many files it is met in; the place is the first."""
    tier: Raised | None = None
    """Where an approval is asked for: the least door."""
    shadow: bool = False
    """Whether it only says what it would ask for."""
    waiver: str | None = None
    """Why it asks for nothing here, until when, and who said so."""

    @property
    def bites(self) -> bool:
        """Whether it asks for anything now."""
        return not self.shadow and self.waiver is None


class Assessment(Record):
    """A score and the findings that add up to it exactly: the usual first, then the weightiest."""

    score: Score
    band: Band
    percentile: Score
    """Share of other changes that score less, in percent."""
    compared_with: Literal["shipped", "project"]
    """Whose changes those are: the project's own, or of those that were shipped."""
    knows_past: bool = False
    """Whether the history counts; what is not known is as usual."""
    parts: dict[str, Score] = {}
    """Points of exposure, unfamiliarity and impact; where nothing that runs changes, they are
    not in the score."""
    verdict: Verdict
    because: str
    """Why this verdict, in one sentence."""
    flags: tuple[str, ...] = ()
    """Flags already checked at or around the changed lines."""
    findings: tuple[Finding, ...]
    rules: tuple[RuleHit, ...] = ()
    """Rules of the team that the change meets, the hardest first."""
    warnings: tuple[str, ...] = ()
    """What the governance team should see to: waivers that end, or have ended."""
    change_digest: Sha256
    policy_digest: Sha256


# --- a flag


class FlagSpec(Record):
    """A flag as it is asked for."""

    name: str
    type: FlagType = "release"
    project: str = "default"
    description: str = ""
    owner: str | None = None
    """Team or person, as the tag `owner:...` on the server."""
    expires_on: date | None = None
    """As the tag `expires:YYYY-MM-DD` on the server."""
    tags: tuple[str, ...] = ()
    """Others, as `type:value`; without a type, of the type `simple`."""
    impression_data: bool = False
    """Whether SDKs tell applications of each answer."""


class FlagState(Record):
    """A flag as the server holds it."""

    name: str
    type: str
    project: str
    description: str = ""
    owner: str | None = None
    expires_on: date | None = None
    environments: dict[str, bool] = {}
    """On or off, by environment."""
    stale: bool = False
    archived: bool = False
    created_at: AwareDatetime | None = None
    tags: tuple[str, ...] = ()
    """As `type:value`, those of owner and expiry included."""
    impression_data: bool = False
    last_seen_at: AwareDatetime | None = None
    """When an application last asked for it, anywhere."""


# --- a plan


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


class Decision(Record):
    """What a person said about one exact plan, through one door."""

    plan_digest: Sha256
    verdict: Literal["approved", "rejected"]
    by: str
    tier: Tier
    at: AwareDatetime
    expires_at: AwareDatetime
    nonce: str
    note: str = ""
    attestation: str | None = None
    """Id of the entry that the approver wrote on the flag server, for the tier `attested`."""


# --- the ledger


Action = Literal[
    "scored",
    "created",
    "proposed",
    "approved",
    "rejected",
    "applied",
    "undone",
    "found",
    "switched",
    "rolled-out",
    "archived",
    "exported",
]
Outcome = Literal["done", "refused", "failed"]


class Actor(Record):
    """Who acted, as far as this machine and the connection know."""

    person: str | None = None
    """From git's user configuration of the user (never the repository's), else the login name."""
    account: str | None = None
    """Whose token it is, as the flag server last said; none: it was not asked yet."""
    assistant: str | None = None
    """Name and version that the client gave, e.g. `claude-code 2.1`."""
    door: Door
    tier: Tier | None = None
    programs: str | None = None
    """What the question was asked by, and who started that: `flagwright < zsh < tmux`."""


class Subject(Record):
    """What was acted on."""

    project: str
    flag: str | None = None
    repository: str | None = None
    """Identity: SHA-256 (16 hex) of the root commit, or of the root path where there is none."""
    commit: str | None = None
    """HEAD when the change was read; for what becomes of a plan, when the plan was made."""
    paths: tuple[str, ...] = ()
    """At most 20; `paths_total` counts them all."""
    paths_total: int = 0
    environment: str | None = None
    """Where a flag was switched or rolled out."""
    state: str | None = None
    """What it was to be there: on or off, and for what share; never for whom."""


class LedgerEntry(Record):
    """One action, chained to the one before it. No code, no diff, no secret.

    A field that comes later must be none where it is absent: it then changes no older hash.
    """

    v: Literal[1, 2] = 2
    """Which fields the hash is over: in 2 those that are not none, in 1 a fixed list."""
    id: str
    writer: str
    """This installation: 12 hex digits."""
    seq: Annotated[int, Field(ge=1)]
    prev: Sha256
    """Hash of the writer's previous entry; 64 zeros for the first."""
    action: Action
    outcome: Outcome
    code: str | None = None
    """Error code of a refusal or failure; `unchanged` where all was as asked for already."""
    subject: Subject
    actor: Actor
    change: Sha256 | None = None
    policy: Sha256 | None = None
    plan: Sha256 | None = None
    kind: str | None = None
    """Of the plan: wrap, retire, ..."""
    score: Score | None = None
    band: Band | None = None
    at: datetime
    hash: Sha256
    """SHA-256 over the canonical JSON of every other field that is not none."""
