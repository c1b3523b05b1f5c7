"""Say what of a file must remain, so that two ways of taking a flag out can be compared."""

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flagwright.core.wrapping.proof.fold import Mark, first_line


def code_of(tree: ast.Module) -> list[str]:
    """Everything but the imports at the top, and what a file lists of its names."""
    left_out = (ast.Import, ast.ImportFrom)
    found = [ast.dump(node) for node in tree.body if not isinstance(node, left_out)]
    return [text for text in found if "id='__all__'" not in text.partition("value=")[0]]


def without(tree: ast.Module, dropped: Collection[str]) -> ast.Module:
    """A file without some definitions at its top, or in a class there."""
    body: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members = [m for m in node.body if f"{node.name}.{_name(m)}" not in dropped]
            fields = {**dict(ast.iter_fields(node)), "body": members or node.body}
            body.append(ast.copy_location(ast.ClassDef(**fields), node))
        elif _name(node) not in dropped:
            body.append(node)
    return ast.Module(body, [])


def _name(node: ast.stmt) -> str:
    """What a constant, or a function that asks, is called."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return f"{name}()"
        case _:
            return ""


def set_aside(tree: ast.Module) -> dict[str, str]:
    """Names by the alias under which the import of the old code stands."""
    found = {}
    for node in tree.body:
        for alias in getattr(node, "names", []):
            name = getattr(alias, "asname", None) or ""
            if name.startswith("_") and name.endswith("_off"):
                found[name] = name[1:-4]
            elif name.startswith("off_"):
                found[name] = name[3:]
    return found


def stepped_aside(
    tree: ast.Module, marks: Mapping[int, Sequence[Mark]], *, on: bool
) -> dict[str, str]:
    """Names by the alias of a side's definition, where the other one stands in the same block."""
    found: dict[str, str] = {}
    for body in (tree.body, *(n.body for n in tree.body if isinstance(n, ast.ClassDef))):
        sides: dict[str, set[str]] = {"off": set(), "on": set(), "both": set()}
        for node in body:
            for mark in marks.get(first_line(node), ()):
                if not mark.names:
                    sides[mark.side].add(_name(node).removesuffix("()"))
        own, other = ("on", "off") if on else ("off", "on")
        found |= {f"{n}_{own}": n for n in sides[other] if n and f"{n}_{own}" in sides[own]}
    return found


def put_back(node: Any, names: Mapping[str, str]) -> Any:
    """The same tree with names instead of their aliases."""
    if isinstance(node, list):
        return [put_back(item, names) for item in node]
    if not isinstance(node, ast.AST):
        return node
    fields = {name: put_back(value, names) for name, value in ast.iter_fields(node)}
    if isinstance(node, ast.Name):
        fields["id"] = names.get(node.id, node.id)
    for field in ("name", "attr"):
        if isinstance(getattr(node, field, None), str) and not isinstance(node, ast.alias):
            fields[field] = names.get(fields[field], fields[field])
    if isinstance(node, ast.alias) and (name := names.get(node.asname or "")):
        is_plain = node.name in (name, f"{name}_off")
        fields["name"] = name if is_plain else node.name
        fields["asname"] = None if is_plain else name
    return type(node)(**fields)


def imports_of(tree: ast.Module) -> set[tuple[str, str, str]]:
    """Imports at the top of a file as module, attribute and bound name."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = "." * getattr(node, "level", 0) + (getattr(node, "module", "") or "")
            found |= {(module, a.name, a.asname or a.name.partition(".")[0]) for a in node.names}
    return found


def bound_in(tree: ast.Module) -> set[str]:
    """Names that a file gives a meaning anywhere."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.alias(name=name, asname=asname):
                found.add(asname or name.partition(".")[0])
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name):
                found.add(name)
            case _:
                pass
    return found
