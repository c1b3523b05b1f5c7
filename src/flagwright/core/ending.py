"""Say what still holds a flag: only one that nothing asks for is ended.

Pure: the time comes in.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from flagwright.core.flag import FlagDetail
from flagwright.core.place import Place

MOST_NAMED = 5


def holds(
    detail: FlagDetail,
    code: Sequence[Place],
    elsewhere: Sequence[str],
    committed: Sequence[str],
    open_plans: Sequence[str],
    *,
    quiet: timedelta,
    now: datetime,
) -> Iterator[str]:
    """Everything that is still there, in words; nothing where the flag may go.

    Args:
        code: Lines of Python that have to do with the flag.
        elsewhere: Other files that name it.
        committed: Files of the last commit that name it, where `code` is empty.
        open_plans: Plans that would put code behind it, and may still be applied.
        quiet: How long no application may have asked for it.
    """
    if code:
        more = f" and {len(code) - MOST_NAMED} more" if len(code) > MOST_NAMED else ""
        yield f"code still has it: {', '.join(map(str, code[:MOST_NAMED]))}{more}"
    elif committed:
        more = f" and {len(committed) - MOST_NAMED} more" if len(committed) > MOST_NAMED else ""
        yield f"the last commit still has it: {', '.join(committed[:MOST_NAMED])}{more}"
    if elsewhere:
        more = f" and {len(elsewhere) - MOST_NAMED} more" if len(elsewhere) > MOST_NAMED else ""
        yield f"other files name it: {', '.join(elsewhere[:MOST_NAMED])}{more}"
    if open_plans:
        yield f"plans would put code behind it, apply or reject them: {', '.join(open_plans)}"
    for environment in detail.environments:
        asked = environment.yes + environment.no
        seen = environment.last_seen_at
        if asked:
            yield f"applications in {environment.name} asked for it {asked} times in the last hour"
        elif seen and now - seen < quiet:
            yield f"an application in {environment.name} asked for it on {seen:%Y-%m-%d %H:%M} UTC"
    if detail.needed_by:
        yield f"other flags depend on it: {', '.join(detail.needed_by)}"
