"""Read a policy into its record, or name every mistake with its line and what is allowed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flagwright.adapters.shipped.place import find, read
from flagwright.adapters.shipped.toml import Key, line_of, parse
from flagwright.core.records import Record, sha256
from flagwright.errors import PolicyInvalid

MOST_MISTAKES = 5
NEAR = 60
"""Likeness, from 0 to 100, from which another word may have been meant."""

Policy = TypeVar("Policy", bound=Record)


@dataclass(frozen=True)
class LoadedPolicy(Generic[Policy]):
    """A policy, the digest that ties a decision to it, and the file it came from."""

    policy: Policy
    digest: str
    source: Path


def load_policy(model: type[Policy], name: str, config_dir: Path | None) -> LoadedPolicy[Policy]:
    """Read `policies/NAME.toml`, the user's own before the shipped one.

    The digest is over what was parsed, in the order of the file where order counts, so that
    a comment changes nothing.

    Raises:
        PolicyInvalid: With file, line, what was found and what is allowed.
    """
    path = find(f"policies/{name}.toml", config_dir)
    policy, seal = _validated(model, read(path), path)
    return LoadedPolicy(policy, seal, path)


@lru_cache(maxsize=32)
def _validated(model: type[Policy], text: str, path: Path) -> tuple[Policy, str]:
    """By content, because a policy tries all its examples each time it is read."""
    content = parse(text, path)
    try:
        policy = model.model_validate_json(json.dumps(content, default=str), strict=True)
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        facts = [
            f"{path}:{line_of(text, _key(mistake))} {_fact(mistake)}"
            for mistake in mistakes[:MOST_MISTAKES]
        ]
        steps = [step for mistake in mistakes[:MOST_MISTAKES] for step in _steps(mistake, model)]
        raise PolicyInvalid(
            "; ".join(facts) + ".", next_step=" ".join(dict.fromkeys(steps)) or "Correct the file."
        ) from error
    return policy, sha256(policy.model_dump_json().encode())


def _key(mistake: ErrorDetails) -> Key:
    return tuple(step for step in mistake["loc"] if step != "[key]")


def _fact(mistake: ErrorDetails) -> str:
    name = ".".join(str(step) for step in _key(mistake)) or "the policy"
    if mistake["type"] == "extra_forbidden":
        return f"{name} is no setting"
    if mistake["type"] == "missing":
        return f"{name} is missing"
    because = mistake["msg"].removeprefix("Value error, ")
    found = mistake["input"]
    shown = "" if isinstance(found, dict | list) else f", found {json.dumps(found)[:80]}"
    return f"{name}: {because}{shown}"


def _steps(mistake: ErrorDetails, model: type[Record]) -> Iterator[str]:
    """What is allowed at the place of a mistake, and what was probably meant."""
    from rapidfuzz import process

    *table, wrong = _key(mistake) or ("",)
    if mistake["type"] in {"extra_forbidden", "missing"}:
        allowed = tuple(_fields(model, tuple(table)))
    else:
        wrong = mistake["input"] if isinstance(mistake["input"], str) else ""
        expected = str(mistake.get("ctx", {}).get("expected", ""))
        allowed = tuple(expected.replace(" or ", ", ").replace("'", "").split(", "))
    near = process.extractOne(str(wrong), allowed, score_cutoff=NEAR)
    if near and mistake["type"] != "missing":
        yield f"Did you mean {near[0]}?"
    if any(allowed):
        yield f"Allowed: {', '.join(allowed)}."


def _fields(annotation: Any, key: Key) -> Mapping[str, Any]:
    """Settings of the table that a key leads to; none where it leads to no table."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        if not key:
            return fields
        return _fields(fields[str(key[0])].annotation, key[1:]) if key[0] in fields else {}
    if origin is Annotated:
        return _fields(inner[0], key)
    if origin in {dict, tuple, list} and key:
        return _fields(inner[1] if origin is dict else inner[0], key[1:])
    return next((found for kind in inner if (found := _fields(kind, key))), {})
