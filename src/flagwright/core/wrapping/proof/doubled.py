"""Check a name that stands for the old definition or import of another one."""

import ast
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.tree import nodes

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def stands_once(tree: ast.Module, alias: str, *, is_member: bool = False) -> bool:
    """Whether a name is bound by one import, function or plain value, and else only read.

    Args:
        is_member: Whether several classes may have it, once each.
    """
    bound = 0
    for node in nodes(tree):
        match node:
            case ast.alias(asname=name) | ast.FunctionDef(name=name) if name == alias:
                bound += 1
            case ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) if name == alias:
                bound += 1
            case ast.Name(id=name, ctx=ast.Store()) if name == alias:
                bound += 1
            case ast.Name(id=name, ctx=ast.Del()) | ast.arg(arg=name) if name == alias:
                return False
            case ast.Global(names=names) | ast.Nonlocal(names=names) if alias in names:
                return False
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()) if name == alias:
                return False
            case _:
                pass
    owners = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    counts = [sum(_binds(member, alias) for member in owner.body) for owner in owners]
    if is_member and bound == sum(counts) > 1:
        return max(counts) == 1 and not _are_kin(
            [o for o, n in zip(owners, counts, strict=True) if n], owners
        )
    return bound == 1 and any(_binds(node, alias) for node in _at_the_top(tree))


def _are_kin(some: Collection[ast.ClassDef], owners: Collection[ast.ClassDef]) -> bool:
    """Whether one class is made from two of some, or is one of them and made from another."""
    family = {owner.name: {owner.name} for owner in some}
    for owner in owners:
        bases = {base.id for base in owner.bases if isinstance(base, ast.Name)}
        above = [names for names in family.values() if names & bases]
        if len(above) > 1 or (above and owner.name in family):
            return True
        for names in above:
            names.add(owner.name)
    return False


def given_twice(tree: ast.Module, line: int, name: str) -> bool:
    """Whether the statement of a line gives a name what one other beside it gives it, too."""
    classes = [node for node in nodes(tree) if isinstance(node, ast.ClassDef)]
    for block in (tree.body, *(owner.body for owner in classes)):
        found = [n for n in block if isinstance(n, ast.Assign | ast.AnnAssign) and _binds(n, name)]
        if any(node.lineno == line for node in found):
            values = {node.value and ast.dump(node.value) for node in found}
            places = [block.index(node) for node in found]
            between = [n for part in block[places[0] + 1 : places[-1]] for n in ast.walk(part)]
            taken = any(isinstance(n, ast.Name) and n.id == name for n in between)
            return len(found) == 2 and len(values) == 1 and not taken
    return False


def overloaded(tree: ast.Module, side: ast.Module, line: int, name: str) -> bool:
    """Whether the definition of a line is an `@overload`, and the one below takes its name.

    Args:
        side: One side of the tree, which must have that one.
    """
    known = {a.asname or a.name for n in tree.body for a in _typing(n)}
    standing = {n.lineno for n in nodes(side) if isinstance(n, FUNCTIONS)}
    classes = [node for node in nodes(tree) if isinstance(node, ast.ClassDef)]
    for block in (tree.body, *(owner.body for owner in classes)):
        place = next((i for i, n in enumerate(block) if _starts(n) == line), len(block))
        for node in block[place:]:
            if not isinstance(node, FUNCTIONS) or node.name != name or _head_reads(node, name):
                return False
            if not any(ast.unparse(d) in known for d in node.decorator_list):
                return node is not block[place] and node.lineno in standing
    return False


def _head_reads(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    """Whether the definition of a function looks a name up: `@total.register`."""
    head = [*node.decorator_list, node.args, *filter(None, [node.returns])]
    names = (n for part in head for n in ast.walk(part) if isinstance(n, ast.Name))
    return any(n.id == name for n in names)


def _typing(node: ast.stmt) -> Iterator[ast.alias]:
    """`overload` of an import, in full where the module is imported."""
    match node:
        case ast.ImportFrom(module="typing" | "typing_extensions", level=0, names=names):
            yield from (a for a in names if a.name == "overload")
        case ast.Import(names=names):
            modules = (a for a in names if a.name in ("typing", "typing_extensions"))
            yield from (ast.alias(f"{a.asname or a.name}.overload", None) for a in modules)
        case _:
            pass


def _starts(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _at_the_top(tree: ast.Module) -> list[ast.stmt]:
    members = [m for node in tree.body if isinstance(node, ast.ClassDef) for m in node.body]
    return [*tree.body, *members]


def _binds(node: ast.stmt, alias: str) -> bool:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name == alias
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return any(found.asname == alias for found in names)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name == alias
        case _:
            return False


def used_by_its_own(tree: ast.Module, names: Collection[str], alias: str) -> bool:
    """Whether members are only asked of a class that has them, or of the object of one."""
    owners = {
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(_binds(m, alias) for m in node.body)
    }
    own: set[int] = set()
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        if owners & {base.id for base in node.bases if isinstance(base, ast.Name)}:
            owners.add(node.name)
        if node.name in owners and _stands_for_itself(tree, node):
            own.update(id(n) for n in nodes(tree) if isinstance(n, ast.Name) and n.id == node.name)
        for member in node.body if node.name in owners else ():
            if isinstance(member, FUNCTIONS):
                own.update(map(id, _of_itself(member)))
    used = [n for n in nodes(tree) if isinstance(n, ast.Attribute) and n.attr in names]
    return all(id(node.value) in own for node in used)


def _stands_for_itself(tree: ast.Module, owner: ast.ClassDef) -> bool:
    """Whether nothing in a file but its class ever gets the name of that."""
    for node in nodes(tree):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.arg(arg=name)
                | ast.Name(id=name, ctx=ast.Store() | ast.Del())
                | ast.ExceptHandler(name=name)
                | ast.MatchAs(name=name)
                | ast.MatchStar(name=name)
                | ast.MatchMapping(rest=name)
            ) if name == owner.name and node is not owner:
                return False
            case ast.alias(name=name, asname=other) if owner.name in (name, other):
                return False
            case ast.Global(names=names) | ast.Nonlocal(names=names) if owner.name in names:
                return False
            case _:
                pass
    return True


def _of_itself(method: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.Name]:
    """Reads of the object that a method is called on."""
    names = [argument.arg for argument in (*method.args.posonlyargs, *method.args.args)]
    decorators = " ".join(map(ast.unparse, method.decorator_list))
    if not names or "static" in decorators:
        return []
    found = [n for n in ast.walk(method) if isinstance(n, ast.Name) and n.id == names[0]]
    again = [n for n in ast.walk(method) if isinstance(n, ast.arg) and n.arg == names[0]]
    handed = {id(argument) for argument in _handed(method, names[0])}
    is_fixed = sum(id(argument) not in handed for argument in again) == 1 and all(
        isinstance(n.ctx, ast.Load) for n in found
    )
    return found if is_fixed else []


def _handed(method: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Iterator[ast.arg]:
    """The first parameter of inner functions that are only called with that of the method."""
    used = [n for n in ast.walk(method) if isinstance(n, ast.Name)]
    for inner in ast.walk(method):
        if not isinstance(inner, FUNCTIONS) or inner is method or not inner.args.args:
            continue
        given = [
            node.func
            for node in ast.walk(method)
            if isinstance(node, ast.Call)
            and node.args
            and isinstance(node.args[0], ast.Name)
            and node.args[0].id == name
        ]
        uses = [n for n in used if n.id == inner.name]
        if uses and all(any(use is func for func in given) for use in uses):
            yield inner.args.args[0]
