"""Find where a file gets a module by a text, or all that is in one by a part of it."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

from flagwright.core.wrapping.effect import last_name
from flagwright.core.wrapping.tree import nodes

_BY_TEXT = frozenset({"import_module", "__import__"})
_MODULES = _BY_TEXT | {"getmodule", "module_from_spec", "load_module", "load_source"}
_RUNNING = frozenset({"run_module", "run_path"})
_ALL = frozenset({"f_globals", "__globals__"})
_PARTS = frozenset({"resolve_name", "import_string", "locate"})
"""What gives a module, all that is in one, or what is in one, by a text or by a part of it."""
_WHOLE = frozenset({"getclosurevars"})
TEXT = re.compile(
    rb"\b(?:%b)\b|\bsys\b[^\n]*\bmodules\b|\bsys\s+as\b"
    % b"|".join(word.encode() for word in sorted(_MODULES | _RUNNING | _ALL | _PARTS | _WHOLE))
)
"""What a file has that gets a module so."""
_ASKED_FOR = _MODULES | _ALL | _PARTS | _WHOLE | {"modules"}
_KEYS = frozenset(
    {"len", "list", "set", "sorted", "tuple", "frozenset", "iter", "id", "isinstance"}
)
_PATCHING = frozenset({"setitem", "delitem", "dict"})
"""What tests replace a key with: `monkeypatch.setitem(sys.modules, "name", None)`."""
_OF_TEXT = ("get", "pop", "setdefault")


def above_each(tree: ast.Module) -> dict[int, ast.AST]:
    """What each node of a file stands in, by identity."""
    return {id(child): node for node in nodes(tree) for child in ast.iter_child_nodes(node)}


Kind = Literal["module", "part", "all"]
"""A module, what is in one by a name, or all that is in one by name."""
Found = tuple[ast.expr, Kind]


class Sources:
    """Where a file gets a module that may be the one in question."""

    def __init__(self, tree: ast.Module, path: str, givers: Mapping[str, Kind]) -> None:
        """Look for them.

        Args:
            path: The file of the one in question.
            givers: Functions of the repository that return such a module, or what is in one.
        """
        self._tree, self._givers = tree, givers
        self._own = path.removesuffix(".py").removesuffix("/__init__").split("/")
        self.are_read = False
        """Whether all of a module is read at once."""
        self.are_named = False
        """Whether what is in one is asked for by a text."""
        self.are_handed_on = False
        """Whether what gets a module goes elsewhere, or all modules do."""
        self.found = [found for node in nodes(tree) for found in self._of(node)]

    @cached_property
    def _above(self) -> dict[int, ast.AST]:
        return above_each(self._tree)

    @cached_property
    def _imported(self) -> dict[str, tuple[str, str]]:
        """Names that the file has for what it imports: where from, and what it is called there."""
        return {
            a.asname or a.name.partition(".")[0]: (getattr(node, "module", None) or "", a.name)
            for node in nodes(self._tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for a in node.names
        }

    def _of(self, node: ast.AST) -> Iterator[Found]:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                word = self._imported.get(name, ("", name))[1]
            case ast.Attribute(attr=word):
                pass
            case ast.Call(
                func=ast.Name("getattr"), args=[_, ast.Constant(value=str(word)), *_]
            ) if word in _ASKED_FOR:
                if word in _ALL:
                    yield node, "all"
                else:
                    self.are_handed_on = True
                return
            case _:
                return
        yield from self._found(node, word)

    def _found(self, node: ast.expr, word: str) -> Iterator[Found]:
        if word in _ALL:
            yield node, "all"
        elif word in _WHOLE:
            self.are_read = True
        elif word == "modules" and self._is_of_sys(node):
            yield from self._of_all(node)
        elif word in _PARTS and self._is_known(node):
            self.are_named = True
            yield from self._called(node, word, "part")
        elif word in _RUNNING:
            yield from self._called(node, word, "all")
        elif word in _MODULES:
            yield from self._called(node, word, "module")
        elif word in self._givers and self._is_known(node):
            yield from self._called(node, word, self._givers[word])

    def _is_call(self, node: ast.expr) -> bool:
        call = self._above.get(id(node))
        return isinstance(call, ast.Call) and call.func is node

    def _is_known(self, node: ast.expr) -> bool:
        """Whether a function of another file may be meant."""
        match node:
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)):
                return name in self._imported
            case _:
                return False

    def _called(self, node: ast.expr, word: str, kind: Kind) -> Iterator[Found]:
        call = self._above.get(id(node))
        if not isinstance(call, ast.Call) or call.func is not node:
            self.are_handed_on |= not isinstance(call, ast.Expr)
        elif word not in _BY_TEXT or not self._is_another(call.args):
            yield call, kind

    def _is_of_sys(self, node: ast.expr) -> bool:
        """Whether `modules` are those of Python."""
        match node:
            case ast.Attribute(value=ast.Name(id=name)):
                return name == "sys" or self._imported.get(name) == ("", "sys")
            case ast.Name(id=name):
                return self._imported.get(name) == ("sys", "modules")
            case _:
                return False

    def _of_all(self, node: ast.expr) -> Iterator[Found]:
        """What a use of `sys.modules` gives."""
        above = self._above.get(id(node))
        match above:
            case ast.Subscript(ctx=ast.Load(), slice=key):
                if not self._is_another([key]):
                    yield above, "module"
            case ast.Attribute(attr=word) if word in _OF_TEXT and self._is_call(above):
                call = self._above[id(above)]
                if isinstance(call, ast.Call) and not self._is_another(call.args):
                    yield call, "module"
            case ast.Subscript() | ast.Attribute(attr="keys" | "update" | "clear") | ast.Compare():
                pass
            case ast.For() | ast.comprehension():
                pass
            case ast.Call(func=func) if last_name(func) in _KEYS | _PATCHING:
                pass
            case _:
                self.are_handed_on = True

    def _is_another(self, texts: list[ast.expr]) -> bool:
        """Whether a text is certainly no name of the module in question, or of one around it."""
        match texts[0] if texts else None:
            case ast.Constant(value=str(word)) if word != "__main__":
                return word.rpartition(".")[2] not in self._own
            case ast.Name(id="__name__"):
                return True
            case (
                ast.JoinedStr(values=[ast.Constant(value=str(first)), *_])
                | ast.BinOp(left=ast.Constant(value=str(first)), op=ast.Add())
            ):
                above = first.rpartition(".")[0].rpartition(".")[2]
                return above != "" and above not in self._own[:-1]
            case _:
                return False
