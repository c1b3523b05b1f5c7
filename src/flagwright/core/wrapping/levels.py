"""Let a warning name the same caller from an inner function: it is one call further away.

`warnings.warn(.., stacklevel=2)` becomes `stacklevel=3` where the body of a function moves into
one inside it, and 2 again where it moves out. A level of 1 is the line itself.
"""

import ast
from collections.abc import Iterator

import libcst as cst

from flagwright.core.wrapping.binding import Binding, bindings, binds
from flagwright.core.wrapping.tree import nodes

_WARNS = {
    "warnings.warn": Binding("warnings", "warnings", None),
    "warn": Binding("warn", "warnings", "warn"),
}
"""How such a call is spelled, and the import that makes it one."""
_INSIDE = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def moved(block: cst.IndentedBlock, by: int) -> cst.IndentedBlock:
    """A body with levels for one call more, or one less."""
    found = block.visit(_Moved(by))
    assert isinstance(found, cst.IndentedBlock)
    return found


def counted(function: ast.AST, tree: ast.Module) -> Iterator[ast.keyword]:
    """The levels in the body of a function that `moved` keeps right."""
    waiting, spelled = [*ast.iter_child_nodes(function)], {*_spelled(tree)}
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Call(
                func=func,
                args=[] | [_] | [_, _],
                keywords=[ast.keyword(arg="stacklevel", value=ast.Constant(value=int())) as level],
            ) if ast.unparse(func) in spelled:
                yield level
            case _:
                pass
        if not isinstance(node, _INSIDE):
            waiting.extend(ast.iter_child_nodes(node))


def _spelled(tree: ast.Module) -> Iterator[str]:
    """Which spellings mean Python's own in a file, wherever they stand."""
    found = [binding for node in nodes(tree) for binding in bindings(node)]
    stars = any(binding.name == "*" for binding in found)
    for word, own in _WARNS.items():
        others = {binding for binding in found if binding.name == own.name}
        changed = any(binds(node, own.name) or _is_given(node) for node in nodes(tree))
        if others == {own} and not stars and not changed:
            yield word


def _is_given(node: ast.AST) -> bool:
    """Whether something else is put in the place of a function of this name."""
    return isinstance(node, ast.Attribute) and node.attr == "warn" and type(node.ctx) is ast.Store


class _Moved(cst.CSTTransformer):
    def __init__(self, by: int) -> None:
        super().__init__()
        self._by = by

    def on_visit(self, node: cst.CSTNode) -> bool:
        return not isinstance(
            node, cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.BaseComp
        ) and bool(super().on_visit(node))

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        if cst.Module([]).code_for_node(original_node.func) not in _WARNS:
            return updated_node
        return updated_node.with_changes(args=[*map(self._arg, updated_node.args)])

    def _arg(self, arg: cst.Arg) -> cst.Arg:
        match arg:
            case cst.Arg(keyword=cst.Name(value="stacklevel"), value=cst.Integer(value=text)):
                level = int(text, 0)
                is_line = level < 2 + (self._by < 0)
                return (
                    arg if is_line else arg.with_changes(value=cst.Integer(f"{level + self._by}"))
                )
            case _:
                return arg
