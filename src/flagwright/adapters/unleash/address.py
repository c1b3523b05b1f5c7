"""Where an Unleash is, and where each thing on it: no name leads anywhere else."""

from urllib.parse import quote

import httpx

from flagwright.errors import BadRequest

CHECK_URL = "Check FLAGWRIGHT_UNLEASH_URL: it must be the address of an Unleash server."
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def parts(*path: str) -> str:
    """A path whose parts may hold anything: each is quoted by itself."""
    return "/api/admin/" + "/".join(_quoted(part) for part in path)


def _quoted(part: str) -> str:
    """`.` and `..` survive quoting, and a URL library would walk them."""
    try:
        quoted = quote(part, safe="")
    except UnicodeEncodeError:
        quoted = ""
    if quoted in {"", ".", ".."}:
        raise BadRequest(f"{part!a} is no name on the flag server.", next_step="Give a real name.")
    return quoted


def origin(url: str) -> str:
    """The address of a server, with its base path and without a final `/api`.

    Raises:
        BadRequest: If it is not https (http is fine on this machine only), or holds a
            user, a query or a fragment.
    """
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise BadRequest("The flag server's address is no URL.", next_step=CHECK_URL) from error
    safe = parsed.scheme == "https" or (parsed.scheme == "http" and parsed.host in LOOPBACK)
    if not parsed.host or not safe:
        raise BadRequest(
            f"The flag server's address must start with https://; on this machine http:// will do,"
            f" but the host is {parsed.host or 'missing'}.",
            next_step="The token would travel readable: set FLAGWRIGHT_UNLEASH_URL to https.",
        )
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise BadRequest(
            "The flag server's address holds a user, a query or a fragment.", next_step=CHECK_URL
        )
    path = parsed.path.rstrip("/")
    for suffix in ("/admin", "/api"):
        path = path.removesuffix(suffix).rstrip("/")
    return str(parsed.copy_with(path=path or "/")).rstrip("/")
