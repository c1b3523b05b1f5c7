"""Say where a policy contradicts itself, so that its reader is led to the line."""


class Contradiction(ValueError):
    """Two places of a policy that cannot both hold.

    `key` leads to the place, counted from the table that noticed it; `remedy` is a sentence.
    """

    def __init__(self, message: str, *key: str | int, remedy: str) -> None:
        super().__init__(message)
        self.key, self.remedy = key, remedy


NO_RE2 = "RE2 has no look-around and no back-references; see github.com/google/re2/wiki/Syntax."


def said(error: Exception) -> str:
    """What RE2 says of a pattern, which is bytes."""
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
