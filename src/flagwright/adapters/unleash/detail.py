"""Read one flag whole: strategies, segments by name, life, links and dependencies."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.flag import is_taken, odd, state_of
from flagwright.adapters.unleash.wire import Wire
from flagwright.core.flag import FlagDetail
from flagwright.core.strategy import Constraint, Environment, Link, Strategy, Variant
from flagwright.errors import FlagUnknown

ON_A_PAGE = "100"


async def detail(wire: Wire, project: str, name: str) -> FlagDetail:
    """Everything about one flag, also an archived one.

    Raises:
        FlagUnknown: If neither a living nor an archived flag of the project has the name.
    """
    try:
        flag = await wire.get(parts("projects", project, "features", name))
    except FlagUnknown as unknown:
        if not await is_taken(wire, name):
            raise
        return await _archived(wire, project, name, unknown)
    tags = await wire.get(parts("features", name, "tags"))
    names = await segments(wire) if _has_segments(flag) else {}
    return _detail(flag | {"tags": tags.get("tags", ())}, project, names)


async def segments(wire: Wire) -> dict[int, str]:
    """Name of every segment by its number on the server."""
    answer = await wire.get(parts("segments"))
    return {int(row["id"]): str(row["name"]) for row in answer.get("segments") or ()}


async def _archived(wire: Wire, project: str, name: str, unknown: FlagUnknown) -> FlagDetail:
    """An archived flag as the search knows it: its environments are gone."""
    query = {"archived": "IS:true", "query": name, "project": f"IS:{project}", "limit": ON_A_PAGE}
    rows = (await wire.get(parts("search", "features"), query)).get("features") or ()
    for row in rows:
        if row.get("name") == name:
            found = row | {"archived": True, "environments": ()}
            life = {"stage": "archived", "enteredStageAt": row.get("archivedAt")}
            return _detail(found | {"lifecycle": life}, project, {})
    raise unknown


def _has_segments(flag: Mapping[str, Any]) -> bool:
    return any(
        strategy.get("segments")
        for place in flag.get("environments") or ()
        for strategy in place.get("strategies") or ()
    )


def _detail(flag: dict[str, Any], project: str, names: Mapping[int, str]) -> FlagDetail:
    try:
        life = flag.get("lifecycle") or {}
        return FlagDetail(
            flag=state_of(flag, project),
            environments=tuple(
                _environment(place, names) for place in flag.get("environments") or ()
            ),
            stage=life.get("stage"),
            stage_since=life.get("enteredStageAt"),
            links=tuple(
                Link(title=row.get("title") or "", url=row["url"])
                for row in flag.get("links") or ()
            ),
            depends_on=tuple(_dependency(row) for row in flag.get("dependencies") or ()),
            needed_by=tuple(flag.get("children") or ()),
        )
    except (LookupError, TypeError, AttributeError, ValueError, ValidationError) as error:
        raise odd() from error


def _environment(place: Mapping[str, Any], names: Mapping[int, str]) -> Environment:
    return Environment(
        name=place["name"],
        type=place.get("type") or place["name"],
        on=bool(place["enabled"]),
        strategies=tuple(strategy_of(row, names) for row in place.get("strategies") or ()),
        last_seen_at=place.get("lastSeenAt"),
        yes=place.get("yes") or 0,
        no=place.get("no") or 0,
    )


def strategy_of(row: Mapping[str, Any], names: Mapping[int, str]) -> Strategy:
    """A strategy off the wire, its segments by name."""
    return Strategy(
        id=row["id"],
        kind=row["name"],
        parameters={key: str(value) for key, value in (row.get("parameters") or {}).items()},
        constraints=tuple(_constraint(rule) for rule in row.get("constraints") or ()),
        segments=tuple(names.get(int(each), f"#{each}") for each in row.get("segments") or ()),
        variants=tuple(_variant(variant) for variant in row.get("variants") or ()),
        disabled=bool(row.get("disabled")),
        title=row.get("title"),
    )


def _constraint(rule: Mapping[str, Any]) -> Constraint:
    """Operators that take one value have it in `value`, the others in `values`."""
    values = [rule["value"]] if rule.get("value") else rule.get("values") or ()
    return Constraint(
        field=rule["contextName"],
        operator=rule["operator"],
        values=tuple(str(value) for value in values),
        inverted=bool(rule.get("inverted")),
        ignores_case=bool(rule.get("caseInsensitive")),
    )


def _variant(variant: Mapping[str, Any]) -> Variant:
    return Variant(
        name=variant["name"],
        weight=variant["weight"],
        is_fixed=variant.get("weightType") == "fix",
        stickiness=variant.get("stickiness") or "default",
        payload=variant.get("payload"),
    )


def _dependency(row: Mapping[str, Any]) -> str:
    if not row.get("enabled", True):
        return f"{row['feature']} off"
    variants = ", ".join(row.get("variants") or ())
    return f"{row['feature']} as {variants}" if variants else str(row["feature"])
