"""What a governance team asks of its policies: try, explain, preview, compare and find again."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from flagwright.adapters import shipped
from flagwright.adapters.git import Git
from flagwright.adapters.shipped import LoadedPolicy, Used
from flagwright.adapters.store import Store
from flagwright.core.demand import Server
from flagwright.core.policy.difference import Difference, differences, section_differences
from flagwright.core.policy.explain import Explanation
from flagwright.core.policy.replay import Preview
from flagwright.core.records.entry import LedgerEntry
from flagwright.errors import BadRequest, FlagwrightError, NotARepository
from flagwright.workbench.batch import Progress
from flagwright.workbench.cases import Trial, try_cases
from flagwright.workbench.catalogue import LAYERED, model_of
from flagwright.workbench.explanation import Explanations
from flagwright.workbench.instead import AS_IT_IS, Instead
from flagwright.workbench.preview import Look, preview
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.sectioned import RulesFor, Sectioned


class Policies:
    """The policies of one installation and of the repositories that it is shown."""

    def __init__(
        self,
        git: Git,
        store: Store,
        book: RuleBook,
        *,
        server: Server,
        clock: Callable[[], datetime],
    ) -> None:
        self._git, self._store, self._book = git, store, book
        self._server, self._clock = server, clock

    async def test(self, folder: Path, instead: Instead = AS_IT_IS) -> Trial:
        """Run the team's own cases under the policies of the work tree, or of folders to try."""

        def work() -> Trial:
            files = shipped.case_files(folder, instead.of(self._book.own))
            return try_cases(partial(self._book.of_tree, folder, instead), files)

        return await to_thread.run_sync(work)

    async def preview(
        self, folders: Sequence[Path], look: Look, progress: Progress
    ) -> tuple[Preview, ...]:
        """Replay each repository's past under an edit of the policies."""
        found: dict[Path, Preview | FlagwrightError] = {}

        async def one(folder: Path) -> None:
            try:
                found[folder] = await self._preview(folder, look, progress)
            except FlagwrightError as error:
                found[folder] = error

        async with anyio.create_task_group() as tasks:
            for folder in folders:
                tasks.start_soon(one, folder)
        return tuple(map(_raised, (found[folder] for folder in folders)))

    async def identity(self, folder: Path) -> str:
        """What the ledger calls a repository.

        Raises:
            NotARepository: If there is none that somebody works in.
        """
        return (await to_thread.run_sync(self._git.open, folder)).identity

    async def _preview(self, folder: Path, look: Look, progress: Progress) -> Preview:
        sides = await to_thread.run_sync(self._sides, folder, look)
        entries = await to_thread.run_sync(self._entries, folder, look.since)
        return await preview(
            self._git, folder, sides, look, server=self._server, entries=entries,
            known=self._book.assessment, progress=progress,
        )  # fmt: skip

    def _entries(self, folder: Path, since: datetime) -> list[LedgerEntry]:
        """What this installation recorded about a repository since then, oldest first."""
        try:
            identity = self._git.open(folder).identity
        except NotARepository:  # a bare one, in which nobody works
            return []
        return [
            entry
            for entry in self._store.chain()
            if entry.at >= since and (entry.subject.repository or identity) == identity
        ]

    def _sides(self, folder: Path, look: Look) -> tuple[Sectioned, Sectioned]:
        edited = Sectioned(partial(self._book.of_tree, folder, look.instead))
        try:
            self._git.open(folder)
        except NotARepository:  # a bare one has no policies in a work tree
            if look.against:
                raise
            return Sectioned(self._book.for_paths), edited
        return Sectioned(self._named(look.against or "HEAD", folder)), edited

    async def difference(
        self, one: str, other: str | None, folder: Path, instead: Instead = AS_IT_IS
    ) -> list[Difference]:
        """What differs in meaning between two sets, each named by a revision or a digest.

        Args:
            other: None: the work tree, with the folders that are tried.
        """

        def work() -> list[Difference]:
            before = self._named(one, folder)(())
            tried = partial(self._book.of_tree, folder, instead)
            after = self._named(other, folder)(()) if other else tried()
            return [
                difference
                for name in (*LAYERED, "rollout")
                for difference in _differing(name, before.loaded[name], after.loaded[name])
            ]

        return await to_thread.run_sync(work)

    def _named(self, name: str, folder: Path) -> RulesFor:
        """A set by its digest, where it was used here, or by a revision of the repository."""
        if name == "shipped":
            return self._book.shipped
        try:
            kept = self._book.kept(name)
        except BadRequest:
            kept = None
        if kept:
            return partial(self._book.again, kept)
        return partial(self._book.at, self._git.open(folder), name)

    async def shown(self, digest: str) -> Used:
        """A set of policies that was used here, as its files were.

        Raises:
            BadRequest: If none with this digest was.
        """
        kept = await to_thread.run_sync(self._book.kept, digest)
        if kept is None:
            raise BadRequest(
                f"No policies with the digest {digest} were used by this installation.",
                next_step="Look at `flagwright ledger --json` for the digests that were, or ask "
                "on the machine that wrote the entry.",
            )
        return kept

    async def in_force(self, folder: Path) -> Used:
        """What counts for a change that begins at the newest commit of a repository.

        Outside of one: what counts everywhere.
        """

        def work() -> str:
            try:
                return self._book.load(self._git.open(folder)).digest
            except NotARepository:
                return self._book.load().digest

        return await self.shown(await to_thread.run_sync(work))

    def schemas(self) -> Path:
        """Folder of the JSON Schemas of this installation's policies, for editors."""
        return shipped.find("schemas", None)

    # --- explain

    async def explain(self, what: str) -> Explanation:
        """Why a plan, an entry of the ledger or a score is as it is.

        Args:
            what: Id of a plan, number or id of an entry, or digest of a change.

        Raises:
            BadRequest: If nothing of that name was judged here.
        """
        why = Explanations(self._store, self._book, self._server)
        return await to_thread.run_sync(why.of, what)


def _raised(found: Preview | FlagwrightError) -> Preview:
    if isinstance(found, FlagwrightError):
        raise found
    return found


def _differing(name: str, one: LoadedPolicy[Any], other: LoadedPolicy[Any]) -> list[Difference]:
    """What differs for every change, then what does for those of some paths."""
    model, wholes = model_of(name), (one.policy, other.policy)
    sections = (one.by_section(), other.by_section())
    return [
        *differences(name, model, *wholes),
        *section_differences(name, model, wholes, sections),
    ]
