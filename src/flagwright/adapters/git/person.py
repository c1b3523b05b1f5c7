"""Say who works here, by the user's own configuration, never by a repository's."""

import getpass

from flagwright.adapters.git.command import user_values

MAX_CHARS = 120


def person() -> str:
    """E-mail address or name that git has of the user, else the login name."""
    values = user_values()
    return (values.get("user.email") or values.get("user.name") or getpass.getuser())[:MAX_CHARS]
