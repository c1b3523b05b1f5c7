"""Tell from the message of a commit whether it mends something."""

import re

_FIX = re.compile(
    r"(?i)^\w*fix\w*(\([^)]*\))?!?:"
    r"|\b(fix(e[sd]|ing|up)?|bug\w*|hotfix|regressions?|crash(es|ed|ing)?|broken|breaks?|defects?"
    r"|faults?|incorrect(ly)?|wrong(ly)?|mistakes?|leak(s|ed|ing)?|deadlocks?|races?|errors?"
    r"|fail(s|ed|ing|ures?)?|correct(s|ed|ly)?|prevent(s|ed)?|issues?|problems?|patch(es|ed)?)\b"
)
_CLOSES = re.compile(
    r"(?i)\b(fix(e[sd])?|close[sd]?|resolve[sd]?):?\s+([\w./-]*#|gh-|https?://\S+/issues/)\d+"
)
_NO_FIX = re.compile(
    r"(?i)^(docs?|tests?|ci|chore|style|build|feat|refactor|perf)(\([^)]*\))?!?:"
    r"|\bfix(e[sd]|ing)? (a |an |the |some |more )?(typos?|docs?|documentation|docstrings?|lint\w*"
    r"|flake8?|mypy|tests?|ci|builds?|spelling|formatting|links?|whitespace|warnings?)\b"
    r"|^(merge|bump|release|revert)\b"
)


_MOST, _MOST_IN_FIRST_LINE = 20_000, 300
"""Characters that are looked at: a stranger wrote them."""


def is_fix(message: str) -> bool:
    """Whether a commit says that it mends something that runs."""
    subject, _, body = message[:_MOST].partition("\n")
    subject = subject[:_MOST_IN_FIRST_LINE]
    if _NO_FIX.search(subject):
        return False
    return _FIX.search(subject) is not None or _CLOSES.search(body) is not None
