"""Give each past change the policies of its paths: those of every section that it touches."""

from collections.abc import Awaitable, Callable, Sequence

from flagwright.core.demand import Server
from flagwright.core.policy.paths import under
from flagwright.core.policy.replay import Judges
from flagwright.core.records.change import Change
from flagwright.workbench.rules import Rules

RulesFor = Callable[[Sequence[str]], Rules]
"""One set of policies for a change that touches some paths."""
Touched = tuple[int, ...]
"""Which sections a change touches, by their places; none: it is judged as the rest is."""


class Sectioned:
    """One set of policies; two changes that touch the same sections have the same rules."""

    def __init__(self, rules_for: RulesFor) -> None:
        self._rules_for = rules_for
        self.whole = rules_for(())
        """For changes that touch no section."""
        found = (one.sections for one in self.whole.loaded.values())
        self._sections = tuple(dict.fromkeys(paths for some in found for paths in some))
        self._known: dict[Touched, Rules] = {(): self.whole}

    def touched(self, change: Change) -> Touched:
        """The sections that a change touches; their rules are then known."""
        paths = [file.path for file in change.files]
        met = tuple(
            place
            for place, section in enumerate(self._sections)
            if any(under(path, section) for path in paths)
        )
        if met not in self._known:
            self._known[met] = self._rules_for(paths)
        return met

    def rules(self, touched: Touched) -> Rules:
        """What was known by `touched`."""
        return self._known[touched]

    async def place(self, by: Callable[[Rules], Awaitable[Rules]]) -> None:
        """Give all that is known a scale."""
        self._known = {touched: await by(rules) for touched, rules in self._known.items()}
        self.whole = self._known[()]

    def judges(self, touched: Touched, server: Server) -> Judges:
        """What such a change is judged by."""
        rules, waivers = self._known[touched], self._known[touched].waivers.waivers
        return Judges(rules.risk, rules.weights, rules.rules, waivers, rules.approval, server)

    def recorded(self, change: Change, server: Server) -> Judges:
        """What a change of the ledger is judged by: its score is placed as the rest is."""
        by = self.judges(self.touched(change), server)
        scale = self.whole.weights.scale
        return by._replace(weights=by.weights.model_copy(update={"scale": scale}))
