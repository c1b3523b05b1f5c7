"""The kept history says of each commit what was known when it was made, and nothing of later."""

import multiprocessing
import sqlite3
import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from flagwright.adapters.git import Git
from flagwright.adapters.git.history import History
from flagwright.core.risk.measure import measure
from flagwright.core.risk.past import Familiarity, familiarity
from flagwright.errors import UnknownRevision
from tests.adapters.conftest import ENVIRONMENT

Run = Callable[..., str]


class Team:
    """Makes commits of several people, a day apart."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._day = folder, 0
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *args: str, who: str = "ada") -> str:
        date = f"{1_700_000_000 + self._day * 86_400} +0000"
        people = {f"GIT_{role}_EMAIL": f"{who}@example.org" for role in ("AUTHOR", "COMMITTER")}
        dates = {f"GIT_{role}_DATE": date for role in ("AUTHOR", "COMMITTER")}
        done = subprocess.run(
            ["git", *args],
            cwd=self.folder,
            env=ENVIRONMENT | people | dates,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, message: str, who: str = "ada", **files: str) -> str:
        self._day += 1
        for name, text in files.items():
            path = self.folder / name.replace("__", "/")
            path = path.with_name(path.name + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, who=who)
        return self.git("rev-parse", "HEAD")

    def commits(self, changes: Iterable[tuple[str, dict[str, str]]]) -> None:
        """Make many commits with one process."""
        stream, start = "", "from refs/heads/main^0\n" if self.git("branch") else ""
        for message, files in changes:
            self._day += 1
            by = f"ada <ada@example.org> {1_700_000_000 + self._day * 86_400} +0000"
            stream += f"commit refs/heads/main\nauthor {by}\ncommitter {by}\n"
            stream += f"data {len(message)}\n{message}\n{start}"
            for name, text in files.items():
                stream += f"M 100644 inline {name}.py\ndata {len(text)}\n{text}\n"
            start = ""
        command = ["git", "fast-import", "--quiet"]
        subprocess.run(
            command, cwd=self.folder, env=ENVIRONMENT, check=True, input=stream, text=True
        )
        self.git("reset", "-q", "--hard")

    def wait(self, days: int) -> None:
        self._day += days


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Two branches, a merge, a rename, fixes, and three people."""
    team = Team(tmp_path / "team")
    body = "".join(f"def f{n}(x):\n    return x + {n}\n\n\n" for n in range(8))
    team.commit("start", app=body, lib="y = 1\n")
    team.commit("fix: count from one", who="bob", app=body.replace("x + 0", "x + 1"))
    team.git("checkout", "-qb", "side")
    team.commit("grow", who="cyd", lib="y = call(1)\nif y:\n    y = 2\n")
    team.git("checkout", "-q", "main")
    team.commit("Do more\n\nFixes #12", app=body.replace("x + 3", "x + call(3)"))
    team.git("merge", "-q", "--no-ff", "-m", "merge side", "side")
    team.git("mv", "app.py", "core.py")
    team.commit("move")
    team.commit("after the move", who="bob", core=body.replace("x + 5", "x + (1 if x else 2)"))
    return team


def of(history: History, sha: str) -> Familiarity:
    _, files, past, _ = history.change(sha)
    return familiarity(files, past)


def read(adapter: Git, folder: Path) -> dict[str, Familiarity]:
    """Everything that is known of every commit of a repository's branch."""
    with adapter.history(folder) as history:
        history.read(history.commit("HEAD"))
        shas = subprocess.run(
            ["git", "rev-list", "HEAD"], cwd=folder, check=True, capture_output=True, text=True
        )
        return {sha: of(history, sha) for sha in shas.stdout.split()}


def test_the_past_of_a_file_is_counted_by_whom_when_and_why(team: Team, adapter: Git) -> None:
    found = read(adapter, team.folder)

    last = found[team.git("rev-parse", "HEAD")]
    assert last.changes == 4
    assert last.authors == 2
    assert (last.share, last.experience, last.recent) == (0.25, 1, 1)
    assert (last.age_days, last.absent_days) == (5, 4)
    assert 1.9 < last.fixes < 2
    assert (last.presence, last.fix_share) == (1 / 5, (1 + 2) / (1 + 10))
    assert last.unfixed_days == 2


def test_a_commit_knows_nothing_that_is_not_reachable_from_its_parent(
    team: Team, adapter: Git, tmp_path: Path
) -> None:
    team.commit("fix: much later", who="cyd", core="z = 1\n", lib="z = 2\n")
    whole = read(adapter, team.folder)

    for number, sha in enumerate(whole):
        cut = tmp_path / f"cut{number}"
        subprocess.run(["git", "init", "-q", str(cut)], check=True)
        subprocess.run(["git", "fetch", "-q", str(team.folder), sha], cwd=cut, check=True)
        subprocess.run(["git", "checkout", "-q", sha], cwd=cut, check=True)

        assert read(adapter, cut)[sha] == whole[sha]


def test_a_change_is_compared_with_changes_before_it(team: Team, adapter: Git) -> None:
    found = read(adapter, team.folder)
    newest = found[team.git("rev-parse", "HEAD")]
    first = found[team.git("rev-list", "--max-parents=0", "HEAD")]

    again = read(adapter, team.folder)

    changing = [sha for sha in found if sha not in team.git("rev-list", "--merges", "HEAD")]
    before = [found[sha]._replace(peers=()) for sha in changing[1:]]
    assert sorted(newest.peers) == sorted(before)
    assert not first.peers
    assert again == found  # once counted and once as it was kept


def test_the_more_changes_there_are_the_thinner_they_are_drawn(
    team: Team, adapter: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flagwright.adapters.git.before.PEERS", 3)
    for number in range(30):
        team.commit(f"change {number}", app=f"x = {number}\n")

    before = team.git("rev-list", "--no-merges", "HEAD^").split()
    with adapter.history(team.folder) as history:
        head = history.commit("HEAD")
        history.read(head)
        peers = of(history, head).peers
        drawn = [sha for sha in before if int(sha[:2], 16) % 4 == 0][:3]

        assert len([sha for sha in before if int(sha[:2], 16) % 16 == 0]) < 3
        assert peers == [of(history, sha)._replace(peers=()) for sha in drawn]


def test_a_reading_that_runs_out_of_time_tells_how_far_it_came(
    team: Team, adapter: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flagwright.adapters.git.history._AT_LEAST", 2)
    told: list[tuple[int, int]] = []

    with adapter.history(team.folder) as history:
        head = history.commit("HEAD")
        whole = len(team.git("rev-list", "HEAD").split())
        first = history.read(head, lambda done, of: told.append((done, of)), seconds=0)
        while not history.read(head, lambda done, of: told.append((done, of)), seconds=0):
            pass

    assert not first
    assert told[0] == (2, whole)
    assert told[-1][0] == told[-1][1]
    assert sum(done for done, _ in told) == whole


def test_an_interrupted_reading_goes_on_where_it_stopped(
    team: Team, adapter: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flagwright.adapters.git.history._TOGETHER", 2)

    def stop(number: int, _of: int) -> None:
        if number == 4:
            raise KeyboardInterrupt

    with adapter.history(team.folder) as history, pytest.raises(KeyboardInterrupt):
        history.read(history.commit("HEAD"), stop)
    counts: list[tuple[int, int]] = []
    with adapter.history(team.folder) as history:
        history.read(history.commit("HEAD"), lambda *count: counts.append(count))

    assert counts[-1] == (3, 3)
    assert read(adapter, team.folder) == read(Git(tmp_path / "other"), team.folder)


def _read_in_a_process(cache: str, folder: str) -> None:
    read(Git(Path(cache)), Path(folder))


def test_several_processes_read_at_once(team: Team, tmp_path: Path) -> None:
    for number in range(60):
        team.commit(f"more {number}", core=f"x = {number}\n")
    spawn = multiprocessing.get_context("spawn")
    cache = tmp_path / "shared"
    workers = [
        spawn.Process(target=_read_in_a_process, args=(str(cache), str(team.folder)))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0] * 4
    assert read(Git(cache), team.folder) == read(Git(tmp_path / "alone"), team.folder)


def test_a_rewritten_history_is_told_as_it_is_now(team: Team, adapter: Git, tmp_path: Path) -> None:
    read(adapter, team.folder)
    team.git("reset", "-q", "--hard", "HEAD~2")
    team.commit("another way", who="cyd", app="x = 1\n")

    assert read(adapter, team.folder) == read(Git(tmp_path / "other"), team.folder)


def test_a_shallow_clone_that_gets_deeper_is_read_anew(
    team: Team, adapter: Git, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{team.folder}", str(clone)], check=True
    )
    (only,) = read(adapter, clone).values()
    assert only.experience == 0
    subprocess.run(["git", "fetch", "-q", "--unshallow"], cwd=clone, check=True)

    assert read(adapter, clone) == read(adapter, team.folder)


def test_the_end_of_a_shallow_clone_is_not_judged_as_if_it_added_every_file(
    team: Team, adapter: Git, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "2", f"file://{team.folder}", str(clone)], check=True
    )

    with adapter.history(clone) as history:
        head = history.commit("HEAD")
        history.read(head)
        end = history.commit("HEAD~1")

        assert [sha for sha, _ in history.changes(head)] == [head]
        assert history.committed(head)[0].files
        with pytest.raises(UnknownRevision, match="shallow"):
            history.committed(end)
    with pytest.raises(UnknownRevision, match="shallow"):
        adapter.open(clone).change(commit=end)


def test_nothing_is_known_of_a_past_without_code(adapter: Git, tmp_path: Path) -> None:
    team = Team(tmp_path / "young")
    team.commit("start")
    first = team.commit("first code", app="x = 1\n")
    team.commit("grow", app="x = 2\n")

    with adapter.history(team.folder) as history:
        head = history.commit("HEAD")
        history.read(head)

        assert history.committed(first)[1] is None
        known = history.committed(head)[1]

    assert known
    assert (known.changes, known.presence) == (1, 1)
    with adapter.history(team.folder) as history:
        assert history.is_first(history.commit("HEAD~2"))
        assert not history.is_first(first)


def test_a_bare_repository_will_do(team: Team, adapter: Git, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(team.folder), str(bare)], check=True)

    assert read(adapter, bare) == read(adapter, team.folder)


def test_a_message_cannot_make_commits_up(team: Team, adapter: Git) -> None:
    forged = "\x01" + "a" * 40 + "\x00\x001\x00eve@example.org"
    sha = team.commit(f"say\n\n{forged!r}\n@@ -1 +1 @@\n+++ b/evil.py\n", core="x = 1\n+++ b/x\n")

    with adapter.history(team.folder) as history:
        history.read(sha)
        _, files, _, _ = history.change(sha)

    assert [file.path for file in files] == ["core.py"]


def test_a_commit_whose_diff_is_not_whole_says_so_and_later_ones_are_read(
    team: Team, adapter: Git
) -> None:
    sha = team.commit("large", big="x = 1\n" * 50)
    blob = team.git("rev-parse", "HEAD:big.py")
    last = team.commit("next", core="x = 7\n")
    (team.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    with adapter.history(team.folder) as history:
        history.read(last)

        assert history.change(sha)[3] is False
        assert history.change(last)[3] is True
        assert of(history, last).experience > 0


def test_a_damaged_file_is_made_anew(team: Team, adapter: Git, tmp_path: Path) -> None:
    expected = read(adapter, team.folder)
    (kept,) = tmp_path.rglob("history.sqlite")
    kept.write_bytes(b"not a database at all" * 100)

    assert read(adapter, team.folder) == expected
    with sqlite3.connect(kept) as database:
        assert database.execute("SELECT count(*) FROM commits").fetchone()[0] == len(expected)


def test_a_file_that_another_one_writes_to_meanwhile_is_read(
    team: Team, adapter: Git, tmp_path: Path
) -> None:
    expected = read(adapter, team.folder)
    (kept,) = tmp_path.rglob("history.sqlite")

    with adapter.history(team.folder) as history:
        database = history._before._database
        database.execute("DELETE FROM past")
        reading = database.execute("SELECT sha FROM commits")
        reading.fetchone()
        with closing(sqlite3.connect(kept)) as other, other:
            other.execute("INSERT INTO past VALUES ('another', x'00')")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            database.execute("INSERT INTO past VALUES ('one', x'00')")

        assert {sha: of(history, sha) for sha in expected} == expected


def test_an_unknown_revision_is_refused(team: Team, adapter: Git) -> None:
    with adapter.history(team.folder) as history, pytest.raises(UnknownRevision):
        history.commit("nowhere")


def test_no_program_of_the_repository_runs(team: Team, adapter: Git, tmp_path: Path) -> None:
    trap = tmp_path / "trapped"
    (team.folder / ".gitattributes").write_text("*.py diff=evil\n")
    sha = team.commit("set a trap", core="x = 1\n")
    for key in ("diff.evil.textconv", "diff.evil.command", "diff.external", "core.fsmonitor"):
        team.git("config", key, f"touch {trap};")

    with adapter.history(team.folder) as history:
        history.read(sha)

    assert not trap.exists()


def test_a_change_that_is_not_committed_has_the_same_past_as_once_it_is(
    team: Team, adapter: Git
) -> None:
    parent = team.git("rev-parse", "HEAD")
    sha = team.commit("next", who="bob", core="x = 1\n")

    with adapter.history(team.folder) as history:
        history.read(sha)
        _, files, past, _ = history.change(sha)
        before = history.past(files, parent, None, "Bob@example.org")

    assert before._replace(time=past.time) == past


def test_a_change_measures_the_same_as_the_commit_that_it_becomes(team: Team, adapter: Git) -> None:
    sha = team.commit("next", core="import os\nif os:\n    call(1)\n", new="y = f(2)\n")
    change = adapter.open(team.folder).change(f"{sha}~1..{sha}")

    with adapter.history(team.folder) as history:
        history.read(sha)

        assert history.change(sha)[:2] == measure(change.files)


def test_the_harm_of_a_change_is_known_by_the_fixes_that_came_later(
    team: Team, adapter: Git
) -> None:
    bad = team.commit("feat: count", core="def f(x):\n    return x\n\n\n# note\n")
    idle = team.commit("say more", core="def f(x):\n    return x\n\n\n# better note\n")
    team.commit("fix: count from one", core="def f(x):\n    return x + 1\n\n\n# note\n")
    undone = team.commit("go fast", lib="speed = 9\n")
    team.git("revert", "--no-edit", undone)
    head = team.git("rev-parse", "HEAD")

    with adapter.history(team.folder) as history:
        history.read(head)
        harmful, _ = history.harmful(head, 0)

        assert bad in harmful
        assert idle not in harmful
        assert history.reverted(head) == {undone}
        assert bad not in history.harmful(bad, 0)[0]
        assert {sha for sha, _ in history.changes(head)[:2]} == {head, undone}


def test_a_merge_that_was_taken_back_takes_back_what_it_brought(team: Team, adapter: Git) -> None:
    team.git("switch", "-q", "-c", "aside")
    brought = {team.commit(f"step {n}", side=f"x = {n}\n") for n in range(2)}
    team.git("switch", "-q", "main")
    team.git("merge", "-q", "--no-ff", "-m", "Merge aside", "aside")
    team.git("revert", "--no-edit", "-m", "1", "HEAD")
    head = team.git("rev-parse", "HEAD")

    with adapter.history(team.folder) as history:
        history.read(head)

        assert history.reverted(head) == {team.git("rev-parse", "HEAD^"), *brought}


def test_a_file_of_one_endless_line_is_passed_over(team: Team, adapter: Git) -> None:
    sha = team.commit("data", data="x = '" + "a" * 6_000_000 + "'\n", small="y = 1\n")

    with adapter.history(team.folder) as history:
        history.read(sha)

        assert [file.path for file in history.change(sha)[1]] == ["small.py"]


def test_the_owners_are_those_of_the_version_before(team: Team, adapter: Git) -> None:
    folder = team.folder / ".github"
    folder.mkdir()
    (folder / "CODEOWNERS").write_text("* @ada\n")
    first = team.commit("owners", core="x = 1\n")
    (folder / "CODEOWNERS").write_text("* @mallory\n")
    second = team.commit("take over", core="x = 2\n")
    repository = adapter.open(team.folder)
    (team.folder / "core.py").write_text("x = 3\n")

    with adapter.history(team.folder) as history:
        history.read(second)
        committed = [history.committed(sha)[0].owners for sha in (first, second)]

    assert committed == ["", "* @ada\n"]
    assert repository.change().owners == "* @mallory\n"
