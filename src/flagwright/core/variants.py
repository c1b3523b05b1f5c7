"""Say what the variants of a rollout become: how many get which answer, and what comes with it.

Pure. A payload is written as `type:value`, in one of the four types that Unleash has; what is
none of them is refused.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping

from flagwright.core.strategy import FULL, PER_PERCENT, Variant
from flagwright.errors import BadRequest

KINDS = ("string", "json", "csv", "number")
MOST_CHARS = 10_000
HOW = f"Write it like json:{{...}}; the types are {', '.join(KINDS)}. An empty one takes it away."

_NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}")


def shared(asked: Mapping[str, float], held: Iterable[Variant]) -> tuple[Variant, ...]:
    """Variants of fixed shares, but for the last, which Unleash wants to get what is left.

    One of a name that is there keeps its payload. Raises BadRequest.
    """
    if bad := [name for name in asked if not _NAME.fullmatch(name)]:
        raise BadRequest(
            f"{bad[0]!r} is no name of a variant.",
            next_step="Use letters, digits, '.', '-' or '_'.",
        )
    for name, percent in asked.items():
        if not 0 <= percent <= FULL:
            raise BadRequest(
                f"Variant {name} cannot get {percent:g} % of the users.",
                next_step="Give each from 0 to 100; together 100.",
            )
    weights = {name: round(percent * PER_PERCENT) for name, percent in asked.items()}
    if asked and sum(weights.values()) != FULL * PER_PERCENT:
        raise BadRequest(
            f"The shares of the variants add up to {sum(asked.values()):g} %.",
            next_step="Let them add up to 100.",
        )
    payloads = {variant.name: variant.payload for variant in held}
    last = list(weights)[-1] if weights else None
    return tuple(
        Variant(name=n, weight=w, is_fixed=n != last, payload=payloads.get(n))
        for n, w in weights.items()
    )


def loaded(variants: Iterable[Variant], asked: Mapping[str, str]) -> tuple[Variant, ...]:
    """The same variants with the payloads that are asked for by name; raises BadRequest."""
    known = {variant.name: variant for variant in variants}
    if missing := [name for name in asked if name not in known]:
        raise BadRequest(
            f"There is no variant {missing[0]!r} for a payload.",
            next_step="Give the shares of all variants as well.",
        )
    for name, text in asked.items():
        known[name] = known[name].model_copy(update={"payload": _payload(name, text)})
    return tuple(known.values())


def _payload(name: str, text: str) -> dict[str, str] | None:
    if not text:
        return None
    kind, _, value = text.partition(":")
    if len(value) > MOST_CHARS:
        raise BadRequest(
            f"What variant {name} is to carry has {len(value):,} characters.",
            next_step=f"Give at most {MOST_CHARS:,}: a name, or an address of the rest.",
        )
    if kind not in KINDS or not value or not _fits(kind, value):
        raise BadRequest(f"What variant {name} is to carry is no payload.", next_step=HOW)
    return {"type": kind, "value": value}


def _fits(kind: str, value: str) -> bool:
    """Whether a value is what its type says."""
    try:
        if kind == "json":
            json.loads(value, parse_constant=_refused)
        elif kind == "number":
            return math.isfinite(float(value))
    except (ValueError, RecursionError):
        return False
    return True


def _refused(constant: str) -> None:
    raise ValueError(constant)
