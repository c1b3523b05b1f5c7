"""Find where a file would ask for the flag while it is being imported.

Follows what runs at import by the names in it, and finds too much rather than too
little: a function counts as called wherever its name is read, unless it is only given
to code of somebody else, which is how handlers are registered.
"""

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import filterfalse

from flagwright.core.wrapping.tree import nodes

Function = ast.FunctionDef | ast.AsyncFunctionDef

_MAKING = {"__new__", "__init__", "__post_init__", "__set_name__", "__call__"}
_OF_CLASSES = {"__new__", "__init__", "__prepare__", "__call__"}
_WITH = {"__enter__", "__exit__", "__aenter__", "__aexit__"}
_ITEMS = {"__getitem__", "__missing__", "__setitem__", "__delitem__"}
_LOOPS = {"__iter__", "__next__", "__len__", "__getitem__", "__aiter__", "__anext__"}
_ACCESS = {"__getattr__", "__getattribute__", "__setattr__", "__get__", "__set__", "__delattr__"}
_NAMED = _MAKING | _OF_CLASSES | _WITH | _ITEMS | _LOOPS | _ACCESS
"""Special methods that only certain code uses; the others belong to operators."""
_CALLING = {"functools", "itertools", "operator"}
"""Modules whose functions call what they are given."""
_KEEPING = {"partial", "partialmethod", "wraps", "update_wrapper", "lru_cache", "cache", "field"}


def asks_at_import(tree: ast.Module, check: str) -> list[int]:
    """Lines of checks that run at import: outside functions, or in functions reached there."""
    wanted = ast.parse(check, mode="eval").body
    text, kind = ast.dump(wanted), type(wanted)
    asking = [n for n in nodes(tree) if isinstance(n, kind) and ast.dump(n) == text]
    if not asking:
        return []
    reached = _Reach(tree).nodes()
    return sorted({node.lineno for node in asking if id(node) in reached})


@dataclass
class _Run:
    """What the code that runs at import does, as names."""

    called: set[str] = field(default_factory=set)
    """What is called, or given to something that calls it."""
    touched: set[str] = field(default_factory=set)
    """Whose attributes are used."""
    attributes: set[str] = field(default_factory=set)
    bases: set[str] = field(default_factory=set)
    metaclasses: set[str] = field(default_factory=set)
    subscripted: set[str] = field(default_factory=set)
    special: set[str] = field(default_factory=lambda: set(_MAKING))
    operates: bool = False


class _Reach:
    """Follows a file from what runs at import to the functions that it reaches."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._functions: dict[str, list[Function]] = defaultdict(list)
        self._classes: dict[str, list[ast.ClassDef]] = defaultdict(list)
        self._values: dict[str, list[ast.expr]] = defaultdict(list)
        self._returned: dict[str, set[str]] = defaultdict(set)
        self._foreign: dict[str, str] = {}
        for node in nodes(tree):
            self._know(node)
        self._owners = {
            id(member): owner.name
            for owners in self._classes.values()
            for owner in owners
            for member in owner.body
        }

    def _know(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self._functions[name].append(node)
                self._returned[name] |= _functions_returned(node)
                self._values[name] += node.decorator_list
            case ast.ClassDef(name=name):
                self._classes[name].append(node)
            case ast.Import(names=names):
                for alias in names:
                    package = alias.name.partition(".")[0]
                    self._foreign[alias.asname or package] = package
            case ast.ImportFrom(names=names, module=module):
                for alias in names:
                    self._foreign[alias.asname or alias.name] = module or "."
            case _:
                pass

    def nodes(self) -> set[int]:
        """Identities of all nodes that run at import."""
        waiting = [n for node in self._tree.body if not _is_main(node) for n in _running(node)]
        reached, entered, run = set[int](), set[int](), _Run()
        while waiting:
            reached.update(map(id, waiting))
            self._add(run, waiting)
            started = [f for f in self._started(run) if id(f) not in entered]
            entered.update(map(id, started))
            waiting = [n for f in started for statement in f.body for n in _running(statement)]
        return reached

    def _started(self, run: _Run) -> Iterator[Function]:
        """Functions that are called, given what runs."""
        called = self._flow(run.called)
        touched = called | self._flow(run.touched)
        bases, metaclasses = self._flow(run.bases | run.subscripted), self._flow(run.metaclasses)
        for name, functions in self._functions.items():
            for function in functions:
                owner = self._owners.get(id(function))
                if owner is None:
                    starts = name in called
                elif name in {"__init_subclass__", "__class_getitem__"}:
                    starts = owner in bases
                elif name.startswith("__") and name.endswith("__"):
                    operator = run.operates and name not in _NAMED
                    starts = owner in called and (name in run.special or operator)
                    starts |= owner in metaclasses and name in _OF_CLASSES
                else:
                    starts = name in run.attributes and owner in touched
                if starts:
                    yield function

    def _flow(self, names: set[str]) -> set[str]:
        """Names, with all that their values and bases are made of."""
        found, waiting = set(names), list(names)
        while waiting:
            name = waiting.pop()
            parts = [n for value in self._values.get(name, ()) for n in ast.walk(value)]
            results = {r for n in parts for r in self._results(_called_name(n))}
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
        kept = {id(value) for node in nodes for value in _results_kept(node)}
        for node in nodes:
            run.special |= _special(node)
            run.operates |= _operates(node)
            for target, value in _bound(node):
                self._values[target].append(value)
            for decorator in filterfalse(_is_accessor, getattr(node, "decorator_list", ())):
                run.called |= _names(getattr(decorator, "func", decorator))
                if isinstance(decorator, ast.Call):
                    run.called |= self._returned.get(_called_name(decorator), set())
            match node:
                case ast.Call():
                    run.called |= self._called(node)
                    if id(node) not in kept:
                        run.called |= self._results(_called_name(node))
                case ast.Attribute(attr=name, value=value) if not self._is_foreign(value):
                    run.attributes.add(name)
                    run.touched |= _names(value)
                case ast.ClassDef(bases=bases, keywords=keywords):
                    run.bases |= {name for base in bases for name in _names(base)}
                    run.metaclasses |= {name for k in keywords for name in _names(k.value)}
                case ast.Subscript(value=ast.Name(id=name)):
                    run.subscripted.add(name)
                case _:
                    pass

    def _called(self, node: ast.Call) -> set[str]:
        """Names that a call calls: itself, or through a function that does so."""
        root, name = _root(node.func), _called_name(node)
        found = {root} if isinstance(node.func, ast.Name) else set[str]()
        if not isinstance(node.func, ast.Name | ast.Attribute):
            found = _names(node.func)
        own = root in self._functions or root in self._classes or name in self._functions
        calls = root not in self._foreign and (own or hasattr(builtins, root))
        calls |= self._foreign.get(root, "").partition(".")[0] in _CALLING
        if calls and name not in _KEEPING:
            found |= {n for a in node.args for n in _names(a)}
            found |= {n for k in node.keywords for n in _names(k.value)}
        return found

    def _is_foreign(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._foreign


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run with a statement: no bodies of functions, no annotations.

    A lambda that is given to a call may be called by it.
    """
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                defaults = (*node.args.defaults, *node.args.kw_defaults)
                stack += [*node.decorator_list, *filter(None, defaults)]
            case ast.Lambda(args=args):
                stack += filter(None, (*args.defaults, *args.kw_defaults))
            case ast.AnnAssign(value=value, target=target):
                stack += [target, *([value] if value else [])]
            case _:
                stack.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Call) and _called_name(node) not in _KEEPING:
            values = (*node.args, *(k.value for k in node.keywords))
            stack += [value.body for value in values if isinstance(value, ast.Lambda)]


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names that one node gives a value, and the expression it comes from."""
    targets: list[ast.AST] = []
    match node:
        case ast.Assign(targets=found, value=value):
            targets = [*found]
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            targets = [target]
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            targets = [target]
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            targets = [target]
        case _:
            return
    for name in {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}:
        yield name, value


def _is_accessor(decorator: ast.expr) -> bool:
    """`@name.setter` and its kind."""
    return getattr(decorator, "attr", "") in {"setter", "getter", "deleter"}


def _results_kept(node: ast.AST) -> Iterator[ast.AST]:
    """Calls whose result is not used where they stand."""
    match node:
        case (
            ast.Assign(value=value)
            | ast.Expr(value=value)
            | ast.Return(value=ast.expr() as value)
            | ast.AnnAssign(value=ast.expr() as value)
        ):
            yield value
        case _:
            yield from getattr(node, "decorator_list", ())


def _functions_returned(node: Function) -> set[str]:
    inner = {
        n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    if not inner:
        return inner
    values = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value]
    return inner & {name for value in values for name in _names(value)}


def _special(node: ast.AST) -> set[str]:
    match node:
        case ast.With() | ast.AsyncWith():
            return _WITH
        case ast.For() | ast.AsyncFor() | ast.comprehension() | ast.Starred():
            return _LOOPS
        case ast.Assign(targets=[ast.Tuple() | ast.List()]):
            return _LOOPS
        case ast.Subscript():
            return _ITEMS
        case ast.Attribute():
            return _ACCESS
        case _:
            return set()


def _operates(node: ast.AST) -> bool:
    """Whether a node may use an operator of an object, or hands one to a builtin function."""
    match node:
        case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.BoolOp() | ast.FormattedValue():
            operands = (n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr))
            return not all(isinstance(n, ast.Constant) for n in operands)
        case ast.AugAssign() | ast.If() | ast.While() | ast.IfExp() | ast.Assert():
            return True
        case ast.Call(func=ast.Name(id=name), args=args):
            return hasattr(builtins, name) and bool(args)
        case _:
            return False


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _called_name(node: ast.AST) -> str:
    while isinstance(node, ast.Call):
        node = node.func
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"
