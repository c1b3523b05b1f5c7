"""Hold a name to the pattern of a flag server's project, its `featureNaming`."""

import re2


def matches(pattern: str | None, name: str) -> bool:
    """Whether a pattern allows a whole name; one that RE2 cannot read is left to the server."""
    try:
        return pattern is None or re2.fullmatch(pattern, name) is not None
    except re2.error:
        return True
