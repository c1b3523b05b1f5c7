"""What every noun is: a frozen value, compared by content, with one digest."""

import hashlib
import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """A value: frozen, compared by content, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def canonical(value: Any) -> bytes:
    """Write a JSON value in one way only: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def digest(value: Any) -> str:
    """SHA-256, in hex, over the canonical JSON of a value or of a record."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return hashlib.sha256(canonical(value)).hexdigest()


def sha256(content: bytes) -> str:
    """SHA-256 of the bytes of a file, in hex."""
    return hashlib.sha256(content).hexdigest()


def text_digest(content: bytes | None) -> str | None:
    """SHA-256 (16 hex) of a text, whatever line ends a checkout gave it; none of no file."""
    return None if content is None else sha256(content.replace(b"\r\n", b"\n"))[:16]
