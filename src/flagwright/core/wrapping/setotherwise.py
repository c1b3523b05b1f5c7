"""Tell of objects in which each version keeps something else by the same name.

Both versions set the attribute, so that it is never missing; but a method that asks for the flag
when it is called takes it for what its own version sets (`seconds`, or thousandths of them). An
object that lives through a switch then gives wrong results, and no error.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeGuard

from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.proof.equal import identical
from flagwright.core.wrapping.tree import children, walk

_Uses = Mapping[str, Mapping[str, Counter[str]]]
"""How attributes are set, or read: for each, by the method that does it."""
_BLOCKS = ast.stmt | ast.ExceptHandler | ast.match_case
_PAIRS = (("__enter__", "__exit__"), ("__aenter__", "__aexit__"))
_MEETING = {"__hash__"}.union(*_PAIRS)


class _Done(NamedTuple):
    """What the methods of a class, and of its bases in the file, do with its attributes."""

    uses: _Uses
    own: frozenset[str]
    """Those with which the class itself does it."""


def set_otherwise(before: ast.Module, after: ast.Module) -> Iterator[str]:
    """For each class, methods that take an attribute for what their own version sets."""
    changed = _changed(before, after)
    sets = [_done(tree, changed, _set_by) for tree in (before, after)]
    words = {
        name: [w for w in new.uses if w in old.uses and _all(old.uses[w]) != _all(new.uses[w])]
        for name, old, new in ((n, sets[0][n], sets[1][n]) for n in changed)
    }
    if not any(words.values()):
        return
    reads = [_done(tree, changed, _read_by) for tree in (before, after)]
    for name in changed:
        own = sets[1][name].own | reads[1][name].own
        for word in sorted(own.intersection(words[name])):
            setters = _differing(*(done[name].uses[word] for done in sets))
            readers = _differing(*(done[name].uses.get(word, {}) for done in reads))
            if readers:
                who = ", ".join(f"`{reader}`" for reader in readers)
                yield (
                    f"{who} of `{name}` {'go' if readers[1:] else 'goes'} by the flag as it is, "
                    f"and {'read' if readers[1:] else 'reads'} `{word}`, which `{setters[0]}` set "
                    "by the flag as it was then: let no such object live through a switch, "
                    "e.g. restart"
                )


def changed_pairs(before: ast.Module, after: ast.Module) -> Iterator[str]:
    """For each class, methods of which a later one has to fit an earlier one."""
    old, new = _classes(before), _classes(after)
    for name in _changed(before, after):
        methods = [
            {m.name: m for m in node.body if isinstance(m, FUNCTIONS) and m.name in _MEETING}
            for node in (old[name], new[name])
        ]
        both = methods[0].keys() & methods[1].keys()
        changed = {word for word in both if not identical(methods[0][word], methods[1][word])}
        if "__hash__" in changed:
            yield (
                f"`__hash__` of `{name}` asks at each call: sets and dicts that were filled before "
                "a switch do not find their keys after it"
            )
        for first, last in (pair for pair in _PAIRS if changed.issuperset(pair)):
            yield (
                f"`{first}` and `{last}` of `{name}` each ask: what is entered before a switch "
                "is left by the other version"
            )


def _differing(old: Mapping[str, Counter[str]], new: Mapping[str, Counter[str]]) -> list[str]:
    """Methods that do it otherwise in the other version."""
    return sorted(m for m in {*old, *new} if old.get(m, Counter()) != new.get(m, Counter()))


def _all(uses: Mapping[str, Counter[str]]) -> Counter[str]:
    return sum(uses.values(), Counter[str]())


def _classes(tree: ast.Module) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


@lru_cache(maxsize=1)
def _changed(before: ast.Module, after: ast.Module) -> list[str]:
    """Classes of both versions that change, or that have a base in the file that does."""
    old, new = _classes(before), _classes(after)
    found = list[str]()
    for name, node in new.items():
        if name in old and (_bases(node) & {*found} or not identical(old[name], node)):
            found.append(name)
    return found


def _bases(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def _done(
    tree: ast.Module,
    names: Collection[str],
    by: Callable[[Function], Mapping[str, Counter[str]]],
) -> dict[str, _Done]:
    """What some classes and their bases do, by what a method does."""
    classes, wanted = _classes(tree), {*names}
    for name, node in reversed(classes.items()):
        wanted |= _bases(node) if name in wanted else set()
    found: dict[str, _Done] = {}
    for name, node in ((n, c) for n, c in classes.items() if n in wanted):
        uses: dict[str, dict[str, Counter[str]]] = defaultdict(dict)
        for base in (b.id for b in node.bases if isinstance(b, ast.Name) and b.id in found):
            for word, above in found[base].uses.items():
                uses[word].update(above)
        words = set[str]()
        for method in (m for m in node.body if isinstance(m, FUNCTIONS)):
            for word, values in by(method).items():
                uses[word][method.name] = values
                words.add(word)
        found[name] = _Done(uses, frozenset(words))
    return found


def _set_by(method: Function) -> dict[str, Counter[str]]:
    """What a method gives attributes of its object, with where the locals in it come from."""
    made: dict[str, list[str]] = defaultdict(list)
    found: dict[str, list[ast.expr]] = defaultdict(list)
    for node in walk(method):
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(value, ast.expr):
            continue
        for target in (part for t in targets if t for part in walk(t)):
            if isinstance(target, ast.Name):
                made[target.id].append(ast.dump(value))
            elif _is_own(target, method):
                found[target.attr].append(value)
    return {word: Counter(_whole(v, made) for v in values) for word, values in found.items()}


def _whole(value: ast.expr, made: Mapping[str, list[str]]) -> str:
    used = sorted({n.id for n in walk(value) if isinstance(n, ast.Name)} & made.keys())
    return "\n".join([ast.dump(value), *(text for name in used for text in made[name])])


def _read_by(method: Function) -> dict[str, Counter[str]]:
    """Statements of a method that read attributes of its object which it has not set before."""
    first: dict[str, int] = {}
    added = {id(n.target) for n in walk(method) if isinstance(n, ast.AugAssign)}
    for node in walk(method):
        if _is_own(node, method) and isinstance(node.ctx, ast.Store) and id(node) not in added:
            first[node.attr] = min(node.lineno, first.get(node.attr, node.lineno))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in (n for n in walk(method) if isinstance(n, ast.stmt) and n is not method):
        own = [n for n in children(line) if not isinstance(n, _BLOCKS)]
        text = "\n".join(map(ast.dump, own))
        for part in (n for child in own for n in walk(child)):
            if _is_own(part, method) and (isinstance(part.ctx, ast.Load) or id(part) in added):
                is_first = part.lineno <= first.get(part.attr, part.lineno)
                found[part.attr].update([text] if is_first else [])
    return {word: uses for word, uses in found.items() if uses}


def _is_own(node: ast.AST | None, method: Function) -> TypeGuard[ast.Attribute]:
    """Whether a node is an attribute of the object that a method is of."""
    match node:
        case ast.Attribute(value=ast.Name(id=name)):
            arguments = (*method.args.posonlyargs, *method.args.args)
            return [name] == [a.arg for a in arguments[:1]]
        case _:
            return False
