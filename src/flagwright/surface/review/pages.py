"""What the page answers to each request of a person who is signed in; to others, the way in."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from flagwright.errors import CannotJudge, FlagwrightError, PlanUnknown
from flagwright.surface.review import view
from flagwright.surface.review.form import form_of, signing
from flagwright.surface.review.markup import environment, size_class
from flagwright.surface.review.signed import SignedIn, SignIn

if TYPE_CHECKING:
    from flagwright.core.records.plan import Plan
    from flagwright.core.review.layout import Layout
    from flagwright.workbench.bench import Workbench

AT_ONCE = 500
"""Changed lines that come with the page; the files after them come when somebody gets there."""
AHEAD = 2
"""Files that are laid out while the one before them is sent: as many as there are workers."""
MAX_NOTE = 200
CHOICES: dict[str, Literal["approved", "rejected"] | None] = {
    "apply": "approved", "approve": "approved", "write": None, "reject": "rejected",
}  # fmt: skip
"""What each button says of the plan; `write` says nothing new, and carries out what was said."""
Answer = Callable[[Request, SignIn], Awaitable[Response]]


class Pages:
    """The page of one workbench, at one address."""

    def __init__(self, bench: "Workbench", origin: str, path: str) -> None:
        """`path` begins every address of the page, so that no other server sees its cookie."""
        self._bench, self._review = bench, bench.review
        self._address, self._path = origin + path, path
        self._signed_in = SignedIn(path)
        self._templates = environment()
        self._templates.globals["base"] = path

    def routes(self) -> list[BaseRoute]:
        """Every address, all below the page's own path."""
        own = [
            Route("/", self._for_person(self.queue)),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/plans/{plan}", self._for_person(self.plan)),
            Route("/plans/{plan}/state", self._for_person(self.state)),
            Route("/plans/{plan}/decide", self.decide, methods=["POST"]),
            Route("/plans/{plan}/files/{number:int}", self._for_person(self.file)),
            Route("/plans/{plan}/files/{number:int}/part", self._for_person(self.part)),
            Route("/plans/{plan}/files/{number:int}/behaves", self._for_person(self.behaves)),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ]
        return [Mount(self._path, routes=own)]

    # --- the way in

    def _for_person(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """Answer only a browser that is signed in; show the others the form for the code."""

        async def gated(request: Request) -> Response:
            sign_in = self._signed_in.of(request, self._review.now())
            if sign_in is None:
                return self._ask_code(request.url.path, is_link=_is_link(request))
            try:
                return await answer(request, sign_in)
            except FlagwrightError as error:
                return self._told(error, sign_in)

        return gated

    def _ask_code(
        self, to: str, *, error: FlagwrightError | None = None, is_link: bool = False
    ) -> Response:
        plan = to.removeprefix(f"{self._path}/plans/").partition("/")[0]
        shown = self._html(
            "sign_in.html", to=to, error=error, is_link=is_link, plan=plan if plan.isalnum() else ""
        )
        return HTMLResponse(shown, 403 if error else 401)

    async def sign_in(self, request: Request) -> Response:
        """Take the code, and lead to where the person wanted to go."""
        form = await form_of(request)
        to = form.get("to", "")
        to = to if to.startswith(f"{self._path}/") and "//" not in to else f"{self._path}/"
        try:
            until, shown_by = await self._review.sign_in(self._address, form.get("code", ""))
        except FlagwrightError as error:
            return self._ask_code(to, error=error)
        response = RedirectResponse(to, 303)
        self._signed_in.admit(response, until, shown_by)
        return response

    async def sign_out(self, request: Request) -> Response:
        """Forget this browser."""
        form = await form_of(request)
        self._require_form(request, form)
        self._signed_in.dismiss(request)
        return RedirectResponse(f"{self._path}/", 303)

    def _require_form(self, request: Request, form: dict[str, str]) -> SignIn:
        """The sign-in whose own form this is.

        Raises:
            HTTPException: If it is nobody's.
        """
        sign_in = self._signed_in.of(request, self._review.now())
        if sign_in is None or form.get("form") != sign_in.form:
            raise HTTPException(403, "This form is too old. Open the page again.")
        return sign_in

    # --- what is shown

    async def queue(self, request: Request, sign_in: SignIn) -> Response:
        """Open plans first, then what was decided, with what was recorded of it."""
        rows, more = await self._review.queue()
        return HTMLResponse(
            self._html(
                "queue.html",
                sign_in=sign_in,
                waiting=[row.plan for row in rows if row.state == "proposed"],
                history=[row for row in rows if row.state != "proposed"],
                more=more,
            )
        )

    async def plan(self, request: Request, sign_in: SignIn) -> Response:
        """One plan: what decides first, then file by file as they are laid out."""
        standing = await self._review.standing(request.path_params["plan"])
        flag = await self._review.flag(standing.plan.flag)
        policies = await self._review.policies(standing.plan)
        plan, shown = standing.plan, view.of_plan(standing, flag, policies)
        known = len(plan.edits) if "all" in request.query_params else view.known(plan, AT_ONCE)
        waiting = len(plan.edits) - known
        head = self._html("plan.html", sign_in=sign_in, view=shown, plan=plan, waiting=waiting)
        return StreamingResponse(self._streamed(head, plan, known), media_type="text/html")

    async def _streamed(self, head: str, plan: "Plan", known: int) -> AsyncIterator[str]:
        """The head at once, then each file; the next ones are laid out while one is sent."""
        yield head
        numbers = iter(range(known))
        coming = deque(self._begun(plan, number) for number in islice(numbers, AHEAD))
        try:
            while coming:
                coming.extend(self._begun(plan, number) for number in islice(numbers, 1))
                yield await coming.popleft()
        finally:
            for task in coming:
                task.cancel()
        for number in range(known, len(plan.edits)):
            yield self._shown(plan, number, waits=True, size=view.rows(plan.edits[number]))
        yield self._html("end.html")

    def _begun(self, plan: "Plan", number: int) -> asyncio.Task[str]:
        return asyncio.create_task(self._file(plan, number, whole=False))

    async def file(self, request: Request, sign_in: SignIn) -> Response:
        """One file whole, nothing folded, with what it amounts to on either side."""
        plan, number = await self._numbered(request)
        shown = await self._file(plan, number, whole=True)
        page = self._html(
            "file.html",
            sign_in=sign_in,
            plan=plan,
            number=number,
            shown=shown,
            view=view.of_file(plan, number),
        )
        return HTMLResponse(page)

    async def part(self, request: Request, sign_in: SignIn) -> Response:
        """One file as it stands on the page of its plan, once somebody gets there."""
        plan, number = await self._numbered(request)
        return HTMLResponse(await self._file(plan, number, whole=False))

    async def _file(self, plan: "Plan", number: int, *, whole: bool) -> str:
        edit, layout, failure = plan.edits[number], None, ""
        try:
            layout = await self._review.layout(plan, edit, whole=whole)
        except FlagwrightError as error:
            failure = error.fact
        rows = sum(max(len(b.before), len(b.after)) for b in layout.blocks) if layout else 25
        return self._shown(plan, number, layout=layout, failure=failure, whole=whole, size=rows)

    def _shown(
        self,
        plan: "Plan",
        number: int,
        *,
        size: int,
        layout: "Layout | None" = None,
        failure: str = "",
        whole: bool = False,
        waits: bool = False,
    ) -> str:
        return self._html(
            "edit.html",
            plan=plan,
            edit=plan.edits[number],
            number=number,
            layout=layout,
            failure=failure,
            whole=whole,
            waits=waits,
            size=size_class(size),
            view=view.of_file(plan, number),
        )

    async def behaves(self, request: Request, sign_in: SignIn) -> Response:
        """The part of the page that shows one file with the flag off, and on."""
        plan, number = await self._numbered(request)
        whole = "whole" in request.query_params
        try:
            sides = await self._review.behaviours(plan, plan.edits[number], whole=whole)
        except CannotJudge as error:
            return HTMLResponse(self._html("unknown.html", error=error))
        return HTMLResponse(
            self._html("behaves.html", sides=dict(zip(("off", "on"), sides, strict=True)))
        )

    async def state(self, request: Request, sign_in: SignIn) -> Response:
        """Where a plan stands, for a tab that was left open."""
        standing = await self._review.standing(request.path_params["plan"])
        return JSONResponse({"state": standing.shown})

    async def _numbered(self, request: Request) -> "tuple[Plan, int]":
        standing = await self._review.standing(request.path_params["plan"])
        number = request.path_params["number"]
        if number >= len(standing.plan.edits):
            raise PlanUnknown("The plan has no such file.", next_step="Open the plan again.")
        return standing.plan, number

    # --- what the person decides

    async def decide(self, request: Request) -> Response:
        """Record what the person said, and write the files where they said so, too."""
        form = await form_of(request)
        sign_in = self._require_form(request, form)
        plan, choice = request.path_params["plan"], form.get("choice", "")
        answer: Response
        if choice not in CHOICES:
            raise HTTPException(400, "Choose one of the buttons.")
        try:
            await self._do(plan, choice, form, sign_in)
        except FlagwrightError as error:
            answer = self._told(error, sign_in, back=plan)
        else:
            answer = RedirectResponse(f"{self._path}/plans/{plan}", 303)
        answer.background = BackgroundTask(self._bench.deliver)
        return answer

    async def _do(self, plan: str, choice: str, form: dict[str, str], by: SignIn) -> None:
        digest, verdict = form.get("digest", ""), CHOICES[choice]
        if verdict:
            note = form.get("note", "")[:MAX_NOTE]
            await self._review.decide(
                plan, digest, verdict, note, signing(form), shown_by=by.shown_by
            )
        if choice in ("apply", "write"):
            await self._review.apply(plan, digest)

    def _told(self, error: FlagwrightError, sign_in: SignIn, *, back: str = "") -> Response:
        status = 404 if isinstance(error, PlanUnknown) else 409
        shown = self._html("error.html", sign_in=sign_in, error=error, back=back)
        return HTMLResponse(shown, status)

    def _html(self, name: str, **values: Any) -> str:
        return self._templates.get_template(name).render(**values)


def _is_link(request: Request) -> bool:
    """Whether another site led here, whose visitors come without their cookie at first."""
    return request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
