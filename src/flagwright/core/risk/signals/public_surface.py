"""Notice what other code may rely on: public functions, classes, signatures and routes.

Python by comparing both syntax trees; other languages by their words for it.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from flagwright.core.records.change import Side
from flagwright.core.records.score import Finding
from flagwright.core.risk.occurrence import Occurrence, in_text, occurrence, without
from flagwright.core.risk.rule import Signal, TextRule
from flagwright.core.risk.syntax import Definition
from flagwright.core.risk.view import FileView

PublicSurface = Signal[Literal["removed", "signature", "added", "route", "moved"], TextRule]

HTTP_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
ROUTE_WORDS = HTTP_METHODS | {"add_api_route", "add_route", "add_url_rule", "route", "websocket"}
URL_WORDS = frozenset({"path", "re_path"})
"""Methods and functions by which Python web frameworks bind a URL."""


def see(files: Sequence[FileView], settings: PublicSurface) -> Iterator[Finding]:
    """Compare what both versions offer."""
    code = [file for file in files if file.role == "code"]
    rules = settings.named()
    for item in [*_compared(code), *_in_text(code, rules), *_renamed(code)]:
        if item.rule in rules:
            yield item.finding("public_surface", rules[item.rule])


def _renamed(files: Sequence[FileView]) -> Iterator[Occurrence]:
    for file in files:
        if file.is_python and (old := file.change.renamed_from):
            yield Occurrence("moved", old, file.path, 1, "after", f"was {old}")


def _in_text(files: Sequence[FileView], rules: Mapping[str, TextRule]) -> Iterator[Occurrence]:
    came = [*in_text(files, "after", rules)]
    went = [*in_text(files, "before", rules)]
    for item in without(came, went):
        if item.rule in ("added", "route"):
            yield item
    for item in without(went, came):
        if item.rule in ("removed", "route"):
            yield item


class Offer(NamedTuple):
    """A public definition."""

    line: int
    parameters: tuple[tuple[str, str, bool], ...] | None
    """Name, kind and whether it may be left out; none for a class or an exported name."""


def _compared(files: Sequence[FileView]) -> Iterator[Occurrence]:
    for file in files:
        if file.parsed:
            before, after = _offers(file.before), _offers(file.after)
            for name, offer in before.items():
                if name not in after:
                    yield occurrence("removed", file, "before", offer.line, key=name)
                elif _breaks(offer.parameters, after[name].parameters):
                    yield occurrence("signature", file, "after", after[name].line, key=name)
            for name in after.keys() - before.keys():
                yield occurrence("added", file, "after", after[name].line, key=name)
            yield from _routed(file)


def _offers(tree: ast.Module | None) -> dict[str, Offer]:
    """Public functions, classes and their public methods, and the names in `__all__`."""
    offers: dict[str, Offer] = {}
    stack: list[tuple[str, ast.stmt]] = [("", node) for node in tree.body] if tree else []
    while stack:
        scope, node = stack.pop()
        if isinstance(node, ast.If | ast.Try):
            stack += [(scope, inner) for inner in [*node.body, *node.orelse]]
        elif isinstance(node, Definition) and _is_public(node.name):
            name = f"{scope}{node.name}"
            offers[name] = Offer(node.lineno, _parameters(node))
            if isinstance(node, ast.ClassDef):
                stack += [(f"{name}.", inner) for inner in node.body]
        elif isinstance(node, ast.Assign) and not scope:
            offers |= {f"__all__: {name}": Offer(line, None) for name, line in _exported(node)}
    return offers


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name == "__init__"


def _exported(node: ast.Assign) -> Iterator[tuple[str, int]]:
    if any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
        for item in ast.walk(node.value):
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                yield item.value, item.lineno


def _parameters(node: ast.stmt) -> tuple[tuple[str, str, bool], ...] | None:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    a = node.args
    by_place = [*a.posonlyargs, *a.args]
    required = len(by_place) - len(a.defaults)
    kind = "async" if isinstance(node, ast.AsyncFunctionDef) else "def"
    return (
        ("", kind, True),
        *((arg.arg, "place", index >= required) for index, arg in enumerate(by_place)),
        *((arg.arg, "name", default is not None) for arg, default in _named(a)),
        *((arg.arg, "rest", True) for arg in (a.vararg, a.kwarg) if arg),
    )


def _named(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    return zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _breaks(
    before: tuple[tuple[str, str, bool], ...] | None,
    after: tuple[tuple[str, str, bool], ...] | None,
) -> bool:
    """Whether a call that worked may fail: a parameter gone, moved, or newly required."""
    if before is None or after is None:
        return before != after
    places = [name for name, kind, _ in before if kind == "place"]
    now = [name for name, kind, _ in after if kind == "place"]
    kept = {name: optional for name, kind, optional in after if kind != "rest"}
    return (
        now[: len(places)] != places
        or any(
            kind in ("async", "rest", "def") and (name, kind, True) not in after
            for name, kind, _ in before
        )
        or any(kind == "name" and name not in kept for name, kind, _ in before)
        or any(optional and not kept.get(name, True) for name, _, optional in before)
        or any(
            not optional and name not in {old for old, _, _ in before}
            for name, _, optional in after
        )
    )


def _routed(file: FileView) -> Iterator[Occurrence]:
    sides: tuple[Side, Side] = ("after", "before")
    came, went = ([*_routes(file, side)] for side in sides)
    yield from without(came, went)
    yield from without(went, came)


def _routes(file: FileView, side: Side) -> Iterator[Occurrence]:
    """Calls such as `@app.get("/cart")` or `path("cart/", view)`."""
    for touch in file.touched(side):
        node = touch.node
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        first = node.args[0]
        if (
            isinstance(first, ast.Constant)
            and isinstance(first.value, str)
            and (word in URL_WORDS or (word in ROUTE_WORDS and first.value.startswith("/")))
        ):
            yield occurrence("route", file, side, touch.line, key=file.source(side, node))
