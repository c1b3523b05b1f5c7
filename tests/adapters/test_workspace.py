import base64
import errno
import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from flagwright.adapters.workspace import lock, read, settle, state_of, write_all
from flagwright.core.record import sha256
from flagwright.core.records.plan import FileEdit
from flagwright.errors import FlagwrightError, OutsideRoot, PlanStale, WriteFailed

Texts = Mapping[str, bytes | None]

BEFORE: Texts = {"a.py": b"a = 1\n", "pkg/b.py": b"b = 1\r\n", "gone.py": b"g\n", "new/c.py": None}
AFTER: Texts = {"a.py": b"a = 2\n", "pkg/b.py": b"b = 2\r\n", "gone.py": None, "new/c.py": b"c\n"}


def edits(before: Texts, after: Texts) -> list[tuple[FileEdit, bytes | None]]:
    def named(text: bytes | None) -> str | None:
        return None if text is None else sha256(text)

    return [
        (
            FileEdit(
                path=path,
                before_sha256=named(before[path]),
                after_sha256=named(after[path]),
                patch="",
            ),
            after[path],
        )
        for path in before
    ]


def put(root: Path, texts: Texts) -> None:
    for path, text in texts.items():
        if text is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text)


def seen(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def present(texts: Texts) -> dict[str, bytes]:
    return {path: text for path, text in texts.items() if text is not None}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    put(folder, BEFORE)
    return folder


@pytest.fixture
def git_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "git"
    folder.mkdir()
    return folder


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    return tmp_path / "locks"


def test_all_files_are_changed_added_and_removed(root: Path, locks: Path) -> None:
    plan = edits(BEFORE, AFTER)
    assert state_of(root, [edit for edit, _ in plan]) == "before"

    write_all(root, plan, lock_dir=locks)

    assert seen(root) == present(AFTER)
    assert state_of(root, [edit for edit, _ in plan]) == "after"


def test_the_reverse_edits_undo_everything(root: Path, locks: Path) -> None:
    write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    write_all(root, edits(AFTER, BEFORE), lock_dir=locks)

    assert seen(root) == present(BEFORE)


@pytest.mark.parametrize("path", ["a.py", "gone.py", "pkg/b.py"])
def test_one_file_that_changed_since_the_plan_stops_all(path: str, root: Path, locks: Path) -> None:
    (root / path).write_bytes(b"edited\n")
    before = seen(root)

    with pytest.raises(PlanStale) as refusal:
        write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    assert path in refusal.value.fact
    assert seen(root) == before


def test_a_file_that_should_not_exist_yet_stops_all(root: Path, locks: Path) -> None:
    put(root, {"new/c.py": b"mine\n"})
    before = seen(root)

    with pytest.raises(PlanStale):
        write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    assert seen(root) == before


def test_mode_and_attributes_of_a_file_are_kept(root: Path, locks: Path) -> None:
    (root / "a.py").chmod(0o750)
    has_attributes = hasattr(os, "setxattr")
    if has_attributes:
        try:
            os.setxattr(root / "a.py", "user.note", b"kept")
        except OSError:
            has_attributes = False

    write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    assert stat.S_IMODE((root / "a.py").stat().st_mode) == 0o750
    if has_attributes:
        assert os.getxattr(root / "a.py", "user.note") == b"kept"


def test_a_read_only_file_is_not_replaced(root: Path, locks: Path) -> None:
    (root / "pkg/b.py").chmod(0o444)

    with pytest.raises(WriteFailed, match="is read-only"):
        write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    assert seen(root) == present(BEFORE)


@pytest.mark.parametrize("is_aside", [False, True], ids=["beside", "in-the-git-directory"])
def test_what_was_left_by_a_write_that_nobody_settled_is_no_second_name(
    root: Path, locks: Path, git_dir: Path, monkeypatch: pytest.MonkeyPatch, is_aside: bool
) -> None:
    own = git_dir if is_aside else None
    with monkeypatch.context() as dying:
        dying.setattr(os, "replace", _die)
        dying.setattr(os, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            write_all(root, edits(BEFORE, AFTER), lock_dir=locks, git_dir=own)
    assert (root / "a.py").stat().st_nlink == 2

    write_all(root, edits(BEFORE, AFTER), lock_dir=locks, git_dir=own)

    assert seen(root) == present(AFTER)
    assert list(git_dir.iterdir()) == []


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_words_written_into_a_file_just_before_it_is_replaced_are_not_lost(
    root: Path, locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor that has the file open writes between the last look and the rename."""
    replace = os.replace

    def late(src: str, dst: str, **where: int) -> None:
        if dst == "b.py" and (root / "pkg/b.py").read_bytes() == BEFORE["pkg/b.py"]:
            (root / "pkg/b.py").write_bytes(b"mine\n")
        replace(src, dst, **where)

    monkeypatch.setattr(os, "replace", late)
    with pytest.raises(PlanStale, match=r"pkg/b\.py"):
        write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    assert seen(root) == {**present(BEFORE), "pkg/b.py": b"mine\n"}


def test_bytes_that_are_not_the_planned_ones_are_never_written(root: Path, locks: Path) -> None:
    plan = [(edit, b"other\n") for edit, _ in edits({"a.py": b"a = 1\n"}, {"a.py": b"a = 2\n"})]

    with pytest.raises(PlanStale):
        write_all(root, plan, lock_dir=locks)

    assert seen(root) == present(BEFORE)


# --- never outside


ODD = [
    "../x.py",
    "/etc/x.py",
    "pkg/../../x.py",
    "./a.py",
    "pkg//b.py",
    "",
    "a.py/",
    "a\0.py",
    ".git/config",
    ".GIT/config",
    "sub/.git/hooks/x",
    ".g\u200cit/config",
    "\uff0egit/config",
    "GIT~1/config",
]


@pytest.mark.parametrize("path", ODD, ids=ascii)
def test_a_path_that_leaves_the_work_tree_is_refused(path: str, root: Path, locks: Path) -> None:
    with pytest.raises(OutsideRoot) as refusal:
        read(root, path)
    assert refusal.value.code == "outside-root"

    with pytest.raises(OutsideRoot):
        write_all(root, edits({path: None}, {path: b"x"}), lock_dir=locks)


def _link_to_file(root: Path, outside: Path) -> None:
    (root / "a.py").unlink()
    (root / "a.py").symlink_to(outside / "a.py")


def _hard_link(root: Path, outside: Path) -> None:
    (root / "a.py").unlink()
    os.link(outside / "a.py", root / "a.py")


def _pipe(root: Path, outside: Path) -> None:
    (root / "a.py").unlink()
    os.mkfifo(root / "a.py")


def _folder(root: Path, outside: Path) -> None:
    (root / "a.py").unlink()
    (root / "a.py").mkdir()


@pytest.mark.parametrize("trap", [_link_to_file, _hard_link, _pipe, _folder])
def test_what_is_no_plain_file_of_this_tree_is_refused(
    trap: Callable[[Path, Path], None], root: Path, locks: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    put(outside, {"a.py": b"a = 1\n"})
    trap(root, outside)

    with pytest.raises(OutsideRoot):
        write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    assert seen(outside) == {"a.py": b"a = 1\n"}
    assert (root / "pkg/b.py").read_bytes() == b"b = 1\r\n"


def test_a_folder_that_is_a_link_is_refused(root: Path, locks: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (root / "pkg").rename(outside)
    (root / "pkg").symlink_to(outside)

    with pytest.raises(OutsideRoot):
        write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    assert seen(outside) == {"b.py": b"b = 1\r\n"}


def test_a_folder_that_keeps_turning_into_a_link_never_lets_a_write_out(
    root: Path, locks: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    put(outside, {"b.py": b"b = 1\r\n"})
    link = tmp_path / "link"
    link.symlink_to(outside)
    aside, swapping = tmp_path / "aside", True

    def swap() -> None:
        while swapping:
            (root / "pkg").rename(aside)
            link.rename(root / "pkg")
            (root / "pkg").rename(link)
            aside.rename(root / "pkg")

    thread = threading.Thread(target=swap)
    thread.start()
    one, other = {"pkg/b.py": b"b = 1\r\n"}, {"pkg/b.py": b"b = 2\r\n"}
    try:
        for _ in range(300):
            for before, after in ((one, other), (other, one)):
                with suppress(FlagwrightError):
                    write_all(root, edits(before, after), lock_dir=locks)
    finally:
        swapping = False
        thread.join()

    assert seen(outside) == {"b.py": b"b = 1\r\n"}


# --- interrupted


CHILD = """
import base64, errno, json, os, signal, sys
from pathlib import Path
from flagwright.adapters.workspace import write_all
from flagwright.core.records.plan import FileEdit

plan, roots, locks, is_aside, fault = json.loads(sys.stdin.read())
plan = [(FileEdit(**e), None if text is None else base64.b64decode(text)) for e, text in plan]

def child(root, left):
    def hook(event, args):
        nonlocal left
        left -= event in ("open", "os.link", "os.rename", "os.remove", "os.mkdir")
        if left == 0:
            left = -1
            if fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, "No space left on device")

    sys.addaudithook(hook)
    try:
        own = Path(root + ".git") if is_aside else None
        write_all(Path(root), plan, lock_dir=Path(locks), git_dir=own)
    except Exception as error:
        return 3 if getattr(error, "code", "") == "write-failed" else 4
    return 0

ends = []
for step, root in enumerate(roots, 1):
    pid = os.fork()
    if pid == 0:
        os._exit(child(root, step))
    ends.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(json.dumps(ends))
"""


def git_dir_of(root: Path) -> Path:
    return root.with_name(f"{root.name}.git")


def ends_of_faulty_writes(
    tmp_path: Path, locks: Path, fault: str, *, is_aside: bool
) -> dict[Path, int]:
    """Write to many equal trees, each in a process that meets a fault one disk step later."""
    roots = [tmp_path / str(step) for step in range(90)]
    for root in roots:
        put(root, BEFORE)
        git_dir_of(root).mkdir()
    plan = [
        (edit.model_dump(), None if text is None else base64.b64encode(text).decode())
        for edit, text in edits(BEFORE, AFTER)
    ]
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([plan, [str(r) for r in roots], str(locks), is_aside, fault]),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return dict(zip(roots, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("is_aside", [False, True], ids=["beside", "in-the-git-directory"])
def test_a_process_killed_at_any_step_can_be_settled_to_either_side(
    tmp_path: Path, locks: Path, is_aside: bool
) -> None:
    images = [(edit, BEFORE[edit.path], AFTER[edit.path]) for edit, _ in edits(BEFORE, AFTER)]
    ends = ends_of_faulty_writes(tmp_path, locks, "kill", is_aside=is_aside)

    assert set(ends.values()) == {-signal.SIGKILL, 0}
    for root in ends:
        own = git_dir_of(root) if is_aside else None
        beside = [path for path in seen(root) if ".flagwright" in path]
        assert not (is_aside and beside)
        settle(root, images, lock_dir=locks, git_dir=own, to="before")
        assert seen(root) == present(BEFORE)
        settle(root, images, lock_dir=locks, git_dir=own, to="after")
        assert seen(root) == present(AFTER)
        assert seen(git_dir_of(root)) == {}


@pytest.mark.parametrize("call", ["link", "replace"])
def test_where_no_rename_leads_from_the_git_directory_files_wait_beside_their_place(
    root: Path, locks: Path, git_dir: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A folder of the work tree may be a mount of the same file system."""
    real, folder = getattr(os, call), (root / "pkg").stat()

    def mounted(src: str, dst: str, **where: int) -> None:
        sides = [os.fstat(where[side]) for side in ("src_dir_fd", "dst_dir_fd")]
        if [os.path.samestat(side, folder) for side in sides].count(True) == 1:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(src, dst, **where)

    monkeypatch.setattr(os, call, mounted)
    write_all(root, edits(BEFORE, AFTER), lock_dir=locks, git_dir=git_dir)

    assert seen(root) == present(AFTER)
    assert list(git_dir.iterdir()) == []


def test_a_git_directory_on_another_file_system_is_no_hindrance(root: Path, locks: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == root.stat().st_dev:
        pytest.skip("no other file system at hand")
    with tempfile.TemporaryDirectory(dir=other) as git_dir:
        write_all(root, edits(BEFORE, AFTER), lock_dir=locks, git_dir=Path(git_dir))
        assert list(Path(git_dir).iterdir()) == []

    assert seen(root) == present(AFTER)


def test_a_new_file_gets_the_group_that_its_folder_hands_on(
    root: Path, locks: Path, git_dir: Path
) -> None:
    groups = [group for group in os.getgroups() if group != os.getegid()]
    if os.geteuid() == 0:
        groups.append(os.getegid() + 1)
    if not groups:
        pytest.skip("a member of one group only")
    os.chown(root, -1, groups[0])
    root.chmod(0o2755)

    write_all(root, edits({"x.py": None}, {"x.py": b"x\n"}), lock_dir=locks, git_dir=git_dir)

    assert (root / "x.py").stat().st_gid == groups[0]


def test_a_link_in_the_git_directory_is_not_followed(
    root: Path, locks: Path, git_dir: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    untouched = outside.stat().st_mtime_ns
    (git_dir / "flagwright").symlink_to(outside)

    write_all(root, edits(BEFORE, AFTER), lock_dir=locks, git_dir=git_dir)

    assert seen(root) == present(AFTER)
    assert outside.stat().st_mtime_ns == untouched


@pytest.mark.parametrize("is_aside", [False, True], ids=["beside", "in-the-git-directory"])
def test_a_disk_error_at_any_step_leaves_every_file_as_it_was(
    tmp_path: Path, locks: Path, is_aside: bool
) -> None:
    ends = ends_of_faulty_writes(tmp_path, locks, "disk-full", is_aside=is_aside)

    assert set(ends.values()) == {3, 0}
    for root, end in ends.items():
        texts = {p: t for p, t in seen(root).items() if ".flagwright" not in p}
        assert texts == present(AFTER if end == 0 else BEFORE)


def test_a_file_edited_after_the_interruption_is_left_alone(root: Path, locks: Path) -> None:
    images = [(edit, BEFORE[edit.path], AFTER[edit.path]) for edit, _ in edits(BEFORE, AFTER)]
    (root / "a.py").write_bytes(b"mine\n")
    before = seen(root)

    with pytest.raises(PlanStale):
        settle(root, images, lock_dir=locks, to="after")

    assert seen(root) == before
    assert state_of(root, [edit for edit, _, _ in images]) == "mixed"


def test_of_two_writers_at_once_exactly_one_succeeds(root: Path, locks: Path) -> None:
    results: list[str] = []

    def write(text: bytes) -> None:
        try:
            write_all(root, edits({"a.py": b"a = 1\n"}, {"a.py": text}), lock_dir=locks)
        except PlanStale as refusal:
            results.append(refusal.code)
        else:
            results.append("written")

    threads = [threading.Thread(target=write, args=(b"%d\n" % n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["plan-stale"] * 7 + ["written"]


def test_whoever_only_holds_the_tree_stops_nobody_for_ever(
    root: Path, locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two state folders have the tree in common; and any reader of it could hold its lock."""
    monkeypatch.setattr(lock, "PATIENCE_S", 0.1)
    other = os.open(root, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)

    with pytest.raises(WriteFailed, match="another process has held"):
        write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    assert seen(root) == present(BEFORE)
    os.close(other)
    write_all(root, edits(BEFORE, AFTER), lock_dir=locks)


def test_nothing_but_the_files_of_the_plan_is_left_in_the_work_tree(
    root: Path, locks: Path
) -> None:
    (root / "a.py").write_bytes(b"edited\n")
    with pytest.raises(PlanStale):
        write_all(root, edits(BEFORE, AFTER), lock_dir=locks)

    assert not [path for path in seen(root) if ".flagwright" in path]
    assert all(path.suffix == ".lock" for path in locks.iterdir())
