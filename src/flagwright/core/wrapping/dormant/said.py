"""Tell whether the files of a repository may say a name as a text, in whatever way.

A look by a name that is no part of the code, `getattr(module, name)`, finds what a text says. The
text is written in the repository, or put together there, or is the name of something else there,
or it comes from outside.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

_QUOTED = re.compile(rb"[\"'](?:[\w.-]*[.:])?([\w -]{1,60})[\"']")
_BEGINS = re.compile(rb"[\"']([\w-]{1,60}?)[_-]?(?:[{%]|[\"']\s*[+%])")
_ENDS = re.compile(rb"(?:\}|%[sdr]|\+\s*[\"'])[_-]?([\w-]{1,60})[\"']")
"""Texts, and what stands before and after what is put into one."""
_OPEN = re.compile(rb"[\"']([A-Za-z]\w*[_-])(?:[{%]|[\"']\s*[+%])")
_CLOSED = re.compile(rb"(?:\}|%[sdr]|\+\s*[\"'])([_-]\w+)[\"']")
"""The same where whole words of a name are left open, which may come from outside."""
_MARKS = re.compile(rb"[^a-z0-9]+")


def may_be_said(name: str, path: str, modules: Mapping[str, bytes]) -> bool:
    """Whether a name that the file at `path` has may be a text somewhere.

    It counts in small letters and with other marks between its words as well, for who makes
    `MAX_RATE` of `max-rate`; and in pieces, each of which stands somewhere. In its own file, so
    does a member or a keyword that is called the same.
    """
    word, own = name.encode(), re.escape(name.encode())
    plain = re.compile(rb"(?i)\b%b\b" % own)
    other_thing = re.compile(
        rb"\.\s*%b\b|[(,]\s*%b\s*=|(?m:^[ \t]+%b\s*[:=])|\b(?!%b)(?i:%b)\b" % ((own,) * 5)
    )
    is_there = any(
        (other_thing if other == path else plain).search(text) for other, text in modules.items()
    )
    return is_there or _is_made(word, modules.values())


def _is_made(name: bytes, texts: Iterable[bytes]) -> bool:
    """Whether a text is a name in another spelling, or such may be put together for it."""
    plain, found = _plain(name), set[bytes]()
    for text in texts:
        found |= _said(text)
        first, last = _parts(text)
        if any(map(plain.startswith, first)) or any(map(plain.endswith, last)):
            return True
    words = [_plain(part) for part in name.split(b"_") if part]
    halves = ((plain[:i], plain[i:]) for i in range(1, len(plain)))
    return (
        plain in found
        or any(one in found and other in found for one, other in halves)
        or (len(words) > 1 and found.issuperset(words))
    )


def _plain(text: bytes) -> bytes:
    """A text in small letters, and without marks between its words."""
    return _MARKS.sub(b"", text.lower())


@lru_cache(maxsize=4096)
def _said(text: bytes) -> frozenset[bytes]:
    """Short texts of a file, and parts of such as are put together."""
    found = (*_QUOTED.findall(text), *_BEGINS.findall(text), *_ENDS.findall(text))
    return frozenset(map(_plain, found)) - {b""}


@lru_cache(maxsize=4096)
def _parts(text: bytes) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Words that names of a file begin with, and end with, whatever else is in them."""
    first, last = (frozenset(map(_plain, p.findall(text))) for p in (_OPEN, _CLOSED))
    return first - {b""}, last - {b""}
