"""Find where a file would ask for the flag while it is being imported.

Follows what runs at import by the names in it, and finds too much rather than too
little: a function counts as called wherever its name is read, unless it is only given
to code of somebody else, which is how handlers are registered, or to code of this file
that certainly only stores it.
"""

import ast
import builtins
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from flagwright.core.wrapping.proof.classes import runs_with_its_class
from flagwright.core.wrapping.proof.outside import Outside
from flagwright.core.wrapping.proof.running import (
    ACCESSORS,
    KEEPING,
    MAKING,
    NAMED,
    Function,
    bound_by,
    called_name,
    functions_returned,
    is_main,
    keeps,
    methods_held,
    names_of,
    operates,
    results_kept,
    root_of,
    running,
    special,
)
from flagwright.core.wrapping.tree import nodes

_APPLYING = {"apply", "imap", "map", "reduce", "sort", "starmap", "submit"}
"""Methods of any object that do."""


def asks_at_import(
    tree: ast.Module,
    asking: Collection[ast.AST],
    running_calls: Collection[str],
    outside: Outside | None = None,
) -> list[int]:
    """Lines of checks that run at import: outside functions, or in functions reached there.

    Args:
        asking: The checks.
        running_calls: Functions of others that call what they are given, as patterns.
        outside: What other files do; none: not known.
    """
    if not asking:
        return []
    reached = Reach(tree, outside or Outside(), running_calls).nodes()
    return sorted({node.lineno for node in asking if id(node) in reached})  # type: ignore[attr-defined] # expressions


def spelled(tree: ast.Module, check: str) -> list[ast.AST]:
    """Where a check stands in a file, as it is spelled."""
    wanted = ast.parse(check, mode="eval").body
    text, kind = ast.dump(wanted), type(wanted)
    return [n for n in nodes(tree) if isinstance(n, kind) and ast.dump(n) == text]


@dataclass
class _Run:
    """What the code that runs at import does, as names."""

    called: set[str] = field(default_factory=set)
    """What is called, or given to something that calls it."""
    stored: set[str] = field(default_factory=set)
    """What is given to code that only stores it."""
    calls_stored: bool = False
    """Whether something is called of which it is not known what it is."""
    touched: set[str] = field(default_factory=set)
    """Whose attributes are used."""
    attributes: set[str] = field(default_factory=set)
    subscripted: set[str] = field(default_factory=set)
    special: set[str] = field(default_factory=lambda: set(MAKING))
    operates: bool = False


class Reach:
    """Follows a file from what runs at import to the functions that it reaches."""

    def __init__(
        self, tree: ast.Module, outside: Outside, running_calls: Collection[str] = ()
    ) -> None:
        """Read what the names of a file stand for."""
        self._tree, self._outside, self._running_calls = tree, outside, running_calls
        self._functions: dict[str, list[Function]] = defaultdict(list)
        self._classes: dict[str, list[ast.ClassDef]] = defaultdict(list)
        self._values: dict[str, list[ast.expr]] = defaultdict(list)
        self._returned: dict[str, set[str]] = defaultdict(set)
        self._foreign: dict[str, str] = {}
        self._methods: dict[str, list[ast.Attribute]] = defaultdict(list)
        """Methods by the name that holds them: `main = App.launch`, `ALL = [App.launch]`."""
        self._static: set[str] = set()
        """Names of functions that become members: `main = staticmethod(launch)`."""
        self._fields: set[str] = set()
        """Attributes that something is stored in."""
        for node in nodes(tree):
            self._know(node)
        self._owners = {
            id(member): owner
            for owners in self._classes.values()
            for owner in owners
            for member in owner.body
        }

    def _know(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self._functions[name].append(node)
                self._returned[name] |= functions_returned(node)
                self._values[name] += node.decorator_list
            case ast.ClassDef(name=name):
                self._classes[name].append(node)
            case ast.Import(names=names):
                for alias in names:
                    package = alias.name.partition(".")[0]
                    self._foreign[alias.asname or package] = alias.name if alias.asname else package
            case ast.ImportFrom(names=names, module=module):
                for alias in names:
                    self._foreign[alias.asname or alias.name] = f"{module or ''}.{alias.name}"
            case ast.Attribute(attr=name, ctx=ast.Store()):
                self._fields.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                self._fields.add(name)
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="staticmethod" | "classmethod")),
            ):
                self._static.add(name)
            case _:
                pass

    def nodes(self) -> set[int]:
        """Identities of all nodes that run at import."""
        waiting = [n for node in self._tree.body if not is_main(node) for n in running(node)]
        reached, entered = set[int](), set[int]()
        run = _Run(
            called=set(self._outside.called),
            touched=set(self._outside.touched),
            attributes=set(self._outside.attributes),
        )
        for name in self._outside.decorating:
            run.called |= self._results(name)
        while waiting:
            reached.update(map(id, waiting))
            self._add(run, waiting)
            started = [f for f in self._started(run) if id(f) not in entered]
            entered.update(map(id, started))
            waiting = [n for f in started for statement in f.body for n in running(statement)]
        return reached

    def _started(self, run: _Run) -> Iterator[Function]:
        """Functions that are called, given what runs."""
        members = self._static & run.attributes
        called = self._flow(run.called | members | (run.stored if run.calls_stored else set()))
        for name in self._methods.keys() & (called | run.touched | run.attributes):
            run.attributes.update(method.attr for method in self._methods[name])
            run.touched.update(*(names_of(method.value) for method in self._methods[name]))
        touched = called | self._flow(run.touched)
        subscripted = self._flow(run.subscripted)
        for name, functions in self._functions.items():
            for function in functions:
                owner = self._owners.get(id(function))
                if owner is None:
                    starts = name in called
                elif runs_with_its_class(name, owner, self._classes):
                    starts = True
                elif name == "__class_getitem__":
                    starts = owner.name in subscripted
                elif name.startswith("__") and name.endswith("__"):
                    operator = run.operates and name not in NAMED
                    starts = owner.name in called and (name in run.special or operator)
                else:
                    starts = name in run.attributes and owner.name in touched
                if starts:
                    yield function

    def _flow(self, names: set[str]) -> set[str]:
        """Names, with all that their values and bases are made of."""
        found, waiting = set(names), list(names)
        while waiting:
            name = waiting.pop()
            parts = [n for value in self._values.get(name, ()) for n in ast.walk(value)]
            results = {r for n in parts for r in self._results(called_name(n))}
            parts += [n for c in self._classes.get(name, ()) for b in c.bases for n in ast.walk(b)]
            more = ({n.id for n in parts if isinstance(n, ast.Name)} | results) - found
            found |= more
            waiting += more
        return found

    def _results(self, name: str) -> set[str]:
        """Inner functions that a call gives back, and those that these give back."""
        found, waiting = set[str](), [name]
        while waiting:
            more = self._returned.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return found

    def _add(self, run: _Run, nodes: list[ast.AST]) -> None:
        kept = {id(value) for node in nodes for value in results_kept(node)}
        named = {id(method) for node in nodes for method in self._named_methods(node)}
        for node in nodes:
            run.special |= special(node)
            run.operates |= operates(node)
            for target, value in bound_by(node):
                self._values[target].append(value)
            for decorator in getattr(node, "decorator_list", ()):
                if getattr(decorator, "attr", "") not in ACCESSORS:
                    self._decorate(run, node, decorator)
            match node:
                case ast.Call():
                    self._call(run, node)
                    if id(node) not in kept:
                        run.called |= self._results(called_name(node))
                case ast.Attribute() if id(node) in named:
                    pass
                case ast.Attribute(attr=name, value=value) if not self._is_foreign(value):
                    run.attributes.add(name)
                    run.touched |= names_of(value)
                case ast.Subscript(value=ast.Name(id=name)):
                    run.subscripted.add(name)
                case _:
                    pass

    def _named_methods(self, node: ast.AST) -> Iterator[ast.Attribute]:
        """A method that only gets another name, and is not called by being looked up."""
        for name, method in methods_held(node):
            functions = self._functions.get(method.attr, ())
            decorators = {called_name(d) for f in functions for d in f.decorator_list}
            if functions and decorators <= {"classmethod", "staticmethod"}:
                self._methods[name].append(method)
                yield method

    def _decorate(self, run: _Run, node: ast.AST, decorator: ast.expr) -> None:
        """A decorator is called, what it gives back as well, and it may call what it is above."""
        run.called |= names_of(getattr(decorator, "func", decorator))
        name = called_name(decorator)
        given = self._returned.get(name, set()) if isinstance(decorator, ast.Call) else {name}
        run.called |= given - {name}
        own = [f for n in given for f in self._functions.get(n, ())]
        text = ast.unparse(getattr(decorator, "func", decorator))
        decorated = {str(getattr(node, "name", ""))}
        if not all(map(self._keeps, own)) or text in self._outside.calling:
            run.called |= decorated
        elif own:
            run.stored |= decorated

    def _call(self, run: _Run, node: ast.Call) -> None:
        """What a call calls: itself, and through a function that does so."""
        root, name = root_of(node.func), called_name(node)
        if isinstance(node.func, ast.Name):
            run.called.add(root)
        elif not isinstance(node.func, ast.Attribute):
            kept = root in self._foreign and name not in KEEPING
            run.called |= {root} if kept else names_of(node.func)
        run.calls_stored |= self._is_unknown(node.func)
        if name in KEEPING:
            return
        given = {n for a in node.args for n in names_of(a)}
        given |= {n for k in node.keywords for n in names_of(k.value)}
        if self._calls_what_it_is_given(node.func, root, name):
            run.called |= given
        elif root not in self._foreign and name in self._functions:
            run.stored |= given

    def _calls_what_it_is_given(self, func: ast.expr, root: str, name: str) -> bool:
        if (origin := self._origin(func)) and any(
            fnmatchcase(origin, pattern) for pattern in self._running_calls
        ):
            return True
        if root in self._foreign:
            calls = isinstance(func, ast.Attribute) and name in _APPLYING
            return calls or ast.unparse(func) in self._outside.calling
        if isinstance(func, ast.Attribute) and (own := self._functions.get(name)):
            return not all(map(self._keeps, own))
        if isinstance(func, ast.Attribute) and name in _APPLYING:
            return True
        if isinstance(func, ast.Name) and root in self._functions and root not in self._classes:
            return not all(map(self._keeps, self._functions[root]))
        return root in self._functions or root in self._classes or hasattr(builtins, root)

    def _origin(self, node: ast.expr, depth: int = 0) -> str:
        """Where what is called comes from, through one name that the file gives it."""
        match node:
            case ast.Name(id=name) if name in self._foreign:
                return self._foreign[name]
            case ast.Name(id=name) if len(self._values.get(name, ())) == 1 and not depth:
                return self._origin(self._values[name][0], 1)
            case ast.Attribute(value=value, attr=name):
                return f"{above}.{name}" if (above := self._origin(value, depth)) else ""
            case ast.Call(func=func):
                return self._origin(func, depth)
            case _:
                return ""

    def _keeps(self, function: Function) -> bool:
        return keeps(function, is_method=id(function) in self._owners)

    def _is_unknown(self, func: ast.expr) -> bool:
        """Whether the file does not say what is called: a parameter, a field, an item."""
        root = root_of(func)
        if root in self._foreign:
            return False
        match func:
            case ast.Name(id=name):
                own = name in self._functions or name in self._classes
                return not own and not hasattr(builtins, name)
            case ast.Attribute(attr=name):
                return name in self._fields
            case _:
                return True

    def _is_foreign(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._foreign
