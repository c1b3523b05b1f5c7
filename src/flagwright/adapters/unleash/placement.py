"""Bring a flag, in one environment, into the state that is wanted, and never past it.

On the way nobody is let in whom neither the old nor the new state lets in: what narrows comes
first, a strategy is changed in place, and the last one is never removed before another is
there, because a flag without a strategy lets in everybody.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.detail import detail, segments
from flagwright.adapters.unleash.wire import Wire
from flagwright.core.rollout import MANY
from flagwright.core.strategy import Constraint, Placement, Strategy, Variant
from flagwright.errors import BadRequest, FlagChanged, FlagServerDown, FlagServerOdd, FlagUnknown


async def place(
    wire: Wire, project: str, flag: str, environment: str, before: Placement, after: Placement
) -> Placement:
    """Go from one state to another; where an answer is lost, look what became of it.

    Returns:
        The state as the server holds it now, which lets in the same users as `after`.

    Raises:
        FlagChanged: If somebody else changed it meanwhile. Where that would have let in more
            users, it is off again.
        FlagServerOdd: If the server did not keep it as asked.
    """
    address = parts("projects", project, "features", flag, "environments", environment)
    try:
        await _go(wire, address, before, after)
        if wire.is_rehearsal:
            return after
    except FlagServerDown:
        if not (now := await _now(wire, project, flag, environment)).is_as(after):
            raise
        return now
    now = await _now(wire, project, flag, environment)
    if doubles := _doubles(now, before, after):
        await _remove(wire, address, doubles)
        now = await _now(wire, project, flag, environment)
    if now.is_as(after):
        return now
    if not before.on and now.on:
        await wire.send("POST", f"{address}/off")
        raise FlagChanged(
            f"Somebody changed {flag} in {environment} meanwhile: it was switched off again.",
            next_step="Look at it, then ask again.",
        )
    raise FlagServerOdd(
        f"The flag server did not keep {flag} in {environment} as it was asked to.",
        next_step="Look at it, then ask again.",
    )


async def require_segments(wire: Wire, names: Iterable[str]) -> None:
    """Raise BadRequest where the server has no such segment."""
    if wanted := tuple(names):
        known = set((await segments(wire)).values())
        if missing := [name for name in wanted if name not in known]:
            there = ", ".join(sorted(known)) or "none"
            raise BadRequest(
                f"The flag server has no segment {missing[0]!r}.",
                next_step=f"There are: {there}. Make others on the flag server.",
            )


async def _go(wire: Wire, address: str, before: Placement, after: Placement) -> None:
    if before.on and not after.on:
        await wire.send("POST", f"{address}/off")
    held = {strategy.id: strategy for strategy in before.strategies}
    wanted = {strategy.id for strategy in after.strategies}
    numbers: Mapping[str, int] = {}
    if any(strategy.segments for strategy in after.strategies):
        numbers = {name: number for number, name in (await segments(wire)).items()}
    for strategy in after.strategies:
        known = held.get(strategy.id)
        if known and known.means() == strategy.means():
            continue
        body = _body(strategy, numbers)
        if known:
            await wire.send("PUT", f"{address}/strategies/{strategy.id}", body)
        else:
            await wire.send("POST", f"{address}/strategies", body)
    await _remove(wire, address, [one.id for one in before.strategies if one.id not in wanted])
    if after.on and not before.on:
        await wire.send("POST", f"{address}/on")


async def _remove(wire: Wire, address: str, strategies: Iterable[str | None]) -> None:
    """Take strategies away; one that is gone already is as good."""
    for gone in strategies:
        with suppress(FlagUnknown):
            await wire.send("DELETE", f"{address}/strategies/{gone}")


def _doubles(now: Placement, before: Placement, after: Placement) -> list[str | None]:
    """Strategies that are there once more than they were asked for, as a line that repeats makes.

    Only new ones count that mean the same as one that was asked for.
    """
    old = {one.id for one in before.strategies}
    wanted = [one.means() for one in after.strategies]
    found = []
    for strategy in sorted(now.strategies, key=lambda one: one.id not in old):
        if (means := strategy.means()) in wanted:
            wanted.remove(means)
        elif strategy.id not in old and any(means == one.means() for one in after.strategies):
            found.append(strategy.id)
    return found


async def _now(wire: Wire, project: str, flag: str, environment: str) -> Placement:
    return (await detail(wire, project, flag)).environment(environment).placement


def _body(strategy: Strategy, numbers: Mapping[str, int]) -> dict[str, Any]:
    """A strategy on the wire. What is left out there may stay as it was, so nothing is."""
    return {
        "name": strategy.kind,
        "title": strategy.title,
        "disabled": strategy.disabled,
        "parameters": strategy.parameters,
        "constraints": [_constraint(constraint) for constraint in strategy.constraints],
        "segments": [_number(name, numbers) for name in strategy.segments],
        "variants": [_variant(variant) for variant in strategy.variants],
    }


def _number(segment: str, numbers: Mapping[str, int]) -> int:
    return numbers[segment] if segment in numbers else int(segment.removeprefix("#"))


def _constraint(constraint: Constraint) -> dict[str, Any]:
    several = constraint.operator in MANY
    values: dict[str, Any] = (
        {"values": list(constraint.values)} if several else {"value": constraint.values[0]}
    )
    return values | {
        "contextName": constraint.field,
        "operator": constraint.operator,
        "inverted": constraint.inverted,
        "caseInsensitive": constraint.ignores_case,
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "name": variant.name,
        "weight": variant.weight,
        "weightType": "fix" if variant.is_fixed else "variable",
        "stickiness": variant.stickiness,
    } | ({"payload": variant.payload} if variant.payload else {})
