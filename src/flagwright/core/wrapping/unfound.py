"""Tell whether a class, or another thing of a file, may be found without its name.

By a text such as `"shop.kinds:Large"`, in a listing of its module, or in an annotation that some
file of the repository reads.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from flagwright.core.wrapping.linking import absolute
from flagwright.core.wrapping.part import Part
from flagwright.core.wrapping.proof import lookup
from flagwright.core.wrapping.proof.running import called_name
from flagwright.core.wrapping.tree import walk

_ANNOTATIONS = re.compile(rb"__annotations__|get_type_hints|get_annotations|\.annotation\b")
_LISTING = re.compile(
    rb"\b(?:vars|dir|getmembers\w*)\(|\.__dict__|getattr\(\s*[\w.]+\s*,\s*[^\s\"']"
)
_ENDING = re.compile(rb"[.:]([A-Za-z_]\w*)[\"']")
_LISTED = {"vars", "dir", "getmembers", "getmembers_static"}


class Unfound:
    """Knows what the files of a repository look for without a name."""

    def __init__(self, files: Mapping[str, bytes], read: Callable[[str], Part | None]) -> None:
        self._files, self._read = files, read
        self._annotated: dict[str, set[str]] = {}
        """What `annotated` has found, by file."""

    @cached_property
    def lists_heirs(self) -> bool:
        """Whether any file may find the classes that are made from one."""
        return any(b"__subclasses__" in text for text in self._files.values())

    @cached_property
    def reads_annotations(self) -> bool:
        """Whether any file may find the classes that annotations name."""
        return any(map(_ANNOTATIONS.search, self._files.values()))

    def annotated(self, part: Part) -> set[str]:
        """Names, and attributes, in the annotations of a file, be they texts."""
        if part.path not in self._annotated:
            self._annotated[part.path] = set(_annotated(part))
        return self._annotated[part.path]

    @cached_property
    def by_text(self) -> set[str]:
        """Names with which texts end, below another: `"shop.kinds:Large"`."""
        found = (word for text in self._files.values() for word in _ENDING.findall(text))
        return {word.decode() for word in found}

    @cached_property
    def listed(self) -> set[str]:
        """What any file lists the members of, or looks them up in by any text, in full."""
        paths = [path for path, text in self._files.items() if _LISTING.search(text)]
        parts = [part for path in paths if (part := self._read(path))]
        return {dotted for part in parts for dotted in _listed(part)}


def _listed(part: Part) -> Iterator[str]:
    yield from part.lookups.values()
    for node in part.nodes:
        if isinstance(node, ast.Call) and called_name(node) in _LISTED and node.args:
            yield absolute(node.args[0], part.imported)


def _annotated(part: Part) -> Iterator[str]:
    for node in part.nodes:
        for kind in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            inner = walk(kind) if isinstance(kind, ast.expr) else ()
            yield from (str(getattr(n, "id", getattr(n, "attr", ""))) for n in inner)
            texts = {str(n.value) for n in inner if isinstance(n, ast.Constant)}
            yield from lookup.words_of(texts)
