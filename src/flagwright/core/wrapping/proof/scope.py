"""Check that every name means, and every function gives, what it did before the merge.

Scopes come from the standard library's `symtable`, kinds from the flags of compiled code.
"""

import ast
import symtable
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType
from typing import Any

from flagwright.core.wrapping.tree import compiled
from flagwright.errors import Category

_KIND = 0x20 | 0x80 | 0x200  # generator, coroutine, asynchronous generator
_COMPREHENSIONS = {"genexpr", "listcomp", "setcomp", "dictcomp", "lambda"}
Pairs = Sequence[tuple[ast.AST, ast.AST]]


class ScopeProblem(Exception):
    """What does not hold, and where in the wrapped text."""

    def __init__(self, line: int, category: Category, because: str, *, name: str = "") -> None:
        """`name` is one that would be found in another place."""
        super().__init__(because)
        self.line, self.category, self.because, self.name = line, category, because, name


def check_kinds(pairs: Pairs, text: "Meaning", wrapped: "Meaning") -> None:
    """Compare what a call of each function gives: a value, a generator, a coroutine.

    The compiler leaves out functions that no path reaches; there is nothing to call then.
    """
    kinds = [text.kinds, wrapped.kinds]
    for own, merged in pairs:
        if not isinstance(own, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = [_first_line(node) for node in (own, merged)]
        names = [own.name, getattr(merged, "name", "")]
        found = [k.get(key) for k, key in zip(kinds, zip(names, lines, strict=True), strict=True)]
        if None not in found and found[0] != found[1]:
            because = f"`{own.name}` would become another kind of function (`yield` or `await`)"
            raise ScopeProblem(lines[1], "function-kind", because)


def check_scopes(
    pairs: Pairs, text: "Meaning", wrapped: "Meaning", extra: Sequence[tuple[int, str]]
) -> None:
    """Compare where each name of a version is found, alone and in the wrapped file.

    Args:
        extra: Line and name of what the wrapped file binds for the other version alone;
            line 0 stands for an import.
    """
    tables = [text, wrapped]
    for own, merged in pairs:
        scopes = [t.scope(n) for t, n in zip(tables, (own, merged), strict=True)]
        for name in sorted(tables[0].names(scopes[0])):
            found = [t.origin(s, name) for t, s in zip(tables, scopes, strict=True)]
            if found[0] != found[1]:
                line = getattr(merged, "lineno", 1)
                plain = set(found) <= {"module", "builtin"}
                category: Category = "name-clash" if plain else "scope"
                because = f"`{name}` would be {_say(found[1])} where it was {_say(found[0])}"
                raise ScopeProblem(line, category, because, name=name)
    for line, name in extra:
        table = tables[0].scope(_owner(pairs, line))
        if name in table.get_identifiers() and _is_bound(table.lookup(name)):
            because = f"`{name}` means something else in the other version"
            raise ScopeProblem(max(line, 1), "name-clash", because)


def _owner(pairs: Pairs, line: int) -> ast.AST:
    """The module or class of this version in whose body a line of the wrapped text stands."""
    owner = pairs[0][0]
    for own, merged in pairs:
        if isinstance(merged, ast.ClassDef) and merged.lineno <= line <= (merged.end_lineno or 0):
            owner = own
    return owner


def _say(origin: str) -> str:
    return {"module": "a name of the file", "builtin": "a builtin or unknown"}.get(origin, origin)


def _kinds(code: CodeType) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    stack = [code]
    while stack:
        code = stack.pop()
        found[code.co_name, code.co_firstlineno] = code.co_flags & _KIND
        stack += [c for c in code.co_consts if isinstance(c, CodeType)]
    return found


def _first_line(node: Any) -> int:
    lines: list[int] = [node.lineno, *(d.lineno for d in node.decorator_list)]
    return min(lines)


class Meaning:
    """What the compiler makes of one text: its symbol tables, and the kinds of its functions."""

    def __init__(
        self,
        source: str,
        stand_for: Mapping[str, str] = {},
        aside: Mapping[str, str] = {},
        code: CodeType | None = None,
    ) -> None:
        """Compile a text.

        Args:
            code: What the compiler made of those functions of it that are asked for their kind.
            stand_for: Functions by the name of an inner one that holds their body.
            aside: Names by the alias that the text has for them.
        """
        self._stand_for = {**aside, **stand_for}
        self.kinds = _kinds(code or compiled(source))
        for (name, line), kind in [*self.kinds.items()]:
            self.kinds.setdefault((aside.get(name, name), line), kind)
        self.module = symtable.symtable(source, "<scopes>", "exec")
        self._tables: dict[tuple[str, int], symtable.SymbolTable] = {}
        self._parents: dict[int, symtable.SymbolTable | None] = {self.module.get_id(): None}
        stack = [self.module]
        while stack:
            table = stack.pop()
            self._tables.setdefault((table.get_name(), table.get_lineno()), table)
            name = aside.get(table.get_name(), table.get_name())
            self._tables.setdefault((name, table.get_lineno()), table)
            for child in table.get_children():
                self._parents[child.get_id()] = table
                stack.append(child)
        self.bound = {s.get_name() for s in self.module.get_symbols() if _is_bound(s)}
        self.bound |= {
            s.get_name()
            for t in self._tables.values()
            for s in t.get_symbols()
            if s.is_declared_global() and _is_bound(s)
        }

    def scope(self, node: Any) -> symtable.SymbolTable:
        return self.module if isinstance(node, ast.Module) else self._tables[node.name, node.lineno]

    def names(self, table: symtable.SymbolTable) -> set[str]:
        """Names that a scope uses, by itself or in its comprehensions and lambdas."""
        found = set(table.get_identifiers())
        for child in _anonymous(table):
            found |= {s.get_name() for s in child.get_symbols() if not s.is_local()}
        return {name for name in found if not name.startswith(".")}

    def origin(self, table: symtable.SymbolTable, name: str) -> str:
        """Where a name is found: `local`, `module`, `builtin`, or the function around."""
        around: symtable.SymbolTable | None = table
        while around is not None and around.get_type() != "module":
            if name in around.get_identifiers():
                symbol = around.lookup(name)
                if symbol.is_local() and (around is table or around.get_type() != "class"):
                    outer = self._stand_for.get(around.get_name(), around.get_name())
                    return "local" if around is table else f"a name of `{outer}`"
                if symbol.is_global():
                    break
            around = self._parents[around.get_id()]
        return "module" if name in self.bound else "builtin"


def _anonymous(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        if child.get_name() in _COMPREHENSIONS:
            yield child
            yield from _anonymous(child)


def _is_bound(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
