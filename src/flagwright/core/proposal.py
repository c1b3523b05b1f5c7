"""Turn proved edits into a plan that a person can decide about.

Pure: the time comes in. The digest covers everything that the person sees and that the
plan will do, so a decision about it can never be used for anything else.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from flagwright.core.patch import unified
from flagwright.core.record import digest, sha256
from flagwright.core.records.plan import Convention, FileEdit, Plan, Switch
from flagwright.core.records.score import Assessment, Band

if TYPE_CHECKING:
    from flagwright.core.wrapping.wrapped import Wrapped, WrappedFile

ID_CHARS = 12


def propose(
    wrapped: "Wrapped",
    *,
    kind: Literal["wrap", "retire"],
    flag: str,
    keep: Literal["on", "off"] | None,
    root: str,
    convention: Convention | None,
    assessment: Assessment,
    policy_digest: str,
    proposed_by: str,
    at: datetime,
    lifetime: timedelta,
) -> Plan:
    """Tie edits, proof, score and policy into one plan with a digest.

    Args:
        keep: For a retirement, the side that stays.
        assessment: The score of the change, whose band decides who may approve.
        policy_digest: Over every policy that the plan was made under.
        lifetime: How long the plan may wait for a decision and its use.
    """
    content = {
        "kind": kind,
        "flag": flag,
        "keep": keep,
        "root": root,
        "edits": tuple(edit(file) for file in wrapped.files),
        "coverage": wrapped.coverage,
        "notes": wrapped.notes,
        "proof": wrapped.proof,
        "convention": convention,
        "score": assessment.score,
        "band": assessment.band,
        "rules": assessment.rules,
        "assessment": assessment,
        "change_digest": assessment.change_digest,
        "policy_digest": policy_digest,
        "proposed_by": proposed_by,
        "created_at": at,
        "expires_at": at + lifetime,
    }
    return _sealed(content)


def propose_switch(
    switch: Switch,
    flag: str,
    *,
    notes: tuple[str, ...],
    band: Band,
    policy_digest: str,
    proposed_by: str,
    at: datetime,
    lifetime: timedelta,
) -> Plan:
    """Tie two states of a flag into a plan; it touches no file."""
    return _sealed(
        {
            "kind": "switch",
            "flag": flag,
            "switch": switch,
            "root": "",
            "edits": (),
            "notes": notes,
            "proof": (),
            "band": band,
            "change_digest": digest([switch.before.model_dump(), switch.after.model_dump()]),
            "policy_digest": policy_digest,
            "proposed_by": proposed_by,
            "created_at": at,
            "expires_at": at + lifetime,
        }
    )


def _sealed(content: dict[str, Any]) -> Plan:
    seal = plan_digest(Plan.model_validate({**content, "id": "", "digest": "0" * 64}))
    return Plan.model_validate({**content, "id": seal[:ID_CHARS], "digest": seal})


def is_once_more(plan: Plan, waiting: Plan) -> bool:
    """Whether a new plan says just what one says that waits, and has half of its time left."""
    when = {"id", "digest", "created_at", "expires_at"}
    half = waiting.created_at + (waiting.expires_at - waiting.created_at) / 2
    return waiting.created_at <= plan.created_at < half and (
        plan.model_dump(exclude=when) == waiting.model_dump(exclude=when)
    )


def plan_digest(plan: Plan) -> str:
    """Digest over every field of a plan but `id` and `digest`.

    One that is as it is by itself is left out, so that a plan of a version before a field was
    made has the same digest after it.
    """
    return digest(plan.model_dump(mode="json", exclude={"id", "digest"}, exclude_defaults=True))


def edit(file: "WrappedFile") -> FileEdit:
    """Tie the edit of one file to the bytes it replaces and the bytes it leaves."""
    return FileEdit(
        path=file.path,
        before_sha256=None if file.before is None else sha256(file.before),
        after_sha256=None if file.text is None else sha256(file.text),
        mode=file.mode,
        patch=unified(file.path, file.before, file.text),
    )
