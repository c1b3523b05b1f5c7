"""Write the unified diff of one file, and make any text safe to show.

A patch is shown to a person who decides by it: characters that could forge what is seen
(terminal escapes, bidirectional marks, zero-width letters) are shown as escapes.
"""

import difflib
import unicodedata

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def unified(path: str, before: bytes | None, after: bytes | None) -> str:
    """Patch from `before` to `after` of one file; none stands for no file.

    Bytes that are not UTF-8 are shown as `\\xNN`; the bytes themselves are never taken
    from a patch.
    """
    lines = difflib.unified_diff(
        _lines(before),
        _lines(after),
        f"a/{path}" if before is not None else "/dev/null",
        f"b/{path}" if after is not None else "/dev/null",
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def visible(text: str) -> str:
    """The same text with every control or invisible character but newline and tab escaped."""
    return "".join(
        char
        if char in "\n\t" or unicodedata.category(char) not in _HIDDEN
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _lines(content: bytes | None) -> list[str]:
    """Split at newlines only, so that a form feed or a lone return stays inside its line."""
    if not content:
        return []
    text = content.decode("utf-8", "backslashreplace")
    return [line + "\n" for line in text.split("\n")[:-1]] + (
        [tail] if (tail := text.rpartition("\n")[2]) else []
    )
