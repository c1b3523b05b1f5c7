"""Who is signed in: browsers that were told a code, for as long as an approval lasts.

Kept in this process's memory alone, so that nothing on the disk signs anybody in.
"""

import hmac
import secrets
from datetime import datetime
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "flagwright"
TOKEN_BYTES = 32


class SignIn(NamedTuple):
    """One browser: the secret of its forms, when it has to sign in again, what showed its code."""

    form: str
    until: datetime
    shown_by: str


class SignedIn:
    """The browsers that are signed in at one page."""

    def __init__(self, path: str) -> None:
        """`path`: below it alone a browser gives its cookie, and to no other local server."""
        self._path = path
        self._by_token: dict[str, SignIn] = {}

    def admit(self, response: Response, until: datetime, shown_by: str) -> None:
        """Give the browser that is answered a cookie that no script and no other site can use."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._by_token[token] = SignIn(secrets.token_urlsafe(TOKEN_BYTES), until, shown_by)
        response.set_cookie(COOKIE, token, path=self._path, httponly=True, samesite="strict")

    def of(self, request: Request, now: datetime) -> SignIn | None:
        """The browser that asks, if it is signed in; one whose time is over is forgotten."""
        given = request.cookies.get(COOKIE, "")
        for token, sign_in in [*self._by_token.items()]:
            if now >= sign_in.until:
                del self._by_token[token]
            elif hmac.compare_digest(token.encode(), given.encode()):
                return sign_in
        return None

    def dismiss(self, request: Request) -> None:
        """Sign a browser out."""
        self._by_token.pop(request.cookies.get(COOKIE, ""), None)
