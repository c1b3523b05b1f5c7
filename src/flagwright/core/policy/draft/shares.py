"""Propose which share of the changes is risky, by what the riskiest ones of the past did."""

from collections.abc import Iterator, Sequence

from flagwright.core.policy.draft import Block, Thresholds
from flagwright.core.risk.backtest import NUMBERS, Judged, figures

SHARES = tuple(range(5, 100, 5))
SCORE = "the score without impact"


def share_blocks(judged: Sequence[Judged], asked: Thresholds) -> Iterator[Block]:
    """The smallest shares that would have held the harm that is asked for.

    Args:
        judged: Past changes, and whether they did harm.
    """
    harmful = sum(one.harmful for one in judged)
    found = figures(judged, NUMBERS[SCORE], SHARES) if harmful >= asked.least_harmful else None
    if found is None:
        says = f"Of {len(judged)} past changes {harmful} did harm, too few to read a share from."
        yield Block("risk", (says,), "")
        return
    keys = {"flag.due": asked.flag_due, "bands.high": asked.high, "bands.critical": asked.critical}
    for key, wanted in keys.items():
        held = zip(SHARES, found.caught, strict=True)
        share, caught = next(
            ((share, caught) for share, caught in held if 100 * caught >= wanted), (None, 0.0)
        )
        if share is None:
            continue
        says = (
            f"Of {len(judged)} past changes {harmful} had to be fixed later; the riskiest "
            f"{share} % held {100 * caught:.0f} % of those ({wanted} % are asked for)."
        )
        yield Block("risk", (says,), f'{key} = "riskiest {share} %"\n')
