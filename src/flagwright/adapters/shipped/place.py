"""Find a shipped file where it counts first, and read no more of it than is sane."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flagwright.errors import PolicyInvalid

MAX_BYTES = 256 * 1024

_PACKAGE = Path(__file__).parents[2]
_CHECKOUT = _PACKAGE.parent.parent


def homes(config_dir: Path | None) -> Iterator[Path]:
    """Folders that may hold `policies` and `prompts`, the strongest first."""
    if config_dir:
        yield config_dir
    yield _PACKAGE / "_shipped"
    if (_CHECKOUT / "pyproject.toml").is_file():
        yield _CHECKOUT


def find(name: str, config_dir: Path | None) -> Path:
    """Path of the file that counts, e.g. of `policies/risk.toml`.

    Raises:
        PolicyInvalid: If there is none.
    """
    for home in homes(config_dir):
        path = home / name
        if path.exists() or path.is_symlink():
            return path
    raise PolicyInvalid(
        f"{name} is missing from this installation.", next_step="Install flagwright again."
    )


def write_whole(path: Path, text: str) -> None:
    """Put a file in the place of another, all of it or nothing, for this user alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = Path(folder) / path.name
        new.touch(mode=0o600)
        new.write_text(text, encoding="utf-8")
        new.replace(path)


def read(path: Path) -> str:
    """Text of a shipped file.

    Raises:
        PolicyInvalid: If it cannot be read, is too large or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyInvalid(
            f"{path} cannot be read: {error.strerror}.", next_step="Make it readable, or remove it."
        ) from error
    if len(content) > MAX_BYTES:
        raise PolicyInvalid(
            f"{path} has more than {MAX_BYTES // 1024} KiB.", next_step="Make it shorter."
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PolicyInvalid(
            f"{path}:{line} is not UTF-8.", next_step="Save it as UTF-8."
        ) from error
