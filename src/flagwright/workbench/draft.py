"""Write a first policy for a repository, from what it does already and from the flag server.

What cannot count where it is to be written stays in the file as a comment, with the reason.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any, Literal

from anyio import to_thread

from flagwright.adapters import shipped
from flagwright.adapters.git import Git, Repository
from flagwright.adapters.unleash import Unleash
from flagwright.core.patch import visible
from flagwright.core.place import Place
from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.draft import Block, InitPolicy, commented
from flagwright.core.policy.draft.files import file_blocks
from flagwright.core.policy.draft.names import names_blocks, names_in_code
from flagwright.core.policy.draft.shares import share_blocks
from flagwright.core.policy.rules import RulesPolicy
from flagwright.core.record import Record
from flagwright.errors import (
    BadRequest,
    FlagServerError,
    FlagwrightError,
    PolicyInvalid,
    UnknownRevision,
)
from flagwright.workbench.backtest import backtest
from flagwright.workbench.batch import Progress
from flagwright.workbench.catalogue import model_of
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.rules import Rules
from flagwright.workbench.search import Search

Layer = Literal["own", "repository"]
FOLDERS: dict[Layer, str] = {"own": "policies", "repository": ".flagwright/policies"}
_HEAD = """\
# A first policy, proposed by `flagwright policy init` from what this repository does already.
# It is yours now: edit it, try it with `flagwright policy preview --since 6m`, and commit it.
"""


class Drafted(Record):
    """One file that was written, or would be."""

    path: str
    counts: int
    """How many proposals count."""
    comments: int
    """How many are only there as comments, because they may not count there."""
    text: str


@dataclass(frozen=True)
class Draft:
    """The files of a first policy, and what could not be looked at."""

    root: Path
    files: tuple[Drafted, ...]
    notes: tuple[str, ...]


class Drafting:
    """First policies for repositories that have none."""

    def __init__(
        self, git: Git, unleash: Unleash, search: Search, book: RuleBook, *, is_embedded: bool
    ) -> None:
        self._git, self._unleash, self._search, self._book = git, unleash, search, book
        self._is_embedded = is_embedded

    async def draft(
        self, folder: Path, layer: Layer, *, is_rehearsal: bool, progress: Progress
    ) -> Draft:
        """Propose naming, rules and thresholds, and write them as new files.

        Args:
            layer: Where they are to count: in the repository, or wherever the user works.
            is_rehearsal: Whether nothing is written.

        Raises:
            WriteFailed: If one of the files is there already.
        """
        repo = await to_thread.run_sync(self._git.open, folder)
        policy = await to_thread.run_sync(self._policy)
        now = repo if layer == "repository" else None
        rules = await to_thread.run_sync(self._book.load, now)
        notes: list[str] = []
        blocks = [
            *await self._names(repo, policy, rules, notes),
            *await to_thread.run_sync(_files, repo, policy, rules),
            *await to_thread.run_sync(self._shares, repo, policy, rules, notes, progress),
        ]
        files = tuple(self._written(layer, blocks, rules))
        root = repo.root if layer == "repository" else self._book.own.config_dir or repo.root
        if is_rehearsal:
            notes += _there(root, files)
        else:
            texts = {file.path: file.text for file in files}
            await to_thread.run_sync(shipped.add_files, root, texts)
        return Draft(root, files, tuple(notes))

    def _policy(self) -> InitPolicy:
        return shipped.load_policy(InitPolicy, "init", self._book.own).policy

    async def _names(
        self, repo: Repository, policy: InitPolicy, rules: Rules, notes: list[str]
    ) -> list[Block]:
        """The embedded server has the flags of every repository of the user, so code says which."""
        names, checks, server = dict[str, str](), dict[str, tuple[Place, ...]](), None
        try:
            checks = await self._search.checks(repo)
            files = await to_thread.run_sync(repo.python_files)
            names |= names_in_code(checks, files, policy)
        except FlagwrightError as error:
            notes.append(f"The code was not searched for flags: {error.fact}")
        try:
            held = {flag.name for flag in await self._search.held()}
            ours = held & checks.keys() if self._is_embedded else held
            names = dict.fromkeys(sorted(ours), "on the flag server") | names
            if pattern := await self._unleash.naming_pattern():
                server = (pattern, self._unleash.project)
        except FlagServerError as error:
            notes.append(f"The flag server was not asked: {error.fact}")
        return [*names_blocks(names, server, policy, rules.naming)]

    def _shares(
        self,
        repo: Repository,
        policy: InitPolicy,
        rules: Rules,
        notes: list[str],
        progress: Progress,
    ) -> list[Block]:
        asked = policy.thresholds
        try:
            past = backtest(self._git, repo.root, "HEAD", asked.newest, 0, rules, progress)
        except (BadRequest, UnknownRevision) as error:
            notes.append(f"No thresholds are proposed: {error.fact}")
            return []
        return [*share_blocks(past.judged, asked)]

    def _written(self, layer: Layer, blocks: Sequence[Block], rules: Rules) -> Iterator[Drafted]:
        """One file for each policy that anything is proposed for."""
        for name in dict.fromkeys(block.policy for block in blocks if block.toml):
            text, counts, comments, is_last_in_force = "", 0, 0, False
            for block in (block for block in blocks if block.policy == name):
                if block.is_second_best and is_last_in_force:
                    continue
                because = self._because(layer, name, text + block.toml, rules) if block.toml else ""
                body = commented(block.toml) if because else block.toml
                text += f"\n{commented(_told(block, because))}{body}"
                is_last_in_force = bool(block.toml) and not because
                counts += is_last_in_force
                comments += bool(because)
            path = f"{FOLDERS[layer]}/{name}.toml"
            yield Drafted(path=path, counts=counts, comments=comments, text=_HEAD + text)

    def _because(self, layer: Layer, name: str, text: str, rules: Rules) -> str:
        """Why a text may not count where it is to be written; empty where it may."""
        try:
            loaded: Any = shipped.load_text(model_of(name), name, self._book.own, layer, text)
            if isinstance(loaded.policy, RulesPolicy):
                loaded.policy.agree(rules.risk.files, rules.risk)
        except PolicyInvalid as error:
            said = f"{error.fact.partition(' ')[2]} {error.next_step}"
            return re.sub(r", [^,()]*\.toml[^,()]*:\d+\)", ")", said)
        except Contradiction as error:
            return str(error)
        return ""


def _files(repo: Repository, policy: InitPolicy, rules: Rules) -> list[Block]:
    paths, codeowners = repo.listed()
    return [*file_blocks(paths, codeowners, rules.risk.files, policy)]


def _there(root: Path, files: Sequence[Drafted]) -> Iterator[str]:
    """What keeps all of it from being written."""
    there = [file.path for file in files if (root / file.path).exists()]
    if there:
        are = "is" if len(there) == 1 else "are"
        yield f"{', '.join(there)} {are} there already, so nothing would be written: move it away."


def _told(block: Block, because: str) -> str:
    lines = [*block.says]
    if because:
        lines.append(f"It does not count here: {because}")
    return "\n".join(fill(visible(line), width=94) for line in lines)
