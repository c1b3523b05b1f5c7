"""On repositories of friends, GitPython and our reading of a change agree."""

import random
from pathlib import Path

import git
import pytest

from flagwright.adapters.git import Git

STEPS = 12


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> git.Repo:
    """A seeded history of files that come, change and go."""
    root = tmp_path_factory.mktemp("history")
    repo = git.Repo.init(root, initial_branch="main")
    with repo.config_writer() as config:
        config.set_value("user", "name", "Ada").set_value("user", "email", "ada@example.org")
    choose = random.Random(7)
    for step in range(STEPS):
        for number in choose.sample(range(8), 3):
            path = root / "package" / f"module_{number}.py"
            path.parent.mkdir(exist_ok=True)
            if path.exists() and choose.random() < 0.3:
                path.unlink()
            else:
                lines = (f"value_{number}_{choose.random()}\n" for _ in range(choose.randint(1, 9)))
                path.write_text("".join(lines))
        repo.git.add(all=True)
        repo.index.commit(f"Step {step}")
    return repo


@pytest.mark.parametrize("step", range(STEPS - 1))
def test_a_change_between_two_commits_holds_what_gitpython_reads(
    history: git.Repo, step: int, tmp_path: Path
) -> None:
    older, newer = history.commit(f"HEAD~{step + 1}"), history.commit(f"HEAD~{step}")

    change = Git(tmp_path).open(Path(history.working_dir)).change(f"{older.hexsha}..{newer.hexsha}")

    seen: dict[str, tuple[bytes | None, bytes | None]] = {}
    for file in change.files:
        if file.renamed_from:
            seen[file.renamed_from] = (file.before, None)
            seen[file.path] = (None, file.after)
        else:
            seen[file.path] = (file.before, file.after)
    assert seen == {
        str(one.b_path or one.a_path): (_read(one.a_blob), _read(one.b_blob))
        for one in older.diff(newer, no_renames=True)
    }


def _read(blob: git.Blob | None) -> bytes | None:
    return None if blob is None else blob.data_stream.read()
