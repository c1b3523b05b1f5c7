"""Find what other files of a repository do with a file while they are imported.

A flag that is asked for then has one answer for ever, that of the start. Only what the other
files show by name is found: calls, decorators and uses of attributes outside of functions,
or in functions that these reach, in whatever file.
"""

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from flagwright.core.wrapping.caught import imported_and_caught
from flagwright.core.wrapping.chain import MOST_FILES, Chain
from flagwright.core.wrapping.conventions import module_name
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.linking import (
    absolute,
    bound_in_module,
    imported_by,
    stands_for,
    stars_of,
    tree_of,
)
from flagwright.core.wrapping.outside import imported_among
from flagwright.core.wrapping.part import Part, leading_to
from flagwright.core.wrapping.plugins import Plugged, plugged
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.proof.classes import methods_of
from flagwright.core.wrapping.proof.keeping import calls_a_parameter
from flagwright.core.wrapping.proof.returned import inner_functions
from flagwright.core.wrapping.proof.running import (
    Function,
    called_name,
    made_at_top,
    root_of,
    running,
)
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.route import Step, route
from flagwright.core.wrapping.spread import Spread
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.unnamed import unnamed

_BEGINNING = {"__init__", "__new__"}


class Importers:
    """The files of a repository, as those that may import one of them.

    What a program or a document does at its top is its own matter, unless another file imports it.
    Nobody can import a file that ends the process at its end, unless that is caught, nor one whose
    name no `import` can say.
    """

    def __init__(self, modules: Mapping[str, bytes], policy: WrappingPolicy) -> None:
        others = {p: text for p, text in modules.items() if not policy.is_test(p)}
        programs = {p for p in others if policy.is_program(p, others)}
        started = programs - _imported(programs, others)
        ending = {p for p, text in others.items() if b"exit" in text.lower() and _exits(text)}
        started |= ending - imported_and_caught(ending, others)
        started |= unnamed(others, modules)
        self._running_calls = policy.running_calls
        self._modules = {p: text for p, text in others.items() if p not in started}
        self._names = {p: module_name(p, modules) for p in self._modules}
        self._paths: dict[str, list[str]] = defaultdict(list)
        """The files of each module: more than one where nobody can tell which is meant."""
        for path, module in self._names.items():
            self._paths[module].append(path)
        self._known_calls: dict[tuple[str, bool], bool] = {}

    def read_at_import(
        self, path: str, tree: ast.Module, asking: Collection[ast.expr]
    ) -> tuple[list[int], list[Step]]:
        """Where the file at a path would ask for the flag while files are imported.

        Args:
            asking: Where it asks at all.

        Returns:
            The lines, none where it does not, and the places that lead there, the first first.

        Raises:
            CannotWrap: `import-time`, where too many files lead to it to tell.
        """
        root = Part(path, module_name(path, self._modules), tree, {})
        root.imported = stands_for(tree, self._around(path))
        chain = Chain(root, leading_to(root, asking), self._modules, self._names, self._around)
        calling = {path: frozenset(self._calling(path, tree))}
        spread = Spread(chain, self._running_calls, calling, self._calls)
        if "__getattr__" in root.names and (by := self._asking_module(root)):
            spread.add(path, "called", {"__getattr__"}, by=(by, 0))
        for found in self._plugged:
            if root.module.startswith(found.begin) and path != found.path:
                names = root.names & {found.name}
                spread.add(path, "called", names, by=(found.path, found.line))
        new, read = {*chain.parts}, list[ast.expr]()
        while new and not read and not chain.is_cut:
            spread.follow(new)
            read = [node for node in asking if id(node) in spread.reached(path)]
            new = chain.grow()
        if chain.is_cut and not read:
            because = (
                f"more than {MOST_FILES} files lead here: nobody can tell what each runs first"
            )
            raise refuse(min(node.lineno for node in asking), "import-time", because)
        lines = sorted({node.lineno for node in read})
        return lines, route(spread, path, {id(n) for n in read if n.lineno == lines[0]})

    @cached_property
    def _plugged(self) -> list[Plugged]:
        return list(plugged(self._modules, self._running_calls))

    def _asking_module(self, part: Part) -> str | None:
        """A file whose imports make Python ask the `__getattr__` of a module.

        Python asks a module that is no package whether it is one for each import from it.
        """
        is_package = part.path.endswith("__init__.py")
        own = bound_in_module(part.tree) | {"__path__", "__name__", "__file__", "__doc__"}
        own |= {name.rpartition(".")[2] for name in self._names.values()}
        bound = bound_in_module(part.tree) if is_package else set()
        for path, text in self._modules.items():
            if path != part.path and b"import" in text and (tree := tree_of(text)):
                sources = list(imported_by(tree, self._around(path)))
                from_it = {d for _, d in sources if d.rpartition(".")[0] == part.module}
                if from_it - {f"{part.module}.{name}" for name in bound}:
                    return path
                ran = [node for statement in tree.body for node in running(statement)]
                looks_up = (n for n in ran if isinstance(n, ast.Attribute) and n.attr not in own)
                if any(absolute(n.value, dict(sources)) == part.module for n in looks_up):
                    return path
        return None

    def _calls(self, func: ast.expr, part: Part) -> bool:
        is_own = root_of(func) in part.imported
        return is_own and self._calls_its_arguments(func, part.imported)

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
        name, is_made = absolute(getattr(func, "func", func), imported), isinstance(func, ast.Call)
        if (name, is_made) not in self._known_calls:
            found = self._functions(name)
            if is_made:  # a decorator that is made by a call
                found = [inner for function in found for inner in inner_functions(function)]
            self._known_calls[name, is_made] = any(map(calls_a_parameter, found))
        return self._known_calls[name, is_made]

    def _functions(self, dotted: str) -> list[Function]:
        """What a dotted name may stand for: a function, a class as it is made, or a method.

        Or an object of a class of its file, as it is called.
        """
        module, _, name = dotted.rpartition(".")
        if tree := self._module(module, name):
            own = [n for n in tree.body if getattr(n, "name", "") == name]
            classes: dict[str, list[ast.ClassDef]] = defaultdict(list)
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    classes[node.name].append(node)
            makers = {called_name(call) for target, call in made_at_top(tree) if target == name}
            made = [m for o in classes.get(name, ()) for m in methods_of(o, classes, _BEGINNING)]
            called = [owner for maker in makers for owner in classes.get(maker, ())]
            made += [m for owner in called for m in methods_of(owner, classes, {"__call__"})]
            return [n for n in (*own, *made) if isinstance(n, FUNCTIONS)]
        tree = self._module(module.rpartition(".")[0], name)
        methods = nodes(tree) if tree else ()
        return [n for n in methods if isinstance(n, FUNCTIONS) and n.name == name]

    def _module(self, module: str, word: str) -> ast.Module | None:
        """The one module of a dotted name, if it has a word at all."""
        paths = self._paths.get(module, [])
        is_one = len(paths) == 1 and word.encode() in self._modules[paths[0]]
        return tree_of(self._modules[paths[0]]) if is_one else None

    def _around(self, path: str) -> str:
        """The package that relative imports of a file start from."""
        name = module_name(path, self._modules)
        return name if path.endswith("__init__.py") else name.rpartition(".")[0]


def _exits(text: bytes) -> bool:
    """Whether the last statement of a file ends the process: `sys.exit(main())`."""
    tree = tree_of(text) or ast.Module([], [])
    match tree.body[-1:]:
        case [ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name("sys"), attr="exit")))]:
            meant = {dotted for name, dotted in imported_by(tree, "") if name == "sys"}
            names = (node for node in nodes(tree) if isinstance(node, ast.Name))
            is_set = any(n.id == "sys" and not isinstance(n.ctx, ast.Load) for n in names)
            return meant == {"sys"} and not is_set and b"import *" not in text
        case [ast.Raise(exc=ast.Call(func=ast.Name("SystemExit" as word)))]:
            return word not in bound_in_module(tree) and b"import *" not in text
        case _:
            return False


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
    return imported_among(programs, near)
