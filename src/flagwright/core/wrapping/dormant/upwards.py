"""Tell whether a method shows by its own code that one of its bases has what it overrides.

A method that calls `super().name(...)` overrides one. On the side without it the call may go
up with what was given: `super()` finds what the object would have found itself.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator

from flagwright.core.wrapping.dormant.settled import IN_DOUBT
from flagwright.core.wrapping.effect import Function
from flagwright.core.wrapping.frame import own_nodes
from flagwright.core.wrapping.standin import is_generator

_UNSURE = {"AttributeError", "suppress"}
"""Names of code that is not sure whether a base has a method; also what asks `super()` itself."""
_LEAVING = (ast.Return, ast.Raise)
_MOST_CHARS = 2000
"""Of one call."""


def goes_up(node: Function) -> bool:
    """Whether a method certainly overrides one, and takes nothing that was not given to it."""
    parts = list(own_nodes(node))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    if is_generator(node) or any((*node.args.defaults, *node.args.kw_defaults)):
        return False
    given = {n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    given |= {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
    certain = [part for line in _straight(node.body, given) for part in _at_once(line)]
    if names & _UNSURE or any(map(_asks, parts)) or not any(_calls(certain, node.name)):
        return False
    awaited = {id(part.value) for part in parts if isinstance(part, ast.Await)}
    is_awaited = any(id(call) in awaited for call in _calls(parts, node.name))
    return is_awaited == isinstance(node, ast.AsyncFunctionDef)


def _straight(body: Iterable[ast.stmt], given: Collection[str]) -> Iterator[ast.AST]:
    """What runs in every call, but for those that leave before because of what they are given."""
    for node in body:
        match node:
            case ast.With(items=items, body=inner) | ast.AsyncWith(items=items, body=inner):
                yield from (item.context_expr for item in items)
                yield from _straight(inner, given)
            case ast.Try(handlers=[], body=inner):
                yield from _straight(inner, given)
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While() | ast.Match() | ast.Try():
                parts = list(ast.walk(node))
                names = {part.id for part in parts if isinstance(part, ast.Name)}
                if names.isdisjoint(given) and any(isinstance(n, _LEAVING) for n in parts):
                    return
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                pass
            case _:
                yield node


def _at_once(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a line that are evaluated whenever it is."""
    yield node
    if not isinstance(node, IN_DOUBT):
        for part in ast.iter_child_nodes(node):
            yield from _at_once(part)


def _asks(part: ast.AST) -> bool:
    """Whether something other than an attribute is asked of `super()`."""
    given = part.args if isinstance(part, ast.Call) else []
    return any(isinstance(n, ast.Call) and getattr(n.func, "id", "") == "super" for n in given)


def _calls(parts: list[ast.AST], name: str) -> Iterator[ast.Call]:
    """Calls of `super().name(...)`."""
    for part in parts:
        match part:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Name("super"), args=[], keywords=[]), attr=found
                )
            ) if found == name:
                yield part
            case _:
                pass


def takes_anything(node: Function) -> bool:
    """Whether a method takes whatever it is given: `(self, *args, **kwargs)`."""
    given = node.args
    named = [*given.posonlyargs, *given.args]
    return bool(given.vararg and given.kwarg and len(named) == 1 and not given.kwonlyargs)


def fits(node: Function, owner: str, texts: Collection[bytes]) -> bool:
    """Whether every use of the name in some files is a call with what a method takes.

    Args:
        owner: Its class, of which it must not be looked up: it may be static in a base.
    """
    if any(f"{owner}.{node.name}".encode() in text for text in texts):
        return False
    given = node.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)][1:]
    only = {a.arg for a in given.kwonlyargs}
    for call in (found for text in texts for found in _uses(text, node.name)):
        if call is None or any(isinstance(a, ast.Starred) for a in call.args):
            return False
        count = len(call.args)
        keywords = {keyword.arg for keyword in call.keywords}
        if None in keywords or (count > len(names) and not given.vararg):
            return False
        missing = {*names[count:], *only} - keywords
        if missing or (keywords - {*names[count:], *only} and not given.kwarg):
            return False
    return True


def _uses(text: bytes, name: str) -> Iterator[ast.Call | None]:
    """Calls of what has a name, wherever it is looked up; none for one that cannot be read."""
    word = name.encode()
    for found in re.finditer(rb"\.\s*" + word + rb"\b[ \t]*", text) if word in text else ():
        start = found.end()
        ends = (m.end() for m in re.finditer(rb"\)", text[start : start + _MOST_CHARS]))
        calls = (
            (_call(text[start : start + end]) for end in ends)
            if text[start : start + 1] == b"("
            else iter(())
        )
        yield next((call for call in calls if call), None)


def _call(arguments: bytes) -> ast.Call | None:
    try:
        found = ast.parse(b"f" + arguments, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return found if isinstance(found, ast.Call) else None
