"""Flagwright as a library: score a change, wrap a file, take a flag out. No network, no files.

Runs in the caller's own process; the server and the command line use a guarded worker.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, AnyStr, cast

from flagwright.core.records.change import Change
from flagwright.core.records.plan import Convention
from flagwright.core.records.score import Assessment
from flagwright.core.wrapping.policy import WrappingPolicy

if TYPE_CHECKING:
    from flagwright.core.risk.model import Weights
    from flagwright.core.risk.past import Familiarity
    from flagwright.core.risk.policy import RiskPolicy


def wrap(before: AnyStr, after: AnyStr, *, flag: str, convention: Mapping[str, str]) -> AnyStr:
    """Put the change of one Python file behind a flag, with a proof.

    Args:
        before: The file as it was, text or bytes.
        after: The file as it is to be.
        flag: Name of the flag.
        convention: `import`, one import line for the flag client (may be empty), and
            `check`, an expression with `{flag}` in it; with `{context}` in it, too, `context`
            is the expression that stands there. Other keys are ignored.

    Returns:
        A file that is `before` with the flag off and `after` with it on, in the type of
        `after`; `after` itself where the change has no effect at run time.

    Raises:
        CannotWrap: With a stable `category`, and `line` and `because`.
    """
    from flagwright.core.wrapping.given import mistake_in
    from flagwright.core.wrapping.refusal import refuse
    from flagwright.core.wrapping.single import merge_versions

    way = Convention(
        import_line=convention.get("import", ""),
        check=convention["check"],
        context=convention.get("context", ""),
    )
    if mistake := mistake_in(way):
        raise refuse(1, "convention", mistake[1])
    wrapped, _ = merge_versions(before, after, flag=flag, convention=way, policy=_wrapping())
    return cast(AnyStr, wrapped)


def project(source: AnyStr, *, flag: str, on: bool) -> AnyStr:
    """Take a flag out of one Python file, keeping what runs with it on, or off.

    Raises:
        CannotWrap: `unparsable` or `too-complex`.
    """
    from flagwright.core.wrapping.project import project as without_flag

    return cast(AnyStr, without_flag(source, flag=flag, on=on))


def score(
    change: Change | str,
    *,
    policy: "RiskPolicy | None" = None,
    weights: "Weights | None" = None,
    past: "Familiarity | None" = None,
) -> Assessment:
    """Score the risk of a change from 0 (none) to 100 (stop), with the reasons.

    Args:
        change: A change, or a unified diff as text.
        policy: The shipped one if none is given.
        weights: The shipped ones if none are given.
        past: What came before the change; unknown if not given.

    Raises:
        UnreadableChange: If the text is no unified diff.
    """
    from flagwright.core.change import parse_diff
    from flagwright.core.record import digest
    from flagwright.core.risk.engine import assess

    chosen, learned = policy or _risk(), weights or _weights()
    read = parse_diff(change) if isinstance(change, str) else change
    both = digest({"risk": digest(chosen), "weights": digest(learned)})
    return assess(read, chosen, learned, past=past, policy_digest=both)


@cache
def _wrapping() -> WrappingPolicy:
    from flagwright.adapters.shipped import Own, load_policy

    return load_policy(WrappingPolicy, "wrapping", Own()).policy


@cache
def _risk() -> "RiskPolicy":
    from flagwright.adapters.shipped import Own, load_policy
    from flagwright.core.risk.policy import RiskPolicy

    return load_policy(RiskPolicy, "risk", Own()).policy


@cache
def _weights() -> "Weights":
    from flagwright.adapters.shipped import Own, load_policy
    from flagwright.core.risk.model import Weights

    return load_policy(Weights, "weights", Own()).policy
