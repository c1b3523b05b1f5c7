"""An organisation's policies: one commit, fetched once, with nothing of the repository run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flagwright.adapters.git import pinned
from flagwright.errors import PoliciesMissing

Run = Callable[..., str]
RULES = '[rules.policy-change]\nseverity = "block"\n'


@pytest.fixture
def bare(tmp_path: Path, git: Run) -> Path:
    """What a governance team pushed to: two commits, the second without the rule."""
    work, origin = tmp_path / "work", tmp_path / "origin.git"
    (work / "policies").mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main", str(work))
    (work / "policies" / "rules.toml").write_text(RULES)
    (work / "policies" / "secret.toml").symlink_to("/etc/passwd")
    (work / "policies" / "notes.txt").write_text("not a policy")
    git(work, "add", "-A")
    git(work, "commit", "-qm", "one")
    (work / "policies" / "rules.toml").write_text("")
    git(work, "commit", "-qam", "two")
    git(tmp_path, "clone", "-q", "--bare", str(work), str(origin))
    return origin


@pytest.fixture
def commit(bare: Path, git: Run) -> str:
    """The first one, which no branch points at."""
    return git(bare, "rev-parse", "main~1")


def test_the_policies_of_one_commit_are_read_and_named_with_it(
    bare: Path, commit: str, tmp_path: Path
) -> None:
    found = pinned(tmp_path / "cache", bare.as_uri(), commit, local=True)

    assert found == {
        "rules": (f"{bare.as_uri()}@{commit[:12]}:policies/rules.toml", RULES),
    }


def test_what_was_fetched_once_needs_nobody(bare: Path, commit: str, tmp_path: Path) -> None:
    before = pinned(tmp_path / "cache", bare.as_uri(), commit, local=True)
    bare.rename(tmp_path / "gone.git")

    assert pinned(tmp_path / "cache", bare.as_uri(), commit, local=True) == before


def test_a_server_that_gives_only_branches_and_tags_is_asked_for_those(
    bare: Path, commit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by the older protocol, which a person may have chosen."""
    (tmp_path / ".gitconfig").write_text("[protocol]\n\tversion = 0\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    assert pinned(tmp_path / "cache", bare.as_uri(), commit, local=True)["rules"][1] == RULES


@pytest.mark.parametrize(
    ("url", "commit", "said"),
    [
        ("file://{bare}", "0" * 40, "is not in the cache and cannot be fetched"),
        ("file://{bare}/nowhere", "1" * 40, "cannot be fetched"),
        ("https://127.0.0.1:9/x.git", "1" * 40, "cannot be fetched"),
        ("ext::sh -c touch% {bare}/ran", "1" * 40, "not allowed"),
        ("git://127.0.0.1/x.git", "1" * 40, "not allowed"),
        ("--upload-pack=touch {bare}/ran", "1" * 40, "cannot be fetched"),
    ],
)
def test_what_cannot_be_had_is_told_and_nothing_is_run(
    bare: Path, tmp_path: Path, url: str, commit: str, said: str
) -> None:
    with pytest.raises(PoliciesMissing, match=said):
        pinned(tmp_path / "cache", url.format(bare=bare), commit, local=True)

    assert not (bare / "ran").exists()


def test_a_folder_of_this_machine_counts_only_where_that_is_said(
    bare: Path, commit: str, tmp_path: Path
) -> None:
    with pytest.raises(PoliciesMissing, match="not allowed"):
        pinned(tmp_path / "cache", bare.as_uri(), commit)


def test_a_commit_without_policies_is_no_policy(repo: Path, tmp_path: Path, git: Run) -> None:
    with pytest.raises(PoliciesMissing, match="has no policies"):
        pinned(tmp_path / "cache", repo.as_uri(), git(repo, "rev-parse", "HEAD"), local=True)


def test_nothing_of_the_repository_is_run(
    bare: Path, commit: str, tmp_path: Path, git: Run
) -> None:
    """Hooks, programs in its configuration, and a submodule that is not there."""
    ran = tmp_path / "ran"
    for hook in ("post-checkout", "reference-transaction", "post-update", "fsmonitor"):
        file = bare / "hooks" / hook
        file.write_text(f"#!/bin/sh\ntouch {ran}\n")
        file.chmod(0o755)
    for key in ("uploadpack.packObjectsHook", "core.fsmonitor", "core.sshCommand", "core.pager"):
        git(bare, "config", key, f"touch {ran}")

    pinned(tmp_path / "cache", bare.as_uri(), commit, local=True)

    assert not ran.exists()


def test_a_cache_that_lost_what_it_held_is_filled_again(
    bare: Path, commit: str, tmp_path: Path
) -> None:
    before = pinned(tmp_path / "cache", bare.as_uri(), commit, local=True)
    for pack in (tmp_path / "cache").glob("organisation/*/objects/*/*"):
        pack.unlink()

    assert pinned(tmp_path / "cache", bare.as_uri(), commit, local=True) == before
