"""A shop with a change that nobody has released, an installation of its own, and a person."""

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

SHOP = Path(__file__).parent.parent / "examples" / "shop"
FLAG = "release.shop.volume-discount"


def set_up(folder: Path) -> tuple[Path, dict[str, str]]:
    """Make a repository with an uncommitted change.

    Returns:
        The repository, and an environment in which nothing of the user's counts.
    """
    shop = folder / "shop"
    shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns("change", "__pycache__", ".*cache"))
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"HOME": str(folder), "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1"}
    (folder / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "The shop"]):
        subprocess.run(["git", *command], cwd=shop, check=True, env=environment)
    shutil.copytree(SHOP / "change", shop, dirs_exist_ok=True)
    return shop, environment


def approve(plan: str, shop: Path, environment: dict[str, str]) -> str:
    """Approve a plan as a person does: on a terminal, typing the code that stands there.

    Returns:
        Everything that the terminal showed.
    """
    command = [sys.executable, "-m", "flagwright", "approve", plan]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(shop)
        os.execvpe(command[0], command, environment)
    shown, questions = "", [r"Press Enter()", r"Type ([A-Z2-9]{6}) to approve:"]
    while chunk := _read(terminal):
        shown += chunk
        if questions and (asked := re.search(questions[0], shown)):
            os.write(terminal, f"{asked[1]}\n".encode())
            questions.pop(0)
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise RuntimeError(f"flagwright approve ended with {code}: {shown}")
    return shown


def _read(terminal: int) -> str:
    """What came, or nothing once the other side is closed."""
    try:
        return os.read(terminal, 65536).decode("utf-8", "replace")
    except OSError:
        return ""
