"""Read a warning that an inner function gives: whom it names is one call further away."""

import ast
import copy

_SCOPES = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def one_call_less(statement: ast.stmt) -> ast.stmt:
    """A statement of an inner function as it stands in the function around it."""
    if not any(isinstance(n, ast.keyword) and _is_level(n) for n in ast.walk(statement)):
        return statement
    made = copy.deepcopy(statement)
    waiting: list[ast.AST] = [made]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("warn", "warnings.warn"):
            for keyword in filter(_is_level, node.keywords):
                level = keyword.value.value  # type: ignore[attr-defined] # a constant
                keyword.value = ast.copy_location(ast.Constant(level - 1), keyword.value)
        waiting.extend(ast.iter_child_nodes(node))
    return made


def _is_level(keyword: ast.keyword) -> bool:
    """Whether it is `stacklevel=3`, or more: 1 is the line itself, and 2 the function around."""
    match keyword:
        case ast.keyword(arg="stacklevel", value=ast.Constant(value=int(level))):
            return level > 2
        case _:
            return False
