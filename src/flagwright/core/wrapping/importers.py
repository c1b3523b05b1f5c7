"""Find what other files of a repository do with a file while they are imported.

A flag that is asked for then has one answer for ever, that of the start. Only what the other
files show by name is found: calls, decorators and uses of attributes outside of functions,
or in functions of the same file that these reach.
"""

import ast
import builtins
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from flagwright.core.wrapping.conventions import module_name
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.linking import (
    absolute,
    bound_in_module,
    imported_by,
    names_bound,
    stars_of,
    tree_of,
)
from flagwright.core.wrapping.outside import used_outside
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.proof import lookup
from flagwright.core.wrapping.proof.importing import Reach
from flagwright.core.wrapping.proof.keeping import calls_a_parameter
from flagwright.core.wrapping.proof.outside import Outside
from flagwright.core.wrapping.proof.running import (
    Function,
    inner_functions,
    root_of,
)
from flagwright.core.wrapping.tree import nodes


class Importers:
    """The files of a repository, as those that may import one of them.

    What a program does at its top is the program itself, unless another file imports it.
    """

    def __init__(self, modules: Mapping[str, bytes], policy: WrappingPolicy) -> None:
        others = {p: text for p, text in modules.items() if not policy.is_test(p)}
        programs = set(filter(policy.is_program, others))
        started = programs - _imported(programs, others)
        self._modules = {p: text for p, text in others.items() if p not in started}
        self._names = {p: module_name(p, modules) for p in self._modules}

    def outside(self, path: str, tree: ast.Module, asking: Collection[ast.AST]) -> Outside:
        """What is done with the file at a path, in which some nodes ask for the flag."""
        names = _leading_to(tree, asking)
        calling = frozenset(self._calling(path, tree))
        if not names:
            return Outside(calling=calling)
        module = module_name(path, self._modules)
        trees = self._having(names | ({_last(path)} if "__getattr__" in names else set()), path)
        wanted = {f"{module}.{name}": name for name in names}
        imported = {p: dict(imported_by(found, self._around(p))) for p, found in trees.items()}
        _follow(wanted, imported, trees, self._names, self._around)
        for p, found in trees.items():
            for source in stars_of(found, self._around(p)):
                own = [d for d in wanted if d.rpartition(".")[0] == source]
                imported[p] |= {d.rpartition(".")[2]: d for d in own}
        uses = _Uses(wanted)
        if "__getattr__" in names and self._lacks(module, tree, imported):
            uses.called.add("__getattr__")
        paths = tuple(p for p, found in trees.items() if uses.look_at(found, imported[p]))
        return Outside(
            frozenset(uses.called),
            frozenset(uses.decorating),
            frozenset(uses.touched),
            frozenset(uses.attributes),
            frozenset(uses.read),
            calling,
            paths,
        )

    def _having(self, words: Collection[str], path: str) -> dict[str, ast.Module]:
        """Other files that have one of some words, or import `*`."""
        spelled = sorted(word.encode() for word in words)
        word = re.compile(rb"\b(?:" + b"|".join(spelled) + rb")\b")
        texts = ((p, text) for p, text in self._modules.items() if p != path)
        found = (
            (p, text)
            for p, text in texts
            if b"import *" in text or (any(w in text for w in spelled) and word.search(text))
        )
        return {p: tree for p, text in found if (tree := tree_of(text))}

    def _lacks(
        self, module: str, tree: ast.Module, imported: Mapping[str, Mapping[str, str]]
    ) -> bool:
        """Whether a file imports a name that a module does not bind, nor a module of a package."""
        known = {*self._names.values(), *(f"{module}.{name}" for name in bound_in_module(tree))}
        sources = {dotted for found in imported.values() for dotted in found.values()}
        return any(dotted.rpartition(".")[0] == module for dotted in sources - known)

    def star_clash(self, path: str, names: Collection[str]) -> tuple[str, str] | None:
        """A name that a file has for one version only, and that means something where `*` takes it.

        Returns:
            The name and the path of the other file.
        """
        sources, names = {path}, set(names)
        stars = {
            p: t
            for p, text in self._modules.items()
            if b"import *" in text and (t := tree_of(text))
        }
        size = 0
        while names and len(sources) > size:
            size = len(sources)
            known = {self._names[p] for p in sources if p in self._names}
            for p, tree in stars.items():
                taken = set(stars_of(tree, self._around(p)))
                if not taken & known:
                    continue
                others = [q for q, name in self._names.items() if name in taken - known]
                for name in sorted(names):
                    word = re.compile(rb"\b" + name.encode() + rb"\b")
                    if hasattr(builtins, name) or any(
                        word.search(self._modules[q]) for q in (p, *others)
                    ):
                        return name, p
                sources.add(p)
        return None

    def _calling(self, path: str, tree: ast.Module) -> Iterator[str]:
        """Imported functions, as they are spelled, that call what they are given."""
        imported = dict(imported_by(tree, self._around(path)))
        for node in nodes(tree):
            functions = [node.func] if isinstance(node, ast.Call) else []
            functions += getattr(node, "decorator_list", ())
            for func in functions:
                if root_of(func) in imported and self._calls_its_arguments(func, imported):
                    yield ast.unparse(getattr(func, "func", func))

    def _calls_its_arguments(self, func: ast.expr, imported: Mapping[str, str]) -> bool:
        """Whether a function of the repository certainly calls what it, or its result, is given."""
        name = absolute(getattr(func, "func", func), imported)
        found = self._functions(name)
        if isinstance(func, ast.Call):  # a decorator that is made by a call
            found = [inner for function in found for inner in inner_functions(function)]
        return any(map(calls_a_parameter, found))

    def _functions(self, dotted: str) -> list[Function]:
        """What a dotted name may stand for: a function, a class as it is made, or a method."""
        module, _, name = dotted.rpartition(".")
        if tree := self._module(module, name):
            own = [n for n in tree.body if getattr(n, "name", "") == name]
            inner = [m for n in own if isinstance(n, ast.ClassDef) for m in n.body]
            made = [m for m in inner if getattr(m, "name", "") in ("__init__", "__new__")]
            return [n for n in (*own, *made) if isinstance(n, FUNCTIONS)]
        tree = self._module(module.rpartition(".")[0], name)
        methods = nodes(tree) if tree else ()
        return [n for n in methods if isinstance(n, FUNCTIONS) and n.name == name]

    def _module(self, module: str, word: str) -> ast.Module | None:
        """The one module of a dotted name, if it has a word at all."""
        paths = [p for p, known in self._names.items() if known == module]
        is_one = len(paths) == 1 and word.encode() in self._modules[paths[0]]
        return tree_of(self._modules[paths[0]]) if is_one else None

    def _around(self, path: str) -> str:
        """The package that relative imports of a file start from."""
        name = module_name(path, self._modules)
        return name if path.endswith("__init__.py") else name.rpartition(".")[0]


class _Uses:
    """What files do with names of another one."""

    def __init__(self, wanted: Mapping[str, str]) -> None:
        """`wanted` has the names by what they are called in full."""
        self._wanted = wanted
        self._imported: Mapping[str, str] = {}
        self.called, self.decorating = set[str](), set[str]()
        self.touched, self.attributes, self.read = set[str](), set[str](), set[str]()

    def look_at(self, tree: ast.Module, imported: Mapping[str, str]) -> bool:
        """Note what a file does with any of the names while it is imported; whether it does.

        Args:
            imported: What the names of the file stand for.
        """
        self._imported = imported
        if not any(self._own(n) or self._names_by_text(n) for n in nodes(tree)):
            return False
        count = len(self.called) + len(self.attributes)
        reached, read = Reach(tree, Outside()).nodes(), set(self.read)
        run = [node for node in nodes(tree) if id(node) in reached]
        texts = {str(n.value) for n in run if isinstance(n, ast.Constant)}
        for node in run:
            self._look(node, texts)
        if own := self.read - read:  # of an object or an heir: known by the attributes of the file
            self.touched |= own
            self.attributes |= {node.attr for node in run if isinstance(node, ast.Attribute)}
        return len(self.called) + len(self.attributes) > count

    def _own(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Name | ast.Attribute | ast.Call):
            return self._wanted.get(absolute(node, self._imported))
        return None

    def _names_by_text(self, node: ast.AST) -> str:
        """The module whose names a node may find by any text; empty where it finds none."""
        asked = lookup.asked_for(node)
        match node:
            case ast.Attribute(value=value, attr="__dict__"):
                pass
            case ast.Call(func=ast.Name("vars"), args=[value]):
                pass
            case _ if asked and lookup.written(asked[1]) is None:
                value = asked[0]
            case _:
                return ""
        module = absolute(value, self._imported)
        return module if any(d.startswith(f"{module}.") for d in self._wanted) else ""

    def _look(self, node: ast.AST, texts: set[str]) -> None:
        """Note what one node does.

        Args:
            texts: Those of the file, which may be names that it looks for.
        """
        if module := self._names_by_text(node):
            self.called |= {
                self._wanted[d] for t in texts if (d := f"{module}.{t}") in self._wanted
            }
        asked = lookup.asked_for(node)
        if asked and (own := self._own(asked[0])):
            names = lookup.written(asked[1])
            self.touched.add(own)
            self.attributes.update(texts if names is None else names)
        for decorator in getattr(node, "decorator_list", ()):
            is_call = isinstance(decorator, ast.Call)
            if own := self._own(decorator.func if is_call else decorator):
                self.called.add(own)
                self.decorating |= {own} if is_call else set()
        if own := self._own(node):
            self.read.add(own)
        match node:
            case ast.Call(func=func) if own := self._own(func):
                self.called.add(own)
            case ast.Attribute(value=value, attr=name) if own := self._own(value):
                self.touched.add(own)
                self.attributes.add(name)
            case _:
                pass


def _leading_to(tree: ast.Module, asking: Collection[ast.AST]) -> set[str]:
    """Names of a file through which its checks can be reached: definitions, and values of them."""
    wanted = set(map(id, asking))
    parts = {id(node): list(ast.walk(node)) for node in tree.body}
    found: set[str] = set()
    size = -1
    while len(found) > size:
        size = len(found)
        for node in tree.body:
            inner = parts[id(node)]
            if any(id(n) in wanted or (isinstance(n, ast.Name) and n.id in found) for n in inner):
                found |= set(names_bound(node))
    return found


def _imported(programs: Collection[str], modules: Mapping[str, bytes]) -> set[str]:
    """Those of some programs that are imported by what is none."""
    folders = {path.split("/")[-2].encode() for path in programs if "/" in path}
    line = re.compile(
        rb"(?m)^[ \t]*(?:from|import)[ \t][^\n]*\b(?:"
        + b"|".join(map(re.escape, folders))
        + rb")\b"
    )
    others = {p: text for p, text in modules.items() if p not in programs} if folders else {}
    near = {path: text for path, text in others.items() if line.search(text)}
    return {path for path in programs if near and used_outside(path, (), near)}


def _follow(
    wanted: dict[str, str],
    imported: Mapping[str, Mapping[str, str]],
    trees: Mapping[str, ast.Module],
    modules: Mapping[str, str],
    around: Callable[[str], str],
) -> None:
    """Add the names by which other files hand on what they import."""
    size = 0
    while len(wanted) > size:
        size = len(wanted)
        for path, names in imported.items():
            for name, dotted in names.items():
                if dotted in wanted:
                    wanted.setdefault(f"{modules[path]}.{name}", wanted[dotted])
            for source in stars_of(trees[path], around(path)):
                for dotted, own in list(wanted.items()):
                    if dotted.rpartition(".")[0] == source:
                        wanted.setdefault(f"{modules[path]}.{dotted.rpartition('.')[2]}", own)


def _last(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
