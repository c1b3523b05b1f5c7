"""Hold the house rules: who may import whom, and that no module is part of a cycle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"
STDLIB_WORLD = {"os", "pathlib", "time", "random", "subprocess", "socket", "sqlite3", "secrets"}
WORLD = STDLIB_WORLD | {"httpx", "git", "mcp", "anyio", "starlette", "click", "rich"}

FORBIDDEN: dict[str, set[str]] = {
    "flagwright.beneath": {"flagwright.core", "flagwright.adapters", "flagwright.workbench"},
    "flagwright.errors": WORLD | {"flagwright"},
    "flagwright.core": WORLD
    | {f"flagwright.{room}" for room in ("adapters", "workbench", "surface", "settings")}
    | {"flagwright.assembly", "flagwright.flagserver"},
    "flagwright.adapters": {"mcp", "flagwright.workbench", "flagwright.surface"}
    | {"flagwright.settings", "flagwright.assembly", "flagwright.flagserver"},
    "flagwright.flagserver": {
        f"flagwright.{room}"
        for room in ("core", "adapters", "errors", "workbench", "surface", "settings", "assembly")
    }
    | {"httpx", "git", "mcp"},
    "flagwright.workbench": {"mcp", "flagwright.surface", "flagwright.settings"}
    | {"flagwright.flagserver", "flagwright.assembly"},
    "flagwright.settings": {"mcp", "httpx", "git", "flagwright.core", "flagwright.adapters"},
    "flagwright.surface": {"flagwright.adapters", "flagwright.flagserver"},
}


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for path in SRC.rglob("*.py"):
        parts = path.relative_to(SRC).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, wherever in the file the import stands."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_a_room_imports_only_what_the_table_allows(room: str) -> None:
    broken = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if inside(module, room)
        for name in imports(path)
        if any(inside(name, banned) for banned in FORBIDDEN[room])
    ]

    assert not broken


def test_adapters_do_not_know_each_other() -> None:
    """Packages inside adapters are one adapter each."""

    def adapter(name: str) -> str:
        return name.removeprefix("flagwright.adapters").lstrip(".").split(".")[0]

    broken = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if inside(module, "flagwright.adapters")
        for name in imports(path)
        if inside(name, "flagwright.adapters") and adapter(name) != adapter(module)
    ]

    assert not broken


def test_no_module_is_part_of_an_import_cycle() -> None:
    known = modules()
    graph: dict[str, set[str]] = {}
    for module, path in known.items():
        named = set(imports(path))
        graph[module] = {
            other
            for other in known
            if other != module and (other in named or any(_owner(n, known) == other for n in named))
        }

    TopologicalSorter(graph).prepare()


def _owner(name: str, known: dict[str, Path]) -> str:
    """Longest known module that a dotted name starts with."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name
