"""Say what is wrong in a policy, in which line, what is allowed there, and what to write."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flagwright.adapters.shipped.toml import Key
from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.record import Record
from flagwright.errors import PolicyInvalid

MOST_MISTAKES = 5
MOST_NAMES = 12
NEAR = 60
"""Likeness, from 0 to 100, from which another word may have been meant."""
_RANGES = {
    "minimum": "from {}",
    "maximum": "up to {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "minLength": "of {} characters or more",
    "maxLength": "of {} characters or fewer",
    "minItems": "of {} or more",
    "maxItems": "of {} or fewer",
    "minProperties": "with {} or more",
    "pattern": "that matches {}",
}
_KINDS = {
    "string": "a text in quotes",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list in [ ]",
    "object": "a table",
    "null": "",
}
Schema = Mapping[str, Any]


class Mistake(NamedTuple):
    """One thing that is wrong, and the way out."""

    place: str
    """`file:line`"""
    fact: str
    remedy: str
    key: Key = ()
    """What leads to it, in its file or in all layers together."""


def invalid(mistakes: list[Mistake]) -> PolicyInvalid:
    """One error for all mistakes of a file: a policy is corrected in one go."""
    shown = mistakes[:MOST_MISTAKES]
    facts = [f"{one.place} {one.fact}" for one in shown]
    if more := len(mistakes) - len(shown):
        facts.append(f"and {more} more")
    steps = dict.fromkeys(one.remedy for one in shown)
    error = PolicyInvalid("; ".join(facts) + ".", next_step=". ".join(steps))
    error.mistakes = tuple(mistakes)
    return error


def mistakes(
    error: ValidationError,
    model: type[Record],
    place_of: Callable[[Key], str],
    *,
    beside: Iterable[str] = (),
) -> Iterator[Mistake]:
    """What the model does not accept, each with the line that is nearest to it.

    Args:
        beside: Names that may stand beside those of the model.
    """
    schema = model.model_json_schema()
    if "properties" in schema:
        schema["properties"] |= {key: {} for key in beside}
    found_here = error.errors(include_url=False)
    unknown = [_key(found) for found in found_here if found["type"] == "extra_forbidden"]
    for found in found_here:
        key = _key(found)
        if found["type"] == "too_short" and _has_inner(found, found_here):
            continue
        if found["type"] == "missing" and any(_is_meant(key, other) for other in unknown):
            continue
        remedy = " ".join(_remedy(found, key, schema))
        yield Mistake(place_of(key), _fact(found, key), remedy, key)


def _has_inner(outer: ErrorDetails, found: Iterable[ErrorDetails]) -> bool:
    """Whether a list is too short only because what stands in it is wrong."""
    end = len(outer["loc"])
    return any(len(one["loc"]) > end and one["loc"][:end] == outer["loc"] for one in found)


def _is_meant(missing: Key, unknown: Key) -> bool:
    """Whether what is missing is there under a name that is nearly right."""
    from rapidfuzz import fuzz

    *table, name = unknown
    place = len(table)
    return (
        missing[:place] == tuple(table)
        and place < len(missing)
        and fuzz.ratio(str(name), str(missing[place])) >= NEAR
    )


def _key(found: ErrorDetails) -> Key:
    """Where a mistake is; a contradiction says itself, below the table that noticed it."""
    key = tuple(step for step in found["loc"] if step != "[key]")
    because = found.get("ctx", {}).get("error")
    return (*key, *because.key) if isinstance(because, Contradiction) else key


def key_in_words(key: Key) -> str:
    """A key as a person counts: the first of a list is number 1."""
    return "".join(
        f" (number {step + 1})" if isinstance(step, int) else f".{step}" for step in key
    ).lstrip(".")


def _fact(found: ErrorDetails, key: Key) -> str:
    name = key_in_words(key) or "the policy"
    if found["type"] == "extra_forbidden":
        return f"{name} is no setting"
    if found["type"] == "missing":
        return f"{name} is missing"
    because = found["msg"].removeprefix("Value error, ")
    if found["type"] == "too_short":
        fewest, number = found["ctx"]["min_length"], found["ctx"]["actual_length"]
        because = f"it has {number or 'none'} of the {fewest} or more that it needs"
    if found["type"] == "string_pattern_mismatch":
        because = "it is not written as it has to be"
    value = found["input"]
    shown = "" if isinstance(value, dict | list) else f", found {json.dumps(value)[:80]}"
    return f"{name}: {because}{shown}"


def _remedy(found: ErrorDetails, key: Key, schema: Schema) -> Iterator[str]:
    from rapidfuzz import fuzz, process

    because = found.get("ctx", {}).get("error")
    if isinstance(because, Contradiction):
        yield because.remedy
        return
    *table, wrong = key or ("",)
    kind, value = found["type"], found["input"]
    if kind == "missing":
        expected = _words(_at(schema, key, schema), schema)
        yield f"Add {wrong}{f', {expected}' if expected else ''}."
        return
    if kind == "extra_forbidden" or "[key]" in found["loc"]:
        whole = _at(schema, tuple(table), schema)
        names, word = _names(whole, schema), str(wrong)
        if patterns := [*whole.get("patternProperties", ())]:
            better = re.sub("[^a-z0-9]+", "-", word.lower()).strip("-")
            fits = re.search(patterns[0], better)
            yield f"Write {better}." if fits else f"Write a name that matches {patterns[0]}."
            return
    else:
        names = tuple(str(one) for one in _at(schema, key, schema).get("enum", ()))
        word = value if isinstance(value, str) else ""
    if near := process.extractOne(word, names, scorer=fuzz.ratio, score_cutoff=NEAR):
        yield f"Did you mean {near[0]}?"
    if kind == "extra_forbidden" and not names:
        yield f"Remove {wrong}."
    elif names:
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        yield f"Allowed: {', '.join(names[:MOST_NAMES])}{more}."
    else:
        allowed = _at(schema, key, schema)
        expected = _words(allowed, schema)
        if allowed.get("type") == "array" and isinstance(value, str):
            expected += f", such as [{json.dumps(value)}]"
        yield f"Write {expected}." if expected else f"Correct {wrong}."


# --- what a schema says


def _at(schema: Schema, key: Key, root: Schema) -> Schema:
    """The part of a schema that a key leads to; empty where it leads nowhere."""
    for one in _meant(schema, root):
        if not key:
            return one
        step, rest = key[0], key[1:]
        inner = one.get("properties", {}).get(step)
        if inner is None and isinstance(step, int):
            inner = one.get("items")
        if inner is None and isinstance(one.get("additionalProperties"), dict):
            inner = one["additionalProperties"]
        if inner is None and isinstance(step, str):
            inner = next(iter(one.get("patternProperties", {}).values()), None)
        if inner is not None and (found := _at(inner, rest, root)):
            return found
    return {}


def _meant(schema: Schema, root: Schema) -> Iterator[Schema]:
    """A schema without references, or each of its alternatives."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _meant(root["$defs"][name], root)
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            if one.get("type") != "null":
                yield from _meant(one, root)
    else:
        yield schema


def _names(table: Schema, root: Schema) -> tuple[str, ...]:
    """What a table may hold, by name."""
    if "properties" in table:
        return tuple(table["properties"])
    names = table.get("propertyNames", {})
    return tuple(next(_meant(names, root), {}).get("enum", ()))


def _words(schema: Schema, root: Schema) -> str:
    """What a value has to be, in words."""
    if "enum" in schema or "const" in schema:
        return "one of: " + ", ".join(schema.get("enum", [schema.get("const")]))
    if schema.get("format") == "date":
        return "a date, such as 2026-12-31"
    kind = _KINDS.get(str(schema.get("type")), "")
    limits = [_RANGES[name].format(schema[name]) for name in _RANGES if name in schema]
    words = " ".join([kind, *limits]).replace(_RANGES["minLength"].format(1), "that is not empty")
    if kind == _KINDS["array"] and (inner := next(_meant(schema.get("items", {}), root), {})):
        return f"{words}, each {_words(inner, root)}"
    if kind == _KINDS["object"] and (names := _names(schema, root)):
        return f"{words} with {', '.join(names[:MOST_NAMES])}"
    return words if kind else ""
