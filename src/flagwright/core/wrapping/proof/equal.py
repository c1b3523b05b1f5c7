"""Compare two syntax trees as programs: exactly, or without what has no effect.

Statements with the same text are the same, so that only what changed costs anything.
"""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from flagwright.core.wrapping.tree import of_kind

_FIELDS = r"Tuple|Dict\b|Protocol|Enum|Flag|Struct|Union|Model|Settings|Schema"
"""Words of bases, and of metaclasses, to which an annotation is more than that."""


@dataclass(frozen=True)
class Version:
    """A tree and the text that its line numbers belong to."""

    tree: ast.Module
    lines: list[str]

    def text(self, node: ast.stmt) -> object:
        """What a statement looks like; of a simple one also where on its lines it stands."""
        if not hasattr(node, "body") and not hasattr(node, "cases"):
            lines = self.lines[node.lineno - 1 : node.end_lineno]
            return (lines, node.col_offset, node.end_col_offset) if lines else node
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        return self.lines[first - 1 : node.end_lineno]


Block = tuple[Version, list[ast.stmt]]
"""Statements, and the version that they are of."""


def same(one: Version, other: Version, plain: Collection[str] | None) -> bool:
    """Whether two programs are equal but for imports at the top and the content of `__all__`.

    Args:
        plain: Decorators under which annotations are not read; with them, docstrings,
            `pass`, such annotations, `(object)` and the spelling of a cache do not count either.
            None: everything counts.
    """
    return _same_block((one, one.tree.body), (other, other.tree.body), plain)


def _same_block(
    one: Block, other: Block, plain: Collection[str] | None, *, is_made: bool = False
) -> bool:
    kept = [[n for n in body if not _is_left_out(n, plain)] for _, body in (one, other)]
    return len(kept[0]) == len(kept[1]) and all(
        _same_statement((one[0], a), (other[0], b), plain, is_made=is_made)
        for a, b in zip(*kept, strict=True)
    )


def _same_statement(
    one: tuple[Version, ast.stmt],
    other: tuple[Version, ast.stmt],
    plain: Collection[str] | None,
    *,
    is_made: bool,
) -> bool:
    """Of two classes only the members are compared that do not look the same.

    Args:
        is_made: Whether they stand in a class that is made by more than its own body.
    """
    (v, a), (w, b) = one, other
    if v.text(a) == w.text(b):
        return True
    if isinstance(a, ast.ClassDef) and isinstance(b, ast.ClassDef):
        heads = [_dumped(_without_body(node), plain) for node in (a, b)]
        inner = makes_fields(a) or makes_fields(b)
        return heads[0] == heads[1] and _same_block((v, a.body), (w, b.body), plain, is_made=inner)
    dumps = (_dumped(node, plain, is_made=is_made) for node in (a, b))
    return identical(a, b) or len({*dumps}) == 1


def identical(one: Any, other: Any) -> bool:
    """Whether two trees are equal but for where they stand, as `ast.dump` would tell."""
    kind = type(one)
    if kind is not type(other):
        return False
    if kind is list:
        return len(one) == len(other) and all(map(identical, one, other))
    if not isinstance(one, ast.AST):
        return bool(one == other)
    mine, theirs = one.__dict__, other.__dict__
    for name in kind._fields:
        a, b = mine.get(name), theirs.get(name)
        if a is not b and not identical(a, b):
            return False
    return True


def _without_body(node: ast.ClassDef) -> ast.ClassDef:
    return ast.ClassDef(**{**dict(ast.iter_fields(node)), "body": []})


def _dumped(node: ast.stmt, plain: Collection[str] | None, *, is_made: bool = False) -> str:
    stripped = _Strip(plain, is_made=is_made).visit(_copy(node))
    return ast.dump(stripped) if stripped is not None else ""


def _is_left_out(node: ast.stmt, plain: Collection[str] | None) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return plain is not None
        case ast.If(orelse=[], test=test):
            return plain is not None and _last(test) == "TYPE_CHECKING"
        case _:
            return False


def _copy(node: Any) -> Any:
    """A tree of its own; quicker than `deepcopy`."""
    if isinstance(node, list):
        return [_copy(item) for item in node]
    if not isinstance(node, ast.AST):
        return node
    return type(node)(**{name: _copy(value) for name, value in ast.iter_fields(node)})


class _Strip(ast.NodeTransformer):
    """Removes what a comparison leaves out. `plain` is none for a strict one."""

    def __init__(self, plain: Collection[str] | None, *, is_made: bool = False) -> None:
        self._plain = plain
        self._functions = 0
        self._is_made = is_made
        """Inside a class that is made by more than its own body."""

    def visit_Import(self, node: ast.Import) -> Any:
        return node if self._functions else None

    visit_ImportFrom = visit_Import  # type: ignore[assignment] # the same rule

    def visit_Assign(self, node: ast.Assign) -> Any:
        if not self._functions and ast.unparse(node.targets[0]) == "__all__":
            return None
        node.type_comment = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        is_read = self._plain is None or (self._is_made and not self._functions)
        if is_read or (node.value is None and not self._functions):
            return self.generic_visit(node)
        if node.value is None and isinstance(node.target, ast.Name):
            node.annotation = ast.Constant(None)
            return node
        if node.value is None:
            return self.generic_visit(node)
        return self.generic_visit(ast.Assign(targets=[node.target], value=node.value))

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        if self._plain is not None and is_only_object(node):
            node.bases = []
        outer = self._functions, self._is_made
        self._functions, self._is_made = 0, makes_fields(node)
        self.generic_visit(node)
        self._functions, self._is_made = outer
        return node

    def visit_FunctionDef(self, node: Any) -> Any:
        self._functions += 1
        self.generic_visit(node)
        self._functions -= 1
        if self._plain is not None:
            kept = (d for d in node.decorator_list if not is_override(d))
            node.decorator_list = [as_told(d) or d for d in kept]
        accessors = [f"{node.name}.{kind}" for kind in ("setter", "getter", "deleter")]
        if self._plain is not None and all(
            _last(d) in self._plain or ast.unparse(d) in accessors for d in node.decorator_list
        ):
            annotated = [part for part in ast.walk(node.args) if isinstance(part, ast.arg)]
            types = [node.returns, *(arg.annotation for arg in annotated)]
            if not any(isinstance(n, ast.Call) for kind in types if kind for n in ast.walk(kind)):
                node.returns = None
                for arg in annotated:
                    arg.annotation = None
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Pass(self, node: ast.Pass) -> Any:
        return None if self._plain is not None else node

    def visit_Expr(self, node: ast.Expr) -> Any:
        if self._plain is not None and isinstance(node.value, ast.Constant):
            return None
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> Any:
        if self._plain is not None and not node.orelse and _last(node.test) == "TYPE_CHECKING":
            return None
        return self.generic_visit(node)


def is_override(decorator: ast.expr) -> bool:
    """Whether a decorator is spelled as that of `typing` is, which only sets `__override__`."""
    return not isinstance(decorator, ast.Call) and _last(decorator) == "override"


def makes_fields(node: ast.ClassDef) -> bool:
    """Whether what a class says of its types may be more than words: its head says who reads it."""
    heads = (*node.decorator_list, *node.bases, *(k.value for k in node.keywords))
    return bool(node.decorator_list or node.keywords) or any(
        re.search(_FIELDS, ast.unparse(head)) for head in heads
    )


def as_told(decorator: ast.expr) -> ast.expr | None:
    """A cache, spelled as those of `functools` are, with the size that it has."""
    name = _last(decorator)
    if name not in ("cache", "lru_cache"):
        return None
    size: ast.expr = ast.Constant(None if name == "cache" else 128)
    if isinstance(decorator, ast.Call):
        words = [word.value for word in decorator.keywords if word.arg == "maxsize"]
        given = [*decorator.args, *words]
        is_all = len(given) == len(decorator.args) + len(decorator.keywords)
        if name == "cache" or len(given) > 1 or not is_all:
            return None
        size = given[0] if given else size
    is_known = isinstance(size, ast.Constant) and type(size.value) in (int, type(None))
    return ast.Call(ast.Name("lru_cache", ast.Load()), [size], []) if is_known else None


def is_only_object(node: ast.ClassDef) -> bool:
    """Whether `object` is all that a class is made from."""
    made_from = (*node.bases, *node.keywords, *getattr(node, "type_params", ()))
    return [ast.unparse(part) for part in made_from] == ["object"]


def _last(node: ast.AST) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return getattr(node, "attr", getattr(node, "id", ""))


class Folded(Version):
    """A tree that stands in no text."""

    def text(self, node: ast.stmt) -> object:
        return object()


class Anything(Collection[str]):
    """Every decorator: where annotations changed, the wrap has found that nobody reads them."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def spelled(tree: ast.Module, check: str) -> list[ast.AST]:
    """Where a check stands in a file, as it is spelled."""
    wanted = ast.parse(check, mode="eval").body
    return [node for node in of_kind(tree, type(wanted)) if identical(node, wanted)]
