"""Find what a rule looks for on the changed lines, and forget what only moved."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from flagwright.core.records.change import Side
from flagwright.core.records.score import Finding
from flagwright.core.risk.evidence import quote
from flagwright.core.risk.pattern import found_on, matches
from flagwright.core.risk.rule import CodeRule, Rule, TextRule
from flagwright.core.risk.syntax import Definition, begins_on, dotted
from flagwright.core.risk.view import FileView

COMMENT_MARKS = ("//", "#", "/*", "* ", "--", "<!--", ";;")
_CALLED = re.compile(r"\basync def\b|[^\W\d][\w.]*(?=\()")
WITH = ast.With | ast.AsyncWith


class Occurrence(NamedTuple):
    """One place at which a rule was noticed."""

    rule: str
    key: str
    """Equal keys on both sides are one thing that moved."""
    path: str
    line: int
    side: Side
    code: str

    def finding(self, signal: str, rule: Rule) -> Finding:
        """State the occurrence with the points of its rule."""
        return Finding(
            rule=f"{signal}.{self.rule}",
            points=rule.points,
            path=self.path,
            line=self.line,
            side=self.side,
            evidence=quote(self.code),
        )


def without(these: Iterable[Occurrence], those: Iterable[Occurrence]) -> Iterator[Occurrence]:
    """Drop one of these for each of those with the same rule and key."""
    others = Counter((item.rule, item.key) for item in those)
    for item in these:
        if others[item.rule, item.key]:
            others[item.rule, item.key] -= 1
        else:
            yield item


def in_text(
    files: Iterable[FileView], side: Side, rules: Mapping[str, TextRule]
) -> Iterator[Occurrence]:
    """Search the changed lines of files that have no syntax tree."""
    for file in files:
        if file.parsed:
            continue
        for block in file.blocks(side):
            lines = block.text.split("\n")
            for name, rule in rules.items():
                for index in _found(rule, file, block.text):
                    code = lines[index].strip()
                    if not code.startswith(COMMENT_MARKS):
                        line = block.start + index
                        yield Occurrence(name, code, file.path, line, side, code)


def _found(rule: TextRule, file: FileView, text: str) -> Iterator[int]:
    """Python without a tree is also searched for the names of calls, as they are written."""
    if rule.text:
        yield from found_on(rule.text, text)
    if file.is_python and isinstance(rule, CodeRule) and rule.python:
        for index, line in enumerate(text.split("\n")):
            if any(matches(rule.python, name) for name in _CALLED.findall(line)):
                yield index


def in_python(
    files: Iterable[FileView], side: Side, rules: Mapping[str, CodeRule]
) -> Iterator[Occurrence]:
    """Search the full names of what touched Python calls, awaits or enters."""
    for file in files:
        for use in uses(file, side) if file.parsed else ():
            for name, rule in rules.items():
                if rule.python and matches(rule.python, use.name):
                    yield occurrence(name, file, side, use.line, key=use.key)


def occurrence(rule: str, file: FileView, side: Side, line: int, *, key: str) -> Occurrence:
    """Place what was seen, with its changed line as evidence."""
    return Occurrence(rule, key, file.path, line, side, file.lines(side).get(line, key))


class Use(NamedTuple):
    """What a piece of Python runs."""

    name: str
    """A full dotted name, or `async def`, `async for`, `await`."""
    line: int
    key: str


def uses(file: FileView, side: Side) -> Iterator[Use]:
    """Name what the touched syntax runs."""
    for touch in file.touched(side):
        node = touch.node
        if isinstance(node, ast.Call):
            yield Use(dotted(node.func, file.imported(side)), touch.line, file.source(side, node))
        elif isinstance(node, ast.Await):
            yield Use("await", touch.line, file.source(side, node))
        elif isinstance(node, ast.stmt) and begins_on(touch, file.lines(side)):
            yield from _stated(file, side, node)


def _stated(file: FileView, side: Side, node: ast.stmt) -> Iterator[Use]:
    if isinstance(node, ast.AsyncFunctionDef):
        yield Use("async def", node.lineno, node.name)
    elif isinstance(node, ast.AsyncFor):
        yield Use("async for", node.lineno, file.source(side, node.iter))
    entered = [item.context_expr for item in node.items] if isinstance(node, WITH) else []
    decorators = node.decorator_list if isinstance(node, Definition) else []
    for named in [*entered, *decorators]:
        if not isinstance(named, ast.Call):
            name = dotted(named, file.imported(side))
            yield Use(name, named.lineno, file.source(side, named))


def that_came(
    signal: str, files: Iterable[FileView], rules: Mapping[str, CodeRule]
) -> Iterator[Finding]:
    """State each occurrence on an added line that no removed line had."""
    files = [file for file in files if file.is_source]
    for search in _SEARCHES:
        for item in without(search(files, "after", rules), search(files, "before", rules)):
            yield item.finding(signal, rules[item.rule])


_SEARCHES: tuple[
    Callable[[Iterable[FileView], Side, Mapping[str, CodeRule]], Iterator[Occurrence]], ...
] = (in_python, in_text)
