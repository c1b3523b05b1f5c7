"""Read the definitions of one state of a repository, by the names that a file has for them."""

import ast
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple, Self

from flagwright.core.wrapping.binding import names_in
from flagwright.core.wrapping.conventions import module_name
from flagwright.core.wrapping.dormant.named import is_in_sight, stem_of
from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.dormant.texts import Texts
from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.source import read
from flagwright.errors import CannotWrap

_MAX_KB = 4000


class Definition(NamedTuple):
    """A class or function of the repository, and the file that it stands in."""

    tree: ast.ClassDef | Function
    module: str
    origins: Origins
    is_package: bool


class State:
    """The definitions of one state of a repository, as one of its files sees them."""

    def __init__(
        self, path: str, modules: Mapping[str, bytes], looking: Mapping[str, bytes] | None = None
    ) -> None:
        """Hold the files; none is read yet.

        Args:
            path: The file whose classes have the bases.
            looking: Those files whose look for a member counts: all but tests and documents.
        """
        self._modules, self.path = modules, path
        self.looking = modules if looking is None else looking
        self.texts = Texts(path, self.looking)
        self._module = module_name(path, modules)
        self._is_package = path.endswith("/__init__.py")
        self._known = cache(self._read)
        self._shown: dict[str, bool] = {}

    @property
    def modules(self) -> Mapping[str, bytes]:
        """Every Python file by path."""
        return self._modules

    @property
    def package(self) -> str:
        """The dotted name of the package that the file is in; empty where it is in none."""
        folder = self.path.rpartition("/")[0]
        if f"{folder}/__init__.py" not in self._modules or self.path.endswith("/__main__.py"):
            return ""
        return self._module if self._is_package else self._module.rpartition(".")[0]

    def shows(self, name: str, is_test: Callable[[str], bool]) -> bool:
        """Whether other files would come upon a new name of the file; parts of a file ask again."""
        if name not in self._shown:
            near = is_in_sight(name, self.path, self._modules, is_test)
            self._shown[name] = near or self.texts.lists_module(stem_of(self.path)) is not None
        return self._shown[name]

    def seen_from(self, path: str) -> Self:
        """The same state of the repository, for another file."""
        return type(self)(path, self._modules, self.looking)

    def function(self, origin: str) -> tuple[Function, Origins] | None:
        """The one function of the repository that a name of the file stands for.

        Args:
            origin: Where it comes from, as the file says: `shop.tools.retry`, `.tools.retry`.
        """
        found = self.named(origin)
        if isinstance(found, str) or found is None or not isinstance(found.tree, FUNCTIONS):
            return None
        return found.tree, found.origins

    def made_of(self, origin: str) -> tuple[ast.ClassDef, Origins] | None:
        """The one class of the repository that a name of the file stands for."""
        found = self.named(origin)
        if not isinstance(found, Definition) or not isinstance(found.tree, ast.ClassDef):
            return None
        return found.tree, found.origins

    def named(self, origin: str) -> "Definition | str | None":
        """What a name of the file stands for, by where that comes from, as the file says."""
        return self.definition(self._absolute(origin, self._module, self._is_package))

    def definition(self, origin: str, seen: tuple[str, ...] = ()) -> "Definition | str | None":
        """What a dotted name stands for: the name itself where the repository does not have it."""
        module, _, attribute = origin.rpartition(".")
        found = self._known(module)
        if found is None:
            return origin
        _, origins, is_package = found
        word = ast.Name(attribute, ast.Load())
        tree = origins.own_class(word) or origins.own_function(word)
        if tree is not None:
            return Definition(tree, module, origins, is_package)
        others = origins.of(word)
        if len(others) != 1 or origin in seen:
            return None
        return self.definition(self._absolute(min(others), module, is_package), (*seen, origin))

    def module(self, origin: str) -> ast.Module | None:
        """The one file of the repository that a name of the file stands for."""
        name = self._absolute(origin, self._module, self._is_package)
        package, _, word = name.rpartition(".")
        around = self.tree(package) if package else None
        return None if around is not None and word in names_in(around) else self.tree(name)

    def around(self, origin: str) -> ast.Module | None:
        """The file of the repository that has what a name of the file stands for."""
        return self.tree(self._absolute(origin, self._module, self._is_package).rpartition(".")[0])

    def tree(self, module: str) -> ast.Module | None:
        """The file of a module, by its dotted name."""
        found = self._known(module)
        return found[0] if found else None

    def _read(self, module: str) -> tuple[ast.Module, Origins, bool] | None:
        """The tree of a module, what its names stand for, and whether it is a package."""
        ends = (module.replace(".", "/") + ".py", module.replace(".", "/") + "/__init__.py")
        paths = [
            p
            for p in self._modules
            if p.endswith(ends) and (self._name(p) == module or p.removeprefix("src/") in ends)
        ]
        if not module or len(paths) != 1:
            return None
        try:
            tree = read(self._modules[paths[0]], max_kb=_MAX_KB).tree
        except CannotWrap:
            return None
        return tree, Origins(tree), paths[0].endswith("/__init__.py")

    def _name(self, path: str) -> str:
        return module_name(path, self._modules)

    def _absolute(self, origin: str, module: str, is_package: bool) -> str:  # noqa: FBT001 # a fact
        """`..base.Page` as seen from a module."""
        rest = origin.lstrip(".")
        level = len(origin) - len(rest)
        if not level:
            return origin
        parts = module.split(".")
        around = parts[: len(parts) - level + is_package]
        return ".".join([*around, rest])
