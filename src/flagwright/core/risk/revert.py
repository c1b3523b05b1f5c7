"""Tell from the messages of commits which of them a later one took back."""

import re
from collections.abc import Mapping

_COMMIT = re.compile(r"(?i)\breverts (?:merge )?(?:commit )?([0-9a-f]{7,64})\b")
_TITLE = re.compile(r'(?i)^revert:? "(.+)"')
_REQUEST = re.compile(r"^Merge pull request #(\d+)|\(#(\d+)\)$")
_REQUESTS = re.compile(r"(?m)^Reverts [\w./-]{0,200}#(\d+)")
_MOST = 20_000
"""Characters that are looked at: a stranger wrote them."""


def taken_back(messages: Mapping[str, str]) -> set[str]:
    """Commits that a later one says it reverts: by name, by pull request, or by title.

    Args:
        messages: Of each commit, newest first.
    """
    found, by_start = set[str](), {sha[:7]: sha for sha in messages}
    titles, requests = dict[str, str](), dict[str, str]()
    for sha, message in reversed([*messages.items()]):
        text = message[:_MOST]
        title = text.partition("\n")[0].strip()
        quoted = match[1] if (match := _TITLE.match(title)) else ""
        named = [by_start.get(name[:7].lower()) for name in _COMMIT.findall(text)]
        named += [requests.get(number) for number in (*_REQUESTS.findall(text), _request(quoted))]
        taken = {one for one in named if one}
        if not taken and quoted in titles:
            taken = {titles[quoted]}
        found |= taken
        titles[title] = sha
        if number := _request(title):
            requests[number] = sha
    return found


def _request(title: str) -> str:
    """The number of the pull request that a title names."""
    match = _REQUEST.search(title)
    return (match[1] or match[2]) if match else ""
