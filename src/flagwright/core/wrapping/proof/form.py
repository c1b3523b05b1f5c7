"""Read a function that serves two versions: which parameters, and which body, are of one side.

Strict: what does not stand exactly as the mark says is a failed proof.
"""

import ast
from collections.abc import Collection, Iterator
from typing import Any

from flagwright.core.wrapping.proof.apart import hands_on_all, is_told, question_of, untyped
from flagwright.core.wrapping.proof.lasting import Known, is_quiet
from flagwright.core.wrapping.proof.levels import one_call_less
from flagwright.core.wrapping.refusal import refuse

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def one_body(
    node: Any, names: Collection[str], check: str, known: Known, *, on: bool
) -> tuple[Any, Any]:
    """The function with the body that one side runs, and the inner function that holds it.

    Args:
        names: Inner functions that hold a body each; `*` where they have parameters of their own.
        check: The dump of the expression that asks for the flag.
        known: What does not depend on when it is asked for.

    Returns:
        The function as this side reads, and none where its body stands in the function itself.
    """
    is_apart, names = "*" in names, {*names} - {"*"}
    at = int(ast.get_docstring(node, clean=False) is not None)
    test = node.body[at] if len(node.body) == at + 1 else None
    is_asked = isinstance(test, ast.If) and check == ast.dump(
        question_of(test.test) if is_apart else test.test
    )
    hold(node, is_asked and test and test.orelse and node.name not in names)
    assert isinstance(test, ast.If)
    held = [_held(branch, names) for branch in (test.body, test.orelse)]
    found = [inner.name for inner in held if inner is not None]
    hold(node, held[0] is not None and sorted(found) == sorted(names))
    hold(
        node,
        not is_apart or (len(found) == 2 and is_told(test.test, node, held[0], held[1], known)),
    )
    own = known._replace(names=known.names - names) if is_apart else None
    for branch, inner in zip((test.body, test.orelse), held, strict=True):
        if inner is not None:
            _check_call(node, branch[1], inner, own)
    branch, inner = (test.body, held[0]) if on else (test.orelse, held[1])
    if inner is None:
        return with_fields(node, body=[*node.body[:at], *branch]), None
    header = {"args": inner.args, "returns": inner.returns} if is_apart else {}
    body = [*node.body[:at], *map(one_call_less, inner.body)]
    return with_fields(node, body=body, **header), inner


def without_parameters(node: Any, names: Collection[str], rest: Collection[str] = ()) -> Any:
    """The function without parameters that only the other version has.

    They must take nothing away from a call that this version accepts: each has a default,
    the positional ones stand last, and nothing else would get them but those of `rest`.
    """
    old = node.args
    stars = {name for name in names if name[0] == "*"}
    named = {*names} - stars
    vararg = None if old.vararg and f"*{old.vararg.arg}" in stars else old.vararg
    kwarg = None if old.kwarg and f"**{old.kwarg.arg}" in stars else old.kwarg
    hold(node, len(stars) == (vararg is not old.vararg) + (kwarg is not old.kwarg))
    positional = [*old.posonlyargs, *old.args]
    first_default = len(positional) - len(old.defaults)
    gone = [a.arg in names for a in positional]
    count = sum(gone)
    hold(node, not (kwarg and named - {*rest}) and (not count or not vararg))
    hold(node, count <= len(old.defaults) and gone == sorted(gone))
    by_name = list(zip(old.kwonlyargs, old.kw_defaults, strict=True))
    lost = [(a, d) for a, d in by_name if a.arg in names]
    hold(node, all(d is not None for _, d in lost) and count + len(lost) == len(named))
    made = [*old.defaults[len(old.defaults) - count :], *(d for _, d in lost)]
    hold(node, all(map(is_quiet, made)))
    kept = [(a, d) for a, d in by_name if a.arg not in names]
    arguments = ast.arguments(
        posonlyargs=[a for a in old.posonlyargs if a.arg not in names],
        args=[a for a in old.args if a.arg not in names],
        vararg=vararg,
        kwonlyargs=[a for a, _ in kept],
        kw_defaults=[d for _, d in kept],
        kwarg=kwarg,
        defaults=old.defaults[: len(positional) - count - first_default],
    )
    return with_fields(node, args=arguments)


def without_question(node: Any, names: Collection[str], check: str = "") -> Any:
    """The function with an answer that does not depend on parameters which one version requires.

    Args:
        check: The dump of the expression that asks for the flag. Where one is given, nothing
            in the function may ask but the line that looks for these parameters as well.
    """
    if not names:
        return node
    at = int(ast.get_docstring(node, clean=False) is not None)
    tests = {ast.dump(ast.parse(f"{name} is not ...", mode="eval").body) for name in names}
    match node.body[at] if at < len(node.body) else None:
        case ast.Assign(targets=targets, value=ast.BoolOp(op=ast.And(), values=[asked, *rest])) if (
            tests == {*map(ast.dump, rest)}
        ):
            line = ast.copy_location(ast.Assign(targets, asked), node.body[at])
            left = [*node.body[:at], *node.body[at + 1 :]]
            made = with_fields(node, body=[*node.body[:at], line, *node.body[at + 1 :]])
        case _:
            left, made = node.body, node
    asks = (ast.dump(n) == check for part in left for n in ast.walk(part)) if check else ()
    hold(node, not any(asks))
    return made


def check_handed_up(node: Any) -> None:
    """Refuse a method of the other side that does more on this one than call what it overrides.

    Or, where there is nothing that it overrides, run as on its own side.

    Args:
        node: The method as this side runs it.
    """
    old, body = node.args, node.body
    named = [a.arg for a in (*old.posonlyargs, *old.args)][1:]
    named += [f"*{old.vararg.arg}"] if old.vararg else []
    named += [f"{a.arg}={a.arg}" for a in old.kwonlyargs]
    named += [f"**{old.kwarg.arg}"] if old.kwarg else []
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    hold(node, decorators in ([], ["classmethod"], ["property"]))
    call = f"super().{node.name}" + ("" if "property" in decorators else f"({', '.join(named)})")
    awaited = f"await {call}" if isinstance(node, ast.AsyncFunctionDef) else call
    wanted = ast.dump(ast.parse(f"return {awaited}").body[0])
    documented = ast.get_docstring(node, clean=False) is not None
    lines = [line for line in body[int(documented) :] if not _does_nothing(line)]
    if isinstance(lines[0], ast.If):
        is_there = f"hasattr(super(), {node.name!r})"
        hold(node, ast.unparse(lines[0].test) == is_there and not lines[0].orelse)
        lines = lines[0].body
    hold(node, [ast.dump(line) for line in lines] == [wanted])


def _does_nothing(line: ast.stmt) -> bool:
    is_constant = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return is_constant or isinstance(line, ast.Pass)


def check_unseen(node: Any, names: Collection[str]) -> None:
    """Refuse a parameter of the other version whose name this version uses itself."""
    words = {word for part in ast.walk(node) for word in _words(part)}
    if seen := sorted(words.intersection(name.lstrip("*") for name in names)):
        because = f"`{seen[0]}` means something else in the other version"
        raise refuse(node.lineno, "scope", because)


def _words(node: ast.AST) -> Iterator[str]:
    """Names that a node uses or binds."""
    match node:
        case ast.Name(id=name) | ast.arg(arg=name):
            yield name
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
        case ast.alias():
            yield node.asname or node.name.partition(".")[0]
        case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
            yield name
        case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case _:
            pass


def _held(branch: list[ast.stmt], names: Collection[str]) -> Any:
    """The inner function of a branch that only defines and calls it."""
    first = branch[0]
    is_inner = isinstance(first, FUNCTIONS) and first.name in names and len(branch) == 2
    return first if is_inner else None


def _check_call(node: Any, line: ast.stmt, inner: Any, known: Known | None) -> None:
    """The inner function is of the same kind of `def`, and gets what the outer one got.

    Args:
        known: What does not depend on when it is asked for, if it has parameters of its own.
    """
    is_async = isinstance(node, ast.AsyncFunctionDef)
    hold(node, type(node) is type(inner) and not inner.decorator_list)
    yields = [_yields(n) for n in (node, inner)]
    hold(node, not (is_async and any(yields)) and (yields[1] or not yields[0]))
    call = line.value if isinstance(line, ast.Return) else None
    if is_async:
        call = call.value if isinstance(call, ast.Await) else None
    elif yields[0]:
        call = call.value if isinstance(call, ast.YieldFrom) else None
    hold(node, isinstance(call, ast.Call) and (not known or hands_on_all(node, inner, known)))
    assert isinstance(call, ast.Call)
    words = untyped(node.args) if known else _forwarded(node, inner)
    given = ast.dump(ast.parse(f"{inner.name}({words})", mode="eval").body)
    hold(node, ast.dump(call) == given)


def _forwarded(node: Any, inner: Any) -> str:
    """The arguments of a call that hands on every parameter of the inner function."""
    old, new = node.args, inner.args
    outer = [[a.arg for a in side] for side in (old.posonlyargs, old.args, old.kwonlyargs)]
    own = [[a.arg for a in side] for side in (new.posonlyargs, new.args, new.kwonlyargs)]
    hold(node, all(set(b) <= set(a) for a, b in zip(outer, own, strict=True)))
    stars = [[getattr(a, "arg", None) for a in (v.vararg, v.kwarg)] for v in (old, new)]
    hold(node, all(b in (a, None) for a, b in zip(*stars, strict=True)))
    hold(node, not new.defaults and not any(new.kw_defaults))
    words = [*own[0], *own[1]]
    words += [f"*{stars[1][0]}"] if stars[1][0] else []
    words += [f"{name}={name}" for name in own[2]]
    words += [f"**{stars[1][1]}"] if stars[1][1] else []
    return ", ".join(words)


def _yields(node: Any) -> bool:
    """Whether a function itself has a `yield`."""
    stack = list(node.body)
    while stack:
        part = stack.pop()
        if isinstance(part, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(part, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            stack.extend(ast.iter_child_nodes(part))
    return False


def with_fields(node: Any, **fields: Any) -> Any:
    """A node with some other parts, at its place."""
    return ast.copy_location(type(node)(**dict(ast.iter_fields(node)) | fields), node)


def hold(node: Any, holds: object) -> None:
    """Refuse a function, or a block, that is not what its mark says."""
    if not holds:
        name = getattr(node, "name", "if")
        because = f"`{name}` does not stand for both versions as its mark says"
        raise refuse(node.lineno, "proof-failed", because)
