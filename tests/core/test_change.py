import subprocess
from difflib import unified_diff
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagwright.core.change import parse_diff, read_change
from flagwright.core.records.change import FileChange, Hunk
from flagwright.errors import UnreadableChange

LINES = st.lists(
    st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"d\r", b"\n", b"e\x0cf\n"]), max_size=14
)


def modified(before: bytes, after: bytes, path: str = "app.py") -> FileChange:
    return FileChange(path=path, kind="modified", before=before, after=after)


def added(path: str, text: bytes) -> FileChange:
    return FileChange(path=path, kind="added", after=text)


def deleted(path: str, text: bytes) -> FileChange:
    return FileChange(path=path, kind="deleted", before=text)


def hunks_of(before: bytes, after: bytes) -> tuple[Hunk, ...]:
    return read_change("1" * 40, "worktree", [modified(before, after)]).files[0].hunks


def test_a_replaced_line_is_one_hunk_without_context() -> None:
    assert hunks_of(b"a\nb\nc\n", b"a\nB\nc\n") == (
        Hunk(before_start=2, removed=("b",), after_start=2, added=("B",)),
    )


def test_a_pure_addition_names_the_line_before_it() -> None:
    assert hunks_of(b"b\n", b"a\nb\n") == (Hunk(before_start=0, after_start=1, added=("a",)),)


def test_a_pure_removal_names_the_line_before_it() -> None:
    assert hunks_of(b"a\nb\n", b"a\n") == (Hunk(before_start=2, removed=("b",), after_start=1),)


def test_an_added_file_is_one_hunk_of_all_its_lines() -> None:
    change = read_change("1" * 40, "worktree", [added("new.py", b"a\nb\n")])

    assert change.files[0].hunks == (Hunk(before_start=0, after_start=1, added=("a", "b")),)


def test_a_changed_line_end_is_a_change() -> None:
    assert hunks_of(b"a\n", b"a\r\n") == (
        Hunk(before_start=1, removed=("a",), after_start=1, added=("a",)),
    )


@given(LINES, LINES)
def test_the_hunks_turn_the_one_text_into_the_other(old: list[bytes], new: list[bytes]) -> None:
    """Line ends are not part of a hunk, so they are taken from the texts."""
    before, after = b"".join(old).splitlines(), b"".join(new).splitlines()
    rebuilt = [line.decode() for line in before]

    for hunk in reversed(hunks_of(b"".join(old), b"".join(new))):
        start = hunk.before_start - bool(hunk.removed)
        assert rebuilt[start : start + len(hunk.removed)] == list(hunk.removed)
        rebuilt[start : start + len(hunk.removed)] = hunk.added

    assert rebuilt == [line.decode() for line in after]


def test_a_file_in_another_encoding_is_shown_byte_by_byte() -> None:
    assert hunks_of(b"x = '\xe9'\n", b"x = '\xe8'\n")[0].added == ("x = 'è'",)


def test_two_very_different_large_files_do_not_take_long() -> None:
    before = b"".join(b"%d\n" % (n % 97) for n in range(20_000))
    after = b"".join(b"%d\n" % (n % 89) for n in range(20_000))

    assert len(hunks_of(before, after)) == 1


@pytest.mark.parametrize("lines", [4_800, 60_000])
def test_only_what_changed_in_a_large_file_is_a_hunk(lines: int) -> None:
    texts = [b"line %d\n" % n if n % 4 else b"    return x\n" for n in range(lines)]
    before = b"".join(texts)
    texts[70], texts[-80] = b"first\n", b"last\n"
    texts[2_000:2_001] = []

    found = hunks_of(before, b"".join(texts))

    assert [hunk.added for hunk in found] == [("first",), (), ("last",)]
    assert [hunk.before_start for hunk in found] == [71, 2_001, lines - 79]


def test_a_moved_file_is_a_rename_even_if_some_lines_changed() -> None:
    text = b"".join(b"line %d\n" % n for n in range(10))

    change = read_change(
        "1" * 40,
        "worktree",
        [deleted("old.py", text), added("new.py", text + b"more\n"), added("other.py", b"x\n")],
    )

    assert [(file.path, file.kind, file.renamed_from) for file in change.files] == [
        ("new.py", "renamed", "old.py"),
        ("other.py", "added", None),
    ]
    assert change.files[0].hunks == (Hunk(before_start=10, after_start=11, added=("more",)),)


def test_the_most_similar_file_is_the_one_that_was_renamed() -> None:
    text = b"".join(b"line %d\n" % n for n in range(10))

    change = read_change(
        "1" * 40,
        "worktree",
        [deleted("old.py", text), added("a.py", text + b"more\n"), added("b.py", text)],
    )

    assert [file.renamed_from for file in change.files] == [None, "old.py"]


def test_files_that_share_little_are_not_a_rename() -> None:
    change = read_change(
        "1" * 40, "worktree", [deleted("old.py", b"a\nb\nc\n"), added("new.py", b"a\nx\ny\n")]
    )

    assert [file.kind for file in change.files] == ["added", "deleted"]


def test_an_empty_file_is_not_renamed() -> None:
    change = read_change("1" * 40, "worktree", [deleted("a/__init__.py", b""), added("b.py", b"")])

    assert [file.kind for file in change.files] == ["deleted", "added"]


def test_the_digest_follows_content_mode_and_name_but_not_order() -> None:
    one, two = modified(b"a\n", b"b\n"), added("z.py", b"z\n")
    change = read_change("1" * 40, "worktree", [one, two])

    assert change == read_change("1" * 40, "worktree", [two, one])
    for other in (
        [one],
        [one, added("y.py", b"z\n")],
        [one, two.model_copy(update={"mode": "100755"})],
        [modified(b"a\n", b"c\n"), two],
        [modified(b"a\r\n", b"b\n"), two],
    ):
        assert read_change("1" * 40, "worktree", other).digest != change.digest


def test_an_unreadable_file_keeps_its_reason_and_has_no_hunks() -> None:
    file = FileChange(path="a.png", kind="modified", unreadable="binary")

    assert read_change("1" * 40, "worktree", [file]).files == (file,)


# --- diffs as text


@given(LINES, LINES)
def test_a_diff_has_the_hunks_of_the_texts_it_was_made_from(
    old: list[bytes], new: list[bytes]
) -> None:
    before, after = (
        [line.decode() + "\n" for line in b"".join(lines).splitlines()] for lines in (old, new)
    )
    text = "".join(unified_diff(before, after, "a/app.py", "b/app.py", n=0))
    if text:
        (file,) = parse_diff(text).files

        rebuilt = [line[:-1] for line in before]
        for hunk in reversed(file.hunks):
            start = hunk.before_start - bool(hunk.removed)
            assert rebuilt[start : start + len(hunk.removed)] == list(hunk.removed)
            rebuilt[start : start + len(hunk.removed)] = hunk.added
        assert rebuilt == [line[:-1] for line in after]


def test_the_output_of_git_diff_is_read_with_kinds_modes_and_odd_names(tmp_path: Path) -> None:
    def git(*args: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *args],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    git("init", "-q")
    text = "".join(f"line {n}\n" for n in range(30))
    for name in ("mode.sh", "moved.py", "gone.py", "with space.py", "é.py", "blob.bin"):
        (tmp_path / name).write_text(text + name)
    (tmp_path / "blob.bin").write_bytes(b"\0" * 10)
    git("add", "-A")
    git("commit", "-qm", "one")
    (tmp_path / "mode.sh").chmod(0o755)
    (tmp_path / "moved.py").rename(tmp_path / "target.py")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "with space.py").write_text(text.replace("line 15", "line XV") + "end\n")
    (tmp_path / "é.py").write_text("x\n" + text)
    (tmp_path / "blob.bin").write_bytes(b"\0" * 11)
    (tmp_path / "link").symlink_to("mode.sh")
    git("add", "-A")

    change = parse_diff(git("diff", "--cached", "-M"))

    assert [(f.path, f.kind, f.renamed_from, f.mode, f.unreadable) for f in change.files] == [
        ("blob.bin", "modified", None, "100644", "binary"),
        ("gone.py", "deleted", None, "100644", None),
        ("link", "added", None, "120000", None),
        ("mode.sh", "modified", None, "100755", None),
        ("target.py", "renamed", "moved.py", "100644", None),
        ("with space.py", "modified", None, "100644", None),
        ("é.py", "modified", None, "100644", None),
    ]
    assert change.files[5].hunks == (
        Hunk(before_start=16, removed=("line 15",), after_start=16, added=("line XV",)),
        Hunk(before_start=31, removed=("with space.py",), after_start=31, added=("end",)),
    )
    assert change.base == change.head == "diff"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "@@ -1 +1 @@\n-a\n+b\n",
        "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n-a\n",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n" * 2,
        "+++ b/x\n",
        "--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n",
    ],
)
def test_a_text_that_is_no_diff_is_refused(text: str) -> None:
    with pytest.raises(UnreadableChange) as refusal:
        parse_diff(text)

    assert refusal.value.code == "unreadable-change"


def test_two_diffs_that_differ_in_one_line_have_two_digests() -> None:
    one = parse_diff("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
    two = parse_diff("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+c\n")

    assert one.digest != two.digest
