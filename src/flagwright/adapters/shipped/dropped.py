"""Leave out of a repository's policy file what has a mistake or is looser, and keep the rest.

So one wrong line costs that line, or the rule that it stands in, and never what else the file asks.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flagwright.adapters.shipped.toml import Key
from flagwright.core.policy.stricter import exempts
from flagwright.core.record import Record

ALL: Key = ()
"""What leads to the whole file."""


def without(content: dict[str, Any], dropped: Iterable[Key]) -> dict[str, Any]:
    """What a file says, without some of it, one after the other."""
    for key in dropped:
        content = _less(content, key)
    return content


def _less(value: Any, key: Key) -> Any:
    first, rest = key[0], key[1:]
    if isinstance(value, list) and isinstance(first, int):
        inner = [_less(value[first], rest)] if rest else []
        return [*value[:first], *inner, *value[first + 1 :]]
    left = {name: one for name, one in value.items() if name != first or rest}
    return left | ({first: _less(value[first], rest)} if rest else {})


def as_written(key: Key, dropped: Iterable[Key]) -> Key:
    """Where a key leads in the file, before earlier elements of its list were left out."""
    for *table, gone in reversed([key for key in dropped if key]):
        at = len(table)
        step = key[at] if key[:at] == tuple(table) and at < len(key) else None
        if isinstance(gone, int) and isinstance(step, int) and step >= gone:
            key = (*table, step + 1, *key[at + 1 :])
    return key


def parts(
    model: type[Record],
    content: Mapping[str, Any],
    above: Mapping[str, Any],
    together: Mapping[str, Any],
    wrong: Iterable[Key],
) -> list[Key]:
    """What is to be left out of a file for some mistakes, in this order.

    Args:
        above: The settings without the file.
        together: Those with it; a mistake in a list is counted there.
    """
    found = {_part(model, content, above, together, key) for key in wrong} - {ALL}
    return sorted(found, key=_place, reverse=True) or [ALL]


def _part(model: type[Record], here: Any, known: Any, together: Any, key: Key) -> Key:
    """The table or setting that is new in the file; else what the key leads to in it, if anything.

    A rule that is new falls as a whole; of one that is there above, only the wrong setting.
    """
    if key[:1] == ("paths",):
        return key[:2]
    found: Key = ()
    for step in key:
        if isinstance(here, list) and isinstance(step, int):
            one = together[step] if isinstance(together, list) else None
            is_own = one in here and exempts(model, [str(name) for name in found])
            return (*found, here.index(one)) if is_own else found
        if not isinstance(here, dict) or step not in here:
            return found
        found = (*found, step)
        if not isinstance(known, dict) or step not in known:
            return found
        here, known = here[step], known[step]
        together = together.get(step) if isinstance(together, dict) else None
    return found


def _place(key: Key) -> int:
    return key[-1] if isinstance(key[-1], int) else -1
