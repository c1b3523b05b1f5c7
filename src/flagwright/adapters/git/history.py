"""Keep what the history of a repository says, measured once, in a file of the user's cache.

A commit is kept with all that came before it or not at all, so that an interrupted reading
goes on where it stopped, several processes may read at once, and a history that was
rewritten only adds to what is there.
"""

import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from flagwright.adapters.git import committed, revision
from flagwright.adapters.git.before import Before
from flagwright.adapters.git.blame import blamed_by_each
from flagwright.adapters.git.command import Command
from flagwright.adapters.git.index import connected, keep, transaction
from flagwright.adapters.git.log import Logged, commits, log
from flagwright.core.records.change import Change
from flagwright.core.risk.fix import Convention, convention
from flagwright.core.risk.fix import fixes as mends
from flagwright.core.risk.measure import Measures, Touched, measure
from flagwright.core.risk.past import Familiarity, Past, familiarity
from flagwright.core.risk.revert import taken_back
from flagwright.errors import StoreBroken

_TOGETHER = 500
"""Commits of one transaction."""
_LATEST = 1000
"""Messages that show how a project says that it mends something."""
_BRANCH = 20
"""A merge that brought more commits, and was taken back, says little of each."""
_AT_LEAST = 100
"""So many commits are read however short the time, so that a small history is always known."""
Progress = Callable[[int, int], None]
"""Called with the commits that are read and those that have to be."""


class History:
    """What one repository's history says; made by `open_history`."""

    def __init__(self, git: Command, database: sqlite3.Connection) -> None:
        self._git, self._database = git, database
        self.name = git.work_tree.name
        """Of the folder."""

    def commit(self, name: str) -> str:
        """The commit that a revision names, in hex.

        Raises:
            UnknownRevision: If it names none.
        """
        return revision.commit(self._git, name)

    def has(self, sha: str) -> bool:
        """Whether a commit, by its whole name, was read."""
        return self._before.row(sha) is not None

    def read(
        self, sha: str, progress: Progress | None = None, *, seconds: float | None = None
    ) -> bool:
        """Take in a commit and all that came before it.

        Args:
            seconds: After so long it stops; what was read is kept, and the next call goes on.

        Returns:
            Whether it is all there.

        Raises:
            GitFailed: Where it is not there.
        """
        if self._before.row(sha):
            return True
        ends = math.inf if seconds is None else monotonic() + seconds
        known = {sha for (sha,) in self._database.execute("SELECT sha FROM commits")}
        missing = [one for one in commits(self._git, sha) if one not in known]
        edge = set(revision.edge(self._git).split())
        waiting: list[Logged] = []
        for number, one in enumerate(log(self._git, missing), 1):
            waiting.append(one.without_diff() if one.sha in edge else one)
            is_last = number == len(missing)
            is_late = number % _AT_LEAST == 0 and monotonic() > ends and not is_last
            if len(waiting) == _TOGETHER or is_late or is_last:
                keep(self._database, waiting)
                waiting = []
                if progress:
                    progress(number, len(missing))
            if is_late:
                return False
        self.__dict__.pop("_before", None)
        return True

    def is_first(self, base: str) -> bool:
        """Whether it is known that no code came before a change of a commit or empty tree."""
        is_known = self.has(base) or not revision.is_commit(self._git, base)
        return is_known and not self.changes(base, 1)

    def committed(self, sha: str) -> tuple[Change, Familiarity | None]:
        """What a commit changed against its first parent, and what came before it.

        Returns:
            The change; without its past in a shallow clone, which has only a part of it, and where
            no code came before.

        Raises:
            KeyError: Where it was not read.
            UnknownRevision: Where a shallow clone ends at it.
            UnreadableChange: If an object does not hold what its name says.
        """
        place = self._before.graph.by_sha[sha]
        parents = self._parents(sha)
        base = parents[0] if parents else revision.first_parent(self._git, sha)
        change = committed.change(self._git, base, sha)
        if revision.edge(self._git):
            return change, None
        _, files = measure(change.files)
        past = self._before.commit(place, files)
        return change, familiarity(files, past) if past.is_there else None

    def policies(self, sha: str) -> dict[str, tuple[str, str]]:
        """Policies that the repository had at a commit or tree: path and text by name."""
        return committed.policies(self._git, sha)

    def _parents(self, sha: str) -> list[str]:
        row = self._database.execute("SELECT parents FROM commits WHERE sha = ?", (sha,))
        return str(row.fetchone()[0]).split()

    def change(self, sha: str) -> tuple[Measures, list[Touched], Past, bool]:
        """A commit as it was when it was made: its measures, its files, and what came before.

        Returns:
            These, and whether all of its diff could be read.

        Raises:
            KeyError: Where it was not read.
        """
        place = self._before.graph.by_sha[sha]
        row = self._before.measured(place)
        return row.measures, row.files, self._before.commit(place, row.files), row.is_whole

    def changes(self, sha: str, most: int | None = None) -> list[tuple[str, int]]:
        """Commits up to one that change code or its tests, newest first, with their times."""
        graph = self._before.graph
        if sha not in graph.by_sha:
            return []
        before = graph.before([graph.by_sha[sha]])
        found = ((graph.shas[p], graph.times[p]) for p in graph.changing if before[p])
        return list(islice(found, most))

    def harmful(
        self, sha: str, since: int, progress: Progress | None = None
    ) -> tuple[set[str], Convention]:
        """Commits that a fix had to change, of all fixes up to a commit.

        Args:
            since: Time of the oldest fix that counts.

        Returns:
            These, and the way in which the project says that a commit is a fix.
        """
        graph = self._before.graph
        messages = self._messages(sha, "--no-merges")  # they say nothing
        said = convention(list(islice(messages.values(), _LATEST)))
        fixes = [
            graph.by_sha[one]
            for one, message in messages.items()
            if one in graph.by_sha and mends(message, said)
        ]
        fixes = [place for place in sorted(fixes) if graph.times[place] >= since]
        found: set[str] = set()
        asked = [(graph.shas[place], graph.times[place]) for place in fixes]
        for number, shas in enumerate(blamed_by_each(self._git, asked), 1):
            found.update(shas)
            if progress:
                progress(number, len(fixes))
        return found, said

    def _messages(self, sha: str, *which: str) -> dict[str, str]:
        """What is said of each commit up to one, newest first."""
        said = self._git.run("log", *which, "-z", "--format=%H%n%B", sha)
        texts = said.decode("utf-8", "replace").split("\0")
        return {
            text[:sha_end]: text[sha_end + 1 :]
            for text in texts
            if (sha_end := text.find("\n")) > 0
        }

    def reverted(self, sha: str) -> set[str]:
        """Commits that a later one, up to a commit, takes back; of a merge what it brought."""
        graph, found = self._before.graph, set[str]()
        for one in taken_back(self._messages(sha)):
            found.add(one)
            own, *merged = graph.parents[graph.by_sha[one]] if one in graph.by_sha else ()
            if merged:
                kept = graph.before([own])
                brought = [n for n, there in enumerate(graph.before(merged)) if there > kept[n]]
                found.update(graph.shas[n] for n in brought if len(brought) <= _BRANCH)
        return found

    def past(self, files: Sequence[Touched], base: str, head: str | None, email: str) -> Past:
        """What came before a change from one commit to another, or to the work tree.

        Args:
            base: A commit that was read; another name has nothing before it.
            head: The commit whose author and time it is; none: the user's work on the base.
            email: The user's.
        """
        row = self._before.row(base)
        parents = (self._before.graph.by_sha[base],) if row else ()
        if head and (made := self._before.row(head)):
            return self._before.past(files, parents, made.time, made.author)
        author = self._database.execute(
            "SELECT id FROM author WHERE name = ?", (email.lower(),)
        ).fetchone()
        return self._before.past(
            files, parents, row.time if row else 0, author[0] if author else -1
        )

    def scores(self, policy: str) -> dict[str, float]:
        """Scores that were kept, by commit.

        Args:
            policy: Digest of everything that they depend on, but for the history.
        """
        rows = self._database.execute("SELECT sha, score FROM score WHERE policy = ?", (policy,))
        return dict(rows.fetchall())

    def keep_scores(self, policy: str, scores: Mapping[str, float]) -> None:
        """Keep scores, so that they need not be made again."""
        with transaction(self._database) as database:
            database.executemany(
                "INSERT OR REPLACE INTO score VALUES (?, ?, ?)",
                [(policy, sha, score) for sha, score in scores.items()],
            )

    def titles(self, shas: Sequence[str]) -> dict[str, str]:
        """The first line of the message of each commit."""
        names = "\n".join(shas).encode() + b"\n"
        said = self._git.run(
            "log", "--no-walk=unsorted", "--stdin", "-z", "--format=%H %s", stdin=names
        )
        lines = said.decode("utf-8", "replace").split("\0") if shas else []
        return {line[:40]: line.partition(" ")[2].strip() for line in lines if line}

    def rows(self, key: str) -> dict[str, str]:
        """What was kept of commits under a name, as text; empty where nothing was."""
        try:
            kept = json.loads(self._kept(key).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def keep_rows(self, key: str, rows: Mapping[str, str]) -> None:
        """Keep rows by commit; where they cannot be, they are made again the next time."""
        path = self._kept(key)
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            with TemporaryDirectory(dir=path.parent) as folder:
                new = Path(folder) / path.name
                new.write_text(json.dumps(dict(rows)), encoding="utf-8")
                new.replace(path)

    def _kept(self, key: str) -> Path:
        return self._git.git_dir / "replayed" / f"{key}.json"

    @cached_property
    def _before(self) -> Before:
        return Before(self._database)


@contextmanager
def open_history(git: Command, path: Path) -> Iterator[History]:
    """Open the history that is kept of a repository, in the folder of its shadow.

    Raises:
        StoreBroken: If the file cannot be opened, read or written.
    """
    try:
        with closing(connected(path, revision.edge(git))) as database:
            yield History(git, database)
    except sqlite3.Error as error:
        raise StoreBroken(
            f"What is known of the past of {git.work_tree.name} cannot be used: {error}.",
            next_step=f"Remove {path}; it is made anew.",
        ) from error
