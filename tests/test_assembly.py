"""What the environment says reaches the flag server, and nothing else does."""

import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
import uvicorn
from pydantic import SecretStr

from flagwright import flagserver
from flagwright.assembly import admin_token, open_workbench
from flagwright.core.records.entry import Actor
from flagwright.core.wanted import Wanted
from flagwright.errors import FlagServerError, FlagwrightError, Unsupported
from flagwright.settings import Settings, from_environment
from tests.installation import shop

pytestmark = pytest.mark.anyio

ME = Actor(door="terminal")


def settings(folder: Path, **more: object) -> Settings:
    folders = {name: folder / name for name in ("config_dir", "state_dir", "cache_dir")}
    return Settings.model_validate(folders | more)


@contextmanager
def over_tls(folder: Path, ca: trustme.CA) -> Iterator[str]:
    """The embedded flag server behind a certificate of a private authority."""
    cert = ca.issue_cert("localhost")
    pem = folder / "server.pem"
    pem.write_bytes(
        cert.private_key_pem.bytes() + b"".join(b.bytes() for b in cert.cert_chain_pems)
    )
    app = flagserver.app(
        folder / "flags.sqlite", admin_token="*:*.x", client_token="*:development.x"
    )
    server = uvicorn.Server(uvicorn.Config(app, ssl_certfile=pem, log_level="critical"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


async def test_a_private_authority_is_trusted_only_where_its_file_is_named(tmp_path: Path) -> None:
    ca = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(ca_file))
    token = SecretStr("*:*.x")
    with over_tls(tmp_path, ca) as url:
        named = settings(tmp_path, flag_server=url, token=token, ca_file=ca_file)
        async with open_workbench(named) as bench:
            assert (await bench.search.find(Wanted(), None, actor=ME)).total == 0

        async with open_workbench(settings(tmp_path, flag_server=url, token=token)) as bench:
            with pytest.raises(FlagServerError) as refused:
                await bench.search.find(Wanted(), None, actor=ME)

    assert refused.value.code == "flag-server-down"


async def test_a_proxy_is_used_only_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with catcher() as (address, caught):
        monkeypatch.setenv("HTTP_PROXY", address)
        monkeypatch.setenv("ALL_PROXY", address)
        far = {"flag_server": "http://127.0.0.1:9", "token": SecretStr("*:*.x")}
        async with open_workbench(settings(tmp_path, **far)) as bench:
            with pytest.raises(FlagServerError):
                await bench.search.find(Wanted(), None, actor=ME)
        assert not caught

        async with open_workbench(settings(tmp_path, proxy=address, **far)) as bench:
            with pytest.raises(FlagServerError):
                await bench.search.find(Wanted(), None, actor=ME)
        assert caught[0].startswith(b"GET http://127.0.0.1:9/api/admin/")


@contextmanager
def catcher() -> Iterator[tuple[str, list[bytes]]]:
    """A port that keeps the first line of each request and answers nothing."""
    caught: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def catch() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                caught.append(connection.recv(4096).split(b"\r\n")[0])

    thread = threading.Thread(target=catch, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", caught
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


async def test_secrets_of_the_embedded_server_are_minted_once_and_for_this_user_only(
    tmp_path: Path,
) -> None:
    mine = settings(tmp_path)

    async with open_workbench(mine) as bench:
        await bench.search.find(Wanted(), None, actor=ME)

    assert admin_token(mine) == admin_token(mine)
    for path in (mine.state_dir, *mine.state_dir.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({"FLAGWRIGHT_UNLEASH_URL": "https://flags.example.org"}, "bad-request"),
        ({"FLAGWRIGHT_UNLEASH_CA_FILE": "/no/such/file.pem"}, "bad-request"),
    ],
)
def test_an_environment_that_cannot_work_is_refused_at_the_start(
    environ: dict[str, str], code: str
) -> None:
    with pytest.raises(FlagwrightError) as refused:
        from_environment({"HOME": "/home/x", **environ})

    assert refused.value.code == code


def test_folders_follow_the_xdg_standard() -> None:
    read = from_environment({"HOME": "/home/x", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "odd"})

    assert (read.state_dir, read.cache_dir) == (
        Path("/s/flagwright"),
        Path("/home/x/.cache/flagwright"),
    )
    assert "secret" not in repr(read.model_copy(update={"token": SecretStr("secret")}))


@pytest.mark.parametrize("name", ["config_dir", "state_dir"])
async def test_no_repository_brings_the_folder_of_policies_or_approvals(
    tmp_path: Path, name: str
) -> None:
    """A11: a client's configuration, which a repository may hold, says where they lie."""
    folder = shop(tmp_path / "shop")
    async with open_workbench(settings(tmp_path, **{name: folder / ".own"})) as bench:
        with pytest.raises(Unsupported, match="could bring its own"):
            await bench.score(folder, actor=ME)
