"""Settings to workbench: the only place that picks adapters.

With no server configured, the embedded one answers in this process, through the very
client that a real Unleash is spoken to with.
"""

import os
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flagwright.settings import Settings

if TYPE_CHECKING:
    import httpx
    from starlette.applications import Starlette

    from flagwright.adapters.shipped import Own
    from flagwright.adapters.unleash import Application
    from flagwright.core.prompt import PromptBook
    from flagwright.core.wording import Vocabulary
    from flagwright.workbench.bench import Workbench
    from flagwright.workbench.instead import Instead
    from flagwright.workbench.lint import Linted
    from flagwright.workbench.wording import Worded

Writes = Literal["sent", "refused", "noted"]
EMBEDDED_URL = "http://127.0.0.1"
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters that nobody takes for another when typing."""
CODE_CHARS = 6


@asynccontextmanager
async def open_workbench(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    writes: Writes = "sent",
) -> AsyncIterator["Workbench"]:
    """Open everything that one process needs, settle what an earlier one left open.

    Args:
        writes: Whether what changes the flag server is sent to it, refused, or only noted. Where
            it is not sent, what is recorded stays here, and owed.
    """
    from anyio import to_thread

    from flagwright.adapters import programs
    from flagwright.adapters.git import Git, person
    from flagwright.adapters.store import Store
    from flagwright.adapters.unleash import Unleash
    from flagwright.workbench.bench import Workbench

    store = await to_thread.run_sync(partial(Store, settings.state_dir, new_writer=_new_writer()))

    def sign_in(token: str, user: str = "") -> Unleash:
        return Unleash(
            settings.flag_server or EMBEDDED_URL,
            token,
            user=user,
            project=settings.project,
            ledger_flag=settings.ledger_flag,
            transport=_transport(settings),
            writes=writes,
        )

    unleash = sign_in(settings.token.get_secret_value() if settings.token else _tokens(settings)[0])
    application = _application(settings)
    bench = Workbench(
        git=Git(settings.cache_dir, own=(settings.config_dir, settings.state_dir)),
        store=store,
        unleash=unleash,
        sign_in=sign_in,
        embedded=settings.flag_server is None,
        locks=settings.state_dir / "locks",
        own=await to_thread.run_sync(_own, settings),
        project=settings.project,
        person=await to_thread.run_sync(person),
        clock=clock,
        new_id=new_id,
        new_code=_new_code,
        programs=programs.chain,
        application=application,
        is_quiet=writes != "sent",
    )
    try:
        if writes != "noted":
            await bench.settle()
        yield bench
    finally:
        await unleash.aclose()
        if application:
            await application.aclose()
        await to_thread.run_sync(store.close)


def _own(settings: Settings) -> "Own":
    """What counts over the shipped policies; an organisation's are fetched where they are not here.

    Raises:
        PoliciesMissing: If they cannot be.
    """
    from flagwright.adapters.shipped import Own, Source

    said = settings.organisation
    if said is None:
        return Own(settings.config_dir)
    from flagwright.adapters.git import pinned

    def read(folder: str, ending: str = ".toml") -> dict[str, Source]:
        found = pinned(
            settings.cache_dir,
            said.url,
            said.commit,
            local=said.local,
            folder=folder,
            ending=ending,
        )
        return {name: Source("organisation", path, text) for name, (path, text) in found.items()}

    cases = tuple(read("policies/tests").values())
    return Own(settings.config_dir, read("policies"), cases, read("prompts", ".md"))


def _application(settings: Settings) -> "Application | None":
    """Who can tell when a switch is seen: the embedded server's own client, or the user's."""
    from flagwright.adapters.unleash import Application

    if settings.sdk_token:
        url = settings.sdk_url or settings.flag_server or EMBEDDED_URL
        return Application(
            url, settings.sdk_token.get_secret_value(), transport=_transport(settings)
        )
    if settings.flag_server:
        return None
    return Application(EMBEDDED_URL, _tokens(settings)[1], transport=_transport(settings))


def prompts(settings: Settings) -> "PromptBook":
    """Every prompt, the user's own before the shipped ones; policies are read when needed."""
    from flagwright.adapters import shipped
    from flagwright.adapters.shipped.prompt import prompt_files
    from flagwright.core.prompt import PromptBook
    from flagwright.errors import PoliciesMissing

    def policies() -> Mapping[str, object]:
        from flagwright.workbench.wording import policy_values

        return policy_values(_own(settings))

    try:
        files = prompt_files(_own(settings))
    except PoliciesMissing:  # every step that goes by them says so; a server without words is none
        files = prompt_files(shipped.Own(settings.config_dir))
    words = partial(shipped.next_steps, "assistant", settings.config_dir)
    return PromptBook(files, policies, words)


def words(settings: Settings) -> Mapping[str, str]:
    """What comes next, in the words of a terminal."""
    from flagwright.adapters import shipped

    return shipped.next_steps("terminal", settings.config_dir)


def lint_words(
    settings: Settings, known: "Vocabulary", *, instead: Path | None
) -> tuple["Worded", Mapping[str, str]]:
    """What is wrong in prompts and next steps, and the words for what comes next.

    Args:
        known: What words may name.
        instead: A folder with prompts and policies that counts instead of the user's.
    """
    from flagwright.adapters import shipped
    from flagwright.workbench.wording import lint_words as look

    own = shipped.Own(instead) if instead else _own(settings)
    return look(own, known), shipped.next_steps("terminal", None)


def lint(
    settings: Settings, folder: Path, instead: "Instead"
) -> tuple["Linted", Mapping[str, str]]:
    """Every mistake of the policies, and the words for what comes next; opens nothing.

    Args:
        folder: In the repository whose own policies count, too.
        instead: Folders of policies that are tried.
    """
    from flagwright.adapters import shipped
    from flagwright.workbench.lint import lint as look

    server: Literal["embedded", "unleash"] = (
        "embedded" if settings.flag_server is None else "unleash"
    )
    found = look(instead.of(_own(settings)), folder, datetime.now(UTC).date(), server)
    return found, shipped.next_steps("terminal", settings.config_dir)


def serve_flags(settings: Settings, port: int, announce: Callable[[str], None]) -> None:
    """Serve the embedded flag server on a loopback port until interrupted.

    Args:
        announce: Called with the token that an application's client polls with.
    """
    from flagwright import flagserver

    app, client = _embedded(settings)
    announce(client)
    flagserver.serve(app, port)


def admin_token(settings: Settings) -> str:
    """Token of the embedded server's Admin API, which is this user's own."""
    return _tokens(settings)[0]


def _embedded(settings: Settings) -> tuple["Starlette", str]:
    from flagwright import flagserver

    admin, client = _tokens(settings)
    database = settings.state_dir / "flags.sqlite"
    return flagserver.app(database, admin_token=admin, client_token=client), client


def _tokens(settings: Settings) -> tuple[str, str]:
    """Admin and client token of the embedded server, minted once for this installation."""
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    admin = _minted(settings.state_dir / "admin-token", "*:*.")
    return admin, _minted(settings.state_dir / "client-token", "*:development.")


def _minted(path: Path, prefix: str) -> str:
    """Read a secret that only this user can read, making it whole at first need."""
    if not path.exists():
        import secrets
        import tempfile

        with tempfile.NamedTemporaryFile("w", dir=path.parent) as fresh:
            fresh.write(prefix + secrets.token_hex(32))
            fresh.flush()
            with suppress(FileExistsError):
                os.link(fresh.name, path)
    return path.read_text()


def _new_writer() -> str:
    import secrets

    return secrets.token_hex(6)


def _new_code() -> str:
    import secrets

    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_CHARS))


def _transport(settings: Settings) -> "httpx.AsyncBaseTransport":
    import ssl

    import httpx

    if settings.flag_server is None:
        app, _ = _embedded(settings)
        return httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncHTTPTransport(
        retries=2,
        proxy=settings.proxy,
        trust_env=False,
        verify=ssl.create_default_context(
            cafile=str(settings.ca_file) if settings.ca_file else None
        ),
    )
