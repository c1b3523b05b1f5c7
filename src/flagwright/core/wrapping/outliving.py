"""Tell of what lives longer than a switch of the flag: objects, and calls that go on.

What only one version sets when an object is made is not there when the other one's object is
asked for it: with the flag switched between, that is an `AttributeError`. A call that has asked
and goes round a loop for good keeps its answer. No proof sees either, since each side by itself
is right.

What both versions ask of classes outside of the repository is told as well.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.frame import functions_of, own_nodes
from flagwright.core.wrapping.tree import of_kind, walk

_ENDS = re.compile(
    r"(?i)(active|alive|cancel|clos|done|exit|finish|is_?set|quit|running|shut|stop|terminat)"
)
"""How it is called what ends a loop from outside."""


class _Held(NamedTuple):
    """What the objects of a class have, by name, with the methods that set it or read it.

    What a base in the same file gives them is among it.
    """

    sets: dict[str, set[str]]
    reads: dict[str, set[str]]
    """Not those that begin with setting it."""
    members: set[str]
    """What they have from the class itself."""
    bases: list["_Held"]
    named: tuple[str, ...]
    """What these are called."""


def broken_by_a_switch(before: ast.Module, after: ast.Module) -> Iterator[str]:
    """For each class, what objects that were made on one side lack on the other."""
    if _set(before) == _set(after):
        return
    old, new = _classes(before), _classes(after)
    for name in sorted(old.keys() & new.keys()):
        for mine, others, made in ((new, old, "on"), (old, new, "off")):
            own = mine[name]
            elsewhere = {a for near in _near(name, mine, others) for a in others[near].sets}
            lacking = own.sets.keys() - elsewhere - own.members - others[name].members
            found = [a for a in sorted(lacking) if own.reads[a] and not _is_of_a_base(a, own)]
            if found:
                readers = sorted(set[str]().union(*(own.reads[a] for a in found)))
                what = ", ".join(f"`{attribute}`" for attribute in found)
                who = ", ".join(f"`{reader}`" for reader in readers)
                yield (
                    f"{who} of `{name}` {'read' if readers[1:] else 'reads'} {what} of objects "
                    f"that were made with the flag {made}, and others have none: let no such "
                    "object live through a switch, e.g. restart"
                )


def asked_of_heirs(before: ast.Module, after: ast.Module) -> Iterator[str]:
    """For each public class, abstract methods that it has whatever the flag says."""
    old, new = ({n.name: n for n in t.body if isinstance(n, ast.ClassDef)} for t in (before, after))
    for name in sorted(old.keys() & new.keys()):
        sides = (_abstract(old[name]), _abstract(new[name]))
        for method in sorted(sides[0] ^ sides[1]) if not name.startswith("_") else ():
            side = "off" if method in sides[1] else "on"
            yield (
                f"`{name}` has the abstract `{method}` with the flag {side}, too: a class that is "
                "made from it outside of the repository needs one"
            )


def _abstract(owner: ast.ClassDef) -> set[str]:
    """Methods of a class that whoever is made from it has to have; of its body alone."""
    methods = [member for member in owner.body if isinstance(member, FUNCTIONS)]
    return {m.name for m in methods if any("abstract" in ast.unparse(d) for d in m.decorator_list)}


def kept_in_a_loop(wrapped: ast.Module, local: str) -> Iterator[str]:
    """For each function that asks once and then works in a loop without end, what that means.

    Args:
        local: The name of what holds the answer.
    """
    for function, own in functions_of(wrapped):
        asks = any(isinstance(n, ast.Name) and n.id == local and _is_store(n) for n in own)
        loops = [n for n in own if isinstance(n, ast.While) and _is_without_end(n.test)]
        if found := [n for n in loops if asks and _goes_on(n.body, local)]:
            yield (
                f"`{function.name}` asks once, and then goes round its `while "
                f"{ast.unparse(found[0].test)}`: a switch counts for it when it is called again, "
                "e.g. after a restart; what the other version hands it until then it may not know"
            )


def kept_over_a_wait(
    wrapped: ast.Module, lines: Sequence[str], asked: tuple[str, str]
) -> Iterator[str]:
    """For each method that waits with its answer while others of its class ask anew.

    Args:
        lines: Those of the wrapped file.
        asked: The question, and the name of what holds its answer.
    """
    check, local = asked
    for owner in (n for n in wrapped.body if isinstance(n, ast.ClassDef)):
        asking = [m for m in owner.body if isinstance(m, FUNCTIONS) and _asks(m, lines, check)]
        for method in asking:
            others = sorted({m.name for m in asking} - {method.name})
            if others and isinstance(method, ast.AsyncFunctionDef) and _waits(method, local):
                more = f" and {len(others) - 1} more" if others[1:] else ""
                yield (
                    f"`{method.name}` of `{owner.name}` asks once, and goes on with that answer "
                    f"after an `await`, while `{others[0]}`{more} asks by itself: what waits "
                    "through a switch does half of each version; let it come to an end first"
                )


def _asks(method: ast.stmt, lines: Sequence[str], check: str) -> bool:
    return any(check in line for line in lines[method.lineno - 1 : method.end_lineno])


def _waits(method: ast.AsyncFunctionDef, local: str) -> bool:
    """Whether the answer is used below an `await` that comes after the question."""
    own = [*own_nodes(method)]
    answers = [n for n in own if isinstance(n, ast.Name) and n.id == local]
    asked = min((n.lineno for n in answers if _is_store(n)), default=None)
    kinds = ast.Await | ast.AsyncFor | ast.AsyncWith
    waits = [n.lineno for n in own if isinstance(n, kinds) and asked and n.lineno > asked]
    return any(n.lineno > min(waits) for n in answers) if waits else False


def _is_store(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _is_without_end(test: ast.expr) -> bool:
    """Whether a loop goes on for good, or until somebody else says that it is over."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.UnaryOp(op=ast.Not(), operand=inner) | ast.Call(func=inner, args=[]):
            return _is_without_end(inner)
        case ast.Attribute(attr=name):
            return _ENDS.search(name) is not None
        case _:
            return False


def _goes_on(body: Sequence[ast.stmt], local: str) -> bool:
    """Whether the answer is used in a loop whose block does not end by leaving it."""
    names = (n for line in body for n in walk(line) if isinstance(n, ast.Name))
    return any(name.id == local for name in names) and not any(map(_leaves, body))


def _leaves(line: ast.stmt) -> bool:
    """Whether a statement leaves a loop, whatever is the case."""
    match line:
        case ast.Return() | ast.Break() | ast.Raise():
            return True
        case ast.Try(body=body) | ast.With(body=body) | ast.AsyncWith(body=body):
            return any(map(_leaves, body))
        case _:
            return False


def _set(tree: ast.Module) -> Counter[str]:
    """How often each attribute is set, of whatever object."""
    found = of_kind(tree, ast.Attribute)
    return Counter(n.attr for n in found if isinstance(n.ctx, ast.Store))


def _classes(tree: ast.Module) -> dict[str, _Held]:
    held: dict[str, _Held] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            named = [b.id for b in node.bases if isinstance(b, ast.Name) and b.id in held]
            held[node.name] = _held(node, {name: held[name] for name in named})
    return {name: one for name, one in held.items() if "__getattr__" not in one.members}


def _near(name: str, *sides: Mapping[str, _Held]) -> set[str]:
    """Classes of the last side that may be of one object with a class: heirs, and their bases."""
    near, count = {name}, 0
    while len(near) > count:
        count = len(near)
        for side in sides:
            for heir, held in side.items():
                if not near.isdisjoint(both := {heir, *held.named}):
                    near |= both
    return near & sides[-1].keys()


def _is_of_a_base(attribute: str, held: _Held) -> bool:
    """Whether a base sets an attribute and reads it, so that it is told of that one."""
    return any(b.sets.get(attribute) and b.reads.get(attribute) for b in held.bases)


def _held(node: ast.ClassDef, bases: Mapping[str, _Held]) -> _Held:
    held = _Held(defaultdict(set), defaultdict(set), set(), [*bases.values()], (*bases,))
    for base in held.bases:
        held.members.update(base.members)
        for own, above in ((held.sets, base.sets), (held.reads, base.reads)):
            for word, methods in above.items():
                own[word] |= methods
    for member in node.body:
        if isinstance(member, FUNCTIONS):
            held.members.add(member.name)
            _note(member, held)
        elif isinstance(member, ast.Assign | ast.AnnAssign):
            targets = member.targets if isinstance(member, ast.Assign) else [member.target]
            held.members.update(n.id for n in targets if isinstance(n, ast.Name))
    return held


def _note(method: ast.FunctionDef | ast.AsyncFunctionDef, held: _Held) -> None:
    """Note what a method sets and reads of its first argument."""
    own = [a.arg for a in (*method.args.posonlyargs, *method.args.args)][:1]
    firsts: dict[str, int] = {}
    loads: dict[str, int] = {}
    for node in walk(method):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=word, lineno=line) if [name] == own:
                places = firsts if isinstance(node.ctx, ast.Store) else loads
                places[word] = min(line, places.get(word, line))
            case ast.AugAssign(
                target=ast.Attribute(value=ast.Name(id=name), attr=word, lineno=line)
            ) if [name] == own:
                loads[word] = min(line, loads.get(word, line))
            case _:
                pass
    for word in firsts:
        held.sets[word].add(method.name)
    for word in (w for w, line in loads.items() if line <= firsts.get(w, line)):
        held.reads[word].add(method.name)
