"""Repositories that try to run a program, to hide a change, or to reach out of their folder."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flagwright.adapters.git import Git, Repository
from flagwright.errors import FlagwrightError, NotARepository, OutsideRoot

Run = Callable[..., str]
Trap = Callable[[Path, Path, Run], None]


def program(path: Path, canary: Path) -> str:
    """A program that leaves a trace."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {path.name} >> {canary}\n")
    path.chmod(0o755)
    return str(path)


def change_app(repo: Path) -> None:
    (repo / "app.py").write_text("def price():\n    return 2\n")


# --- repositories that run programs


def fsmonitor(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "config", "core.fsmonitor", program(repo / ".git/evil", canary))


def external_diff(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "config", "diff.external", program(repo / ".git/evil", canary))


def diff_driver(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "config", "diff.evil.command", program(repo / ".git/evil", canary))
    (repo / ".gitattributes").write_text("* diff=evil\n")


def textconv(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "config", "diff.evil.textconv", program(repo / ".git/evil", canary))
    (repo / ".gitattributes").write_text("* diff=evil\n")


def filters(repo: Path, canary: Path, git: Run) -> None:
    for kind in ("clean", "smudge"):
        git(repo, "config", f"filter.evil.{kind}", program(repo / ".git/evil", canary))
    (repo / ".gitattributes").write_text("* filter=evil\n")


def filter_process(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "config", "filter.evil.process", program(repo / ".git/evil", canary))
    git(repo, "config", "filter.evil.required", "true")
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/attributes").write_text("* filter=evil\n")


def hooks(repo: Path, canary: Path, git: Run) -> None:
    for name in ("post-index-change", "pre-commit", "post-checkout", "reference-transaction"):
        program(repo / ".git/hooks" / name, canary)


def hooks_path(repo: Path, canary: Path, git: Run) -> None:
    program(repo / "evil/post-index-change", canary)
    git(repo, "config", "core.hooksPath", "evil")


def pager_and_editors(repo: Path, canary: Path, git: Run) -> None:
    evil = program(repo / ".git/evil", canary)
    for key in ("core.pager", "pager.diff", "pager.status", "core.editor", "core.askPass"):
        git(repo, "config", key, evil)


def aliases(repo: Path, canary: Path, git: Run) -> None:
    evil = program(repo / ".git/evil", canary)
    for name in ("diff-files", "ls-files", "rev-parse", "read-tree", "cat-file"):
        git(repo, "config", f"alias.{name}", f"!{evil}")


def signature(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "config", "gpg.program", program(repo / ".git/evil", canary))
    git(repo, "config", "log.showSignature", "true")
    body = git(repo, "cat-file", "commit", "HEAD")
    head, _, message = body.partition("\n\n")
    signed = f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n\n"
    (repo / ".git/signed").write_text(signed + message + "\n")
    name = git(repo, "hash-object", "-t", "commit", "-w", ".git/signed")
    git(repo, "update-ref", "HEAD", name)


def included(repo: Path, canary: Path, git: Run) -> None:
    (repo / "evil.config").write_text(
        f"[core]\n\tfsmonitor = {program(repo / '.git/evil', canary)}\n"
    )
    git(repo, "config", "include.path", "../evil.config")
    git(repo, "config", "includeIf.gitdir:/**.path", str(repo / "evil.config"))


def work_tree_config(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "config", "extensions.worktreeConfig", "true")
    git(repo, "config", "--worktree", "core.fsmonitor", program(repo / ".git/evil", canary))


def lazy_fetch(repo: Path, canary: Path, git: Run) -> None:
    evil = program(repo / ".git/evil", canary)
    git(repo, "config", "core.sshCommand", evil)
    git(repo, "config", "core.gitProxy", evil)
    git(repo, "config", "credential.helper", evil)
    git(repo, "config", "protocol.ext.allow", "always")
    git(repo, "config", "remote.origin.url", "ssh://example.invalid/x")
    git(repo, "config", "remote.origin.promisor", "true")
    git(repo, "config", "remote.origin.uploadpack", evil)
    git(repo, "config", "core.repositoryFormatVersion", "1")
    git(repo, "config", "extensions.partialClone", "origin")
    name = git(repo, "rev-parse", "HEAD:app.py")
    (repo / ".git/objects" / name[:2] / name[2:]).unlink()


def submodule(repo: Path, canary: Path, git: Run) -> None:
    shutil.copytree(repo, repo.parent / "library")
    allow = ("-c", "protocol.file.allow=always")
    git(repo, *allow, "submodule", "add", "-q", str(repo.parent / "library"), "lib")
    git(repo, "commit", "-qm", "add a library")
    git(repo / "lib", "config", "core.fsmonitor", program(repo / ".git/evil", canary))
    (repo / ".gitmodules").write_text((repo / ".gitmodules").read_text() + "\tignore = none\n")
    (repo / "lib/app.py").write_text("x = 3\n")


def submodule_update(repo: Path, canary: Path, git: Run) -> None:
    evil = program(repo / ".git/evil", canary)
    git(repo, "config", "submodule.lib.update", f"!{evil}")
    git(repo, "config", "submodule.recurse", "true")
    git(repo, "config", "status.submoduleSummary", "true")


def nested(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "init", "-q", "nested")
    (repo / "nested/a.py").write_text("a = 1\n")
    git(repo / "nested", "config", "core.fsmonitor", program(repo / ".git/evil", canary))


def embedded_bare(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "init", "-q", "--bare", "docs/bare")
    git(repo / "docs/bare", "config", "core.fsmonitor", program(repo / ".git/evil", canary))
    git(repo / "docs/bare", "config", "core.bare", "false")
    git(repo / "docs/bare", "config", "core.worktree", str(repo))


def merge_driver(repo: Path, canary: Path, git: Run) -> None:
    git(repo, "config", "merge.evil.driver", program(repo / ".git/evil", canary))
    (repo / ".gitattributes").write_text("* merge=evil\n")


def alternate_refs(repo: Path, canary: Path, git: Run) -> None:
    evil = program(repo / ".git/evil", canary)
    git(repo, "config", "core.alternateRefsCommand", evil)
    git(repo, "config", "uploadpack.packObjectsHook", evil)
    git(repo, "config", "interactive.diffFilter", evil)


def program_called_git(repo: Path, canary: Path, git: Run) -> None:
    for name in ("git", "git-diff-files", "git-ls-files", "sh"):
        program(repo / name, canary)


PROGRAMS: list[Trap] = [
    fsmonitor,
    external_diff,
    diff_driver,
    textconv,
    filters,
    filter_process,
    hooks,
    hooks_path,
    pager_and_editors,
    aliases,
    signature,
    included,
    work_tree_config,
    lazy_fetch,
    submodule,
    submodule_update,
    nested,
    embedded_bare,
    merge_driver,
    alternate_refs,
    program_called_git,
]


def use_everything(opened: Repository) -> None:
    opened.change()
    opened.change("HEAD~1")
    opened.change("HEAD~1..HEAD")
    assert opened.identity
    assert opened.head()
    opened.python_files()
    opened.files_mentioning("price")


@pytest.mark.parametrize("trap", PROGRAMS, ids=lambda trap: trap.__name__)
def test_no_program_of_a_repository_runs(
    trap: Trap,
    repo: Path,
    adapter: Git,
    git: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canary = tmp_path / "canary"
    trap(repo, canary, git)
    change_app(repo)
    canary.unlink(missing_ok=True)
    monkeypatch.chdir(repo)
    monkeypatch.setenv("PATH", f".:{repo}/relative:{os.environ['PATH']}")

    use_everything(adapter.open(repo))
    if trap is embedded_bare:
        with pytest.raises(FlagwrightError):
            adapter.open(repo / "docs/bare")

    assert not canary.exists()
    assert "app.py" in {file.path for file in adapter.open(repo).change().files}


def test_the_environment_of_the_caller_does_not_reach_git(
    repo: Path, adapter: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = tmp_path / "canary"
    evil = program(tmp_path / "evil", canary)
    for name in ("GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_PAGER", "GIT_EDITOR", "GIT_ASKPASS"):
        monkeypatch.setenv(name, evil)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", evil)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    change_app(repo)

    use_everything(adapter.open(repo))

    assert not canary.exists()
    assert not (tmp_path / "trace").exists()


def test_the_traps_are_real(repo: Path, git: Run, tmp_path: Path) -> None:
    """Plain git runs most of these programs; the rest need a fetch, a merge or a terminal."""
    fired = set()
    for trap in PROGRAMS:
        canary = tmp_path / f"canary-{trap.__name__}"
        copy = tmp_path / trap.__name__ / "repo"
        shutil.copytree(repo, copy)
        trap(copy, canary, git)
        change_app(copy)
        canary.unlink(missing_ok=True)
        for command in (("status",), ("diff", "HEAD"), ("log", "-1", "-p"), ("add", "app.py")):
            git(copy, *command, check=False)
        if canary.exists():
            fired.add(trap.__name__)

    assert fired >= {
        "fsmonitor",
        "external_diff",
        "diff_driver",
        "textconv",
        "filters",
        "filter_process",
        "hooks",
        "hooks_path",
        "signature",
        "included",
        "work_tree_config",
        "lazy_fetch",
        "submodule",
    }


# --- repositories that hide a change


def attribute_in_tree(repo: Path, git: Run) -> None:
    (repo / ".gitattributes").write_text("* -diff\n*.py binary\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "attributes")


def attribute_in_git_dir(repo: Path, git: Run) -> None:
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/attributes").write_text("* -diff ident working-tree-encoding=UTF-16\n")


def working_tree_encoding(repo: Path, git: Run) -> None:
    (repo / ".gitattributes").write_text("*.py working-tree-encoding=UTF-7\n")


def assume_unchanged(repo: Path, git: Run) -> None:
    git(repo, "update-index", "--assume-unchanged", "app.py")


def skip_worktree(repo: Path, git: Run) -> None:
    git(repo, "update-index", "--skip-worktree", "app.py")


def skip_worktree_in_a_sparse_checkout(repo: Path, git: Run) -> None:
    git(repo, "config", "core.sparseCheckout", "true")
    git(repo, "update-index", "--skip-worktree", "app.py")


def replaced_blob(repo: Path, git: Run) -> None:
    (repo / ".git/new").write_text("def price():\n    return 2\n")
    new = git(repo, "hash-object", "-w", ".git/new")
    git(repo, "replace", git(repo, "rev-parse", "HEAD:app.py"), new)


def replaced_commit(repo: Path, git: Run) -> None:
    head = git(repo, "rev-parse", "HEAD")
    change_app(repo)
    git(repo, "commit", "-qam", "hidden")
    hidden = git(repo, "rev-parse", "HEAD")
    git(repo, "update-ref", "HEAD", head)
    git(repo, "replace", "-f", head, hidden)
    git(repo, "read-tree", hidden)


def grafted(repo: Path, git: Run) -> None:
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/grafts").write_text(git(repo, "rev-parse", "HEAD") + "\n")


def ignored_stat(repo: Path, git: Run) -> None:
    for key, value in (("ignoreStat", "true"), ("trustctime", "false"), ("checkStat", "minimal")):
        git(repo, "config", f"core.{key}", value)


def ignoring_everything(repo: Path, git: Run) -> None:
    (repo / "everything").write_text("*\n")
    git(repo, "config", "core.excludesFile", "everything")
    git(repo, "config", "status.showUntrackedFiles", "no")
    git(repo, "config", "diff.ignoreSubmodules", "all")


def another_work_tree(repo: Path, git: Run) -> None:
    shutil.copytree(repo, repo.parent / "copy", ignore=shutil.ignore_patterns(".git"))
    git(repo, "config", "core.worktree", str(repo.parent / "copy"))


def staged_and_taken_back(repo: Path, git: Run) -> None:
    change_app(repo)
    git(repo, "add", "app.py")


def removed_from_the_index(repo: Path, git: Run) -> None:
    git(repo, "rm", "-q", "--cached", "app.py")
    (repo / ".git/info/exclude").write_text("app.py\n")


HIDING = [
    attribute_in_tree,
    attribute_in_git_dir,
    working_tree_encoding,
    assume_unchanged,
    skip_worktree,
    skip_worktree_in_a_sparse_checkout,
    replaced_blob,
    replaced_commit,
    grafted,
    ignored_stat,
    ignoring_everything,
    another_work_tree,
    staged_and_taken_back,
    removed_from_the_index,
]


@pytest.mark.parametrize("hide", HIDING, ids=lambda hide: hide.__name__)
def test_a_hidden_change_is_seen(
    hide: Callable[[Path, Run], None], repo: Path, adapter: Git, git: Run
) -> None:
    hide(repo, git)
    change_app(repo)
    (repo / "untracked.py").write_text("x = 1\n")

    files = {file.path: file for file in adapter.open(repo).change().files}

    assert files["app.py"].before == b"def price():\n    return 1\n"
    assert files["app.py"].after == b"def price():\n    return 2\n"
    assert files["app.py"].hunks
    assert files["untracked.py"].kind == "added"


def test_a_keyword_that_git_would_fold_hides_nothing(repo: Path, adapter: Git, git: Run) -> None:
    (repo / ".gitattributes").write_text("*.py ident\n")
    (repo / "app.py").write_text("x = 1 # $Id$\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "ident")
    (repo / "app.py").write_text("x = 1 # $Id: anything $\n")

    assert [file.path for file in adapter.open(repo).change().files] == ["app.py"]


def test_an_ignored_file_that_is_tracked_anyway_is_seen(repo: Path, adapter: Git, git: Run) -> None:
    (repo / ".gitignore").write_text("secret.py\n")
    (repo / "secret.py").write_text("x = 1\n")
    git(repo, "add", "-f", "secret.py")

    opened = adapter.open(repo)

    assert "secret.py" in {file.path for file in opened.change().files}
    assert "secret.py" in opened.python_files()


def test_an_edit_of_the_same_size_and_time_is_seen(repo: Path, adapter: Git) -> None:
    change_app(repo)
    opened = adapter.open(repo)
    first = opened.change()
    status = (repo / "app.py").stat()

    (repo / "app.py").write_text("def price():\n    return 3\n")
    os.utime(repo / "app.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert opened.change().digest != first.digest

    (repo / "app.py").write_text("def price():\n    return 1\n")
    os.utime(repo / "app.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    (repo / "other.py").touch()
    assert [file.path for file in opened.change().files] == ["other.py"]


# --- repositories that reach out of their folder


@pytest.fixture
def secret(tmp_path: Path, git: Run) -> Path:
    """Another repository of the same user."""
    folder = tmp_path / "secret"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "key.py").write_text("KEY = 'top secret'\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    return folder


def gitfile(victim: Path, secret: Path) -> None:
    (victim / ".git").write_text(f"gitdir: {secret}/.git\n")


def relative_gitfile(victim: Path, secret: Path) -> None:
    (victim / ".git").write_text("gitdir: ../secret/.git\n")


def linked_git_dir(victim: Path, secret: Path) -> None:
    (victim / ".git").symlink_to(secret / ".git")


def forged_linked_work_tree(victim: Path, secret: Path) -> None:
    git_dir = victim / "dir"
    git_dir.mkdir()
    (git_dir / "HEAD").write_text("ref: refs/heads/main\n")
    (git_dir / "commondir").write_text(f"{secret}/.git\n")
    (git_dir / "gitdir").write_text(f"{victim}/.git\n")
    (victim / ".git").write_text(f"gitdir: {git_dir}\n")


def borrowed_linked_work_tree(victim: Path, secret: Path) -> None:
    git_dir = secret / ".git/worktrees/other"
    git_dir.mkdir(parents=True)
    (git_dir / "HEAD").write_text("ref: refs/heads/main\n")
    (git_dir / "commondir").write_text("../..\n")
    (git_dir / "gitdir").write_text(f"{secret}/elsewhere/.git\n")
    (victim / ".git").write_text(f"gitdir: {git_dir}\n")


def pipe(victim: Path, secret: Path) -> None:
    os.mkfifo(victim / ".git")


@pytest.mark.parametrize(
    "escape",
    [
        gitfile,
        relative_gitfile,
        linked_git_dir,
        forged_linked_work_tree,
        borrowed_linked_work_tree,
        pipe,
    ],
    ids=lambda escape: escape.__name__,
)
def test_the_git_directory_of_another_repository_is_not_read(
    escape: Callable[[Path, Path], None], secret: Path, adapter: Git, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    escape(victim, secret)

    with pytest.raises(OutsideRoot) as refusal:
        adapter.open(victim)

    assert refusal.value.code == "outside-root"


def test_a_common_directory_inside_a_plain_git_directory_is_ignored(
    repo: Path, secret: Path, adapter: Git
) -> None:
    (repo / ".git/commondir").write_text(f"{secret}/.git\n")
    change_app(repo)

    assert [file.path for file in adapter.open(repo).change().files] == ["app.py"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can chown")
def test_objects_of_another_user_are_not_borrowed(repo: Path, secret: Path, adapter: Git) -> None:
    (repo / ".git/objects/info").mkdir(exist_ok=True)
    (repo / ".git/objects/info/alternates").write_text(f"{secret}/.git/objects\n")
    os.chown(secret / ".git/objects", 12345, 12345)

    with pytest.raises(NotARepository):
        adapter.open(repo)


def test_a_link_is_reported_as_a_link_and_never_followed(
    repo: Path, secret: Path, adapter: Git
) -> None:
    (repo / "app.py").unlink()
    (repo / "app.py").symlink_to(secret / "key.py")
    (repo / "folder").symlink_to(secret)
    shutil.rmtree(repo / "docs")
    (repo / "docs").symlink_to(secret)

    opened = adapter.open(repo)
    change = opened.change()

    assert not any(b"top secret" in (file.after or b"") for file in change.files)
    assert opened.python_files() == {}
    assert opened.files_mentioning("top secret") == ()
