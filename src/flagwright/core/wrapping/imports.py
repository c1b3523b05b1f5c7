"""Unite the imports of two versions, and bring in the flag client.

The new version's imports stay as they are written. What only the old one imported is
kept, marked, one statement each.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from flagwright.core.records import Convention
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.statement import Statement

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


@dataclass(frozen=True)
class Binding:
    """One name that an import binds, and where it comes from."""

    name: str
    module: str
    attribute: str | None

    @property
    def is_package(self) -> bool:
        """`import a.b` binds `a`, and several such imports share the name."""
        return self.attribute is None and self.module.partition(".")[0] == self.name


def bindings(node: ast.AST) -> Iterator[Binding]:
    """The names that one import statement binds, in its order; none for anything else."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            yield Binding(name, alias.name, None)
    elif isinstance(node, ast.ImportFrom):
        source = "." * node.level + (node.module or "")
        for alias in node.names:
            yield Binding(alias.asname or alias.name, source, alias.name)


def is_import(statement: Statement) -> bool:
    """Whether a line does nothing but import."""
    return all(isinstance(tree, ast.Import | ast.ImportFrom) for tree in statement.trees)


def check_union(before: Sequence[Statement], after: Sequence[Statement]) -> None:
    """Refuse imports of one block that cannot stand side by side.

    Raises:
        CannotWrap: `name-clash` or `import-time`.
    """
    old = {b: tree for s in before for tree in s.trees for b in bindings(tree)}
    new = {b: tree for s in after for tree in s.trees for b in bindings(tree)}
    for binding in old.keys() ^ new.keys():
        line = (new.get(binding) or old[binding]).lineno
        if binding.name == "*" or binding.module == "__future__":
            because = f"`from {binding.module} import {binding.attribute}` changes the whole file"
            raise refuse(line, "import-time", because)
    for binding, tree in new.items():
        for other in old:
            packages = other.is_package and binding.is_package
            if (
                other.name == binding.name
                and other != binding
                and not packages
                and other not in new
            ):
                because = f"`{binding.name}` is imported from another place than before"
                raise refuse(tree.lineno, "name-clash", because)


def kept(statement: Statement, have: Collection[Binding]) -> list[cst.SimpleStatementLine]:
    """What an old import line binds and the new version does not, as lines of their own."""
    lines = []
    assert isinstance(statement.node, cst.SimpleStatementLine)
    for node, tree in zip(statement.node.body, statement.trees, strict=True):
        assert isinstance(node, cst.Import | cst.ImportFrom)
        if isinstance(node.names, cst.ImportStar):
            continue
        names = [
            alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)
            for alias, binding in zip(node.names, bindings(tree), strict=True)
            if binding not in have
        ]
        if names:
            parts = {"lpar": None, "rpar": None} if isinstance(node, cst.ImportFrom) else {}
            lines.append(cst.SimpleStatementLine([node.with_changes(names=names, **parts)]))
    return lines


@dataclass(frozen=True)
class Client:
    """The check as it must be written in one file, and the import line it needs."""

    check: str
    import_line: str | None
    """None where the file has the import already."""


def client_for(convention: Convention, flag: str, trees: Sequence[ast.Module]) -> Client:
    """Fit a convention into a file; a name that means something else there gets an alias.

    Args:
        trees: Both versions of the file; the new one last.

    Raises:
        CannotWrap: `name-clash`.
    """
    check = convention.check.replace("{flag}", flag)
    if not convention.import_line:
        _check_is_bound(check, trees)
        return Client(check, None)
    wanted = next(bindings(ast.parse(convention.import_line).body[0]))
    for tree in trees[-1].body:
        for binding in bindings(tree):
            same = (binding.module, binding.attribute) == (wanted.module, wanted.attribute)
            if same and not _is_bound_elsewhere(binding.name, binding, trees):
                return Client(_renamed(check, wanted.name, binding.name), None)
    if not _is_bound_elsewhere(wanted.name, wanted, trees):
        return Client(check, convention.import_line)
    if wanted.is_package and "." in wanted.module:
        because = f"`{wanted.name}`, which asks for the flag, means something else here"
        raise refuse(1, "name-clash", because)
    alias = f"flags_{wanted.name}"
    while any(alias in names_in(tree) for tree in trees):
        alias += "_"
    source = (
        f"from {wanted.module} import {wanted.attribute}"
        if wanted.attribute
        else f"import {wanted.module}"
    )
    return Client(_renamed(check, wanted.name, alias), f"{source} as {alias}")


def with_line(body: Sequence[Line], text: str) -> list[Line]:
    """Put an import line below the imports at the top of a file, or below its docstring."""
    at = 0
    for index, node in enumerate(body):
        if not isinstance(node, cst.SimpleStatementLine):
            break
        if _imports(node):
            at = index + 1
        elif not (index == 0 and _is_docstring(node)):
            break
        at = max(at, index + 1)
    line = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
    below = bool(at) and not _imports(body[at - 1])
    rest = list(body[at:])
    if not at and rest and not rest[0].leading_lines:
        gap = 1 if isinstance(rest[0], cst.SimpleStatementLine) else 2
        rest[0] = rest[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)] * gap)
    return [*body[:at], line.with_changes(leading_lines=[cst.EmptyLine()] * below), *rest]


def names_in(tree: ast.AST) -> set[str]:
    """Every identifier of a file, whatever it is used for."""
    found: set[str] = set()
    for node in ast.walk(tree):
        for field in ("id", "name", "asname", "arg", "rest"):
            if isinstance(value := getattr(node, field, None), str):
                found.add(value.partition(".")[0])
        if isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
    return found


def names_used(tree: ast.Module) -> set[str]:
    """Names that code reads; what stands in `__all__` is not a use."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _is_bound_elsewhere(name: str, own: Binding, trees: Sequence[ast.Module]) -> bool:
    """Whether anything but its own import at the top of the file binds a name."""
    for tree in trees:
        top = {id(node) for node in tree.body}
        for node in ast.walk(tree):
            for binding in bindings(node):
                if binding.name == name and (id(node) not in top or binding != own):
                    return True
            if _binds(node, name):
                return True
    return False


def _binds(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=found, ctx=ast.Store() | ast.Del()) | ast.arg(arg=found):
            return found == name
        case (
            ast.FunctionDef(name=found)
            | ast.AsyncFunctionDef(name=found)
            | ast.ClassDef(name=found)
        ):
            return found == name
        case ast.ExceptHandler(name=found) | ast.MatchAs(name=found) | ast.MatchStar(name=found):
            return found == name
        case ast.MatchMapping(rest=found):
            return found == name
        case _:
            return False


def _check_is_bound(check: str, trees: Sequence[ast.Module]) -> None:
    """Without an import line, the file itself must have the client, at its top level only."""
    import builtins

    names = {n.id for n in ast.walk(ast.parse(check, mode="eval")) if isinstance(n, ast.Name)}
    for name in sorted(names - set(dir(builtins))):
        if not all(any(name in _bound_at_top(node) for node in tree.body) for tree in trees):
            raise refuse(
                1, "name-clash", f"nothing in this file binds `{name}`, which asks for the flag"
            )


def _bound_at_top(node: ast.stmt) -> set[str]:
    found = {binding.name for binding in bindings(node)}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return found | {node.name}
    stores = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return found | {n.id for n in stores}


def _renamed(check: str, name: str, alias: str) -> str:
    if name == alias:
        return check
    expression = cst.parse_expression(check)
    renamed = expression.visit(_Rename(name, alias))
    assert isinstance(renamed, cst.BaseExpression)
    return cst.Module([]).code_for_node(renamed)


class _Rename(cst.CSTTransformer):
    """Rename a name that is read, never an attribute or keyword of that spelling."""

    def __init__(self, name: str, alias: str) -> None:
        super().__init__()
        self._name, self._alias = name, alias

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return (
            updated_node.with_changes(value=self._alias)
            if original_node.value == self._name
            else updated_node
        )

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)


def _imports(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(part, cst.Import | cst.ImportFrom) for part in node.body
    )


def _is_docstring(node: cst.SimpleStatementLine) -> bool:
    match node.body[0]:
        case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()):
            return True
        case _:
            return False
