"""Tell who comes upon a definition of a file by its name: other files, frameworks, settings.

A name that a file gets for one side of a flag is there on both. Code of the other side must
not be waiting for it: `try: from shop.fast import total`, `getattr(shop, "hook", None)`, or a
framework that reads every name of a settings module and every value of a `class Meta`.
"""

import ast
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from flagwright.core.wrapping.conventions import module_name
from flagwright.core.wrapping.linking import imported_by, tree_of
from flagwright.core.wrapping.outside import used_outside

_SETTINGS = frozenset({"settings", "celeryconfig", "conf"})
"""Files and folders whose names a framework reads one by one."""
_READ_WHOLE = ("Meta", "Config", "Settings", "Configuration", "Options")
"""How classes end of which frameworks read whatever values they have."""
_LISTS_FILES = re.compile(
    rb"\b(?:iter_modules|walk_packages|listdir|scandir|iterdir|rglob|glob|contents|find_modules)\("
)
_BY_TEXT = re.compile(rb"\bimport_module\b|\b__import__\b|\bfind_spec\b|\bimport_string\b")
_FAILED = re.compile(rb"\bexcept(?::|\b[^\n]*\b(?:ImportError|ModuleNotFoundError|Exception)\b)")
_STAR = re.compile(rb"\bfrom\s+([\w.]+)\s+import\s*\(?\s*\*")
_LOADING = re.compile(rb"(?i)settings|conf|import|load|from_object|include|urls")
"""What stands beside the name of a module, in its line or path, where its values are read."""
_IN_ORDER = re.compile(rb"(?m)^(?:down_revision\b|class Migration\()")


def user_of(
    name: str, path: str, modules: Mapping[str, bytes], is_test: Callable[[str], bool]
) -> str | None:
    """Another file that uses a name of the one at `path`, or looks for it by its spelling."""
    own = module_name(path, modules)
    users = used_outside(path, {name}, modules, own, is_left_out=is_test)
    return users.get(name) or _asking(name, path, modules, is_test)


def fails_without(
    other: str,
    name: str,
    path: str,
    modules: Mapping[str, bytes],
    is_test: Callable[[str], bool],
) -> bool:
    """Whether a file cannot be imported where the one at `path` lacks a name, and nobody minds.

    Args:
        modules: Those of the version that lacks the name.
    """
    text, tree = modules.get(path, b""), tree_of(modules[other])
    if tree is None or b"import *" in text or b"__getattr__" in text:
        return False
    own = module_name(other, modules)
    around = own if other.endswith("__init__.py") else own.rpartition(".")[0]
    at_once = ast.Module([n for n in tree.body if isinstance(n, ast.ImportFrom)], [])
    wanted = f"{module_name(path, modules)}.{name}"
    if wanted not in {dotted for _, dotted in imported_by(at_once, around)}:
        return False
    stem = stem_of(other).encode()
    return not any(
        stem in text and _is_ready(text, stem) and not is_test(p) for p, text in modules.items()
    )


def _is_ready(text: bytes, stem: bytes) -> bool:
    """Whether a file may go on where another one, by its last name, cannot be imported."""
    imported = rb"[ \t]*(?:from|import)\b[^\n]*"
    tried = rb"\btry:\s*\n(?:" + imported + rb"\n)*?" + imported + rb"\b%b\b" % stem
    named = rb"[\"'](?:[\w.]*\.)?%b[\"']" % stem
    if b"try:" in text and re.search(tried, text):
        return True
    by_text = re.search(named, text) and _BY_TEXT.search(text)
    return bool(by_text and _FAILED.search(text))


def _asking(
    name: str, path: str, modules: Mapping[str, bytes], is_test: Callable[[str], bool]
) -> str | None:
    """Another file with `getattr(x, "name")`, whatever `x` is; no test."""
    word = re.escape(name.encode())
    pattern = re.compile(
        rb"\b(?:getattr|hasattr|attrgetter)\([^\n]{0,120}?[\"']" + word + rb"[\"']"
    )
    return next(
        (
            other
            for other, text in modules.items()
            if other != path
            and name.encode() in text
            and pattern.search(text)
            and not is_test(other)
        ),
        None,
    )


def stem_of(path: str) -> str:
    """The last word of the name of a module."""
    return path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]


def is_submodule(name: str, path: str, modules: Mapping[str, bytes]) -> bool:
    """Whether importing a module of a package gives the package, at `path`, that name."""
    folder, _, file = path.rpartition("/")
    inner = f"{folder}/{name}".lstrip("/")
    return file == "__init__.py" and any(
        other == f"{inner}.py" or other.startswith(f"{inner}/") for other in modules
    )


def is_in_sight(
    name: str, path: str, modules: Mapping[str, bytes], is_test: Callable[[str], bool]
) -> bool:
    """Whether another file may come upon whatever a file binds under a name, or takes it by `*`."""
    own = {stem_of(path).encode(), b""}
    is_starred = any(
        not own.isdisjoint(_starred(text)) and other != path and not is_test(other)
        for other, text in modules.items()
    )
    return (
        is_starred
        or is_submodule(name, path, modules)
        or user_of(name, path, modules, is_test) is not None
    )


@lru_cache(maxsize=4096)
def _starred(text: bytes) -> frozenset[bytes]:
    """Last names of the modules that a file takes `*` from; empty for a package around it."""
    found = _STAR.findall(text) if b"*" in text else ()
    return frozenset(source.rpartition(b".")[2] for source in found)


def is_read_whole(owner: ast.ClassDef, tree: ast.Module) -> bool:
    """Whether a class is there for others to read whatever values it has."""
    at_top = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    return owner.name.endswith(_READ_WHOLE) or owner.name not in at_top


def is_loaded_by_name(
    path: str, modules: Mapping[str, bytes], is_left_out: Callable[[str], bool]
) -> bool:
    """Whether a framework may load a file by the name of its module, and read what is in it.

    Args:
        is_left_out: Says of a file that whatever it names runs with no application.
    """
    if not _SETTINGS.isdisjoint(re.split(r"[/.]", path)):
        return True
    name = module_name(path, modules).encode()
    quoted = re.compile(rb"(?m)^.*[\"']" + re.escape(name) + rb"[\"'].*$")
    places = (
        other.encode() + b":" + line
        for other, text in modules.items()
        if name in text and not is_left_out(other)
        for line in quoted.findall(text)
    )
    return b"." in name and any(map(_LOADING.search, places))


def noticed_file(
    path: str, content: bytes, modules: Mapping[str, bytes], is_test: Callable[[str], bool]
) -> str | None:
    """Why code of the other side would come upon a file that it does not have.

    Args:
        modules: The other side's Python files.
    """
    if _IN_ORDER.search(content) and re.search(r"(^|/)(versions|migrations)/", path):
        return "it is a migration, which is run because it is there"
    own = module_name(path, {*modules, path})
    if user := used_outside(path, (), modules, own, is_left_out=is_test).get(""):
        return f"{user} imports it where it can, and would find it"
    folder = path.rpartition("/")[0]
    for other, text in modules.items():
        is_beside = other.rpartition("/")[0] == folder and other != path
        if is_beside and _LISTS_FILES.search(text):
            return f"{other} lists the files beside it"
    return None


def hidden_by(path: str, paths: frozenset[str]) -> str | None:
    """A file of which Python would see another one in its place: `a.py` beside `a/`."""
    is_package = path.endswith("/__init__.py")
    for other in sorted(paths - {path}):
        if not is_package and other.startswith(path.removesuffix(".py") + "/"):
            return other
        if path.startswith(other.removesuffix(".py") + "/"):
            return other
    return None
