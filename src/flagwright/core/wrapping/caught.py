"""Tell which files are imported where the end of the process would be caught."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from flagwright.core.wrapping.dormant.named import stem_of
from flagwright.core.wrapping.effect import last_name
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.tree import nodes

_CATCHING = ("SystemExit", "BaseException", "suppress")
_CATCHES = re.compile(rb"\bexcept[ \t]*:|\b(?:%b)\b" % "|".join(_CATCHING).encode())
_BY_TEXT = ("import_module", "__import__", "import_string", "run_module", "run_path")


def imported_and_caught(paths: Collection[str], modules: Mapping[str, bytes]) -> set[str]:
    """Those of some files that others may import inside of what catches `SystemExit`.

    Beside a package of its name, `tool.py` is what no `import tool` finds.
    """
    wanted = {path: stem_of(path) for path in paths}
    texts = (text for text in modules.values() if paths and _CATCHES.search(text))
    tried = {word for text in texts for word in _tried(tree_of(text))}
    beside = {path for path in paths if f"{path.removesuffix('.py')}/__init__.py" in modules}
    named = {path for path, stem in wanted.items() if stem in tried and path not in beside}
    return {*paths} if "*" in tried else named


def _tried(tree: ast.Module | None) -> Iterator[str]:
    """Words of what is imported so; `*` where a text says what."""
    if tree is None:
        yield "*"
        return
    for block in nodes(tree):
        if isinstance(block, ast.Try | ast.TryStar | ast.With) and _catches(block):
            for statement in block.body:
                for node in ast.walk(statement):
                    yield from _imports(node)


def _catches(block: ast.Try | ast.TryStar | ast.With) -> bool:
    """Whether a block goes on where its code ends the process."""
    if isinstance(block, ast.With):
        return any(last_name(item.context_expr) == "suppress" for item in block.items)
    kinds = [handler.type for handler in block.handlers]
    return None in kinds or any(
        last_name(node) in _CATCHING for kind in kinds if kind for node in ast.walk(kind)
    )


def _imports(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (word for alias in names for word in alias.name.split("."))
        case ast.ImportFrom(names=names, module=module):
            yield from (*(module or "").split("."), *(alias.name for alias in names))
        case ast.Call() if last_name(node) in _BY_TEXT:
            yield "*"
        case _:
            pass
