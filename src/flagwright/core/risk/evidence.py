"""Quote a line of code in a score without its secrets and without its tricks.

What is quoted ends in a terminal, a ledger and a model's context: it is short, it holds
no character that moves a cursor or hides text, and nothing that looks like a credential.
"""

import math
import re
from collections import Counter

MAX_CHARS = 80
MASK = "****"
READ_CHARS = 1000

_TOKEN = re.compile(r"[A-Za-z0-9+/_=.~-]{20,}")
_NAMED = re.compile(
    r"""((?:pass(?:word|wd|phrase)?|secret|token|api_?key|credentials?)\w*["']?\s*[:=]\s*)"""
    r"""(["'])[^"']+(?:["']|$)""",
    re.IGNORECASE,
)
_URL_LOGIN = re.compile(r"(://[^/\s:@]*:)[^/\s@]+@")


def quote(text: str) -> str:
    """Write a line of code as at most 80 printable characters."""
    text = text[:READ_CHARS].strip()
    text = _NAMED.sub(rf"\1\2{MASK}\2", text)
    text = _URL_LOGIN.sub(rf"\1{MASK}@", text)
    text = _TOKEN.sub(lambda match: MASK if _is_random(match[0]) else match[0], text)
    return quote_path(text)


def quote_path(path: str) -> str:
    """Write a path as at most 80 printable characters; a migration's name is no secret."""
    text = "".join(_printable(char) for char in path[:READ_CHARS])
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"


def _printable(char: str) -> str:
    if char == "\t":
        return " "
    return char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()


def _is_random(token: str) -> bool:
    """Long hex, or letters mixed with digits as no person writes them."""
    digits = sum(char.isdigit() for char in token)
    if not digits:
        return False
    counts = Counter(token)
    bits = -sum(n / len(token) * math.log2(n / len(token)) for n in counts.values())
    return bits > (3.0 if re.fullmatch(r"[0-9a-fA-F]+", token) else 3.6) and digits >= 3
