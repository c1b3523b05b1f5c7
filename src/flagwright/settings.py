"""Read what the user's environment says, once, into one frozen value.

Nothing here ever comes from a repository: the flag server's address and token are the
user's own, and so are the folders for configuration, state and cache.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import tomli
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from flagwright.errors import BadRequest, Unsupported


class Organisation(BaseModel):
    """Whose policies count above the user's own: one commit of one repository."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    url: str = Field(pattern=r"^(https|ssh|file)://[^\s@]*@?[^\s@]+$")
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    local: bool = False
    """Whether a repository of this machine may be named, `file://`."""

    @model_validator(mode="after")
    def _is_told(self) -> Self:
        """A password would be shown wherever the policies are named."""
        if ":" in self.url.partition("://")[2].rpartition("@")[0]:
            raise ValueError("url must hold no password; git asks its own credential helper")
        if self.url.startswith("file:") and not self.local:
            raise ValueError("url names a folder of this machine; say local = true, too")
        return self


class Settings(BaseModel):
    """Where the flag server is, and where this user's files lie."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flag_server: str | None = None
    """URL of a real Unleash; none: the embedded server."""
    token: SecretStr | None = None
    project: str = "default"
    ledger_flag: str = "flagwright.ledger"
    """Flag whose event log holds what was done without a flag."""
    sdk_url: str | None = None
    """Where applications ask; none: the flag server itself."""
    sdk_token: SecretStr | None = None
    """Client token of an application, to measure with."""
    ca_file: Path | None = None
    proxy: str | None = None
    organisation: Organisation | None = None
    config_dir: Path
    state_dir: Path
    cache_dir: Path


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Settings from `FLAGWRIGHT_UNLEASH_*` and the XDG folders.

    Raises:
        Unsupported: On Windows outside WSL.
        BadRequest: If an address has no token, a file that is named does not exist, or
            organisation.toml has a mistake.
    """
    if sys.platform == "win32":
        raise Unsupported(
            "Flagwright needs a POSIX system.", next_step="On Windows, run it inside WSL."
        )
    url = environ.get("FLAGWRIGHT_UNLEASH_URL", "").strip() or None
    token = environ.get("FLAGWRIGHT_UNLEASH_TOKEN", "").strip() or None
    if url and not token:
        raise BadRequest(
            "FLAGWRIGHT_UNLEASH_URL is set, but FLAGWRIGHT_UNLEASH_TOKEN is not.",
            next_step="Make a personal access token in Unleash (Profile, Personal API tokens) "
            "and set it, or unset the URL to use the embedded server.",
        )
    sdk = environ.get("FLAGWRIGHT_SDK_TOKEN", "").strip()
    ca_file = environ.get("FLAGWRIGHT_UNLEASH_CA_FILE")
    if ca_file and not Path(ca_file).is_file():
        raise BadRequest(
            f"FLAGWRIGHT_UNLEASH_CA_FILE names no file: {ca_file}",
            next_step="Set it to a PEM file of certificates, or unset it.",
        )
    config_dir = _folder(environ, "XDG_CONFIG_HOME", ".config")
    return Settings(
        flag_server=url,
        token=SecretStr(token) if url and token else None,
        project=environ.get("FLAGWRIGHT_UNLEASH_PROJECT") or "default",
        ledger_flag=environ.get("FLAGWRIGHT_UNLEASH_LEDGER_FLAG") or "flagwright.ledger",
        sdk_url=environ.get("FLAGWRIGHT_SDK_URL", "").strip() or None,
        sdk_token=SecretStr(sdk) if sdk else None,
        ca_file=Path(ca_file) if ca_file else None,
        proxy=environ.get("FLAGWRIGHT_UNLEASH_PROXY") or None,
        organisation=_organisation(config_dir / "organisation.toml"),
        config_dir=config_dir,
        state_dir=_folder(environ, "XDG_STATE_HOME", ".local/state"),
        cache_dir=_folder(environ, "XDG_CACHE_HOME", ".cache"),
    )


def _organisation(file: Path) -> Organisation | None:
    line, remedy = 1, _TWO_LINES
    try:
        text = file.read_text("utf-8")
        return Organisation.model_validate(tomli.loads(text))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError, RecursionError) as error:
        because = str(error)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = str(first["loc"][0]) if first["loc"] else "url"
        lines = text.splitlines()
        line = next((n for n, said in enumerate(lines, 1) if said.split("=")[0].strip() == key), 1)
        said = first["msg"].removeprefix("Value error, ")
        because = said if said.startswith(key) else f"{key}: {_NOT_AS.get(key, said)}"
        remedy = "Add a line: local = true." if "local = true" in said else _TWO_LINES
    raise BadRequest(f"{file}:{line} cannot be used: {because}.", next_step=remedy)


_NOT_AS = {
    "url": "an address begins with https:// or ssh://, or for a folder of this machine file:///",
    "commit": "a commit is named by all 40 digits, in small letters",
}
_TWO_LINES = 'Write two lines: url = "https://...", and commit = "all 40 digits".'


def _folder(environ: Mapping[str, str], variable: str, default: str) -> Path:
    """Our folder below an XDG base; a relative value is ignored, as that standard asks."""
    base = environ.get(variable, "")
    home = Path(environ["HOME"]) if "HOME" in environ else Path.home()
    return (Path(base) if base.startswith("/") else home / default) / "flagwright"
