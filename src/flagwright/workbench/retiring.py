"""Tell what a reviewer of a retirement has to know beside its edits."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from flagwright.core.records.flag import FlagState
from flagwright.core.records.plan import Plan
from flagwright.core.wrapping.keeper import SERVED
from flagwright.core.wrapping.module import is_own

if TYPE_CHECKING:
    from flagwright.core.wrapping.wrapped import Wrapped

MOST_PLACES = 7
"""How many places one note names."""


def shipped(applied: Iterable[Plan]) -> Iterator[str]:
    """What stays of a change that is turned back, since it never was behind the flag."""
    for plan in applied:
        if plan.kind == "wrap":
            apart = [
                s for s in plan.coverage if s.treatment in ("not-controllable", "passed-through")
            ]
            places = list(dict.fromkeys(f"{s.path}:{s.line}" for s in apart))
            if places:
                more = f" and {len(places) - MOST_PLACES} more" * (len(places) > MOST_PLACES)
                yield (
                    f"plan {plan.id} shipped a part of its change without the flag, and that "
                    f"stays: {', '.join(places[:MOST_PLACES])}{more}"
                )


def turned(
    state: FlagState | None, keep: Literal["on", "off"], asks: Collection[str]
) -> Iterator[str]:
    """Environments in which a release of the plan changes what runs.

    Args:
        asks: The flag clients that the code asks.
    """
    if state and (state.archived or not state.environments):
        if keep == "on":
            here = f", which this code asks ({', '.join(sorted(asks))})" if asks else ""
            so = (
                "so it is off for everybody"
                if asks and SERVED.issuperset(asks)
                else f"so look where it is kept{here} for whom it is on"
            )
            yield (
                f"the flag server has no living flag of this name, {so}: once this is released, "
                "its code runs for everybody"
            )
        return
    places = state.environments if state else {}
    turned = [name for name, is_on in places.items() if is_on != (keep == "on")]
    if turned:
        now, then = ("off", "runs for everybody") if keep == "on" else ("on", "is gone")
        where = " and ".join(turned)
        yield f"the flag is {now} in {where}: once this is released there, its code {then}"


def left_behind(files: Mapping[str, bytes], wrapped: "Wrapped") -> Iterator[str]:
    """A module that an earlier plan brought, through which nothing asks any more."""
    left = {**files, **{file.path: file.text or b"" for file in wrapped.files}}
    own = [path for path, text in left.items() if is_own(text)]
    if own and not any(b"is_enabled" in text for path, text in left.items() if path not in own):
        yield f"{own[0]}: nothing asks through it any more; the next plan will, or delete it"
