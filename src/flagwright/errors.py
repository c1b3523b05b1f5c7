"""Say what went wrong as a fact and a next step, so that a person or a model can act on it.

Every error that Flagwright raises on purpose is one of these. `code` never changes:
tests and people match on it, never on the words.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

Category = Literal[
    "class-body",
    "convention",
    "decorator",
    "function-kind",
    "import-time",
    "irreversible",
    "name-clash",
    "not-python",
    "proof-failed",
    "renamed-file",
    "scope",
    "signature",
    "too-complex",
    "unparsable",
]
"""Why a change has no flagged form. A category is for ever; its words are not."""
MOST_CHARS = 4_000
"""Of a fact: it may quote what somebody gave, and that may be anything."""


class FlagwrightError(Exception):
    """A fact and the next step; the parts stay attributes."""

    code: ClassVar[str] = "error"

    def __init__(self, fact: str, *, next_step: str) -> None:
        if len(fact) > MOST_CHARS:
            fact = f"{fact[:MOST_CHARS]}... ({len(fact):,} characters)."
        super().__init__(f"{fact} {next_step}")
        self.fact = fact
        self.next_step = next_step

    def advise(self, step: str) -> None:
        """Say one thing more that helps."""
        self.next_step = f"{self.next_step} {step}"
        self.args = (f"{self.fact} {self.next_step}",)

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross a process boundary whatever the arguments of the class are."""
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(
    kind: type[FlagwrightError], args: tuple[str, ...], parts: dict[str, Any]
) -> FlagwrightError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(parts)
    return error


# --- what the user or the assistant asked for


class BadRequest(FlagwrightError):
    """An argument has a value that no step can work with."""

    code = "bad-request"


class PoliciesMissing(FlagwrightError):
    """The policies of the user's organisation are not here and cannot be fetched."""

    code = "policies-missing"


class NotARepository(FlagwrightError):
    """The folder is not inside a git repository that this user owns."""

    code = "not-a-repository"


class UnknownRevision(FlagwrightError):
    """A revision or range names no commit of the repository."""

    code = "unknown-revision"


class OutsideRoot(FlagwrightError):
    """A path leaves the served folders, directly or through a link."""

    code = "outside-root"


class UnreadableChange(FlagwrightError):
    """A diff or a file cannot be read as what it should be."""

    code = "unreadable-change"


# --- policies


class PolicyInvalid(FlagwrightError):
    """A policy file has a mistake; the fact names file, line and what is allowed."""

    code = "policy-invalid"
    mistakes: tuple[tuple[str, str, str, tuple[str | int, ...]], ...] = ()
    """Place, fact and remedy of each, and the key that leads to it."""


class NameRefused(FlagwrightError):
    """A flag name or its metadata breaks the naming policy."""

    code = "name-refused"

    def __init__(self, fact: str, *, next_step: str, suggestion: str | None = None) -> None:
        super().__init__(fact, next_step=next_step)
        self.suggestion = suggestion


class RuleBlocks(FlagwrightError):
    """A rule of the team refuses the change; the fact names the rule, its reason and the place."""

    code = "rule-blocks"

    def __init__(
        self,
        rule: str,
        title: str,
        reason: str,
        owner: str,
        path: str | None,
        line: int | None,
        *,
        waivable: bool,
    ) -> None:
        other = f", or ask {owner} for a waiver of {rule}" if waivable else "; no waiver lifts it"
        place = f" at {path}:{line}" if line else f" at {path}" if path else ""
        super().__init__(
            f"Rule {rule} blocks this change{place}: {title}. {reason}",
            next_step=f"Take that place out of the change{other}. Owner of the rule: {owner}.",
        )
        self.rule = rule


# --- the rewriter


class CannotWrap(FlagwrightError):
    """A change has no flagged form that behaves like the old code when off."""

    code = "cannot-wrap"

    def __init__(
        self,
        path: str,
        line: int,
        category: Category,
        because: str,
        *,
        way_out: str,
        also: Sequence[str] = (),
    ) -> None:
        """`also` has other changed places that cannot be either, in words."""
        fact = f"{path}:{line} cannot be put behind a flag ({category}): {because}."
        if also:
            fact += f" Nor can {'; '.join(also)}."
        super().__init__(fact, next_step=way_out)
        self.path, self.line, self.category, self.because = path, line, category, because


class CannotJudge(FlagwrightError):
    """The guarded worker died or ran out of time on hostile or huge input."""

    code = "cannot-judge"


# --- plans and approval


class PlanUnknown(FlagwrightError):
    """No plan has this id in this installation."""

    code = "plan-unknown"


class PlanStale(FlagwrightError):
    """A file, the policy or the plan itself is no longer what was approved."""

    code = "plan-stale"


class PlanUncommitted(FlagwrightError):
    """The change holds what another plan wrote: the flags would stand inside each other."""

    code = "plan-uncommitted"


class PlanExpired(FlagwrightError):
    """The plan or its approval is older than the policy allows."""

    code = "plan-expired"


class PlanUsed(FlagwrightError):
    """The plan has already been applied, rejected or undone."""

    code = "plan-used"


class ApprovalRefused(FlagwrightError):
    """A decision did not come from a person through a door that the policy accepts."""

    code = "approval-refused"


# --- the flag server


class FlagServerError(FlagwrightError):
    """The flag server did not do what was asked."""

    code = "flag-server"
    unsure = False
    """Whether it may have done it all the same: the answer to something written is missing."""


class FlagServerDown(FlagServerError):
    """No answer: refused, reset, timed out, or 5xx."""

    code = "flag-server-down"

    def __init__(self, fact: str, *, next_step: str, retry_after_s: float | None = None) -> None:
        super().__init__(fact, next_step=next_step)
        self.retry_after_s = retry_after_s


class FlagServerBusy(FlagServerDown):
    """429: too many requests; `retry_after_s` says when to come back."""

    code = "flag-server-busy"


class FlagServerRefused(FlagServerError):
    """401 or 403: the token is wrong or lacks a right."""

    code = "flag-server-refused"


class FlagServerOdd(FlagServerError):
    """An answer that is not Unleash: garbage, too large, a redirect."""

    code = "flag-server-odd"


class FlagUnknown(FlagwrightError):
    """The flag does not exist on the server, or is archived."""

    code = "flag-unknown"


class FlagDiffers(FlagwrightError):
    """Another flag already has this name; the fact says how they differ."""

    code = "flag-differs"


class FlagChanged(FlagwrightError):
    """Somebody else changed the flag on the server at the same time."""

    code = "flag-changed"


class NoRollout(FlagwrightError):
    """The flag lets in nobody in particular: to switch it on would let in everybody."""

    code = "no-rollout"


class StepRefused(FlagwrightError):
    """The rollout policy does not allow this step."""

    code = "step-refused"


class RecordUnreadable(FlagServerError):
    """A link on the flag server that should hold ledger entries holds something else."""

    code = "record-unreadable"


# --- this machine


class StoreBroken(FlagwrightError):
    """The local store cannot be trusted or written: no record, so no effect."""

    code = "store-broken"


class WriteFailed(FlagwrightError):
    """Files could not be written; every file is as it was."""

    code = "write-failed"


class WriteInterrupted(FlagwrightError):
    """A write was interrupted, and a file was edited since: it is neither finished nor undone."""

    code = "write-interrupted"

    def __init__(self, fact: str, *, next_step: str, root: str) -> None:
        super().__init__(fact, next_step=next_step)
        self.root = root


class Unsupported(FlagwrightError):
    """This platform or installation lacks something that the step needs."""

    code = "unsupported"
