"""What is recorded of every action."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from flagwright.core.record import Record, Sha256
from flagwright.core.records.decision import Tier
from flagwright.core.records.score import Band, Score

Door = Literal["assistant", "terminal", "page", "python"]
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


TextDigest = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
"""SHA-256 (16 hex) of a text with plain line ends, which a checkout may change."""


class Written(Record):
    """What an applied plan wrote to one file, and what was there without the flag."""

    path: str
    now: TextDigest | None = None
    """None: the plan removed the file."""
    before: tuple[TextDigest | None, ...]
    """What it replaced in the work tree, and what was staged beside that; none: no file."""


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
    written: tuple[Written, ...] | None = None
    """Of an applied plan: at most 20 of its files."""


class Intent(Record):
    """An action about to be tried: all of its entry that is known before the effect."""

    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,40}$")]
    """Becomes the id of the entry, and so the idempotency key of its delivery."""
    action: Action
    subject: Subject
    actor: Actor
    at: AwareDatetime
    change: Sha256 | None = None
    policy: Sha256 | None = None
    plan: Sha256 | None = None
    """Digest of the plan that is acted on."""
    kind: str | None = None
    """What that plan is for."""
    score: Score | None = None
    band: Band | None = None


class LedgerEntry(Intent):
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
    outcome: Outcome
    code: str | None = None
    """Error code of a refusal or failure; `unchanged` where all was as asked for already."""
    at: datetime
    hash: Sha256
    """SHA-256 over the canonical JSON of every other field that is not none."""
