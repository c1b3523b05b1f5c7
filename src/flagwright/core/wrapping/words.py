"""Tell the names of a file apart: of which function each is, and which function a call means."""

import ast
from collections.abc import Iterator

from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.tree import nodes

Word = tuple[int, str]
"""A name of one function; or by number: of the file 0, an attribute 1, what a call gives 2."""
_MAKERS = ("__init__", "__new__", "__call__")


class Scopes:
    """Which function each name of a file belongs to, with those inside it."""

    def __init__(self, tree: ast.Module) -> None:
        self._scope: dict[int, int] = {}
        self._modules = {"self", "cls", "log", "logger"}
        for line in (n for n in nodes(tree) if isinstance(n, ast.Import | ast.ImportFrom)):
            self._modules.update(a.asname or a.name.partition(".")[0] for a in line.names)
        for outer in _outer(tree.body):
            parts = [*ast.walk(outer)]
            bound = {n.arg for n in parts if isinstance(n, ast.arg)}
            words = [n for n in parts if isinstance(n, ast.Name)]
            bound |= {n.id for n in words if not isinstance(n.ctx, ast.Load)}
            bound -= {name for n in parts if isinstance(n, ast.Global) for name in n.names}
            for node in parts:
                word = getattr(node, "id", None) or getattr(node, "arg", None)
                if isinstance(node, ast.Name | ast.arg) and word in bound:
                    self._scope[id(node)] = outer.lineno + 2
        self._takers: dict[Word, set[str]] = {}
        for name, function in functions(tree):
            for node in ast.walk(function.args):
                if isinstance(node, ast.arg):
                    self._takers.setdefault(self.word(node), set()).add(name)

    def takers(self, word: Word) -> set[str]:
        """Functions that a word is a parameter of."""
        return self._takers.get(word, set())

    def is_module(self, node: ast.expr) -> bool:
        """Whether nothing is kept in what a name stands for: a module, a log, the object itself."""
        return isinstance(node, ast.Name) and node.id in self._modules

    def word(self, node: ast.AST) -> Word:
        """What a name, an attribute or a parameter is known as."""
        if isinstance(node, ast.Attribute):
            return 1, node.attr
        word = getattr(node, "id", None) or getattr(node, "arg", "")
        return self._scope.get(id(node), 0), str(word)


def functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Functions by the name that they are called by: that of their class for what makes it."""
    classes = [n for n in nodes(tree) if isinstance(n, ast.ClassDef)]
    makers = {id(f): c.name for c in classes for f in c.body if getattr(f, "name", "") in _MAKERS}
    for node in nodes(tree):
        if isinstance(node, FUNCTIONS):
            yield makers.get(id(node), node.name), node


def _outer(body: list[ast.stmt]) -> Iterator[Function]:
    """Functions that no other function is around."""
    waiting: list[ast.AST] = [*body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, FUNCTIONS):
            yield node
        else:
            waiting.extend(ast.iter_child_nodes(node))
