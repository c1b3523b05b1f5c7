"""Read a policy into its record, or name every mistake with its line and what is allowed."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from flagwright.adapters.shipped.mistake import invalid, mistakes
from flagwright.adapters.shipped.place import find, read
from flagwright.adapters.shipped.toml import parse
from flagwright.core.records import Record, sha256

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
        raise invalid([*mistakes(error, model, text, path)]) from error
    return policy, sha256(policy.model_dump_json().encode())
