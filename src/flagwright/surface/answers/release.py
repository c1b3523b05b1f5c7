"""Answer whether a range may be released."""

from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.record import Record
from flagwright.surface.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.core.release import Judged
    from flagwright.workbench.release import Released

PASS = ("accounted", "not-needed")
MOST_PLACES = 5


class FlagVerdict(Record):
    """One flag whose checks a range adds."""

    flag: str
    ok: bool
    found: str
    because: str
    at: tuple[str, ...]


class ReleaseAnswer(Answer):
    """Every flag whose checks a range adds, those that stop it first."""

    status: Literal["ready", "stopped"]
    flags: tuple[FlagVerdict, ...]
    warnings: tuple[str, ...] = ()


def released(found: "Released", words: Words) -> ReleaseAnswer:
    """Answer a guard."""
    flags = sorted(map(_verdict, found.flags), key=lambda view: view.ok)
    wrong = sum(not view.ok for view in flags)
    status: Literal["ready", "stopped"] = "stopped" if wrong or found.in_part else "ready"
    if found.in_part and not wrong:
        step = "in-part"
    elif wrong and all(view.ok or view.found == "unflagged" for view in flags):
        step = "unflagged"
    else:
        step = status
    told = f" In part only counts {visible(', '.join(found.in_part))}." if found.in_part else ""
    return ReleaseAnswer(
        status=status,
        message=f"{found.files} file{'s' * (found.files != 1)} changed, {len(flags)} "
        f"flag{'s' * (len(flags) != 1)} with new checks or a plan, {wrong} not accounted for."
        f"{told}",
        next_step=words[f"verify.{step}"],
        flags=tuple(flags),
        warnings=tuple(map(visible, found.left_out)),
    )


def _verdict(judged: "Judged") -> FlagVerdict:
    checks = (f"{check.path}:{check.line}" for check in judged.checks)
    places = list(dict.fromkeys([*judged.files, *checks]))
    more = len(places) - MOST_PLACES
    return FlagVerdict(
        flag=visible(judged.flag),
        ok=judged.found in PASS,
        found=judged.found,
        because=visible(judged.because),
        at=tuple(map(visible, places[:MOST_PLACES])) + ((f"and {more} more",) if more > 0 else ()),
    )
