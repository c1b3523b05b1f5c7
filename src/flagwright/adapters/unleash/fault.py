"""Turn what an Unleash answers, or fails to, into one of our errors; the token shows in none."""

import json
import math

import httpx

from flagwright.adapters.unleash.address import CHECK_URL
from flagwright.errors import (
    BadRequest,
    FlagServerBusy,
    FlagServerDown,
    FlagServerError,
    FlagServerOdd,
    FlagServerRefused,
    FlagUnknown,
)

MAX_RETRY_AFTER_S = 300.0
MAX_QUOTED = 300
"""Characters of the server's own words in an error."""
TRY_LATER = "Nothing is lost: try again when the server answers; `flagwright doctor` tests it."
CHECK_ACCESS = (
    "Check FLAGWRIGHT_UNLEASH_TOKEN, the rights of its user in the project, and that "
    "FLAGWRIGHT_UNLEASH_PROJECT exists; `flagwright doctor` shows all three."
)


class Conflict(FlagServerError):
    """409: the name is taken. Stays inside this adapter."""

    code = "flag-differs"


class Rejected(BadRequest):
    """400 and the like: the server says what is wrong with the request."""


class Faults:
    """The errors of one server."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def of(self, response: httpx.Response, content: bytes) -> Exception:
        """What an answer that is no success means."""
        status, words = response.status_code, self._words(content)
        if response.is_redirect or status < 400:
            return self.odd(f"status {status}: it points elsewhere, and the token stays here")
        if status == 429:
            return self.busy(_seconds(response.headers.get("retry-after")))
        if status >= 500:
            retry_after_s = _seconds(response.headers.get("retry-after"))
            return self.down(f"failed with status {status}: {words.rstrip('.')}", retry_after_s)
        if status in {401, 403}:
            fact = f"The flag server at {self._url} refused this ({status}): {words}"
            return FlagServerRefused(fact, next_step=CHECK_ACCESS)
        if status == 404:
            return FlagUnknown(
                f"The flag server says: {words}",
                next_step="Look for the flag by name, or create it first.",
            )
        if status == 409:
            return Conflict(f"The flag server says: {words}", next_step="Choose another name.")
        if status in {400, 413, 422}:
            return Rejected(
                f"The flag server does not accept this: {words}",
                next_step="Correct what it names and try again.",
            )
        return self.odd(f"status {status}: {words.rstrip('.')}")

    def busy(self, retry_after_s: float | None) -> FlagServerBusy:
        """It wants to be left alone, for so long if it says so."""
        later = f"Nothing is lost: ask again in {math.ceil(retry_after_s or 0)} s."
        return FlagServerBusy(
            f"The flag server at {self._url} has had too many requests.",
            next_step=later if retry_after_s else TRY_LATER,
            retry_after_s=retry_after_s,
        )

    def down(self, what: str, retry_after_s: float | None = None) -> FlagServerDown:
        """It gave no answer, or not the one that was asked for."""
        fact = f"The flag server at {self._url} {what}."
        return FlagServerDown(fact, next_step=TRY_LATER, retry_after_s=retry_after_s)

    def odd(self, what: str) -> FlagServerOdd:
        """What answers is something else."""
        fact = f"What answers at {self._url} is no Unleash server, or something stands before it"
        return FlagServerOdd(f"{fact}: {what}.", next_step=CHECK_URL)

    def _words(self, content: bytes) -> str:
        """The server's own words on one line, cut, and without the token."""
        try:
            said = json.loads(content)
            details = [str(detail["message"]) for detail in said.get("details") or []]
            text = "; ".join(details) or str(said["message"])
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            text = content.decode("utf-8", "replace")
        text = text.replace(self._token, "[token]")
        line = "".join(char if char.isprintable() else " " for char in text)
        return " ".join(line.split())[:MAX_QUOTED].rstrip(".") + "."


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds, from 0 to 300; none where it is missing or a date."""
    try:
        seconds = float(header or "nan")
    except ValueError:
        return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), MAX_RETRY_AFTER_S)
