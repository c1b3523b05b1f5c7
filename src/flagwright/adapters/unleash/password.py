"""Sign in to an Unleash as a person does: user name and password, for as long as one client lives.

The password is sent once, to the one origin, and kept nowhere. The session that comes back is
forgotten with the client: to end it on the server would end all of that person's sessions.
"""

from collections.abc import Generator

import httpx
from httpx import codes

from flagwright.errors import FlagServerBusy, FlagServerRefused

LOG_IN = "/auth/simple/login"
BY_TOKEN = (
    "Check user name and password. Where people sign in to Unleash through another service, use a "  # noqa: S105
    "personal access token instead (Profile, Personal API tokens)."
)


class Password(httpx.Auth):
    """The first request signs in; each one carries the session."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url, self._said = url, {"username": user, "password": password}
        self._session = ""

    def __repr__(self) -> str:
        return "Password()"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign in where nobody is yet, then let the request through.

        Raises:
            FlagServerRefused: If the server does not know them, or takes no passwords.
            FlagServerBusy: If too many people, or this one too often, signed in just now.
        """
        if not self._session:
            answer = yield httpx.Request("POST", self._url + LOG_IN, json=self._said)
            self._said = {}
            self._session = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
            if answer.status_code == codes.TOO_MANY_REQUESTS:
                raise FlagServerBusy(
                    f"The flag server at {self._url} has had too many sign-ins.",
                    next_step="Wait a minute, then sign in again.",
                )
            if not answer.is_success or not self._session:
                raise FlagServerRefused(
                    f"The flag server at {self._url} let nobody in by this password "
                    f"({answer.status_code}).",
                    next_step=BY_TOKEN,
                )
        request.headers["cookie"] = self._session
        yield request
