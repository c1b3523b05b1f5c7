"""Measure when an application can see a switch, by asking as its SDK asks.

It asks far more often than an SDK does, with the ETag of the last answer, and stops at the
first answer that holds the new state.
"""

import json
import time
from typing import Any

import anyio
import httpx

from flagwright.adapters.unleash.address import CHECK_URL, origin
from flagwright.core.strategy import Placement
from flagwright.errors import BadRequest, FlagServerDown, FlagServerRefused

PAUSE_S = 0.1
PATIENCE_S = 60.0
MAX_ANSWER = 20_000_000
_REFUSED = (401, 403)


class Application:
    """Whatever has a client token of one environment."""

    def __init__(
        self, url: str, token: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.environment = token.partition(".")[0].rpartition(":")[2]
        self._client = httpx.AsyncClient(
            base_url=origin(url),
            headers={"authorization": token},
            transport=transport,
            timeout=10,
            trust_env=False,
            follow_redirects=False,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def sees(self, flag: str, state: Placement) -> float:
        """Wait until it is told a state; the seconds that took.

        Raises:
            FlagServerDown: If it does not come to see it within a minute.
            FlagServerRefused: If the client token is not accepted.
        """
        start, etag = time.monotonic(), ""
        with anyio.move_on_after(PATIENCE_S):
            while True:
                answer = await self._asked(etag)
                if answer.status_code in _REFUSED:
                    raise FlagServerRefused(
                        "The client token to measure with was refused.",
                        next_step="Set FLAGWRIGHT_SDK_TOKEN to a client token of the environment.",
                    )
                if answer.is_success and _is_told(answer, flag, state):
                    return time.monotonic() - start
                etag = answer.headers.get("etag", etag)
                await anyio.sleep(PAUSE_S)
        raise FlagServerDown(
            f"After {PATIENCE_S:g} s an application still does not see it.",
            next_step="The switch is done. Check that FLAGWRIGHT_SDK_URL is of the same server.",
        )

    def require(self, environment: str) -> None:
        """Raise BadRequest where the token is not of an environment."""
        if self.environment != environment:
            raise BadRequest(
                f"The client token to measure with is of {self.environment}, not {environment}.",
                next_step="Set FLAGWRIGHT_SDK_TOKEN to one of that environment.",
            )

    async def _asked(self, etag: str) -> httpx.Response:
        try:
            return await self._client.get("/api/client/features", headers={"if-none-match": etag})
        except httpx.HTTPError as error:
            raise FlagServerDown(
                f"An application cannot ask: {type(error).__name__}.",
                next_step=f"The switch is done. {CHECK_URL}",
            ) from error


def _is_told(answer: httpx.Response, flag: str, state: Placement) -> bool:
    """Whether an answer to an SDK holds the flag in this state."""
    try:
        rows: list[dict[str, Any]] = json.loads(answer.content[:MAX_ANSWER])["features"]
        [row] = [row for row in rows if row["name"] == flag]
        told = [(s["name"], (s.get("parameters") or {}).get("rollout")) for s in row["strategies"]]
        wanted = [(s.kind, s.parameters.get("rollout")) for s in state.active]
        return row["enabled"] is state.on and (not state.on or sorted(told) == sorted(wanted))
    except (ValueError, LookupError, TypeError):
        return False
