"""What one running server holds: the folders it serves, and a workbench opened at first need.

The first reply of a server must not wait for git, the flag client or the store, so the
workbench is opened by the first call that needs it. It lives in a task of its own, because
what is opened in a task must be closed in the same one; that task also delivers.
"""

import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio
from anyio.abc import TaskGroup, TaskStatus
from mcp.server.mcpserver import Context

from flagwright.core.patch import visible
from flagwright.core.records.entry import Actor
from flagwright.core.records.plan import Plan, PlanState
from flagwright.errors import BadRequest, FlagwrightError, OutsideRoot

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench

LOG = logging.getLogger(__name__)
MAX_NAME_CHARS = 60
GLANCE_S = 60
"""How often an idle server looks whether what is owed can be delivered now."""
OpenWorkbench = Callable[[], AbstractAsyncContextManager["Workbench"]]


class Session:
    """The one value that tools, prompts and resources share."""

    def __init__(
        self, open_workbench: OpenWorkbench, roots: Sequence[Path], tasks: TaskGroup
    ) -> None:
        self._open, self._tasks = open_workbench, tasks
        self._roots = tuple(root.resolve() for root in roots)
        self._lock, self._acted, self._over = anyio.Lock(), anyio.Event(), False
        self._workbench: Workbench | None = None
        self._reading: dict[Path, anyio.CancelScope] = {}
        self._page: str | None = None
        self._page_lock, self._ended, self._closed = anyio.Lock(), anyio.Event(), anyio.Event()
        self._offered: set[str] = set()
        self._waiting: set[str] = set()

    async def workbench(self) -> "Workbench":
        """The workbench, opened by now; what kept it from opening is tried anew each time."""
        async with self._lock:
            if self._workbench is None:
                self._workbench = await self._tasks.start(self._keep)
        return self._workbench

    async def _keep(self, *, task_status: TaskStatus["Workbench"]) -> None:
        """Hold the workbench open, and deliver what a call has recorded after its answer."""
        async with self._open() as workbench:
            task_status.started(workbench)
            while not self._over:
                with anyio.move_on_after(GLANCE_S):
                    await self._acted.wait()
                self._acted = anyio.Event()
                try:
                    if await workbench.deliver():
                        self._acted.set()
                except FlagwrightError as error:
                    LOG.warning("Nothing is delivered for now: %s", error.code)
            if self._page:
                await self._closed.wait()

    async def page(self) -> str:
        """Address of the review page, which is served from now on until the server ends."""
        async with self._page_lock:
            return self._page or cast(str, await self._tasks.start(self._serve_page))

    async def _serve_page(self, *, task_status: TaskStatus[str]) -> None:
        from flagwright.surface.review.serving import page

        async with page(await self.workbench()) as (address, is_ours):
            if is_ours:
                self._page = address
            task_status.started(address)
            if is_ours:
                await self._ended.wait()
        if is_ours:
            self._closed.set()

    def offers(self, plan: Plan) -> bool:
        """Whether to offer the page for this plan in a dialog: once, then the answer tells it."""
        is_new = plan.digest not in self._offered
        self._offered.add(plan.digest)
        return is_new

    async def waits(self, plan: Plan) -> str:
        """Remember that a call was told to wait for a person; the address of their page."""
        self._waiting.add(plan.digest)
        return await self.page()

    def awaited(self, plan: Plan) -> bool:
        """Whether a call was told to wait for this plan; that is answered once."""
        is_awaited = plan.digest in self._waiting
        self.done(plan)
        return is_awaited

    def done(self, plan: Plan) -> None:
        """Forget that a call waits for this plan."""
        self._waiting.discard(plan.digest)

    def beside(self, work: Callable[..., Coroutine[Any, Any, None]], *about: object) -> None:
        """Do something beside the call that asks for it."""
        self._tasks.start_soon(work, *about)

    def look_back(self, folder: Path) -> None:
        """Read the history of a repository on after the answer, unless that goes on already."""
        if folder not in self._reading:
            self._reading[folder] = anyio.CancelScope()
            self._tasks.start_soon(self._look_back, folder)

    async def _look_back(self, folder: Path) -> None:
        with self._reading[folder]:
            try:
                await (await self.workbench()).hindsight.look_back(folder, lambda *_: None)
            except (FlagwrightError, OSError) as error:
                code = getattr(error, "code", type(error).__name__)
                LOG.warning("The history of %s is not read for now: %s", folder.name, code)
        del self._reading[folder]

    def acted(self) -> None:
        """Say that a call has ended: there may be something to deliver."""
        self._acted.set()

    def end(self) -> None:
        """Let go of the workbench, after a last delivery, where it was opened at all."""
        self._over = True
        self._ended.set()
        for scope in self._reading.values():
            scope.cancel()
        self._acted.set()

    def repository(self, asked: str | None) -> Path:
        """The folder that a call is about.

        Raises:
            BadRequest: If the call names none and there are several.
            OutsideRoot: If it leaves the served folders.
        """
        if asked is None and len(self._roots) > 1:
            raise BadRequest(
                "Several folders are served, and the call names none.",
                next_step=f"Pass `repository`, one of: {self._served()}.",
            )
        folder = (self._roots[0] / (asked or "")).resolve()
        if not any(folder.is_relative_to(root) for root in self._roots):
            raise OutsideRoot(
                f"{asked!r} is outside the served folders.",
                next_step=f"Pass a folder inside: {self._served()}.",
            )
        return folder

    def folder(self, asked: str | None) -> Path | None:
        """The folder that a call is about, or none where it names none of several."""
        return None if asked is None and len(self._roots) > 1 else self.repository(asked)

    async def plan(self, plan_id: str, asked: str | None = None) -> tuple[Plan, PlanState]:
        """A plan of a served repository, and where it stands.

        Raises:
            PlanUnknown: If there is none.
            OutsideRoot: If it is about a repository that is not served, or not the one asked.
        """
        found, state = await (await self.workbench()).plans.one(plan_id)
        folders = self._roots if asked is None else (self.repository(asked),)
        if found.root and not _concerns(Path(found.root), folders):
            raise OutsideRoot(
                f"Plan {found.id} is about a repository that is not served here.",
                next_step="Make a plan for a served one, or apply this one in a terminal.",
            )
        return found, state

    def _served(self) -> str:
        return ", ".join(map(str, self._roots))


def _concerns(repository: Path, folders: Iterable[Path]) -> bool:
    """Whether a repository lies in one of the folders, or one of them in it."""
    top = repository.resolve()
    return any(top.is_relative_to(each) or each.is_relative_to(top) for each in folders)


@asynccontextmanager
async def running(open_workbench: OpenWorkbench, roots: Sequence[Path]) -> AsyncIterator[Session]:
    """A session for as long as the server runs."""
    async with anyio.create_task_group() as tasks:
        session = Session(open_workbench, roots, tasks)
        yield session
        session.end()


def session_of(ctx: Context[Session, Any]) -> Session:
    """The session that a call belongs to."""
    return ctx.request_context.lifespan_context


def actor_of(ctx: Context[Session, Any]) -> Actor:
    """The assistant, by the name and version that it gave itself."""
    client = ctx.session.client_params
    name = f"{client.client_info.name} {client.client_info.version}" if client else None
    return Actor(assistant=visible(name[:MAX_NAME_CHARS]) if name else None, door="assistant")
