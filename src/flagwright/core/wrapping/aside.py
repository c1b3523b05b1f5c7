"""Let two imports of one name stand in one file: the old one steps aside, under an alias.

`from old import DOM` and `from new import DOM` become `from old import DOM as _DOM_off`
and the new line. Every reader in the old version is renamed before the merge, so that it
differs from the new version and is guarded, or refused where nothing can guard it. What
`twin` finds is renamed with it. What another file of the change has let step aside is
imported as `from pay import net_off as _net_off`.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import libcst as cst

from flagwright.core.wrapping import mark
from flagwright.core.wrapping.binding import (
    Binding,
    bindings,
    binds,
    names_in,
    names_used,
    top_bindings,
)
from flagwright.core.wrapping.rename import Rename
from flagwright.core.wrapping.respelled import Spelling
from flagwright.core.wrapping.source import Source, parse
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.twin import OF_THE_NEW, SUFFIX, Twin

_ASIDE = re.compile(r"\bas\s+(?:_\w+_off|off_\w+)\b")


def may_be_aside(text: str) -> bool:
    """Whether a text has an import under one of our aliases."""
    return ("_off" in text or "off_" in text) and _ASIDE.search(text) is not None


def set_aside(
    before: Source,
    after: Source,
    doubled: Collection[Twin],
    spelled: Spelling,
    taken: Collection[Binding] = (),
) -> tuple[Source, dict[str, str]]:
    """The old version with its own imports of rebound names, and definitions, under an alias.

    Args:
        doubled: What has two definitions.
        spelled: From where both versions spell their imports.
        taken: Imports of what has two definitions in another file.

    Returns:
        `before` itself where no name can step aside; and each name by its alias.
    """
    moved = {*_rebound(before.tree, after.tree, spelled), *taken}
    if not moved and not doubled:
        return before, {}
    aliases = {binding.name: _alias(binding.name) for binding in moved}
    aliases |= {twin.name: twin.alias for twin in doubled}
    members = {twin.name for twin in doubled if twin.owner}
    module = _renamed(before, aliases, members)
    body = [_with_aliases(node, moved, taken) for node in module.body]
    source = _with_text(before, module.with_changes(body=body).code)
    return source, {alias: name for name, alias in aliases.items()}


def set_aside_new(after: Source, doubled: Collection[Twin]) -> tuple[Source, dict[str, str]]:
    """The new version with public constants under an alias, as the old one keeps their name.

    Returns:
        `after` itself where there is none; and each name by its alias.
    """
    aliases = {twin.name: twin.alias for twin in doubled}
    source = _with_text(after, _renamed(after, aliases).code) if aliases else after
    return source, {alias: name for name, alias in aliases.items()}


def _renamed(source: Source, names: Mapping[str, str], members: Collection[str] = ()) -> cst.Module:
    module = cst.parse_module(source.text).visit(Rename(names, members))
    assert isinstance(module, cst.Module)
    return module


def _with_text(source: Source, text: str) -> Source:
    return Source(text, parse(text), source.encoding, source.bom)


def put_back(module: cst.Module, names: Mapping[str, str]) -> cst.Module:
    """Give names that had stepped aside their own spelling again.

    Args:
        names: Each name by its alias.
    """
    renamed = module.visit(Rename(names, names))
    assert isinstance(renamed, cst.Module)
    both = imported_twice(renamed.body)
    lines = (_without_aliases(node, names, both) for node in renamed.body)
    return renamed.with_changes(body=[line for line in lines if line is not None])


def imported_twice(body: Iterable[cst.CSTNode]) -> set[str]:
    """Names that a file imports, and their old definition beside them under an alias."""
    old, plain = set[str](), set[str]()
    for alias in (a for node in body for a in _imported(node)):
        name = _name(alias.evaluated_alias or "")
        if name and alias.evaluated_name == name + SUFFIX:
            old.add(name)
        elif not alias.asname:
            plain.add(alias.evaluated_name)
    return old & plain


def _imported(node: cst.CSTNode) -> Iterator[cst.ImportAlias]:
    """What a line imports from a module."""
    for part in node.body if isinstance(node, cst.SimpleStatementLine) else ():
        if isinstance(part, cst.ImportFrom) and not isinstance(part.names, cst.ImportStar):
            yield from part.names


def set_aside_in(node: cst.CSTNode) -> Iterator[tuple[str, str]]:
    """Alias and name of each import in a line that had to step aside."""
    for part in node.body if isinstance(node, cst.SimpleStatementLine) else ():
        if isinstance(part, cst.Import | cst.ImportFrom) and not isinstance(
            part.names, cst.ImportStar
        ):
            aliases = (alias.evaluated_alias or "" for alias in part.names)
            yield from ((alias, name) for alias in aliases if (name := _name(alias)))


def stepped_aside(body: Iterable[cst.CSTNode], flag: str, *, on: bool) -> Iterator[tuple[str, str]]:
    """Alias and name of each definition of a side, in a block with that of the other one, too."""
    sides: dict[str, set[str]] = {"off": set(), "on": set(), "both": set()}
    for node in body:
        for found in mark.marks(mark.lines_above(node), flag):
            if not found.names:
                sides[found.side].add(defined(node))
    own, other, ending = ("on", "off", OF_THE_NEW) if on else ("off", "on", SUFFIX)
    for name in sides[other]:
        if name and name + ending in sides[own]:
            yield name + ending, name


def defined(node: cst.CSTNode) -> str:
    """What a definition or a constant is called."""
    match node:
        case (
            cst.FunctionDef(name=cst.Name(value=name))
            | cst.SimpleStatementLine(
                body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])]
            )
            | cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(value=name))])
        ):
            return str(name)
        case _:
            return ""


def aliases_in(tree: ast.Module) -> dict[str, str]:
    """Names that imports at the top of a file bind under our alias, by that alias."""
    imports = (n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom))
    aliases = (alias.asname or "" for node in imports for alias in node.names)
    return {alias: name for alias in aliases if (name := _name(alias))}


def _alias(name: str) -> str:
    """The name of the old import: never one that a class would mangle."""
    return f"off{name}" if name.startswith("_") else f"_{name}_off"


def _name(alias: str) -> str:
    """The name that an alias stands for; empty where it is none of ours."""
    if alias.startswith("off_"):
        return alias.removeprefix("off")
    is_ours = alias.startswith("_") and alias.endswith("_off")
    return alias[1 : -len("_off")] if is_ours else ""


def _rebound(before: ast.Module, after: ast.Module, spelled: Spelling) -> Iterator[Binding]:
    """Imports of the old version whose name the new one imports from another place."""
    old, new = top_bindings(before), top_bindings(after)
    names = {binding.name for binding in new - old}
    for binding in old - new:
        is_part = "." in binding.module and binding.is_package
        if binding.name in names and not is_part and binding.attribute != binding.name + SUFFIX:
            others = [b for b in old | new if b.name == binding.name]
            if (
                len(others) == 2
                and not spelled.is_same(*others)
                and can_move(binding.name, before, after)
            ):
                yield binding


def can_move(name: str, before: ast.Module, after: ast.Module) -> bool:
    """Whether only reads of a name, and its one import, give it a meaning in each version."""
    if name not in names_used(before) or _alias(name) in names_in(before) | names_in(after):
        return False
    return not any(
        binds(node, name) or _spells(node, name) or _imports(node, name, tree.body)
        for tree in (before, after)
        for node in nodes(tree)
    )


def _imports(node: ast.AST, name: str, body: list[ast.stmt]) -> bool:
    """Whether a name is imported anywhere but at the top level."""
    return any(binding.name == name for binding in bindings(node)) and node not in body


def _spells(node: ast.AST, name: str) -> bool:
    """Whether a name stands in a text that may be looked up: `"DOM"`, or an annotation."""
    if isinstance(node, ast.Constant):
        return bool(node.value == name)
    parts = (getattr(node, field, None) for field in ("annotation", "returns"))
    found = [n for part in parts if part for n in ast.walk(part) if isinstance(n, ast.Constant)]
    return any(re.search(rf"\b{re.escape(name)}\b", str(text.value)) for text in found)


def _with_aliases(node: Any, moved: Iterable[Binding], taken: Collection[Binding]) -> Any:
    """One top-level line; an import that moved gets its alias."""
    if not isinstance(node, cst.SimpleStatementLine):
        return node
    parts = [
        part.with_changes(names=[_moved(alias, part, moved, taken) for alias in part.names])
        if isinstance(part, cst.Import | cst.ImportFrom)
        and not isinstance(part.names, cst.ImportStar)
        else part
        for part in node.body
    ]
    return node.with_changes(body=parts)


def _moved(
    alias: cst.ImportAlias,
    line: cst.Import | cst.ImportFrom,
    moved: Iterable[Binding],
    taken: Collection[Binding],
) -> cst.ImportAlias:
    single = line.with_changes(names=[alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)])
    plain = (
        single.with_changes(lpar=None, rpar=None) if isinstance(line, cst.ImportFrom) else single
    )
    binding = next(bindings(ast.parse(cst.Module([]).code_for_node(plain)).body[0]))
    if binding not in moved:
        return alias
    name = cst.Name(binding.name + SUFFIX) if binding in taken else alias.name
    return alias.with_changes(name=name, asname=_as(_alias(binding.name)))


def _without_aliases(node: Any, names: Mapping[str, str], both: Collection[str]) -> Any:
    """One top-level line; an import that had stepped aside binds its own name again.

    Args:
        both: Names that another line imports already, so that none is left of this one.
    """
    if not any(alias in names for alias, _ in set_aside_in(node)):
        return node
    parts = []
    for part in node.body:
        found = []
        for alias in part.names:
            name = names.get(alias.evaluated_alias or "")
            if name in both:
                continue
            if name and alias.evaluated_name in (name, name + SUFFIX):
                alias = alias.with_changes(name=cst.Name(name), asname=None)  # noqa: PLW2901
            elif name:
                alias = alias.with_changes(asname=_as(name))  # noqa: PLW2901
            found.append(alias)
        if found and len(found) < len(part.names):
            found[-1] = found[-1].with_changes(comma=part.names[-1].comma)
        parts += [part.with_changes(names=found)] if found else []
    return node.with_changes(body=parts) if parts else None


def _as(name: str) -> cst.AsName:
    return cst.AsName(cst.Name(name))
