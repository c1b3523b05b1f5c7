"""See whether files that import for both versions at once would import each other.

Moving a function from one file to another may turn the import between them round. Either
version alone is fine, but with the imports of both neither file can be loaded.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from flagwright.core.wrapping.conventions import module_name

_IMPORT = re.compile(
    rb"(?m)^(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]*))"
)
_NAME = re.compile(rb"([\w.]+)(?:\s+as\s+\w+)?")


class Graph:
    """Which file of one state of a repository imports which, by the lines that are not indented."""

    def __init__(self, modules: Mapping[str, bytes]) -> None:
        self.modules = modules
        self._paths = {module_name(path, modules): path for path in modules}
        self.imported = cache(self._read)

    def _read(self, path: str) -> frozenset[str]:
        return frozenset(self._imported(path))

    def _imported(self, path: str) -> Iterator[str]:
        """Paths of the files that one imports."""
        if path not in self.modules:
            return
        name = module_name(path, self.modules)
        package = name if path.endswith("/__init__.py") else name.rpartition(".")[0]
        for source, names, plain in _IMPORT.findall(self.modules[path]):
            if plain:
                yield from self._known(*(n.decode() for n in _NAME.findall(plain)))
                continue
            base = _absolute(source.decode(), package)
            for found in _NAME.findall(names.partition(b"#")[0] if names[:1] != b"(" else names):
                yield from self._known(f"{base}.{found.decode()}") or self._known(base)

    def _known(self, *names: str) -> list[str]:
        return [self._paths[name] for name in names if name in self._paths]

    def reaches(self, path: str, other: str) -> bool:
        """Whether importing one file imports another one."""
        waiting, seen = [path], {path}
        while waiting:
            found = self.imported(waiting.pop())
            if other in found:
                return True
            waiting += found - seen
            seen |= found
        return False


def _absolute(source: str, package: str) -> str:
    rest = source.lstrip(".")
    level = len(source) - len(rest)
    if not level:
        return source
    parts = package.split(".")
    return ".".join(filter(None, [*parts[: len(parts) - level + 1], rest]))


def new_circle(
    before: Mapping[str, bytes], after: Mapping[str, bytes], wrapped: Mapping[str, bytes]
) -> tuple[str, str] | None:
    """Two files that import each other only where both versions are there.

    Args:
        before: The repository as it was.
        after: As it is.
        wrapped: What a plan makes of some of its files.
    """
    was, now, both = Graph(before), Graph(after), Graph({**after, **wrapped})
    for path in wrapped:
        for other in both.imported(path) - now.imported(path):
            if both.reaches(other, path) and not was.reaches(other, path):
                return path, other
    return None
