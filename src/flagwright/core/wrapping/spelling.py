"""Find how code names a flag besides its string: constants, enum members, functions that ask.

Only names that are bound once count, and only where an import certainly means the file
that binds them.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from flagwright.core.wrapping.sound import asked_flag
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.tree import nodes
from flagwright.errors import CannotWrap

MAX_KB = 4000


def spelled_in(
    files: Mapping[str, bytes], flag: str
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """How each file names the flag besides its string: what it binds, and what it may use.

    A file that cannot be read may use whatever name of the flag stands in its text.
    """
    trees = {path: _tree(text) for path, text in files.items() if flag.encode() in text}
    known = {path: spellings(tree, flag) for path, tree in trees.items() if tree}
    known = {path: names for path, names in known.items() if names}
    words = {
        name.partition(".")[0].rstrip("()").encode() for names in known.values() for name in names
    }
    found = dict(known)
    named = defaultdict[str, list[str]](list)
    for path in files if known else ():
        named[last_part(path)].append(path)
    spelled = set[str]().union(*known.values())
    for path, text in files.items():
        if any(word in text for word in words):
            tree = trees.get(path) or _tree(text)
            names = (
                imported_spellings(path, tree, known, named)
                if tree
                else {name for name in spelled if lines_with(text, name)}
            )
            if names:
                found[path] = found.get(path, set()) | names
    return known, found


def lines_with(text: bytes, name: str) -> list[int]:
    """Lines of a text in which a name of the flag stands, whatever it means there."""
    word = re.compile(rb"\b" + re.escape(name.rstrip("()")).encode() + rb"\b")
    return [number for number, line in enumerate(text.split(b"\n"), 1) if word.search(line)]


def _tree(text: bytes) -> ast.Module | None:
    try:
        return read(text, max_kb=MAX_KB).tree
    except CannotWrap:
        return None


def spellings(tree: ast.Module, flag: str) -> set[str]:
    """Names of the flag that one file binds itself: `FLAG`, `Flags.NEW_TAX`, `use_new_tax()`."""
    own = set(_own(tree, flag))
    bound = Counter(_bound(tree)) if own else Counter[str]()
    return {name for name in own if bound[name.partition(".")[0].rstrip("()")] == 1}


def imported_spellings(
    path: str,
    tree: ast.Module,
    known: Mapping[str, set[str]],
    named: Mapping[str, Sequence[str]],
) -> set[str]:
    """Names of the flag that one file has from others, wherever it imports them.

    Args:
        known: What `spellings` found, by path.
        named: Every Python file of the repository by the last part of its module's name: an
            import that may mean two files says nothing.
    """
    found: set[str] = set()
    bound = Counter(_bound(tree))
    words = {name.partition(".")[0].rstrip("()") for names in known.values() for name in names}
    words |= {last_part(other) for other in known}
    imports: dict[str, list[tuple[str | None, str | None, str]]] = defaultdict(list)
    for node in (n for n in nodes(tree) if isinstance(n, ast.ImportFrom)):
        for alias in node.names:
            if alias.name in words:
                files = _file_of(path, node, named), _file_of(path, node, named, alias.name)
                imports[alias.asname or alias.name].append((*files, alias.name))
    for local, of in imports.items():
        if len(set(of)) > 1 or bound[local] != len(of):
            continue
        ((file, module, own),) = set(of)
        for name in known.get(file or "", ()):
            first = name.partition(".")[0].rstrip("()")
            if first == own:
                found.add(local + name[len(first) :])
        found.update(f"{local}.{n}" for n in known.get(module or "", ()) if not n.endswith("()"))
    return found


def last_part(path: str) -> str:
    """The last part of the name of a file's module."""
    return _stem(path).rpartition("/")[2]


def _own(tree: ast.Module, flag: str) -> Iterator[str]:
    constants = set(_constants(tree, flag))
    yield from constants
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and _only_asks(node, flag, constants):
            yield f"{node.name}()"


def _constants(tree: ast.Module, flag: str) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if name := constant(member, flag):
                    yield from (f"{node.name}.{name}", f"{node.name}.{name}.value")
        elif name := constant(node, flag):
            yield name


def constant(node: ast.stmt, flag: str) -> str | None:
    """The name that a statement gives to the flag's own."""
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value))
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=value))
        ) if value == flag:
            return name
        case _:
            return None


def _only_asks(node: ast.FunctionDef, flag: str, constants: set[str]) -> bool:
    """Whether a function without arguments does nothing but give the answer back."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if node.decorator_list or ast.unparse(node.args):
        return False
    match body:
        case [ast.Return(value=ast.Call(func=func, args=args, keywords=keywords))]:
            named = [ast.Constant(flag) if ast.unparse(a) in constants else a for a in args]
            return asked_flag(ast.Call(func=func, args=named, keywords=keywords)) == flag
        case _:
            return False


def _bound(tree: ast.Module) -> Iterator[str]:
    """Every binding of a name but the members of classes, which no bare name reads."""
    members = {
        id(target)
        for node in nodes(tree)
        if isinstance(node, ast.ClassDef)
        for member in node.body
        for target in ast.walk(member)
        if isinstance(member, ast.Assign | ast.AnnAssign)
    }
    for node in nodes(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if id(node) not in members:
                yield name
            case ast.arg(arg=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (a.asname or a.name.partition(".")[0] for a in names)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case _:
                pass


def _file_of(
    path: str, node: ast.ImportFrom, named: Mapping[str, Sequence[str]], submodule: str = ""
) -> str | None:
    """The one file that an import means; none where there is none, or more."""
    parts = [part for part in (*(node.module or "").split("."), submodule) if part]
    around = path.split("/")[: -node.level] if node.level else []
    wanted = "/".join([*around, *parts])
    stems = [(_stem(p), p) for p in named.get(wanted.rpartition("/")[2], ())]
    if node.level:
        found = [p for stem, p in stems if stem == wanted]
    else:
        found = [p for stem, p in stems if f"/{stem}".endswith(f"/{wanted}")]
    return found[0] if parts and len(found) == 1 else None


def _stem(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__")
