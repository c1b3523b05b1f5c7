"""Tell of functions and classes that one gives back, made by what the flag was then.

They keep that answer for as long as they live. Where they call what asks anew, half of each
version runs once the flag is switched; no proof sees that, since each side by itself is right.
"""

import ast
from collections.abc import Collection, Iterator, Sequence

from flagwright.core.wrapping.effect import Function, last_name
from flagwright.core.wrapping.frame import functions_of
from flagwright.core.wrapping.proof.equal import spelled
from flagwright.core.wrapping.tree import walk

_Made = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda

_KEEPING = ("partial", "partialmethod", "update_wrapper", "property", "staticmethod", "classmethod")


def handed_back(wrapped: ast.Module, asked: tuple[str, str]) -> Iterator[str]:
    """For each function that gives back what goes by an old answer, what that means.

    Args:
        asked: The question, and the name of what holds its answer.
    """
    checks = {id(node) for node in spelled(wrapped, asked[0])}
    functions = functions_of(wrapped)
    asking = [(f, own) for f, own in functions if any(id(n) in checks for n in own)]
    for function, own in asking:
        made = [n for n in own if isinstance(n, _Made) and _goes_by(n, own, checks, asked[1])]
        if given := [n for n in made if _is_given_back(n, own)]:
            yield _told(function, given, [f for f, _ in asking if f is not function])


def _told(function: Function, given: Sequence[_Made], others: Sequence[Function]) -> str:
    inside = {id(n) for one in given for n in walk(one)}
    words = {word for one in given for n in walk(one) if (word := _word(n))}
    anew = sorted({f.name for f in others if f.name in words and id(f) not in inside})
    names = ", ".join(dict.fromkeys(f"`{getattr(n, 'name', 'a lambda')}`" for n in given))
    goes = f"`{function.name}` gives back {names}, which goes by the flag as it was then"
    if not anew:
        return f"{goes}: a switch counts for what it gives back from then on"
    called = ", ".join(f"`{name}`" for name in anew)
    ask = "ask" if anew[1:] else "asks"
    return (
        f"{goes}, and uses {called}, which {ask} anew: what lives through a switch does half of "
        "each version, so let nothing of it live that long, e.g. restart"
    )


def _word(node: ast.AST) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "")


def _goes_by(made: _Made, own: Sequence[ast.AST], checks: Collection[int], local: str) -> bool:
    """Whether the answer chooses what is made, or is used in it later."""

    def is_answer(node: ast.AST) -> bool:
        return (isinstance(node, ast.Name) and node.id == local) or id(node) in checks

    if any(isinstance(n, ast.Name) and n.id == local for n in walk(made)):
        return True
    tests = [n for n in own if isinstance(n, ast.If | ast.IfExp)]
    return any(any(map(is_answer, walk(n.test))) and made in walk(n) for n in tests)


def _is_given_back(made: _Made, own: Sequence[ast.AST]) -> bool:
    """Whether a function returns, yields or stores what it makes, or something with it."""
    names = {getattr(made, "name", "")} - {""}
    for _ in range(2):
        for node in (n for n in own if isinstance(n, ast.Assign)):
            if _is_itself(node.value, made, names):
                if any(isinstance(t, ast.Attribute | ast.Subscript) for t in node.targets):
                    return True
                names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    ends = (n for n in own if isinstance(n, ast.Return | ast.Yield))
    return any(_is_itself(n.value, made, names) for n in ends)


def _is_itself(value: ast.AST | None, made: _Made, names: set[str]) -> bool:
    """Whether a value is what was made, an object of it, or holds it; not what it returns."""
    match value:
        case ast.Name(id=name):
            return name in names
        case ast.Lambda():
            return value is made
        case ast.Call(func=func, args=args, keywords=keywords):
            parts = [*args, *(k.value for k in keywords)] if _keeps(func) else []
            is_object = isinstance(made, ast.ClassDef) and _is_itself(func, made, names)
            return is_object or any(_is_itself(part, made, names) for part in parts)
        case ast.Tuple() | ast.List() | ast.Dict() | ast.IfExp() | ast.Starred():
            return any(_is_itself(part, made, names) for part in ast.iter_child_nodes(value))
        case _:
            return False


def _keeps(func: ast.expr) -> bool:
    """Whether what a call gives still has what it is given: an object, a partial, `wraps(f)(g)`."""
    name = last_name(func) or ""
    return isinstance(func, ast.Call) or name[:1].isupper() or name in _KEEPING
