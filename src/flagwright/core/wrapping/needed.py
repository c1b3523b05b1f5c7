"""Tell which packages a change needs while its flag is off, too.

Imports stand at the top of a file for both versions, so that a package which nothing imported
before has to be installed wherever the change is, whoever sees its new code.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping

from flagwright.core.wrapping.project import MAX_KB
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.wrapped import WrappedFile


def newly_needed(
    files: Iterable[WrappedFile], is_there: Mapping[str, bytes], was_there: Mapping[str, bytes]
) -> Iterator[str]:
    """One note for each package that is new to a repository, with the line that imports it.

    Args:
        files: That the plan edits.
        is_there: The repository's Python files by path as the change has them.
        was_there: And as they were before.
    """
    seen = {*sys.stdlib_module_names}
    for file in files:
        for name, line in _imported(read(file.before or "", max_kb=MAX_KB).tree):
            if name not in seen and not _is_known(name, was_there) and not _is_own(name, is_there):
                yield f"{file.path}:{line} imports {name} with the flag off, too: install it first"
            seen.add(name)


def _imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Packages that a file cannot be imported without."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno


def _is_known(name: str, files: Mapping[str, bytes]) -> bool:
    pattern = re.compile(rb"(?m)^[ \t]*(?:from|import)\b[^\n]*\b%s\b" % re.escape(name.encode()))
    return any(pattern.search(text) for text in files.values())


def _is_own(name: str, paths: Iterable[str]) -> bool:
    """Whether a package is the repository's own: a folder or a file of it."""
    return any(name in path.removesuffix(".py").split("/") for path in paths)
