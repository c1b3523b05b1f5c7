"""Tell whether a file can import the flag client of its repository wherever it runs.

A repository may hold packages that are shipped apart, packages in a namespace, and scripts that
have their own folder on the path and not the root.
"""

import ast
import re
from collections.abc import Collection, Iterable, Mapping

from flagwright.core.wrapping.conventions import module_name

_IS_MAIN = re.compile(rb"(?m)^if[ \t]+__name__[ \t]*==|^#!")
_ROOTS = ("", "src/")
"""Folders that are known to be on the path; others may be parts of a namespace."""
_RELATIVE = re.compile(rb"(?m)^[ \t]*from[ \t]+\.")


def can_import(path: str, import_line: str, modules: Mapping[str, bytes], new: str = "") -> bool:
    """Whether a file can import the client, as far as the repository shows it.

    Args:
        modules: Python files of the repository by path.
        new: Path of the client's module where the plan brings it.
    """
    top = _top(import_line)
    if _imports(top, [modules.get(path, b"")]):
        return True
    known = {*modules, path, *[new] * bool(new)}
    own = home(path, known)
    homes = {found for p in known if (found := home(p, known))[1] == top}
    around = [text for p, text in modules.items() if home(p, known) == own]
    if not homes or _imports(top, around):
        return True
    if not any(above in _ROOTS for above, _ in homes) and not _imports(top, modules.values()):
        return False
    is_script = path.startswith(f"{own[0]}{own[1]}/") and _IS_MAIN.search(modules.get(path, b""))
    if is_script:
        return own in homes and any(_RELATIVE.search(text) for text in around)
    return own[0] in {above for above, _ in homes}


def full_name(path: str, modules: Mapping[str, bytes]) -> str:
    """Dotted name of a file, with the namespace by which other files import what is around it."""
    known = {*modules, path}
    name, (above, top) = module_name(path, known), home(path, known)
    parts = above.split("/")[:-1]
    spaces = [".".join(parts[start:]) for start in range(len(parts))]
    imported = (f"{space}." for space in spaces if _imports(f"{space}.{top}", modules.values()))
    return next(imported, "") + name


def home(path: str, known: Collection[str]) -> tuple[str, str]:
    """The folder that has to be on the path for a file to be imported, and its topmost name.

    The folder is empty or has a slash at its end.
    """
    name = module_name(path, known)
    base = path.removesuffix(".py").removesuffix("/__init__")
    return base[: len(base) - len(name)], name.partition(".")[0]


def _imports(name: str, texts: Iterable[bytes]) -> bool:
    line = re.compile(rf"(?m)^[ \t]*(?:from|import)[ \t]+{re.escape(name)}\b".encode())
    return any(line.search(text) for text in texts)


def _top(import_line: str) -> str:
    """The topmost package that an import needs."""
    match ast.parse(import_line).body[0]:
        case ast.ImportFrom(module=str(name)) | ast.Import(names=[ast.alias(name=name), *_]):
            return name.partition(".")[0]
    return ""
