import hashlib
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from flagwright.adapters.git import Git, git_dir_of
from flagwright.core.records.change import Change, Hunk
from flagwright.errors import (
    BadRequest,
    FlagwrightError,
    NotARepository,
    UnknownRevision,
    UnreadableChange,
)

Run = Callable[..., str]


def kinds(change: Change) -> dict[str, str]:
    return {file.path: file.kind for file in change.files}


# --- which change


def test_the_work_tree_is_compared_with_head_untracked_files_included(
    repo: Path, adapter: Git, git: Run
) -> None:
    (repo / "app.py").write_text("def price():\n    return 2\n")
    (repo / "new.py").write_text("x = 1\n")
    (repo / "staged.py").write_text("y = 1\n")
    git(repo, "add", "staged.py")
    (repo / "docs/notes.txt").unlink()

    change = adapter.open(repo).change()

    assert kinds(change) == {
        "app.py": "modified",
        "docs/notes.txt": "deleted",
        "new.py": "added",
        "staged.py": "added",
    }
    assert change.base == git(repo, "rev-parse", "HEAD")
    assert change.head == "worktree"
    app = change.files[0]
    assert app.before == b"def price():\n    return 1\n"
    assert app.after == b"def price():\n    return 2\n"
    assert app.hunks == (
        Hunk(before_start=2, removed=("    return 1",), after_start=2, added=("    return 2",)),
    )
    assert git(repo, "status", "--porcelain").count("\n") == 3


def test_a_work_tree_that_took_back_what_is_staged_is_no_clean_one(
    repo: Path, adapter: Git, git: Run
) -> None:
    git(repo, "checkout", "-q", "-b", "more")
    (repo / "new.py").write_text("x = 1\n")
    git(repo, "add", "new.py")
    git(repo, "commit", "-q", "-m", "New")
    assert kinds(adapter.open(repo).change()) == {"new.py": "added"}
    (repo / "app.py").write_text("def price():\n    return 2\n")
    git(repo, "add", "app.py")
    (repo / "app.py").write_text("def price():\n    return 1\n")

    with pytest.raises(BadRequest) as caught:
        adapter.open(repo).change()

    assert caught.value.fact.endswith("what is staged is not: app.py.")
    assert kinds(adapter.open(repo).change(staged=True)) == {"app.py": "modified"}


def test_a_file_that_holds_a_merge_conflict_is_no_change_yet(
    repo: Path, adapter: Git, git: Run
) -> None:
    main = git(repo, "rev-parse", "--abbrev-ref", "HEAD")
    for branch, value in (("other", 10), (main, 20)):
        git(repo, "checkout", "-q", *(["-b"] if branch == "other" else []), branch)
        (repo / "app.py").write_text(f"def price():\n    return {value}\n")
        git(repo, "commit", "-q", "-a", "-m", branch)
    run = ["git", "-c", "user.name=ada", "-c", "user.email=a@example.org", "merge", "-q", "other"]
    subprocess.run(run, cwd=repo, capture_output=True, check=False)

    with pytest.raises(BadRequest) as caught:
        adapter.open(repo).change()

    assert caught.value.fact.startswith("app.py:2 holds a merge conflict")
    (repo / "app.py").write_text("def price():\n    return 30\n")
    assert kinds(adapter.open(repo).change()) == {"app.py": "modified"}


def test_reading_a_change_writes_nothing_into_the_repository(repo: Path, adapter: Git) -> None:
    (repo / "app.py").write_text("x = 2\n")

    def everything() -> dict[Path, int]:
        return {path: path.lstat().st_mtime_ns for path in repo.rglob("*")}

    before = everything()
    opened = adapter.open(repo)
    opened.change()
    opened.python_files()

    assert everything() == before
    assert opened.identity


def test_a_clean_branch_is_compared_with_where_it_left_the_default_branch(
    repo: Path, adapter: Git, git: Run
) -> None:
    base = git(repo, "rev-parse", "HEAD")
    git(repo, "checkout", "-qb", "feature")
    (repo / "app.py").write_text("x = 2\n")
    git(repo, "commit", "-qam", "three")
    git(repo, "checkout", "-q", "main")
    (repo / "other.py").write_text("z = 1\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "main goes on")
    git(repo, "checkout", "-q", "feature")

    change = adapter.open(repo).change()

    assert (change.base, change.head) == (base, git(repo, "rev-parse", "HEAD"))
    assert kinds(change) == {"app.py": "modified"}


def test_commits_that_the_remote_does_not_have_are_the_change_of_a_clean_main(
    repo: Path, adapter: Git, git: Run, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", str(repo), "clone")
    clone = tmp_path / "clone"
    (clone / "app.py").write_text("x = 2\n")
    git(clone, "commit", "-qam", "three")

    assert kinds(adapter.open(clone).change()) == {"app.py": "modified"}
    assert adapter.open(clone).identity == adapter.open(repo).identity


def test_nothing_changed_is_said_and_not_scored(repo: Path, adapter: Git, git: Run) -> None:
    with pytest.raises(BadRequest) as refusal:
        adapter.open(repo).change()
    assert "main" in refusal.value.fact

    git(repo, "branch", "-m", "odd")
    with pytest.raises(BadRequest):
        adapter.open(repo).change()


def test_a_range_a_revision_and_a_merge_base_are_understood(
    repo: Path, adapter: Git, git: Run
) -> None:
    opened = adapter.open(repo)
    git(repo, "tag", "v1", "HEAD~1")
    (repo / "app.py").write_text("x = 2\n")

    assert kinds(opened.change("v1..HEAD")) == {"docs/notes.txt": "added"}
    assert kinds(opened.change("HEAD..v1")) == {"docs/notes.txt": "deleted"}
    assert kinds(opened.change("v1")) == {"app.py": "modified", "docs/notes.txt": "added"}
    assert kinds(opened.change("HEAD^..")) == {"docs/notes.txt": "added"}
    assert kinds(opened.change("HEAD...v1")) == {}
    assert kinds(opened.change(git(repo, "rev-parse", "HEAD"))) == {"app.py": "modified"}
    assert kinds(opened.change("@")) == {"app.py": "modified"}


ODD = [
    "",
    " ",
    "-h",
    "--output=canary",
    "--upload-pack=touch canary",
    "-O/etc/passwd..HEAD",
    "HEAD --output=canary",
    "HEAD\n",
    "HEAD\0",
    "HEAD:app.py",
    ":/one",
    ":app.py",
    "HEAD^{/one}",
    "HEAD^{tree}",
    "HEAD@{0}",
    "@{-1}",
    "@{upstream}",
    "HEAD^!",
    "HEAD^@",
    "HEAD^-",
    "^HEAD",
    "main..HEAD..main",
    "HEAD....HEAD",
    "$(touch canary)",
    "`touch canary`",
    "../../etc/passwd",
    "nowhere",
    "0" * 40,
    "x" * 10_000,
    "refs/heads/\u202emain",
    "HEAD~99999",
]


@pytest.mark.parametrize("revision", ODD, ids=lambda odd: ascii(odd)[:30])
def test_an_odd_revision_names_no_commit(revision: str, repo: Path, adapter: Git) -> None:
    with pytest.raises(UnknownRevision) as refusal:
        adapter.open(repo).change(revision)

    assert refusal.value.code == "unknown-revision"
    assert len(refusal.value.fact) < 200
    assert not list(repo.glob("**/canary"))


@pytest.mark.parametrize("name", ["feature/one", "fix#12", "v1.0+rc.1", "größe", "a=b", "x@y"])
def test_an_ordinary_branch_name_is_understood(
    name: str, repo: Path, adapter: Git, git: Run
) -> None:
    git(repo, "branch", name)

    assert adapter.open(repo).change(f"{name}~1..{name}").files


# --- which repository


def test_a_folder_inside_a_repository_stands_for_its_top_level(repo: Path, adapter: Git) -> None:
    assert adapter.open(repo / "docs").root == repo


def test_a_folder_outside_any_repository_is_refused(tmp_path: Path, adapter: Git) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NotARepository) as refusal:
            adapter.open(path)
        assert refusal.value.code == "not-a-repository"


def test_a_bare_repository_is_refused(repo: Path, adapter: Git, git: Run, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")

    for path in (tmp_path / "bare.git", repo / ".git"):
        with pytest.raises(NotARepository):
            adapter.open(path)


def test_before_the_first_commit_everything_is_added(
    tmp_path: Path, adapter: Git, git: Run
) -> None:
    git(tmp_path, "init", "-q", "fresh")
    (tmp_path / "fresh/a.py").write_text("a = 1\n")
    opened = adapter.open(tmp_path / "fresh")

    change = opened.change()

    assert kinds(change) == {"a.py": "added"}
    assert change.base == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert opened.head() is None
    assert len(opened.identity) == 16
    assert opened.python_files() == {"a.py": b"a = 1\n"}
    with pytest.raises(UnknownRevision, match="has no commit yet"):
        opened.change("HEAD")


def test_a_repository_with_sha256_names_is_read(tmp_path: Path, adapter: Git, git: Run) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256", "long")
    repo = tmp_path / "long"
    (repo / "a.py").write_text("a = 1\n")
    assert kinds(adapter.open(repo).change()) == {"a.py": "added"}
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "one")
    (repo / "a.py").write_text("a = 2\n")

    change = adapter.open(repo).change()

    assert (len(change.base), change.files[0].before) == (64, b"a = 1\n")


def test_a_shallow_clone_is_read(repo: Path, adapter: Git, git: Run, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", "shallow")
    clone = tmp_path / "shallow"
    (clone / "app.py").write_text("x = 2\n")

    assert kinds(adapter.open(clone).change()) == {"app.py": "modified"}
    assert adapter.open(clone).identity
    with pytest.raises(UnknownRevision):
        adapter.open(clone).change("HEAD~1")


def test_a_linked_work_tree_has_its_own_head(
    repo: Path, adapter: Git, git: Run, tmp_path: Path
) -> None:
    git(repo, "worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"), "HEAD~1")
    (tmp_path / "linked/app.py").write_text("x = 2\n")
    linked = adapter.open(tmp_path / "linked")

    assert linked.head() == git(repo, "rev-parse", "HEAD~1")
    assert kinds(linked.change()) == {"app.py": "modified"}
    assert linked.identity == adapter.open(repo).identity


def test_only_a_work_tree_that_begins_there_has_a_git_directory_of_its_own(
    repo: Path, git: Run, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", "-b", "side", str(linked))
    (repo / "below").mkdir()

    assert git_dir_of(repo) == repo / ".git"
    assert git_dir_of(linked) == repo / ".git" / "worktrees" / "linked"
    assert git_dir_of(repo / "below") is None
    assert git_dir_of(repo / ".git") is None
    assert git_dir_of(tmp_path) is None


def test_a_submodule_is_read_and_its_moved_commit_is_seen_from_above(
    repo: Path, adapter: Git, git: Run, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", str(repo), "library")
    allow = ("-c", "protocol.file.allow=always")
    git(repo, *allow, "submodule", "add", "-q", str(tmp_path / "library"), "lib")
    git(repo, "commit", "-qm", "add a library")
    lib = repo / "lib"
    (lib / "app.py").write_text("x = 2\n")
    assert kinds(adapter.open(lib).change()) == {"app.py": "modified"}
    with pytest.raises(BadRequest):
        adapter.open(repo).change()

    old = git(lib, "rev-parse", "HEAD")[:12]
    git(lib, "commit", "-qam", "move")
    new = git(lib, "rev-parse", "HEAD")[:12]

    (file,) = adapter.open(repo).change().files
    assert (file.path, file.mode) == ("lib", "160000")
    assert file.unreadable == f"submodule, no longer at {old}"

    git(repo, "commit", "-qam", "move the library")
    (file,) = adapter.open(repo).change("HEAD~1..HEAD").files
    assert file.unreadable == f"submodule, from {old} to {new}"
    (_, file) = adapter.open(repo).change("HEAD~2..HEAD~1").files
    assert file.unreadable == f"submodule, new at {old}"


def test_a_switched_branch_and_a_new_commit_are_noticed(repo: Path, adapter: Git, git: Run) -> None:
    opened = adapter.open(repo)
    first = opened.head()
    git(repo, "checkout", "-q", "-b", "later", "HEAD~1")

    assert opened.head() == git(repo, "rev-parse", "HEAD") != first


def test_names_that_git_packed_are_found(repo: Path, adapter: Git, git: Run) -> None:
    git(repo, "tag", "v1", "HEAD~1")
    git(repo, "gc", "-q")

    assert kinds(adapter.open(repo).change("v1..main")) == {"docs/notes.txt": "added"}


def test_objects_of_a_reference_clone_are_found(
    repo: Path, adapter: Git, git: Run, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--shared", str(repo), "shared")
    (tmp_path / "shared/app.py").write_text("x = 2\n")

    assert adapter.open(tmp_path / "shared").change().files[0].before is not None


def test_a_path_with_odd_characters_works(adapter: Git, git: Run, tmp_path: Path) -> None:
    repo = tmp_path / 'a "quoted"\\#\nname'
    repo.mkdir()
    git(repo, "init", "-q")
    (repo / "a.py").write_text("a = 1\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "one")
    (repo / "a.py").write_text("a = 2\n")

    assert kinds(adapter.open(repo).change()) == {"a.py": "modified"}


# --- which files


def test_ignored_files_are_left_out_wherever_that_is_said(
    repo: Path, adapter: Git, tmp_path: Path
) -> None:
    (tmp_path / "home/.config/git").mkdir(parents=True)
    (tmp_path / "home/.config/git/ignore").write_text("*.user\n")
    (repo / ".git/info/exclude").write_text("*.clone\n")
    (repo / ".gitignore").write_text("*.tree\nbuild/\n")
    (repo / "build").mkdir()
    for name in ("a.user", "a.clone", "a.tree", "build/a.py", "a.py"):
        (repo / name).write_text("x = 1\n")

    assert kinds(adapter.open(repo).change()) == {".gitignore": "added", "a.py": "added"}
    assert set(adapter.open(repo).python_files()) == {"a.py", "app.py"}


def test_the_users_own_list_of_ignored_files_is_found_through_their_configuration(
    repo: Path, adapter: Git, tmp_path: Path
) -> None:
    (tmp_path / "home/.gitconfig").write_text("[core]\n\texcludesFile = ~/.ignored\n")
    (tmp_path / "home/.ignored").write_text("*.log\n")
    (repo / "a.log").write_text("x\n")
    (repo / "b.txt").write_text("x\n")

    assert kinds(adapter.open(repo).change()) == {"b.txt": "added"}


def test_a_nested_repository_is_left_out(repo: Path, adapter: Git, git: Run) -> None:
    git(repo, "init", "-q", "nested")
    (repo / "nested/a.py").write_text("a = 1\n")
    (repo / "b.py").write_text("b = 1\n")

    assert kinds(adapter.open(repo).change()) == {"b.py": "added"}


def test_modes_links_and_odd_names_are_told(repo: Path, adapter: Git) -> None:
    (repo / "app.py").chmod(0o755)
    (repo / "link").symlink_to("/etc/passwd")
    (repo / "a\nb.py").write_text("x = 1\n")
    (repo / "é.py").write_text("x = 1\n")
    (repo / os.fsdecode(b"\xff.py")).write_text("x = 1\n")
    os.mkfifo(repo / "pipe")

    files = {file.path: file for file in adapter.open(repo).change().files}

    assert set(files) == {"app.py", "link", "a\nb.py", "é.py", "\\xff.py"}
    assert (files["app.py"].mode, files["app.py"].hunks) == ("100755", ())
    assert (files["link"].mode, files["link"].after) == ("120000", b"/etc/passwd")
    assert files["\\xff.py"].unreadable


def test_a_file_that_became_a_link_or_a_pipe_is_seen(repo: Path, adapter: Git) -> None:
    (repo / "app.py").unlink()
    (repo / "app.py").symlink_to("/etc/passwd")
    (repo / "docs/notes.txt").unlink()
    os.mkfifo(repo / "docs/notes.txt")

    link, pipe = adapter.open(repo).change().files

    assert (link.mode, link.after) == ("120000", b"/etc/passwd")
    assert pipe.kind == "deleted" or pipe.unreadable


def test_a_moved_file_is_a_rename_in_the_work_tree_and_in_a_range(
    repo: Path, adapter: Git, git: Run
) -> None:
    (repo / "app.py").rename(repo / "shop.py")
    opened = adapter.open(repo)
    (file,) = opened.change().files
    assert (file.kind, file.renamed_from) == ("renamed", "app.py")

    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "move")

    (file,) = opened.change("HEAD~1..HEAD").files
    assert (file.kind, file.renamed_from) == ("renamed", "app.py")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\0" * 100, "binary"), (b"x = 1\n" * 400_000, "too large"), (b"", None)],
)
def test_what_is_too_large_or_no_text_is_reported_unread(
    content: bytes, reason: str | None, repo: Path, adapter: Git, git: Run
) -> None:
    (repo / "app.py").write_bytes(content)
    opened = adapter.open(repo)
    change = opened.change()
    assert (change.files[0].unreadable or "").startswith(reason or "")
    assert bool(change.files[0].unreadable) == bool(reason)

    git(repo, "commit", "-qam", "three")

    again = opened.change("HEAD~1..HEAD").files[0]
    assert again == change.files[0]
    (repo / "app.py").write_bytes(content + b"\n")
    assert opened.change().digest != change.digest


def test_data_takes_no_room_from_python_files(
    repo: Path, adapter: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flagwright.adapters.git.worktree.MAX_TOTAL", 1000)
    (repo / "a_data.json").write_text("1" * 900)
    (repo / "b_data.json").write_text("2" * 900)
    (repo / "z.py").write_text("x = 1\n")

    assert adapter.open(repo).python_files()["z.py"] == b"x = 1\n"


def test_python_files_are_the_readable_ones_of_the_work_tree(repo: Path, adapter: Git) -> None:
    (repo / "app.py").unlink()
    (repo / "new.py").write_text("x = 1\n")
    (repo / "link.py").symlink_to("new.py")
    (repo / "binary.py").write_bytes(b"\0")

    assert adapter.open(repo).python_files() == {"new.py": b"x = 1\n"}


def test_files_mentioning_a_word_are_listed_without_python(repo: Path, adapter: Git) -> None:
    (repo / "flags.yaml").write_text("flags:\n  release.x: true\n")
    (repo / "a.py").write_text("release.x\n")

    (place,) = adapter.open(repo).files_mentioning("release.x")

    assert str(place) == "flags.yaml:2"


# --- differences that a checkout makes by itself


@pytest.mark.parametrize(
    ("config", "attributes"), [("true", ""), ("false", "* text=auto eol=crlf\n"), ("false", "")]
)
def test_line_ends_that_a_checkout_converts_are_no_change(
    config: str, attributes: str, repo: Path, adapter: Git, git: Run
) -> None:
    git(repo, "config", "core.autocrlf", config)
    if attributes:
        (repo / ".gitattributes").write_text(attributes)
        git(repo, "add", "-A")
        git(repo, "commit", "-qm", "declare")
    (repo / "app.py").write_bytes(b"def price():\r\n    return 1\r\n")
    with pytest.raises(BadRequest):
        adapter.open(repo).change()

    (repo / "app.py").write_bytes(b"def price():\r\n    return 2\r\n")

    (file,) = adapter.open(repo).change().files
    assert file.before == b"def price():\r\n    return 1\r\n"
    assert file.after == b"def price():\r\n    return 2\r\n"
    assert len(file.hunks) == 1


def test_a_large_file_that_matches_its_pointer_is_no_change(
    repo: Path, adapter: Git, git: Run
) -> None:
    content = b"a large picture"
    name = "sha256:" + hashlib.sha256(content).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid {name}\nsize {len(content)}\n"
    (repo / "large.txt").write_text(pointer)
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "pointer")
    (repo / "large.txt").write_bytes(content)
    with pytest.raises(BadRequest):
        adapter.open(repo).change()

    (repo / "large.txt").write_bytes(content[:-1] + b"!")

    assert kinds(adapter.open(repo).change()) == {"large.txt": "modified"}


def test_files_that_a_sparse_checkout_leaves_out_are_not_deleted(
    repo: Path, adapter: Git, git: Run
) -> None:
    git(repo, "sparse-checkout", "set", "--no-cone", "/app.py")
    assert not (repo / "docs").exists()
    with pytest.raises(BadRequest):
        adapter.open(repo).change()

    (repo / "app.py").unlink()

    assert kinds(adapter.open(repo).change()) == {"app.py": "deleted"}


# --- damage


def test_a_forged_object_is_noticed(repo: Path, adapter: Git, git: Run) -> None:
    name = git(repo, "rev-parse", "HEAD:app.py")
    path = repo / ".git/objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.write_bytes(zlib.compress(b"blob 6\0x = 1\n"))
    (repo / "app.py").write_text("x = 2\n")

    with pytest.raises(UnreadableChange) as refusal:
        adapter.open(repo).change()

    assert refusal.value.code == "unreadable-change"


def test_a_missing_object_is_told_and_never_fetched(repo: Path, adapter: Git, git: Run) -> None:
    name = git(repo, "rev-parse", "HEAD:app.py")
    (repo / ".git/objects" / name[:2] / name[2:]).unlink()
    (repo / "app.py").write_text("x = 2\n")

    (file,) = adapter.open(repo).change().files

    assert file.unreadable


@pytest.mark.parametrize("name", ["HEAD", "config", "objects", "refs"])
def test_a_damaged_git_directory_is_a_clear_error(name: str, repo: Path, adapter: Git) -> None:
    broken = repo / ".git" / name
    if broken.is_dir():
        broken.rename(repo / "aside")
    else:
        broken.write_bytes(b"\xff[garbage\n")

    with pytest.raises(FlagwrightError):
        adapter.open(repo).change()


def test_a_shadow_that_was_damaged_or_locked_is_no_obstacle(
    repo: Path, adapter: Git, tmp_path: Path
) -> None:
    (repo / "app.py").write_text("x = 2\n")
    adapter.open(repo).change()
    (shadow,) = (tmp_path / "cache/git").iterdir()
    (shadow / "index").write_bytes(b"garbage")
    (shadow / "index.lock").touch()

    assert kinds(adapter.open(repo).change()) == {"app.py": "modified"}


def test_many_calls_at_once_agree(repo: Path, adapter: Git) -> None:
    (repo / "app.py").write_text("x = 2\n")
    seen: list[str] = []

    def read() -> None:
        seen.append(adapter.open(repo).change().digest)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 6
    assert len(set(seen)) == 1


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can chown")
@pytest.mark.parametrize("whose", [".", ".git", ".git/objects"])
def test_a_repository_of_another_user_is_refused(whose: str, repo: Path, adapter: Git) -> None:
    os.chown(repo / whose, 12345, 12345)

    with pytest.raises(NotARepository) as refusal:
        adapter.open(repo)

    assert "12345" in refusal.value.fact


def test_without_git_the_error_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from flagwright.adapters.git.command import executable; executable()",
        ],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Unsupported" in done.stderr


@pytest.mark.parametrize(
    ("settings", "environment"),
    [
        ({"user.name": "Ada", "user.email": "ada@example.org"}, {}),
        ({"user.name": "Ada", "user.email": "ada@x.org", "author.email": "a@work.example"}, {}),
        ({"user.email": "ada@x.org", "user.name": "Ada"}, {"GIT_AUTHOR_EMAIL": "b@y.org"}),
        ({"user.email": "ada@x.org"}, {"GIT_AUTHOR_EMAIL": "b@y.org", "GIT_AUTHOR_NAME": "Bo"}),
        ({"user.name": "Ada"}, {"EMAIL": "ada@home.example"}),
    ],
)
def test_the_author_is_the_one_that_git_would_write(
    settings: dict[str, str],
    environment: dict[str, str],
    repo: Path,
    adapter: Git,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for key, value in settings.items():
        subprocess.run(["git", "config", key, value], cwd=repo, check=True)
    said = subprocess.run(
        ["git", "var", "GIT_AUTHOR_IDENT"], cwd=repo, check=True, capture_output=True, text=True
    )

    sha = adapter.open(repo).commit(
        "made", {"app.py": ("100644", b"x = 1\n")}, "Edit", checked_out=False
    )

    made = subprocess.run(
        ["git", "log", "-1", "--format=%an <%ae>", sha],
        cwd=repo, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert said.stdout.startswith(made.stdout.strip())
