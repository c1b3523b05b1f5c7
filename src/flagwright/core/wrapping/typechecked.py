"""Find the lines of a wrapped file whose form type checkers report, though it is meant.

`b: int = ...` stands for a parameter left out, a class attribute is given to `_ByNewTax`, which
has no types, and one version annotates a variable that the other one only assigns. What is right
for one checker may be needless for another, so these words say `unused-ignore` as well.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from flagwright.core.wrapping.effect import FUNCTIONS, Function, annotations_of
from flagwright.core.wrapping.frame import own_nodes
from flagwright.core.wrapping.mark import marks_above
from flagwright.core.wrapping.statement import first_line
from flagwright.core.wrapping.tree import nodes, outermost, walk

_NO_TYPES, _OTHER_VALUE = ("no-untyped-def",), ("assignment", "no-untyped-call")


def reported(
    tree: ast.Module, lines: Sequence[str], flag: str, asking: Collection[int]
) -> Mapping[int, Collection[str]]:
    """What type checkers say of a wrapped file because of its form: codes by line.

    Args:
        asking: Lines that ask for the flag.
    """
    functions = [node for node in nodes(tree) if isinstance(node, FUNCTIONS)]
    typed = [f for f in functions if any(annotations_of(f))]
    found: dict[int, set[str]] = defaultdict(set)
    for function in typed:
        pairs = [*_annotated_once(own_nodes(function), asking)]
        if marks := [*marks_above(lines, first_line(function), flag)]:
            names = {name for one in marks for name in one.names}
            pairs += [*_left_out(function), *_inner(function, names)]
        for line, codes in pairs:
            found[line].update(codes)
    helpers = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name.startswith("_By")]
    for helper in helpers if typed else ():
        if any(marks_above(lines, first_line(helper), flag)):
            for line, codes in _given(tree, helper):
                found[line].update(codes)
    return {line: [*sorted(codes), "unused-ignore"] for line, codes in found.items()}


def of_another_type(before: ast.Module, after: ast.Module) -> Iterator[str]:
    """Functions that do something else and say that they give something else."""
    old, new = dict(outermost(before)), dict(outermost(after))
    names = [
        name
        for name in new
        if name in old
        and (was := old[name].returns)
        and (says := new[name].returns)
        and ast.dump(was) != ast.dump(says)
        and _body(old[name]) != _body(new[name])
    ]
    if names:
        shown = ", ".join(f"`{name}`" for name in names[:3])
        more = f" and {len(names) - 3} more" if names[3:] else ""
        yield (
            f"{shown}{more}: while the flag is there, type checkers go by what the new version "
            "says it gives, and may report old code"
        )


def _body(function: Function) -> list[str]:
    return [ast.dump(line) for line in function.body]


def _left_out(function: Function) -> Iterator[tuple[int, Collection[str]]]:
    """Defaults `...` of parameters with a type, and where the function asks for them."""
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(given[::-1], arguments.defaults[::-1], strict=False)]
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d]
    left_out = {a.arg: d.lineno for a, d in pairs if a.annotation and _is_dots(d)}
    yield from ((line, ("assignment",)) for line in left_out.values())
    for node in own_nodes(function):
        match node:
            case ast.Compare(left=ast.Name(id=name), comparators=[other]) if _is_dots(other):
                yield from ((node.lineno, ("comparison-overlap",)) for _ in {name} & {*left_out})
            case _:
                pass


def _inner(function: Function, names: Collection[str]) -> Iterator[tuple[int, Collection[str]]]:
    """The body of one version inside of the other one's function, which has no types."""
    own = own_nodes(function)
    inner = [n for n in own if isinstance(n, FUNCTIONS) and n.name in names]
    bodies = {n.name: n for n in inner if not any(annotations_of(n))}
    yield from ((body.lineno, _NO_TYPES) for body in bodies.values())
    for node in own:
        if isinstance(node, ast.Return) and node.value:
            called = (n.func for n in walk(node.value) if isinstance(n, ast.Call))
            if any(isinstance(func, ast.Name) and func.id in bodies for func in called):
                yield node.lineno, ("no-any-return", "no-untyped-call")


def _given(tree: ast.Module, helper: ast.ClassDef) -> Iterator[tuple[int, Collection[str]]]:
    """The methods of what gives an attribute its value, and where a class has one of it."""
    yield from ((m.lineno, _NO_TYPES) for m in helper.body if isinstance(m, FUNCTIONS))
    for node in nodes(tree):
        match node:
            case ast.Assign(value=ast.Call(func=ast.Name(id=helper.name))):
                yield node.lineno, _OTHER_VALUE
            case _:
                pass


def _annotated_once(
    own: Sequence[ast.AST], asking: Collection[int]
) -> Iterator[tuple[int, Collection[str]]]:
    """Where one side of a guard assigns what only the other side annotates."""
    for guard in (n for n in own if isinstance(n, ast.If) and n.lineno in asking):
        sides = [[n for line in side for n in walk(line)] for side in (guard.body, guard.orelse)]
        said = [_targets(side, ast.AnnAssign) for side in sides]
        plain = [_targets(side, ast.Assign) for side in sides]
        for name in plain[1].keys() & said[0].keys() - said[1].keys():
            yield plain[1][name], ("assignment",)
        for name in plain[0].keys() & said[1].keys() - said[0].keys():
            yield said[1][name], ("no-redef",)


def _targets(side: Sequence[ast.AST], kind: type[ast.Assign | ast.AnnAssign]) -> dict[str, int]:
    """What statements of one kind bind, and the line of the first one."""
    found: dict[str, int] = {}
    for node in side:
        if isinstance(node, kind):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                found.setdefault(ast.unparse(target), node.lineno)
    return found


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
