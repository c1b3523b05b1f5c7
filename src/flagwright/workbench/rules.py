"""Read the policies together, and check what only several of them can tell: files only.

A mistake in the user's own is an error; one that a repository makes is a warning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from flagwright.adapters import shipped
from flagwright.adapters.shipped import LoadedPolicy, Own, Source, Used
from flagwright.core.demand import ApprovalPolicy
from flagwright.core.naming.policy import NamingPolicy
from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.paths import under
from flagwright.core.policy.rules import RulesPolicy
from flagwright.core.policy.waivers import WaiversPolicy, left_in_words
from flagwright.core.record import Record, digest
from flagwright.core.records.change import Change
from flagwright.core.risk.model import Weights
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.rollout import RolloutPolicy
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import PolicyInvalid
from flagwright.workbench.catalogue import LAYERED, model_of

Policy = TypeVar("Policy", bound=Record)
MOST_WARNINGS = 8
"""A file with mistakes beyond these does not count at all: each takes a reading, and is told."""


@dataclass(frozen=True)
class Rules:
    """What a change is judged, and a plan made and approved under."""

    risk: RiskPolicy
    weights: Weights
    risk_digest: str
    """Of both."""
    rules: RulesPolicy
    waivers: WaiversPolicy
    naming: NamingPolicy
    wrapping: WrappingPolicy
    approval: ApprovalPolicy
    rollout: RolloutPolicy
    digest: str
    """Over all of them: a plan is stale once any of them has changed."""
    loaded: Mapping[str, LoadedPolicy[Any]] = field(repr=False, default_factory=dict)
    """As they were read, by name."""
    left_out: tuple[str, ...] = ()
    """What a repository says and what does not count, with its line."""
    in_part: tuple[str, ...] = ()
    """Files of the repository that this is about."""
    ending: tuple[str, ...] = ()
    """Waivers of what is touched that end soon, or have."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What whoever reads a score has to know."""
        return (*self.left_out, *self.ending)

    def not_mended_by(self, change: Change) -> tuple[str, ...]:
        """Files that count in part only, and that a change does not touch."""
        touched = {path for file in change.files for path in (file.path, file.renamed_from)}
        return tuple(path for path in self.in_part if path not in touched)

    def place_of_name(self, key: tuple[str, ...]) -> str:
        """Where a setting about names stands, as `path:line`, short where it is as it ships."""
        source, place = self.loaded["naming"].place(*key)
        return f"shipped {Path(place).name}" if source.layer == "shipped" else place

    def with_weights(self, weights: Weights) -> "Rules":
        """The same, but for what was learned."""
        scored_by = _scored_by(digest(self.risk), digest(weights))
        together = digest({"policies": self.digest, "weights": scored_by})
        return replace(self, weights=weights, risk_digest=scored_by, digest=together)


def _scored_by(risk: str, weights: str) -> str:
    return digest({"risk": risk, "weights": weights})


def load_rules(
    own: Own,
    today: date,
    repository: Mapping[str, Source] | None = None,
    touched: Sequence[str] = (),
    given: Mapping[str, tuple[Source, ...]] | None = None,
) -> Rules:
    """Read them, as they are in force on a day; `given` are the files instead of those of now.

    What has a mistake in a file of the repository, or is looser than what is above it, does not
    count, and a warning says so: otherwise the change that mends it could not be judged.

    Raises:
        PolicyInvalid: With file, line and what is allowed, if the user's own has a mistake.
    """
    reader = _Reader(own, dict(repository or {}), touched, given or {})
    loaded = reader.all()
    risk: RiskPolicy = loaded["risk"].policy
    weights = reader.load(Weights, risk.weights)
    waivers: WaiversPolicy = loaded["waivers"].policy
    ending = [
        left_in_words(waiver, left)
        for _, waiver, left in waivers.ending(today)
        if any(under(path, waiver.scope) for path in touched)
    ]
    now = {name: loaded[name].policy.on(today) for name in ("risk", "rules", "waivers", "approval")}
    scored_by = _scored_by(digest(now["risk"]), weights.digest)
    seals = {name: one.digest for name, one in loaded.items()}
    seals |= {name: digest(policy) for name, policy in now.items()} | {"risk": scored_by}
    seals |= {"left out": digest(reader.warnings)} if reader.warnings else {}
    policies = {name: now.get(name, one.policy) for name, one in loaded.items()}
    return Rules(
        **policies,
        weights=weights.policy,
        risk_digest=scored_by,
        digest=digest(seals),
        loaded=loaded | {risk.weights: weights},
        left_out=tuple(reader.warnings),
        in_part=tuple(reader.in_part),
        ending=tuple(ending),
    )


class _Reader:
    """Reads one set of policies, and remembers what a repository says and what does not count."""

    def __init__(
        self,
        own: Own,
        says: dict[str, Source],
        touched: Sequence[str],
        given: Mapping[str, tuple[Source, ...]],
    ) -> None:
        self._own, self._says, self._touched, self._given = own, says, touched, given
        self._risk: LoadedPolicy[RiskPolicy] | None = None
        self.warnings: list[str] = []
        self.in_part: dict[str, None] = {}

    def all(self) -> dict[str, LoadedPolicy[Any]]:
        """Every policy but the weights, by name; the score's first, as rules are tried with it."""
        self._risk = self.load(RiskPolicy, "risk")
        return {
            name: self._risk if name == "risk" else self.load(model_of(name), name)
            for name in (*LAYERED, "rollout")
        }

    def load(self, model: type[Policy], name: str) -> LoadedPolicy[Policy]:
        """One policy; without what has a mistake in the file of the repository."""
        says = self._says if name in LAYERED else {}
        found = self._given.get(name) or shipped.sources(name, self._own, says)
        return self._read(model, name, found)

    def _read(
        self, model: type[Policy], name: str, found: tuple[Source, ...]
    ) -> LoadedPolicy[Policy]:
        try:
            loaded = shipped.load_policy(model, name, self._own, touched=self._touched, files=found)
            return _checked(loaded, self._risk)
        except PolicyInvalid as error:
            *_, lowest = found or (None,)
            if not lowest or lowest.layer != "repository" or shipped.ALL in lowest.dropped:
                raise
            found = shipped.less_by(model, found, error)
            if len(self.warnings) == MOST_WARNINGS:
                found = (*found[:-1], lowest._replace(dropped=(shipped.ALL,)))
            self.in_part[lowest.path] = None
            self.warnings.append(_not_counting(error, found[-1]))
            return self._read(model, name, found)


def _not_counting(error: PolicyInvalid, file: Source) -> str:
    is_all = shipped.ALL in file.dropped
    what = "The file does not count." if is_all else "That does not count; the rest of it does."
    return f"{error.fact} {what} {error.next_step}"


def _checked(
    loaded: LoadedPolicy[Policy], risk: LoadedPolicy[RiskPolicy] | None
) -> LoadedPolicy[Policy]:
    """The team's rules agree with their examples, which only the risk policy can read."""
    if isinstance(loaded.policy, RulesPolicy) and risk:
        both = (loaded.digest, risk.digest)
        if both in _AGREED:
            return loaded
        try:
            loaded.policy.agree(risk.policy.files, risk.policy)
            _AGREED.add(both)
        except Contradiction as error:
            raise loaded.contradicted(error) from error
    return loaded


_AGREED: set[tuple[str, str]] = set()
"""Digests of rules and risk policies that were tried with all their examples."""


def rules_of(kept: Used, today: date, touched: Sequence[str]) -> Rules:
    """Read a set that was used again, from its files as they were."""
    given: dict[str, tuple[Source, ...]] = {}
    for file in kept.files:
        source = Source(file.layer, file.path, file.text)
        given[Path(file.path).stem] = (*given.get(Path(file.path).stem, ()), source)
    return load_rules(Own(), today, touched=touched, given=given)
