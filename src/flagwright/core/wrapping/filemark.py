"""Write and read the mark of a whole file: `# flag NAME: on (file)`, or `off`.

Stands below a shebang and a coding cookie. Works on text alone, so that it costs no parser.
"""

import re
from typing import Literal


def marked(source: str, flag: str, side: Literal["on", "off"]) -> str:
    """Mark a whole file, below a shebang and a coding cookie."""
    lines = source.split("\n")
    at = next((i for i, line in enumerate(lines[:3]) if not _is_cookie(i, line)), 0)
    end = "\r" if lines[0].endswith("\r") else ""
    return "\n".join([*lines[:at], f"# flag {flag}: {side} (file){end}", *lines[at:]])


def side_of(source: str, flag: str) -> tuple[Literal["on", "off"] | None, str]:
    """The mark of a whole file, and the text without it."""
    pattern = rf"^# flag {re.escape(flag)}: (on|off) \(file\)\r?(?:\n|\Z)"
    head = "".join(source.partition("\n")[:2]) if source.startswith("# flag") else source[:2000]
    match = re.search(pattern, head, re.MULTILINE)
    if match is None:
        return None, source
    side: Literal["on", "off"] = "on" if match[1] == "on" else "off"
    return side, source[: match.start()] + source[match.end() :]


def _is_cookie(index: int, line: str) -> bool:
    if index == 0 and line.startswith("#!"):
        return True
    return index < 2 and re.match(r"[ \t\f]*#.*?coding[:=]", line) is not None
