"""Check a wrapped file without a line of the rewriter: `ast`, `symtable` and the compiler only.

Reads what stands in the text: checks of the flag, the local that holds an answer, and the
comments that mark one side. What it does not know is a problem, not an exception to learn.
"""

import ast
import copy
import re
import symtable
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from inspect import Parameter, Signature
from itertools import chain, combinations
from types import CodeType
from typing import Any, cast

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
KINDS = 0x20 | 0x80 | 0x200
"""Flags of code objects: generator, coroutine, asynchronous generator."""


def problems(
    before: str, after: str, wrapped: str, flag: str, check: str, *, is_program: bool = False
) -> list[str]:
    """Everything that is wrong with a wrapped file; nothing where it is right.

    Args:
        is_program: Whether nobody imports it, so that it may ask at its top.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(wrapped, "<wrapped>", "exec", dont_inherit=True)
            trees = [ast.parse(text) for text in (before, after, wrapped)]
    except SyntaxError as error:
        return [f"does not compile: {error}"]
    asking = [] if is_program else _asks_at_import(trees[2], check)
    found = [f"asks at import in line {n}" for n in asking]
    read = _Read(trees[2], wrapped, flag, check)
    found += [f"an attribute is not read as it says in line {n}" for n in read.wrong]
    found += [f"`{name}` is no new name" for name in read.names & _words(before + after)]
    both = before + after
    old, new = (_doubled(wrapped, trees[2], flag, both, read, side) for side in ("off", "on"))
    found += [*_strangers(trees[2], old)]
    for name, version, text, doubled, aliases in (
        ("off", trees[0], before, old, _aliases(trees[2], both) | old),
        ("on", trees[1], after, new, new),
    ):
        side = _Side(wrapped, flag, check, aliases, doubled, read, on=name == "on")
        folded = side.fold(trees[2])
        strict = name == "on"
        if _dumps(folded, strict=strict) != _dumps(version, strict=strict):
            found.append(f"{name}: other code than that version")
            continue
        lost = _imports(version) - _imports(folded)
        found += [f"{name}: lost import {binding}" for binding in sorted(lost)]
        found += [f"{name}: {p}" for p in _meanings(version, text, folded, wrapped, side, aliases)]
    return found


class _Read:
    """Attributes of classes that one class of the file gives an old or a new value at each read."""

    def __init__(self, tree: ast.Module, text: str, flag: str, check: str) -> None:
        self.gone: set[ast.stmt] = set()
        self.old: dict[ast.stmt, ast.stmt] = {}
        self.names: set[str] = set()
        self.wrong: list[int] = []
        """Lines of what has the mark, and another form."""
        lines = ["", *text.split("\n")]
        self._lines = lines
        self._mark = f"# flag {flag}: "
        asking = [n for n in tree.body if isinstance(n, ast.ClassDef) and self._is(n, "both")]
        wanted = (
            "def __init__(self, off, on):\n    self.off, self.on = (off, on)",
            f"def __get__(self, instance, owner=None):\n    return self.on if "
            f"{ast.unparse(ast.parse(check))} else self.off",
        )
        for kind in asking:
            body = [ast.unparse(n) for n in kind.body if not isinstance(n, ast.Expr)]
            plain = not (kind.bases or kind.keywords or kind.decorator_list)
            self.gone.add(kind)
            self.names.add(kind.name)
            self.wrong += [] if plain and (*body,) == wanted else [kind.lineno]
        for owner in (n for n in tree.body if isinstance(n, ast.ClassDef)):
            self._look(owner)
        statements = (n for n in ast.walk(tree) if isinstance(n, ast.stmt))
        for node in statements:
            is_import = isinstance(node, ast.Import | ast.ImportFrom)
            if self._is(node, "both") and node not in self.gone and not is_import:
                self.wrong.append(node.lineno)
        used = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in self.names]
        if len(used) != 3 * len(self.old) or len(asking) > 1:
            self.wrong += [n.lineno for n in used]

    def _is(self, node: ast.stmt, side: str) -> bool:
        return self._lines[_first_line(node) - 1].strip() == f"{self._mark}{side}"

    def _look(self, owner: ast.ClassDef) -> None:
        """Find each line that gives an attribute two values, with these above it."""
        for place, line in enumerate(owner.body):
            if not isinstance(line, ast.Assign) or not self._is(line, "both"):
                continue
            name = _defines(line)
            made = [f"{name} = {word}({name}_off, {name})" for word in self.names]
            sides = [
                [n for n in owner.body[:place] if _defines(n) == word and self._is(n, side)]
                for word, side in ((f"{name}_off", "off"), (name, "on"))
            ]
            others = [n for n in owner.body if _defines(n) in (name, f"{name}_off")]
            taken = [n for m in owner.body for n in _of_class(m) if n.id in (name, f"{name}_off")]
            is_right = ast.unparse(line) in made and [len(s) for s in sides] == [1, 1]
            if not is_right or len(others) != 3 or len(taken) != 5:
                self.wrong.append(line.lineno)
                continue
            old: Any = copy.deepcopy(sides[0][0])
            target: Any = old.targets[0] if isinstance(old, ast.Assign) else old.target
            target.id = name
            self.gone.add(line)
            self.old[sides[0][0]] = old
            self.names.add(f"{name}_off")


def _of_class(member: ast.stmt) -> Iterator[ast.Name]:
    """Names in what runs with a class."""
    waiting: list[ast.AST] = [member]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield node
        inside = {*node.body} if isinstance(node, FUNCTIONS) else set()
        waiting += [n for n in ast.iter_child_nodes(node) if n not in inside]


def _words(text: str) -> set[str]:
    return {*re.findall(r"\w+", text)}


def same_program(one: str, other: str) -> bool:
    """Whether two files are the same but for text that has no effect at run time."""
    trees = [ast.parse(text) for text in (one, other)]
    programs = [_dumps(tree, strict=False) for tree in trees]
    return programs[0] == programs[1]


def lines_kept(after: str, wrapped: str) -> tuple[int, int]:
    """Lines of the new version, and how many of them stand in the wrapped text as they are."""
    rest = Counter(wrapped.split("\n"))
    lines = [line for line in after.split("\n") if line.strip()]
    return len(lines), sum((Counter(lines) & rest).values())


@dataclass
class _Side:
    """One side of a wrapped file."""

    text: str
    flag: str
    check: str
    aliases: dict[str, str]
    doubled: dict[str, str]
    read: "_Read"
    on: bool
    stands: dict[ast.AST, ast.AST] = field(default_factory=dict)
    """By folded definition, the definition that the compiler saw."""
    later: dict[ast.AST, set[str]] = field(default_factory=dict)
    """By folded function, names of its header that its body looks up."""
    around: dict[ast.AST, ast.AST] = field(default_factory=dict)
    """By folded function, the one in which its header stands."""

    def __post_init__(self) -> None:
        self._required: set[str] = set()
        self._wanted = ast.dump(ast.parse(self.check, mode="eval").body)
        self._marks: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
        pattern = re.compile(
            rf"\s*# flag {re.escape(self.flag)}: (on|off|both)(?: \(([\w=*, ]+)\))?\s*"
        )
        waiting: list[tuple[str, tuple[str, ...]]] = []
        for number, line in enumerate(self.text.split("\n"), 1):
            if match := pattern.fullmatch(line):
                waiting.append((match[1], tuple((match[2] or "").split(", ")) if match[2] else ()))
            elif waiting:
                self._marks[number] = waiting
                waiting = []

    def fold(self, tree: ast.Module) -> ast.Module:
        """The file as it runs on this side."""
        return ast.Module(self._block(tree.body, frozenset()), [])

    def _block(self, body: Sequence[ast.stmt], held: frozenset[str]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        away = "off" if self.on else "on"
        for node in body:
            marks = self._marks.get(_first_line(node), [])
            if node in self.read.gone or any(s == away and not names for s, names in marks):
                continue
            if node in self.read.old and not self.on:
                found.append(self.read.old[node])
                continue
            gone = {name for side, names in marks if side == away for name in names}
            if isinstance(node, ast.If) and (answer := self._answer(node.test, held)) is not None:
                found += self._block(node.body if answer else node.orelse, held)
            elif not (isinstance(node, ast.Assign) and self._is_held(node, held)):
                new = self._statement(node, held, gone, marks)
                found += [new] if new else []
        return found

    def _answer(self, test: ast.expr, held: frozenset[str]) -> bool | None:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self._answer(test.operand, held)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            return False if self._answer(test.values[0], held) is False else None
        asked = isinstance(test, ast.Name) and test.id in held
        alone = ast.dump(test) == self._wanted and not self._required
        return self.on if asked or alone else None

    def _is_held(self, node: ast.Assign, held: frozenset[str]) -> bool:
        return getattr(node.targets[0], "id", "") in held and self._asks(node.value)

    def _asks(self, value: ast.expr) -> bool:
        """Whether a value is the answer: on its own, or only where some parameters are given."""
        if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.And):
            tests = [ast.unparse(part) for part in value.values[1:]]
            needed = {f"{name} is not ..." for name in self._required}
            return ast.dump(value.values[0]) == self._wanted and {*tests} == needed
        return ast.dump(value) == self._wanted and not self._required

    def _statement(
        self,
        node: ast.stmt,
        held: frozenset[str],
        gone: set[str],
        marks: list[tuple[str, tuple[str, ...]]],
    ) -> ast.stmt | None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a for a in node.names if (a.asname or a.name) not in gone]
            new: Any = copy.copy(node)
            new.names = [self._unaliased(a) for a in names]
            return new if names else None
        if gone and isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Tuple):
            new = copy.deepcopy(node)
            new.value.elts = [e for e in new.value.elts if getattr(e, "value", "") not in gone]
            return new  # type: ignore[no-any-return] # a copy of an assignment
        if isinstance(node, FUNCTIONS):
            return self._function(
                node, held, gone, [n for s, ns in marks if s == "both" for n in ns]
            )
        new = copy.copy(node)
        for name, value in ast.iter_fields(node):
            setattr(new, name, self._part(value, held))
        self.stands[new] = node
        return new  # type: ignore[no-any-return] # a copy of a statement

    def _part(self, value: Any, held: frozenset[str]) -> Any:
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            return self._block(value, held)
        if isinstance(value, list):
            return [self._part(item, held) for item in value]
        if not isinstance(value, ast.AST):
            return value
        if isinstance(value, ast.IfExp) and (known := self._answer(value.test, held)) is not None:
            return self._part(value.body if known else value.orelse, held)
        if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.And):
            asked, *rest = value.values
            if self._answer(asked, held):
                return self._part(ast.BoolOp(ast.And(), rest) if rest[1:] else rest[0], held)
        new = copy.copy(value)
        for name, inner in ast.iter_fields(value):
            setattr(new, name, self._part(inner, held))
        for name in ("id",) if self.on else ("id", "attr"):
            if hasattr(new, name):
                setattr(new, name, self._own_name(getattr(new, name)))
        return new

    def _own_name(self, name: str) -> str:
        """A name as the old version spells it; one of the new version alone is nobody's."""
        taken = name in self.doubled.values()
        return self.aliases.get(name, f"{name} of the other version" if taken else name)

    def _function(
        self, node: Any, held: frozenset[str], gone: set[str], inner: Sequence[str]
    ) -> ast.stmt:
        marked = self._marks.get(_first_line(node), [])
        new = {name for side, names in marked if side == "on" for name in names}
        old = {
            name[:-1] for side, names in marked if side == "off" for name in names if "=" in name
        }
        outer, self._required = self._required, new & old
        made = self._made(node, held, gone, inner)
        self._required = outer
        return made

    def _made(
        self, node: Any, held: frozenset[str], gone: set[str], inner: Sequence[str]
    ) -> ast.stmt:
        stands, body = node, node.body
        if any(not name.endswith("=") for name in inner):
            head = node.body[:-1]
            choice = node.body[-1]
            asked = self._told(choice, node) if "*" in inner else getattr(choice, "test", None)
            if asked is None or self._answer(asked, held) is None:
                return node  # type: ignore[no-any-return] # not the form that was marked
            branch = choice.body if self.on else choice.orelse
            body = [*head, *branch]
            if isinstance(branch[0], FUNCTIONS) and branch[0].name in inner:
                stands, body = branch[0], [*head, *map(_warned_from_outside, branch[0].body)]
        own = {
            s.targets[0].id
            for s in node.body[:2]
            if isinstance(s, ast.Assign)
            and isinstance(s.targets[0], ast.Name)
            and self._asks(s.value)
        }
        new = copy.copy(node)
        new.name = node.name if self.on else self.aliases.get(node.name, node.name)
        new.decorator_list = self._part(node.decorator_list, held)
        new.args = self._part(_without(node.args, gone) if gone else node.args, held)
        new.returns = self._part(node.returns, held)
        if "*" in inner and stands is not node:
            self._give_header(new, node, stands)
        new.body = self._block(body, held | own)
        self._give_defaults(new, gone, inner)
        self.stands[new] = stands
        return new  # type: ignore[no-any-return] # a copy of a function

    def _told(self, choice: Any, outer: Any) -> ast.expr | None:
        """The question for the flag, if a call that a version takes gets that version's answer.

        Tried with all calls of few arguments, by place and by every name that matters.
        """
        test = getattr(choice, "test", None)
        if not isinstance(test, ast.BoolOp):
            return test
        asked = next((n for n in ast.walk(test) if ast.dump(n) == self._wanted), None)
        branch = choice.body if self.on else choice.orelse
        own, lead = branch[0].args, len(outer.args.args)
        words = [n.value for n in ast.walk(test) if isinstance(n, ast.Constant)]
        named = {a.arg for a in (*own.args[lead:], *own.kwonlyargs)}
        named |= {word for word in words if isinstance(word, str) and word.isidentifier()}
        shown = ast.unparse(test).replace(ast.unparse(ast.parse(self.check)), repr(self.on))
        signature = _bound(own, lead)
        for count in range(len(own.posonlyargs) + len(own.args) + 2):
            for by_name in chain.from_iterable(combinations(sorted(named), n) for n in range(7)):
                given: dict[str, Any] = {"args": (0,) * count, "kwargs": dict.fromkeys(by_name, 0)}
                if _takes(signature, given) and bool(eval(shown, {}, given)) is not self.on:
                    return None
        return asked  # type: ignore[return-value] # an expression

    def _give_header(self, new: Any, outer: Any, inner: Any) -> None:
        """Take the parameters of an inner function that gets all that the outer one got."""
        lead = [a.arg for a in outer.args.args]
        words = ", ".join([*lead, "*args", "**kwargs"])
        calls = {ast.unparse(n) for n in ast.walk(outer) if isinstance(n, ast.Call)}
        required = inner.args.args[: len(inner.args.args) - len(inner.args.defaults)]
        same = [a.arg for a in required[: len(lead)]] == lead
        bare = copy.deepcopy(outer.args)
        for argument in (*bare.args, *filter(None, (bare.vararg, bare.kwarg))):
            argument.annotation = None
        if ast.unparse(bare) == words and same and f"{inner.name}({words})" in calls:
            new.args, new.returns = inner.args, inner.returns
            values = [*inner.args.defaults, *filter(None, inner.args.kw_defaults)]
            called = any(isinstance(n, ast.Call) for v in values for n in ast.walk(v))
            parts = [n for part in (inner.args, inner.returns) if part for n in ast.walk(part)]
            self.later[new] = (
                {n.id for n in parts if isinstance(n, ast.Name)} if not called else set()
            )
            self.around[new] = outer

    def _give_defaults(self, node: Any, gone: set[str], both: Sequence[str]) -> None:
        """Put defaults that the body begins with into the signature; take away what is not here."""
        moved = [name[:-1] for name in both if name.endswith("=")]
        away = {name[:-1] for name in gone if name.endswith("=")}
        if not moved and not away:
            return
        at = int(ast.get_docstring(node, clean=False) is not None)
        rest = [name for name in moved if name in gone]
        moved = [name for name in moved if name not in gone]
        own: dict[str, ast.expr] = {}
        for name, line in zip(moved, node.body[at:], strict=False):
            if re.fullmatch(rf"if {name} is \.\.\.:\s+{name} = [^\n]+", ast.unparse(line)):
                own[name] = line.body[0].value
        kept = {a.arg: d for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)}
        for name, value in own.items():
            word = value.id if isinstance(value, ast.Name) else ""
            if word in (f"{name}_off", f"{name}_on") and kept.get(word):
                own[name] = kept[word]
                node.args = _without(node.args, {word})
        if own.keys() == {*moved}:
            parts = (part for value in own.values() for part in ast.walk(value))
            self.later[node] = {part.id for part in parts if isinstance(part, ast.Name)}
            node.body = [*node.body[:at], *node.body[at + len(moved) :]] or [ast.Pass()]
        kw = node.args.kwarg.arg if node.args.kwarg else ""
        given = [f"if {n} is not ...:\n    {kw}[{n!r}] = {n}" for n in rest]
        if [ast.unparse(line) for line in node.body[at : at + len(rest)]] == given:
            node.body = [*node.body[:at], *node.body[at + len(rest) :]] or [ast.Pass()]
        args = node.args = copy.copy(node.args)
        plain = [*args.posonlyargs, *args.args]
        first = plain[len(plain) - len(args.defaults) :]
        left = [(a.arg, d) for a, d in zip(first, args.defaults, strict=True) if a.arg not in away]
        args.defaults = [self._default(own, name, value) for name, value in left]
        args.kw_defaults = [
            None if a.arg in away else self._default(own, a.arg, d)
            for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        ]

    def _default(self, own: dict[str, ast.expr], name: str, value: Any) -> Any:
        """What a parameter is where it is left out; only `...` may stand for another value."""
        is_left_out = isinstance(value, ast.Constant) and value.value is ...
        return own[name] if name in own and is_left_out else value

    def _unaliased(self, alias: ast.alias) -> ast.alias:
        name = self.aliases.get(alias.asname or "")
        if self.on or name is None:
            return alias
        return ast.alias(alias.name, None if alias.name == name else name)


def _bound(own: ast.arguments, lead: int) -> Signature:
    """The parameters behind the first ones."""
    by_place = [*own.posonlyargs, *own.args]
    required = {a.arg for a in by_place[: len(by_place) - len(own.defaults)]}
    required |= {a.arg for a, d in zip(own.kwonlyargs, own.kw_defaults, strict=True) if d is None}
    kinds = (
        (own.posonlyargs, Parameter.POSITIONAL_ONLY),
        (own.args, Parameter.POSITIONAL_OR_KEYWORD),
        ([own.vararg] if own.vararg else [], Parameter.VAR_POSITIONAL),
        (own.kwonlyargs, Parameter.KEYWORD_ONLY),
        ([own.kwarg] if own.kwarg else [], Parameter.VAR_KEYWORD),
    )
    found = [
        Parameter(a.arg, kind, default=Parameter.empty if a.arg in required else 0)
        if kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        else Parameter(a.arg, kind)
        for side, kind in kinds
        for a in side
    ]
    return Signature(found[lead:])


def _takes(signature: Signature, given: dict[str, Any]) -> bool:
    try:
        signature.bind(*given["args"], **given["kwargs"])
    except TypeError:
        return False
    return True


def _warned_from_outside(statement: ast.stmt) -> ast.stmt:
    """A statement of an inner function, whose warnings name a caller from one call less away."""
    found = copy.deepcopy(statement) if "stacklevel=" in ast.unparse(statement) else statement
    parts: list[ast.AST] = [found] if found is not statement else []
    for part in parts:
        if isinstance(part, (*FUNCTIONS, ast.Lambda, ast.ClassDef, ast.comprehension)):
            continue
        if isinstance(part, ast.Call) and ast.unparse(part.func).endswith("warn"):
            for keyword in part.keywords:
                level = getattr(keyword.value, "value", None)
                if keyword.arg == "stacklevel" and isinstance(level, int) and level >= 3:
                    keyword.value = ast.Constant(level - 1)
        parts += ast.iter_child_nodes(part)
    return found


def _without(args: ast.arguments, gone: set[str]) -> ast.arguments:
    new, gone = copy.deepcopy(args), {name.lstrip("*") for name in gone}
    plain = [*new.posonlyargs, *new.args]
    defaults = dict(zip([a.arg for a in plain][::-1], new.defaults[::-1], strict=False))
    new.posonlyargs = [a for a in new.posonlyargs if a.arg not in gone]
    new.args = [a for a in new.args if a.arg not in gone]
    left = [*new.posonlyargs, *new.args]
    new.defaults = [defaults[a.arg] for a in left if a.arg in defaults]
    pairs = [(a, d) for a, d in zip(new.kwonlyargs, new.kw_defaults, strict=True)]
    new.kwonlyargs = [a for a, _ in pairs if a.arg not in gone]
    new.kw_defaults = [d for a, d in pairs if a.arg not in gone]
    new.vararg = None if new.vararg and new.vararg.arg in gone else new.vararg
    new.kwarg = None if new.kwarg and new.kwarg.arg in gone else new.kwarg
    return new


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _aliases(tree: ast.Module, versions: str) -> dict[str, str]:
    """Names of the old version by the alias under which its import stands here."""
    found: dict[str, str] = {}
    for node in tree.body:
        for alias in getattr(node, "names", []):
            name = getattr(alias, "asname", None) or ""
            if re.search(rf"\b{name}\b", versions) if name else True:
                continue
            if match := re.fullmatch(r"_(\w+)_off|off(_\w*)", name):
                found[name] = match[1] or match[2]
    return found


def _doubled(
    text: str, tree: ast.Module, flag: str, versions: str, read: _Read, side: str
) -> dict[str, str]:
    """Names by what their definition of a side is called, where both stand marked in one block.

    The old one is `NAME_off`; the new one may be `NAME_on`, of a constant of the file.
    """
    other = "off" if side == "on" else "on"
    lines = text.split("\n")
    found: dict[str, str] = {}
    for block in (tree.body, *(n.body for n in tree.body if isinstance(n, ast.ClassDef))):
        sides: dict[str, set[str]] = {"on": set(), "off": set()}
        for node in block:
            above = lines[_first_line(node) - 2].strip()
            for word, names in sides.items():
                is_of_both = side == "off" or (block is tree.body and _is_value(node))
                if above == f"# flag {flag}: {word}" and node not in read.old and is_of_both:
                    names.add(_defines(node))
        for name in sides[other] - {""}:
            alias = f"{name}_{side}"
            if alias in sides[side] and not re.search(rf"\b{alias}\b", versions):
                found[alias] = name
    return found


def _is_value(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign)


def _defines(node: ast.stmt) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", node)
    return str(getattr(target, "id", getattr(node, "name", "")))


def _strangers(tree: ast.Module, doubled: dict[str, str]) -> Iterator[str]:
    """Members with two definitions that are asked of what may be no object of their class."""
    names = {
        name
        for owner in tree.body
        if isinstance(owner, ast.ClassDef)
        for member in owner.body
        if (alias := _defines(member)) in doubled
        for name in (alias, doubled[alias])
    }
    known: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for method in (m for m in node.body if isinstance(m, FUNCTIONS)):
                first = [a.arg for a in (*method.args.posonlyargs, *method.args.args)][:1]
                known |= {
                    n.value
                    for n in ast.walk(method)
                    if isinstance(n, ast.Attribute) and [getattr(n.value, "id", "")] == first
                }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in names and node.value not in known:
            yield f"`{node.attr}` is asked of a stranger in line {node.lineno}"


def _asks_at_import(tree: ast.Module, check: str) -> Iterator[int]:
    """Lines of checks outside of functions."""
    wanted = ast.dump(ast.parse(check, mode="eval").body)
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.expr) and ast.dump(node) == wanted:
            yield node.lineno
        if isinstance(node, FUNCTIONS):
            stack += [
                *node.decorator_list,
                *node.args.defaults,
                *filter(None, node.args.kw_defaults),
            ]
        elif not isinstance(node, ast.Lambda) and not _is_script(node):
            stack += ast.iter_child_nodes(node)


def _is_script(node: ast.AST) -> bool:
    if not isinstance(node, ast.If) or node.orelse:
        return False
    return ast.unparse(node.test) in ("__name__ == '__main__'", "'__main__' == __name__")


# --- the same code


def _dumps(tree: ast.Module, *, strict: bool) -> list[str]:
    leaves_object = not strict and not _renames(tree, "object")
    bare = _Bare(
        strict=strict,
        leaves_object=leaves_object,
        overrides=set() if strict else _overrides(tree),
        caches={} if strict else _caches(tree),
    )
    bare.visit(tree := copy.deepcopy(tree))
    types = set() if strict else _type_names(tree)
    return [f"type {n}" if (n := _given(node)) in types else ast.dump(node) for node in tree.body]


def _given(node: ast.stmt) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _type_names(bare: ast.Module) -> set[str]:
    """Names of what reads as a type, and that nothing else has where functions have no types."""
    built = {
        _given(node): node
        for node in bare.body
        if (isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.BinOp))
        or (isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation)[-9:] == "TypeAlias")
    }
    built = {
        n: s for n, s in built.items() if not any(isinstance(p, ast.Call) for p in ast.walk(s))
    }
    while True:
        idle = {id(part) for node in built.values() for part in ast.walk(node)}
        for node in ast.walk(bare):
            is_cast = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("cast")
            parts = node.args[:1] if isinstance(node, ast.Call) and is_cast else []
            parts = [node.annotation] if isinstance(node, ast.AnnAssign) else parts
            idle |= {id(part) for each in parts for part in ast.walk(each)}
        used = {n.id for n in ast.walk(bare) if isinstance(n, ast.Name) and id(n) not in idle}
        if not used & built.keys():
            return {*built}
        built = {name: node for name, node in built.items() if name not in used}


def _has_fields(node: ast.ClassDef) -> bool:
    """Whether a class says in its head that its types are more than words."""
    words = " ".join(ast.unparse(part) for part in node.bases)
    known = r"NamedTuple|TypedDict|Protocol|Enum|Flag|Structure|BaseModel|BaseSettings"
    return bool(node.decorator_list or node.keywords or re.search(known, words))


class _Bare(ast.NodeTransformer):
    """Leaves out imports outside functions, and where not strict what has no effect."""

    def __init__(
        self, *, strict: bool, leaves_object: bool, overrides: set[str], caches: dict[str, str]
    ) -> None:
        self._strict, self._depth, self._leaves_object = strict, 0, leaves_object
        self._has_fields = False
        self._overrides, self._caches = overrides, caches
        self._spelled: set[ast.AST] = set()
        """What stands in annotations."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for part in ("annotation", "returns"):
            if (note := getattr(node, part, None)) is not None:
                self._spelled |= {*ast.walk(note)}
        return super().generic_visit(node)

    def visit_Import(self, node: Any) -> Any:
        return node if self._depth else None

    def visit_ImportFrom(self, node: Any) -> Any:
        return self.visit_Import(node)

    def visit_FunctionDef(self, node: Any) -> Any:
        node.type_comment = None
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        if not self._strict:
            node.decorator_list = [
                ast.Name(self._caches.get(ast.unparse(d), ast.unparse(d)), ast.Load())
                for d in node.decorator_list
                if ast.unparse(d) not in self._overrides
            ]
            node.returns = None
            for argument in ast.walk(node.args):
                if isinstance(argument, ast.arg):
                    argument.annotation = None
        return node

    def visit_AsyncFunctionDef(self, node: Any) -> Any:
        return self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        outer = self._depth, self._has_fields
        self._depth, self._has_fields = 0, _has_fields(node)
        self.generic_visit(node)
        self._depth, self._has_fields = outer
        heads = (*node.bases, *node.keywords, *getattr(node, "type_params", ()))
        if self._leaves_object and [ast.unparse(n) for n in heads] == ["object"]:
            node.bases = []
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        self.generic_visit(node)
        is_name = isinstance(node.target, ast.Name)
        is_told = not self._depth and (node.value is None or self._has_fields)
        if self._strict or is_told or (node.value is None and not is_name):
            return node
        if node.value is None:
            return ast.AnnAssign(node.target, ast.Constant(None), None, 1)
        return ast.Assign([node.target], node.value)

    def visit_Expr(self, node: ast.Expr) -> Any:
        return (
            None
            if not self._strict and isinstance(node.value, ast.Constant)
            else self.generic_visit(node)
        )

    def visit_Assign(self, node: ast.Assign) -> Any:
        """Nobody has to see the order of `__all__`."""
        is_list = _given(node) == "__all__" and isinstance(node.value, ast.List | ast.Tuple)
        if is_list and not self._strict and not self._depth:
            cast(ast.List, node.value).elts.sort(key=ast.unparse)
        return self.generic_visit(node)

    def visit_Pass(self, node: ast.Pass) -> Any:
        return node if self._strict else None

    def visit_Constant(self, node: ast.Constant) -> Any:
        """`u"x"` is `"x"`, but where an annotation is kept as it is spelled."""
        node.kind = node.kind if self._strict or node in self._spelled else None
        return node

    def visit_If(self, node: ast.If) -> Any:
        for_types = ast.unparse(node.test).endswith("TYPE_CHECKING") and not node.orelse
        return (
            None if for_types and not (self._strict and self._depth) else self.generic_visit(node)
        )


def _overrides(tree: ast.Module) -> set[str]:
    """How a file spells `typing.override`, where that is what it means and nobody looks for it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module in _TYPING:
            found |= {a.asname or a.name for a in node.names if a.name == "override"}
        elif isinstance(node, ast.Import):
            found |= {f"{a.asname or a.name}.override" for a in node.names if a.name in _TYPING}
    if "__override__" in ast.unparse(tree):
        return set()
    return {s for s in found if not _renames(tree, s.partition(".")[0], *_TYPING)}


_TYPING = ("typing", "typing_extensions")


def _caches(tree: ast.Module) -> dict[str, str]:
    """How a file may spell a cache of `functools`, if that is what it means: each by one word."""
    ways = {"cache": ("",), "lru_cache": ("", "()", "(128)", "(maxsize=128)")}
    sizes = {"cache": "None", "lru_cache": "128"}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        names: list[tuple[str, str]] = []
        if isinstance(node, ast.ImportFrom) and not node.level and node.module == "functools":
            names = [(a.asname or a.name, a.name) for a in node.names]
        elif isinstance(node, ast.Import):
            roots = [a.asname or a.name for a in node.names if a.name == "functools"]
            names = [(f"{root}.{name}", name) for root in roots for name in sizes]
        for spelled, name in names:
            if not _renames(tree, spelled.partition(".")[0], "functools"):
                found |= {f"{spelled}{way}": sizes[name] for way in ways.get(name, ())}
                if name == "lru_cache":
                    found |= {f"{spelled}{way}": "None" for way in ("(None)", "(maxsize=None)")}
    return found


def _renames(tree: ast.Module, name: str, *modules: str) -> bool:
    """Whether a file may give a name another meaning than Python or these modules do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module in modules:
            continue
        if isinstance(node, ast.Import) and all(a.name in modules for a in node.names):
            continue
        is_read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        if isinstance(node, ast.ImportFrom) and not node.level and node.module == "builtins":
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            if {name, "*"} & {a.asname or a.name for a in node.names}:
                return True
        elif name in getattr(node, "names", ()):
            return True
        elif not is_read and not isinstance(node, ast.keyword | ast.alias):
            found = (getattr(node, part, None) for part in ("id", "name", "arg", "rest"))
            if name in found:
                return True
    return False


def _imports(tree: ast.Module) -> set[tuple[str, str, str]]:
    """Imports at the top of a file as module, attribute and bound name."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            roots = [(a, a.name.partition(".")[0]) for a in node.names]
            found |= {
                (a.name, "as" if a.asname == root != a.name else "", a.asname or root)
                for a, root in roots
            }
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {(module, a.name, a.asname or a.name) for a in node.names}
    return found


# --- the same meaning


def _meanings(
    version: ast.Module,
    text: str,
    folded: ast.Module,
    wrapped: str,
    side: _Side,
    aliases: dict[str, str],
) -> Iterator[str]:
    """Compare where each name is found, and what a call gives, alone and in the wrapped file."""
    own, merged = _Tables(text), _Tables(wrapped)
    pairs = zip(_definitions(version), _definitions(folded), strict=True)
    for here, there in [(version, folded), *pairs]:
        stands = side.stands.get(there, there)
        tables = own.of(here), merged.of(stands)
        if isinstance(here, FUNCTIONS):
            kinds = own.kind(here), merged.kind(stands)
            if kinds[0] != kinds[1] and None not in kinds:
                yield f"`{here.name}` is another kind of function"
        if None in tables:
            continue
        for name in sorted(tables[0].get_identifiers()):  # type: ignore[union-attr] # not none
            if name.startswith(".") or name in ("__class__", "__annotations__"):
                continue
            alias = next((a for a, n in aliases.items() if n == name), name)
            found = own.place(tables[0], name), merged.place(tables[1], name, alias)
            if found[1] == "not there":  # a default that is looked up later
                inside = (n for n in getattr(there, "body", ()) if name in side.later.get(n, ()))
                where = [side.around.get(n, side.stands[n]) for n in inside]
                later = {merged.place(merged.of(around), name, alias) for around in where}
                found = (found[0], later.pop()) if len(later) == 1 else found
            unread = found[1] == "not there" and not side.on  # an annotation that changed along
            if found[0] != found[1] and not unread:
                yield f"`{name}` is {found[1]} where it was {found[0]}"


def _definitions(tree: ast.Module) -> list[ast.AST]:
    return [n for n in ast.walk(tree) if isinstance(n, DEFINITIONS)]


class _Tables:
    """The symbol tables and code objects of one text."""

    def __init__(self, text: str) -> None:
        self._module = symtable.symtable(text, "<text>", "exec")
        self._tables: dict[tuple[str, int], symtable.SymbolTable] = {}
        self._kinds: dict[tuple[str, int], int] = {}
        self._bound = {s.get_name() for s in self._module.get_symbols() if _binds(s)}
        tables = [self._module]
        while tables:
            table = tables.pop()
            self._tables.setdefault((table.get_name(), table.get_lineno()), table)
            self._bound |= {
                s.get_name() for s in table.get_symbols() if s.is_declared_global() and _binds(s)
            }
            tables += table.get_children()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            codes: list[CodeType] = [compile(text, "<text>", "exec", dont_inherit=True)]
        while codes:
            code = codes.pop()
            self._kinds[code.co_name, code.co_firstlineno] = code.co_flags & KINDS
            codes += [c for c in code.co_consts if isinstance(c, CodeType)]

    def of(self, node: Any) -> symtable.SymbolTable | None:
        if isinstance(node, ast.Module):
            return self._module
        return self._tables.get((node.name, node.lineno))

    def kind(self, node: Any) -> int | None:
        """None where no path leads to a function: the compiler leaves it out."""
        return self._kinds.get((node.name, _first_line(node)))

    def place(self, table: Any, name: str, alias: str = "") -> str:
        """Whether a name is local, of a function around, of the file, or of nobody here."""
        for word in (name, alias):
            if word in table.get_identifiers():
                symbol = table.lookup(word)
                if table.get_type() != "module" and symbol.is_local():
                    return "local"
                if symbol.is_free():
                    return "free"
                return "of the file" if word in self._bound else "unknown"
        return "not there"


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
