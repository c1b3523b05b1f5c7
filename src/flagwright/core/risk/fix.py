"""Tell from the message of a commit whether it mends something."""

import re
from collections.abc import Sequence
from typing import Literal

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


# --- how one project says it

Convention = Literal["types", "emoji", "tags", "words"]
"""`fix(cart): ...`, a bug as a picture, `BUG: ...` or `[FIX] ...`, or words in a sentence."""

_TYPE = re.compile(
    r"(?i)(build|chore|ci|docs?|feat\w*|fix\w*|hotfix|bugfix|perf|refactor|revert|style|tests?)"
    r"(\([^)]*\))?!?: "
)
_EMOJI = re.compile(r":[a-z0-9_+-]+: ?|[\u2600-\u27bf\U0001f300-\U0001faff]")
_TAG = re.compile(r"\[[A-Z]{2,8}\]|[A-Z]{2,8}: ")
_SAYS: dict[Convention, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "types": (_TYPE, re.compile(r"(?i)\w*fix\w*(\([^)]*\))?!?: ")),
    "emoji": (
        _EMOJI,
        re.compile(r":(bug|ambulance|adhesive_bandage):|\U0001f41b|\U0001f691|\U0001fa79"),
    ),
    "tags": (_TAG, re.compile(r"\[?(BUG|FIX|BUGFIX|HOTFIX|BF|REG|REGR)\w*(\]|: )")),
}
"""How every message of a convention begins, and how that of a fix does."""


def convention(messages: Sequence[str]) -> Convention:
    """How a project marks its fixes: as half of its messages begin, if some of those are fixes."""
    for name, (every, fix) in _SAYS.items():
        begun = sum(every.match(message[:100]) is not None for message in messages)
        if 2 * begun >= len(messages) and any(fix.match(message[:100]) for message in messages):
            return name
    return "words"


def fixes(message: str, said: Convention) -> bool:
    """Whether a commit mends something, in a project that says it in one way, mostly."""
    if said != "words":
        every, fix = _SAYS[said]
        if every.match(message[:100]):
            return fix.match(message[:100]) is not None
    return is_fix(message)
