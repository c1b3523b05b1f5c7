"""Read what a piece of code does at once when it runs: what it calls, binds, and hands on.

Bodies of functions do not run with the code that defines them. Names are all that is known,
so what is found is too much rather than too little.
"""

import ast
import builtins
import operator
from collections.abc import Collection, Iterator
from typing import TypeGuard

from flagwright.core.wrapping.tree import children, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SPECIAL = {ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.AnnAssign, ast.Call}

MAKING = {"__new__", "__init__", "__post_init__", "__set_name__"}
_WITH = {"__enter__", "__exit__", "__aenter__", "__aexit__"}
_ITEMS = {"__getitem__", "__missing__", "__setitem__", "__delitem__"}
_LOOPS = {"__iter__", "__next__", "__len__", "__getitem__", "__aiter__", "__anext__"}
_ACCESS = {"__getattr__", "__getattribute__", "__setattr__", "__get__", "__set__", "__delattr__"}
NAMED = MAKING | _WITH | _ITEMS | _LOOPS | _ACCESS | {"__prepare__", "__call__"}
"""Special methods that only certain code uses; any other code may use the others."""
_ELSEWHERE = {"__del__", "__fspath__", "__await__", "__mro_entries__", "__copy__", "__deepcopy__"}
_TYPES = [found for found in vars(builtins).values() if isinstance(found, type)]
OF_PYTHON = (
    NAMED
    | _ELSEWHERE
    | {*dir(operator)} - {"__all__"}
    | {"__rmatmul__", *(n for t in _TYPES for n in dir(t))}
)
"""Members that Python itself may call, if they are special; `__tablename__` is none of them."""
CALLED_BY_PYTHON = {name for name in OF_PYTHON if name.startswith("__")}
KEEPING = {"partial", "partialmethod", "wraps", "update_wrapper", "lru_cache", "cache", "field"}
"""Functions that call nothing of what they are given."""
ASKING = {"isinstance", "issubclass"}
"""Functions of Python that make no object of a class that they are given."""
COUNTING = {"len"}
"""Those that call nothing in what they are given."""
LOOKING = {"getattr", "hasattr"}
"""Those that make none of the first one."""
OF_FUNCTIONS = {"__name__", "__qualname__", "__module__", "__doc__"}
"""What a function or class has that nobody calls."""
MAKING_FIELDS = ("default_factory", "factory")
"""By these a field of a class is told what makes its value."""
ACCESSORS = {"setter", "getter", "deleter"}
_IN_SCRIPTS = {"__name__ == '__main__'", "'__main__' == __name__"}


def running(node: ast.AST, *, lambdas: bool = False) -> list[ast.AST]:
    """Nodes that run with a statement: no bodies of functions, of annotations only calls.

    A lambda that is given to a call may be called by it.

    Args:
        lambdas: Whether any other may be called as well.
    """
    found: list[ast.AST] = []
    stack = [node]
    while stack:
        node = stack.pop()
        found.append(node)
        if node.__class__ not in _SPECIAL:
            stack += children(node)
            continue
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                defaults = (*node.args.defaults, *node.args.kw_defaults)
                stack += [*node.decorator_list, *filter(None, defaults)]
                annotations = [a.annotation for a in walk(node.args) if isinstance(a, ast.arg)]
                stack += _calls(*annotations, node.returns)
            case ast.Lambda(args=args, body=body):
                stack += filter(None, (*args.defaults, *args.kw_defaults))
                stack += [body] if lambdas else []
            case ast.AnnAssign(value=value, target=target, annotation=annotation):
                stack += [target, *([value] if value else []), *_calls(annotation)]
            case ast.Call():
                stack += children(node)
                stack += [node.func.body] if isinstance(node.func, ast.Lambda) else []
                if called_name(node) not in KEEPING:
                    values = (*node.args, *(k.value for k in node.keywords))
                    stack += [value.body for value in values if isinstance(value, ast.Lambda)]
    return found


def _calls(*annotations: ast.expr | None) -> Iterator[ast.AST]:
    """What some annotations call when they are evaluated."""
    parts = (part for annotation in annotations if annotation for part in walk(annotation))
    return (part for part in parts if isinstance(part, ast.Call))


def bound_by(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names that one node gives a value, and the expression it comes from."""
    targets: list[ast.AST] = []
    match node:
        case ast.Assign(targets=found, value=value):
            targets = [n for n in found if getattr(n, "attr", "") not in OF_FUNCTIONS]
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            targets = [target]
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            targets = [target]
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            targets = [target]
        case ast.Match(subject=value):
            yield from ((name, value) for name in _captured(node))
        case _:
            return
    for name in {n.id for t in targets for n in walk(t) if isinstance(n, ast.Name)}:
        yield name, value


def _captured(node: ast.Match) -> set[str]:
    """Names that the patterns of a statement give what they fit, or a part of it."""
    parts = [part for case in node.cases for part in walk(case.pattern)]
    names = {getattr(part, "name", None) or getattr(part, "rest", None) for part in parts}
    return {name for name in names if isinstance(name, str)}


def made_at_top(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Names that a file gives the result of a call, and that call."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                yield name, call
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call):
                yield name, call
            case _:
                pass


def results_kept(node: ast.AST) -> Iterator[ast.AST]:
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
            yield from (value for _, value in set_by(node))


def set_by(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The name and the value that `setattr` gives to an attribute."""
    match node:
        case ast.Call(func=ast.Name(id="setattr"), args=[_, name, value]):
            yield name, value
        case _:
            pass


def defaults(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Parameters of a function that have a default, and that."""
    if isinstance(node, Function | ast.Lambda):
        args = node.args
        positional = [*args.posonlyargs, *args.args][::-1]
        pairs = [*zip(positional, args.defaults[::-1], strict=False)]
        pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
        yield from ((argument.arg, default) for argument, default in pairs)


def stored_by(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Attributes that one node gives a value, and the expression it comes from."""
    match node:
        case ast.Assign(targets=[ast.Attribute(attr=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Attribute(attr=name), value=ast.expr() as value):
            yield name, value
        case ast.Call():
            for named, value in set_by(node):
                if isinstance(named, ast.Constant):
                    yield str(named.value), value
        case _:
            pass


def methods_held(node: ast.AST, *, shows: bool) -> Iterator[tuple[str, ast.Attribute]]:
    """Attributes that an assignment gives to a name, or a default to a parameter, and that name.

    Args:
        shows: Whether these may stand in a display: no class or caller gets to see that.
    """
    yield from ((name, v) for name, v in defaults(node) if isinstance(v, ast.Attribute))
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute() as method):
            yield name, method
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ) if shows:
            yield from ((name, leaf) for leaf in leaves(value) if isinstance(leaf, ast.Attribute))
        case _:
            pass


def leaves(value: ast.expr) -> Iterator[ast.expr]:
    """What a value is put together from that is no display itself."""
    parts = list(parts_of(value))[1:]
    if not parts:
        yield value
    for part in parts:
        yield from leaves(part)


def entered(function: Function) -> list[ast.AST]:
    """Nodes that may run when a function is called: whoever gets its lambdas may call them."""
    return [node for statement in function.body for node in running(statement, lambdas=True)]


def parts_of(value: ast.expr) -> Iterator[ast.expr]:
    """A value, and those that it is put together from."""
    yield value
    if isinstance(value, ast.Tuple | ast.List):
        yield from value.elts
    elif isinstance(value, ast.Dict):
        yield from (part for part in (*value.keys, *value.values) if part)


def special(node: ast.AST) -> set[str]:
    """Special methods that a node uses by its form."""
    match node:
        case ast.Attribute():
            return _ACCESS
        case ast.With() | ast.AsyncWith():
            return _WITH
        case ast.For() | ast.AsyncFor() | ast.comprehension() | ast.Starred():
            return _LOOPS
        case ast.Assign(targets=[ast.Tuple() | ast.List()]):
            return _LOOPS
        case ast.Subscript() | ast.keyword(arg=None):
            return _ITEMS
        case ast.Dict(keys=keys) if None in keys:
            return _ITEMS
        case ast.Call(func=ast.Attribute(attr="enter_context" | "enter_async_context")):
            return _WITH
        case ast.Call(func=ast.Name(id="getattr" | "hasattr" | "setattr" | "delattr")):
            return _ACCESS
        case ast.Call(func=ast.Name("len"), args=[_]):
            return {"__len__"}
        case ast.Call(args=[_, *_]):
            return _LOOPS | _ITEMS
        case _:
            return set()


def only_tells(value: ast.expr, functions: Collection[str]) -> bool:
    """Whether a value is a text about something, such as its name, or some of these.

    Args:
        functions: Names of those of the file, which may give anything instead.
    """
    match value:
        case ast.Attribute(attr=name):
            return name in ("__name__", "__qualname__", "__module__") and name not in functions
        case ast.GeneratorExp(elt=elt) | ast.ListComp(elt=elt) | ast.SetComp(elt=elt):
            return only_tells(elt, functions)
        case _:
            return False


def names_of(node: ast.AST) -> set[str]:
    """Every name in a piece of code."""
    return {n.id for n in walk(node) if isinstance(n, ast.Name)}


def called_name(node: ast.AST) -> str:
    """The last part of what is called: `c` of `a.b.c(...)`, and of `a.b.c`."""
    while isinstance(node, ast.Call):
        node = node.func
    return str(getattr(node, "attr", getattr(node, "id", "")))


def root_of(node: ast.expr) -> str:
    """The first name of what is called or looked up; empty where there is none."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_main(node: ast.stmt) -> TypeGuard[ast.If]:
    """Whether the body of a statement runs in a script only."""
    if not isinstance(node, ast.If):
        return False
    test = node.test
    tests = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    return any(ast.unparse(test) in _IN_SCRIPTS for test in tests)


def is_special(name: str) -> bool:
    """Whether a name is spelled as those are that Python may call."""
    return name.startswith("__") and name.endswith("__")


def factories(owner: ast.ClassDef) -> list[ast.AST]:
    """What makes the values of the fields of a class."""
    fields = (n for n in walk(owner) if isinstance(n, ast.keyword))
    values = (n.value for n in fields if n.arg in MAKING_FIELDS)
    return [part for value in values for part in walk(value)]


def is_bare(node: ast.expr) -> bool:
    """Whether something is a lambda without parameters: a call runs what stands in it."""
    return isinstance(node, ast.Lambda) and not any(isinstance(n, ast.arg) for n in walk(node.args))
