"""Say who works here, and who git would say has made a commit here."""

import getpass
import os
from collections.abc import Mapping

from flagwright.adapters.git.command import user_values
from flagwright.adapters.git.location import Location, configured

MAX_CHARS = 120


def person() -> str:
    """E-mail address or name that git has of the user, else the login name.

    Read from the user's own configuration, never from a repository's.
    """
    values = user_values()
    return (values.get("user.email") or values.get("user.name") or getpass.getuser())[:MAX_CHARS]


def author(location: Location, user: Mapping[str, str]) -> tuple[str, str]:
    """Name and e-mail address of the author of a commit that is made here now, as git finds them.

    The environment counts first, then this clone's configuration, then the user's. Both are
    empty where nobody says.
    """
    said = {**user, **configured(location.common_dir / "config")}
    name, email = (
        os.environ.get(f"GIT_AUTHOR_{what.upper()}")
        or said.get(f"author.{what}")
        or said.get(f"user.{what}", "")
        for what in ("name", "email")
    )
    email = email or os.environ.get("EMAIL", "")
    return name or email, email
