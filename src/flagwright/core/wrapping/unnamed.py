"""Find files that no `import` can name: `tutorial/01_first.py`, `provision-shop.py`.

People start them. In a package they may be found by listing it, as migrations are.
"""

import re
from collections.abc import Collection, Mapping

_BY_PATH = re.compile(
    rb"\b(?:spec_from_file_location|SourceFileLoader|load_source|load_module|run_path|exec_module)\b"
)
"""What runs a file by its path."""


def unnamed(paths: Collection[str], modules: Mapping[str, bytes]) -> set[str]:
    """Those of some files that have such a name, outside of packages, and that no other file says.

    None of them where a file may run others by their paths.
    """
    found = {path: _stem(path) for path in paths if not _stem(path).isidentifier()}
    found = {p: s for p, s in found.items() if _beside(p) not in modules}
    if not found or any(_BY_PATH.search(text) for text in modules.values()):
        return set()
    longest = sorted({*found.values()}, key=len, reverse=True)
    said = re.compile(b"|".join(re.escape(stem.encode()) for stem in longest))
    words = {(word.decode(), path) for path, text in modules.items() for word in said.findall(text)}
    return {p for p, s in found.items() if not any(w == s and q != p for w, q in words)}


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")


def _beside(path: str) -> str:
    return f"{path.rpartition('/')[0]}/__init__.py".lstrip("/")
