"""Open and rebuild compound statements: their header as a value, their blocks as suites.

Two statements with equal headers can be merged block by block; anything else is
guarded as a whole.
"""

import ast
from collections.abc import Sequence
from typing import Any, cast

import libcst as cst

from flagwright.core.wrapping.branches import otherwise
from flagwright.core.wrapping.effect import Effects
from flagwright.core.wrapping.statement import Statement, Suite, absent, suite


def header(statement: Statement, effects: Effects) -> Any | None:
    """What must be equal for a merge block by block; none where a statement has no blocks."""
    of = effects.of_local
    match statement.tree:
        case ast.If():
            return ("if", *(of(test) for test, _ in branches(statement.tree)))
        case ast.For() | ast.AsyncFor() as loop:
            return (type(loop).__name__, of(loop.target), of(loop.iter), bool(loop.orelse))
        case ast.While(test=test, orelse=orelse):
            return ("while", of(test), bool(orelse))
        case ast.With() | ast.AsyncWith() as block:
            return (type(block).__name__, *(of(item) for item in block.items))
        case ast.Try() | ast.TryStar() as attempt:
            types = tuple((h.type and of(h.type), h.name) for h in attempt.handlers)
            return (type(attempt).__name__, types, bool(attempt.orelse), bool(attempt.finalbody))
        case ast.Match(subject=subject, cases=cases):
            heads = tuple((of(case.pattern), case.guard and of(case.guard)) for case in cases)
            return ("match", of(subject), heads)
        case _:
            return None


def suites(statement: Statement) -> tuple[Suite, ...]:
    """The blocks of a compound statement, in the order of its text."""
    node, tree = statement.node, statement.tree
    match node:
        case cst.If():
            return _if_suites(node, cast(ast.If, tree))
        case cst.For() | cst.While():
            loop = cast(ast.For, tree)
            return (suite(node.body, loop.body), *_else(node.orelse, loop.orelse))
        case cst.With():
            return (suite(node.body, cast(ast.With, tree).body),)
        case cst.Try() | cst.TryStar():
            attempt = cast(ast.Try, tree)
            handlers: Sequence[cst.ExceptHandler | cst.ExceptStarHandler] = node.handlers
            pairs = zip(handlers, attempt.handlers, strict=True)
            return (
                suite(node.body, attempt.body),
                *(suite(h.body, t.body) for h, t in pairs),
                *_else(node.orelse, attempt.orelse),
                *_else(node.finalbody, attempt.finalbody),
            )
        case cst.Match():
            trees = cast(ast.Match, tree).cases
            return tuple(suite(c.body, t.body) for c, t in zip(node.cases, trees, strict=True))
        case _:
            return ()


def rebuilt(
    node: cst.BaseCompoundStatement, blocks: Sequence[cst.BaseSuite | None]
) -> cst.BaseCompoundStatement:
    """The statement with other blocks, given in the order of `suites`."""
    first, rest = blocks[0], list(blocks[1:])
    match node:
        case cst.If():
            return _with_branches(node, list(blocks))
        case cst.For() | cst.While():
            return node.with_changes(body=first, orelse=_with_body(node.orelse, rest))
        case cst.With():
            return node.with_changes(body=first)
        case cst.Try() | cst.TryStar():
            handlers = [h.with_changes(body=rest.pop(0)) for h in node.handlers]
            orelse = _with_body(node.orelse, rest)
            final = _with_body(node.finalbody, rest)
            return node.with_changes(body=first, handlers=handlers, orelse=orelse, finalbody=final)
        case cst.Match():
            pairs = zip(node.cases, blocks, strict=True)
            return node.with_changes(cases=[case.with_changes(body=b) for case, b in pairs])
        case _:
            raise AssertionError(type(node))


def expressions(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """What a header evaluates, in the order of its text, but for the guards of cases."""
    match node:
        case cst.If():
            return [node.test, *(expressions(node.orelse) if node.orelse else ())]
        case cst.While():
            return [node.test]
        case cst.For():
            return [node.iter]
        case cst.With():
            return [item.item for item in node.items]
        case cst.Try() | cst.TryStar():
            return [handler.type for handler in node.handlers if handler.type]
        case cst.Match():
            return [node.subject]
        case _:
            return []


def with_expressions(
    node: cst.BaseCompoundStatement, values: Sequence[cst.BaseExpression]
) -> cst.BaseCompoundStatement:
    """The statement with other expressions in its header, given in the order of `expressions`."""
    first, *rest = values
    match node:
        case cst.If():
            more = with_expressions(node.orelse, rest) if isinstance(node.orelse, cst.If) else None
            return node.with_changes(test=first, orelse=more or node.orelse)
        case cst.While():
            return node.with_changes(test=first)
        case cst.For():
            return node.with_changes(iter=first)
        case cst.With():
            pairs = zip(node.items, values, strict=True)
            return node.with_changes(items=[i.with_changes(item=value) for i, value in pairs])
        case cst.Try() | cst.TryStar():
            given = iter(values)
            handlers = [h.with_changes(type=next(given)) if h.type else h for h in node.handlers]
            return node.with_changes(handlers=handlers)
        case cst.Match():
            return node.with_changes(subject=first)
        case _:
            raise AssertionError(type(node))


def is_spaced(node: cst.CSTNode) -> bool:
    """Whether each expression of a header stands apart from the words around it."""
    match node:
        case cst.If():
            rest = node.orelse
            return not node.whitespace_before_test.empty and (
                not isinstance(rest, cst.If) or is_spaced(rest)
            )
        case cst.While():
            return not node.whitespace_after_while.empty
        case cst.For():
            return not node.whitespace_after_in.empty
        case cst.With():
            names = [item.asname for item in node.items if item.asname]
            return not node.whitespace_after_with.empty and not any(
                name.whitespace_before_as.empty for name in names
            )
        case cst.Try():
            return all(_is_apart(handler) for handler in node.handlers)
        case cst.TryStar():
            return not any(handler.whitespace_after_star.empty for handler in node.handlers)
        case cst.Match():
            return not node.whitespace_after_match.empty
        case _:
            return False


def _is_apart(handler: cst.ExceptHandler) -> bool:
    is_named_close = handler.name and handler.name.whitespace_before_as.empty
    return handler.type is None or not (handler.whitespace_after_except.empty or is_named_close)


def branches(tree: ast.If) -> list[tuple[ast.expr, list[ast.stmt]]]:
    """Tests of an if-elif chain. `else: if ...` reads the same as `elif ...` and is one, too."""
    found = [(tree.test, tree.body)]
    while len(tree.orelse) == 1 and isinstance(tree.orelse[0], ast.If):
        tree = tree.orelse[0]
        found.append((tree.test, tree.body))
    return found


def _if_suites(node: cst.If, tree: ast.If) -> tuple[Suite, ...]:
    first = suite(node.body, tree.body)
    if isinstance(node.orelse, cst.If):
        return (first, *_if_suites(node.orelse, cast(ast.If, tree.orelse[0])))
    if node.orelse is None:
        return (first, absent())
    return (first, suite(node.orelse.body, tree.orelse))


def _with_branches(node: cst.If, blocks: list[cst.BaseSuite | None]) -> cst.If:
    body, orelse = blocks.pop(0), node.orelse
    if isinstance(orelse, cst.If):
        return node.with_changes(body=body, orelse=_with_branches(orelse, blocks))
    last = blocks.pop(0)
    return node.with_changes(body=body, orelse=last and otherwise(last, orelse))


def _else(node: cst.Else | cst.Finally | None, trees: Sequence[ast.stmt]) -> tuple[Suite, ...]:
    return (suite(node.body, trees),) if node else ()


def _with_body(node: Any, rest: list[cst.BaseSuite | None]) -> Any:
    return node.with_changes(body=rest.pop(0)) if node else None
