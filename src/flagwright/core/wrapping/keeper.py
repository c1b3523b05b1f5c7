"""Say which flag clients lead to where a flag is kept, as the imports of its code show."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

SERVED: Final = frozenset({"UnleashClient", "openfeature"})
"""Clients that ask the flag server."""


def clients_of(
    files: Mapping[str, bytes],
    flag: str,
    known: Collection[str],
    is_test: Callable[[str], bool],
) -> frozenset[str]:
    """First names of the known clients that the files import which name a flag.

    Args:
        known: Where clients come from, as the policy says.
        is_test: Tells files that only test the others.

    Returns:
        Those of all files, where the ones with the flag import none.
    """
    heads = sorted({re.escape(name.partition(".")[0]).replace(r"\*", r"\w*") for name in known})
    line = re.compile(rf"(?m)^[ \t]*(?:from|import)[ \t]+({'|'.join(heads) or '(?!)'})\b".encode())
    code = {path: text for path, text in files.items() if not is_test(path)}
    named = [text for text in code.values() if flag.encode() in text]
    near, all_of_them = (
        frozenset(found.decode() for text in texts for found in line.findall(text))
        for texts in (named, code.values())
    )
    return near or all_of_them
