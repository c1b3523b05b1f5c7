"""Keep a policy that was learned where the user's own policies are."""

import tempfile
from pathlib import Path

from flagwright.errors import WriteFailed


def keep_policy(name: str, text: str, config_dir: Path | None) -> Path:
    """Write `policies/NAME.toml` of the user's configuration, all of it or nothing.

    Raises:
        WriteFailed: If the folder cannot be written to.
    """
    if config_dir is None:
        raise WriteFailed("There is no folder of your own.", next_step="Set XDG_CONFIG_HOME.")
    file = config_dir / "policies" / f"{name}.toml"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            new = Path(folder) / file.name
            new.write_text(text, encoding="utf-8")
            new.replace(file)
    except OSError as error:
        raise WriteFailed(
            f"{file} cannot be written: {error.strerror}.",
            next_step="Make the folder writable, or set XDG_CONFIG_HOME to another one.",
        ) from error
    return file
