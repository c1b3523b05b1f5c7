"""A patch is what a person decides by."""

import subprocess
from pathlib import Path

import pytest

from flagwright.core.patch import unified, visible

TEXTS = [b"a\nb\nc\n", b"a\nB\nc\n", b"", b"a\r\nb\r\n", b"a\nb\nc", b"one\x0ctwo\nthree\n", None]


@pytest.mark.parametrize("before", TEXTS)
@pytest.mark.parametrize("after", TEXTS)
def test_git_applies_a_patch_to_the_very_bytes(
    before: bytes | None, after: bytes | None, tmp_path: Path
) -> None:
    if (before or b"") == (after or b""):
        return  # nothing to apply: git itself refuses an empty patch
    target = tmp_path / "x.py"
    if before is not None:
        target.write_bytes(before)

    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        input=unified("x.py", before, after).encode(),
        cwd=tmp_path,
        check=True,
    )

    assert (target.read_bytes() if target.exists() else None) == after


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢\n\tx", "plain é 漢\n\tx"),
        ("\x1b[2Kapproved", "\\x1b[2Kapproved"),
        ("if a\u202e:", "if a\\u202e:"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("back\rforth", "back\\rforth"),
    ],
)
def test_what_could_forge_a_screen_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown
