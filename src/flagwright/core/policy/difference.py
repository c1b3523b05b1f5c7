"""Say what changed between two sets of policies in meaning: nothing about text or examples."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from flagwright.core.policy.stricter import EXAMPLES, Loosened, exempts, tightened
from flagwright.core.record import Record

Paths = tuple[str, ...]
"""What a section for paths names as `under`."""


class Difference(Record):
    """One setting or rule that differs."""

    policy: str
    key: str
    before: str | None
    """As it was; none: it was not there."""
    after: str | None
    """As it is; none: it is not there any more."""
    effect: Literal["stricter", "looser", "other"]


def differences(name: str, model: type[Record], before: Record, after: Record) -> list[Difference]:
    """What differs between two versions of one policy, defaults filled in."""
    old = before.model_dump(mode="json", by_alias=True)
    new = after.model_dump(mode="json", by_alias=True)
    return [
        Difference(
            policy=name,
            key=".".join(key),
            before=None if was is _GONE else _shown(was),
            after=None if now is _GONE else _shown(now),
            effect=_effect(model, old, new, key),
        )
        for key, was, now in _compared(old, new, ())
    ]


def section_differences(
    name: str,
    model: type[Record],
    wholes: tuple[Record, Record],
    sections: tuple[Mapping[Paths, Record], Mapping[Paths, Record]],
) -> list[Difference]:
    """What differs for the changes of some paths, beside what differs for all.

    Args:
        wholes: The policy where no section counts, before and after.
        sections: The policy as each section makes it, by its paths, before and after.
    """
    everywhere = {(one.key, one.before, one.after) for one in differences(name, model, *wholes)}
    found = []
    for paths in dict.fromkeys([*sections[0], *sections[1]]):
        was, now = (part.get(paths, whole) for part, whole in zip(sections, wholes, strict=True))
        for one in differences(name, model, was, now):
            if (one.key, one.before, one.after) not in everywhere:
                key = f"paths {', '.join(paths)}: {one.key}"
                found.append(one.model_copy(update={"key": key}))
    return found


_GONE = object()


def _compared(
    old: Mapping[str, Any], new: Mapping[str, Any], key: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name, _GONE), new.get(name, _GONE)
        if isinstance(was, dict) and isinstance(now, dict):
            yield from _compared(was, now, (*key, name))
        elif was != now and not (name in EXAMPLES and isinstance(now or was, list)):
            yield (*key, name), was, now


def _effect(
    model: type[Record], old: Mapping[str, Any], new: Mapping[str, Any], key: tuple[str, ...]
) -> Literal["stricter", "looser", "other"]:
    """Which way the edit goes, as far as the setting has an order."""
    if _is_tried_out(old, key) and _is_tried_out(new, key):
        return "other"
    if exempts(model, key):
        was, now = (_as_set(_at(table, key)) for table in (old, new))
        return "looser" if was < now else "stricter" if now < was else "other"
    there, back = _may(model, old, new, key), _may(model, new, old, key)
    return "other" if there == back else "stricter" if there else "looser"


def _is_tried_out(table: Mapping[str, Any], key: tuple[str, ...]) -> bool:
    """Whether a setting is one of a rule that is in the shadow, or is not there."""
    inner: Any = table
    for step in key:
        if not isinstance(inner, dict) or step not in inner:
            return inner is not table
        inner = inner[step]
        if isinstance(inner, dict) and inner.get("shadow"):
            return True
    return False


def _may(
    model: type[Record], above: Mapping[str, Any], below: Mapping[str, Any], key: tuple[str, ...]
) -> bool:
    """Whether a lower layer could say just this of the other's setting."""
    said = value = _at(below, key)
    if said is _GONE:
        return False
    for step in reversed(key):
        value = {step: value}
    try:
        merged = _at(tightened(model, above, value), key)
    except Loosened:
        return False
    return merged == said or (isinstance(said, list) and _as_set(merged) == _as_set(said))


def _at(table: Any, key: tuple[str, ...]) -> Any:
    for step in key:
        if not isinstance(table, dict) or step not in table:
            return _GONE
        table = table[step]
    return table


def _as_set(value: list[Any]) -> set[str]:
    """Lists to which a layer adds are the same in any order."""
    return {repr(one) for one in value}


def _shown(value: Any) -> str:
    import json

    if isinstance(value, dict) and "title" in value:
        return f"{value['title']} ({_asked(value)})"
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return "; ".join(
            ", ".join(f"{key} {_plain(said)}" for key, said in one.items() if said) for one in value
        )
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, str) and value.isprintable():
        return f'"{value}"'
    return json.dumps(value, ensure_ascii=False)


def _asked(rule: Mapping[str, Any]) -> str:
    """What a rule about changes, or one about approvals, asks for."""
    severity = rule.get("severity")
    words = [severity] if severity else []
    if severity in (None, "require-approval"):
        words.append(rule.get("tier", ""))
    words += ["somebody other than the author"] if rule.get("four_eyes") else []
    words += [f"one of {', '.join(rule['owners'])}"] if not severity and rule["owners"] else []
    words += ["shadow"] if rule.get("shadow") else []
    return ", ".join(words)


def _plain(value: Any) -> str:
    """A setting of a table in a list, such as a waiver's."""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
