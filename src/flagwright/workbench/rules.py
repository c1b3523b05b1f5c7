"""The policies that a step goes by, as they are now: an edit counts from the next step on.

What a repository says is read from the commit that a change begins at, so that no change is
judged by a policy that it brings itself. Every set of policies that was used is kept by its
digest, so that any decision can be explained later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import to_thread

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
from flagwright.core.records.plan import Plan
from flagwright.core.records.score import Assessment
from flagwright.core.risk.model import Weights
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.rollout import RolloutPolicy
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import PolicyInvalid
from flagwright.workbench.recorder import Step

if TYPE_CHECKING:
    from flagwright.adapters.git import Repository

Policy = TypeVar("Policy", bound=Record)
LAYERED: dict[str, type[Record]] = {
    "naming": NamingPolicy,
    "risk": RiskPolicy,
    "rules": RulesPolicy,
    "waivers": WaiversPolicy,
    "wrapping": WrappingPolicy,
    "approval": ApprovalPolicy,
}
"""Policies that every layer may speak about."""


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
    warnings: tuple[str, ...] = ()
    """What a repository says and what does not count, with its line."""

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

    A file of the repository that has a mistake, or is looser than what is above it, does not
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
    policies = {name: now.get(name, one.policy) for name, one in loaded.items()}
    return Rules(
        **policies,
        weights=weights.policy,
        risk_digest=scored_by,
        digest=digest(seals),
        loaded=loaded | {risk.weights: weights},
        warnings=(*reader.warnings, *ending),
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

    def all(self) -> dict[str, LoadedPolicy[Any]]:
        """Every policy but the weights, by name; the score's first, as rules are tried with it."""
        self._risk = self.load(RiskPolicy, "risk")
        others: dict[str, type[Record]] = {**LAYERED, "rollout": RolloutPolicy}
        return {
            name: self._risk if name == "risk" else self.load(model, name)
            for name, model in others.items()
        }

    def load(self, model: type[Policy], name: str) -> LoadedPolicy[Policy]:
        """One policy; without what the repository says of it where that has a mistake."""
        says = self._says if name in LAYERED else {}
        try:
            found = shipped.load_policy(
                model,
                name,
                self._own,
                repository=says,
                touched=self._touched,
                files=self._given.get(name),
            )
            return _checked(found, self._risk)
        except PolicyInvalid as error:
            if name not in says:
                raise
            del self._says[name]
            self.warnings.append(f"{error.fact} The file does not count. {error.next_step}")
            return self.load(model, name)


def _checked(
    loaded: LoadedPolicy[Policy], risk: LoadedPolicy[RiskPolicy] | None
) -> LoadedPolicy[Policy]:
    """The team's rules agree with their examples, which only the risk policy can read."""
    if isinstance(loaded.policy, RulesPolicy) and risk:
        both = (loaded.digest, risk.digest)
        if both in _AGREED:
            return loaded
        try:
            loaded.policy.agree(risk.policy)
            _AGREED.add(both)
        except Contradiction as error:
            raise loaded.contradicted(error) from error
    return loaded


_AGREED: set[tuple[str, str]] = set()
"""Digests of rules and risk policies that were tried with all their examples."""


class RuleBook:
    """Loads the policies for each step, and keeps every set that was used."""

    def __init__(self, own: Own, kept: Path, clock: Callable[[], datetime]) -> None:
        """`kept` is the folder for the sets that were used."""
        self.own, self._kept, self._clock = own, kept, clock

    def load(self, repository: "Repository | None" = None, change: Change | None = None) -> Rules:
        """The policies for a change of a repository, as its base has them, or those of the user."""
        says: Mapping[str, Source] = {}
        touched: tuple[str, ...] = ()
        if change is not None:
            touched = tuple(file.path for file in change.files)
            says = _said_by(repository, change.base) if repository else {}
        elif repository and (head := repository.head()):
            says = _said_by(repository, head)
        return self._used(load_rules(self.own, self._today, says, touched))

    async def under(
        self, step: Step, repository: "Repository | None" = None, change: Change | None = None
    ) -> Rules:
        """The same, which the entry of a step then names."""
        rules = await to_thread.run_sync(self.load, repository, change)
        step.policy = rules.digest
        return rules

    def at_base(self, said: Mapping[str, tuple[str, str]], change: Change) -> Rules:
        """The policies for a change of the past, with what its base said: path and text by name."""
        touched = tuple(file.path for file in change.files)
        return self._used(load_rules(self.own, self._today, _sources(said), touched))

    def of_plan(self, plan: Plan) -> Rules:
        """The policies of now for a plan: with what its repository said when it was made."""
        kept = self.kept(plan.policy_digest)
        says = _files(kept, "repository") if kept else {}
        touched = kept.touched if kept else ()
        return self._used(load_rules(self.own, self._today, says, touched))

    def of_tree(self, folder: Path, own: Path | None = None) -> Rules:
        """The policies as a work tree has them now; only to look at what an edit would do.

        Args:
            own: A folder of policies instead of the user's own.

        Raises:
            PolicyInvalid: If any of them has a mistake.
        """
        above = self.own._replace(config_dir=own.parent) if own else self.own
        found = load_rules(above, self._today, shipped.in_tree(folder))
        if found.warnings:
            raise PolicyInvalid(found.warnings[0], next_step="Run: flagwright policy lint")
        return found

    def at(self, repository: "Repository", revision: str) -> Rules:
        """The policies as a repository has them at a revision."""
        says = _said_by(repository, repository.named(revision))
        return load_rules(self.own, self._today, says)

    def shipped(self) -> Rules:
        """The policies as they ship."""
        return load_rules(Own(), self._today)

    # --- what was used

    def kept(self, digest: str) -> Used | None:
        """The set of policies of a digest, or of a unique beginning of one."""
        return shipped.used(self._kept, digest)

    def again(self, kept: Used) -> Rules:
        """A set that was used, read again from the files as they were."""
        return rules_of(kept, self._today)

    def keep(self, found: Assessment) -> None:
        """Keep a score, so that it can be explained."""
        shipped.keep_score(self._kept.with_name("scores"), found)

    def assessment(self, change: str) -> Assessment | None:
        """The newest score of a change, by its digest or a unique beginning of it."""
        return shipped.score_of(self._kept.with_name("scores"), change)

    @property
    def _today(self) -> date:
        return self._clock().date()

    def _used(self, rules: Rules) -> Rules:
        shipped.keep_used(self._kept, rules.digest, rules.loaded.values())
        return rules


def rules_of(kept: Used, today: date) -> Rules:
    """Read a set that was used again, from its files as they were."""
    given: dict[str, tuple[Source, ...]] = {}
    for file in kept.files:
        source = Source(file.layer, file.path, file.text)
        given[Path(file.path).stem] = (*given.get(Path(file.path).stem, ()), source)
    return load_rules(Own(), today, touched=kept.touched, given=given)


def _files(kept: Used, layer: str) -> dict[str, Source]:
    own = [one for one in kept.files if one.layer == layer]
    return {Path(one.path).stem: Source("repository", one.path, one.text) for one in own}


def _said_by(repository: "Repository", revision: str) -> dict[str, Source]:
    """What the policies of a repository say at a commit, by name."""
    return _sources(repository.policies(revision))


def _sources(said: Mapping[str, tuple[str, str]]) -> dict[str, Source]:
    return {name: Source("repository", path, text) for name, (path, text) in said.items()}
