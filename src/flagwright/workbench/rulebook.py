"""Give each step the policies that it goes by, as they are now, and keep what was used.

What a repository says is read from the commit that a change begins at, so that no change is
judged by a policy that it brings itself. Every set of policies that was used is kept by its
digest, so that any decision can be explained later.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from anyio import to_thread

from flagwright.adapters import shipped
from flagwright.adapters.shipped import Own, Source, Used
from flagwright.core.records.change import Change
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.plan import Plan
from flagwright.core.records.score import Assessment
from flagwright.errors import PolicyInvalid
from flagwright.workbench.instead import AS_IT_IS, Instead
from flagwright.workbench.recorder import Step
from flagwright.workbench.rules import Rules, load_rules, rules_of

if TYPE_CHECKING:
    from flagwright.adapters.git import Repository


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
        return self._used(load_rules(self.own, self.today, says, touched))

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
        return self._used(load_rules(self.own, self.today, _sources(said), touched))

    def of_plan(self, plan: Plan) -> Rules:
        """The policies of now for a plan: with what its repository said when it was made."""
        kept = self.kept(plan.policy_digest)
        says = _files(kept, "repository") if kept else {}
        touched = kept.touched if kept else ()
        return self._used(load_rules(self.own, self.today, says, touched))

    def of_tree(
        self, folder: Path, instead: Instead = AS_IT_IS, touched: Sequence[str] = ()
    ) -> Rules:
        """The policies as a work tree has them now; only to look at what an edit would do.

        Args:
            instead: Folders of policies that are tried.
            touched: Paths of the change that is judged.

        Raises:
            PolicyInvalid: If any of them has a mistake.
        """
        above = instead.of(self.own)
        found = load_rules(above, self.today, shipped.in_tree(folder), touched)
        if found.left_out:
            raise PolicyInvalid(found.left_out[0], next_step="Run: flagwright policy lint")
        return found

    def at(self, repository: "Repository", revision: str, touched: Sequence[str] = ()) -> Rules:
        """The policies as a repository has them at a revision."""
        says = _said_by(repository, repository.named(revision))
        return load_rules(self.own, self.today, says, touched)

    def for_paths(self, touched: Sequence[str]) -> Rules:
        """The policies of the user for a change of some paths, whatever repository it is in."""
        return load_rules(self.own, self.today, touched=touched)

    def shipped(self, touched: Sequence[str] = ()) -> Rules:
        """The policies as they ship."""
        return load_rules(Own(), self.today, touched=touched)

    # --- what was used

    def kept(self, digest: str) -> Used | None:
        """The set of policies of a digest, or of a unique beginning of one."""
        return shipped.used(self._kept, digest)

    def again(self, kept: Used, touched: Sequence[str] = (), day: date | None = None) -> Rules:
        """A set that was used, read again from the files as they were, as of a day; today."""
        return rules_of(kept, day or self.today, touched)

    def keep(self, found: Assessment) -> None:
        """Keep a score, so that it can be explained."""
        shipped.keep_score(self._kept.with_name("scores"), found)

    def assessment(self, change: str, policy: str | None = None) -> Assessment | None:
        """The newest score of a change, by its digest or a unique beginning of it.

        Args:
            policy: Digest of the policies that it was judged under; none: any.
        """
        found = shipped.scores_of(self._kept.with_name("scores"), change)
        return next((one for one in found if policy in (None, one.policy_digest)), None)

    def recorded(self, entry: LedgerEntry) -> Assessment | None:
        """The score that an entry tells of, and no other of its change; none: it is not kept."""
        found = shipped.scores_of(self._kept.with_name("scores"), entry.change or "")
        told = (entry.policy, entry.score, entry.band)
        return next((o for o in found if (o.policy_digest, o.score, o.band) == told), None)

    @property
    def today(self) -> date:
        """The day by which rules and waivers count."""
        return self._clock().date()

    def _used(self, rules: Rules) -> Rules:
        shipped.keep_used(self._kept, rules.digest, rules.loaded.values(), rules.left_out)
        return rules


def _files(kept: Used, layer: str) -> dict[str, Source]:
    own = [one for one in kept.files if one.layer == layer]
    return {Path(one.path).stem: Source("repository", one.path, one.text) for one in own}


def _said_by(repository: "Repository", revision: str) -> dict[str, Source]:
    """What the policies of a repository say at a commit, by name."""
    return _sources(repository.policies(revision))


def _sources(said: Mapping[str, tuple[str, str]]) -> dict[str, Source]:
    return {name: Source("repository", path, text) for name, (path, text) in said.items()}
