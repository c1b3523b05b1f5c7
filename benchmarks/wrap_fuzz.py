"""Wrap changes that nobody would think of, check each one, and run the small ones.

Two kinds of cases take turns: small programs made up statement by statement, which are run
before and after the change and wrapped with the flag off and on; and functions of the
standard library with statements moved, doubled, dropped or exchanged. `wrong` must be 0.
"""

import argparse
import ast
import copy
import itertools
import random
import sys
import sysconfig
import types
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flagwright
from benchmarks.independent import problems, same_program
from benchmarks.wrap_corpus import CLIENT, CONVENTION, FLAG, check_in
from flagwright.errors import CannotWrap

NAMES = ("a", "b", "c", "n", "total")
GLOBALS = ("LIMIT", "log", "helper")
LIBRARY = Path(sysconfig.get_path("stdlib"))
REAL_EVERY = 25
"""One case of so many is a real file, which takes thirty times as long."""
LINES = (40, 400)
"""Least and most lines of a file of the standard library that is changed."""


class Maker:
    """Makes one program up, and another one from it."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def program(self) -> ast.Module:
        """A constant, a helper, and functions and a class that may use them."""
        text = "import math\nimport textwrap\nLIMIT = 3\n_RATE = 2\n"
        text += "\n\ndef helper(x):\n    return x + LIMIT\n"
        text += "\n\ndef _net(x, y=1):\n    return x - y\n"
        tree = ast.parse(text)
        for index in range(self._rng.randint(1, 2)):
            tree.body.append(self._function(f"f{index}", "n", self._rng.choice("fffg")))
        if self._rng.random() < 0.4:
            methods = [self._function("run", "self, n", "f")]
            box = ast.parse(
                "class Box:\n _size = 3\n def _own(self, x, y=1):\n  return x * y"
            ).body[0]
            assert isinstance(box, ast.ClassDef)
            if self._rng.random() < 0.5:
                box.bases = [ast.parse("textwrap.TextWrapper", mode="eval").body]
                box.body.append(self._one("def __str__(self): return 'box'"))
            box.body += [*methods, self._one("def all(self, n): return self._own(n), self._size")]
            tree.body.append(box)
        return ast.fix_missing_locations(tree)

    def _function(self, name: str, parameters: str, kind: str) -> ast.stmt:
        head = ast.parse(f"def {name}({parameters}, b=2): pass").body[0]
        assert isinstance(head, ast.FunctionDef)
        head.body = [*ast.parse("a = n\nc = total = 0").body, *self._block(2)]
        if kind == "g":
            head.body.insert(self._rng.randrange(len(head.body) + 1), self._one("yield n"))
        if self._rng.random() < 0.2:
            head.body.insert(0, self._one("'''Text.\n\n      More.\n    '''"))
        head.body.append(self._one("return a, b, c, total"))
        return head

    def _one(self, text: str) -> ast.stmt:
        return ast.parse(text).body[0]

    def _block(self, depth: int) -> list[ast.stmt]:
        return [self.statement(depth) for _ in range(self._rng.randint(1, 4))]

    def _value(self) -> str:
        pick, names = self._rng.choice, (*NAMES, "LIMIT")
        return pick(
            [
                pick(names),
                str(self._rng.randint(0, 9)),
                f"{pick(names)} + {pick(names)}",
                f"helper({pick(NAMES)})",
                f"[i for i in range({pick(NAMES)} % 4)]",
                f"(lambda x: x * {pick(names)})(2)",
                f"{pick(names)} if {pick(names)} else {pick(names)}",
                f"math.floor({pick(NAMES)})",
                f"f'{{{pick(names)}}} x'",
                f"_net({pick(names)})",
                f"_net({pick(names)}, y={pick(names)})",
                f"{pick(names)} * _RATE",
            ]
        )

    def statement(self, depth: int) -> ast.stmt:
        """Any statement; with blocks inside it up to a depth."""
        pick = self._rng.choice
        simple = [
            f"{pick(NAMES)} = {self._value()}",
            f"{pick(NAMES)} += {self._value()}",
            f"log({self._value()})",
            f"{pick(NAMES)}, {pick(NAMES)} = {self._value()}, {self._value()}",
            f"return {self._value()}",
            f"if {self._value()}: {pick(NAMES)} = {self._value()}",
            f"(w := {self._value()})",
            f"LIMIT_ = {self._value()}",
            f"LIMIT = {self._value()}",
            f"del {pick(NAMES)}",
            "pass",
            f"assert {self._value()}",
        ]
        blocks = [
            f"if {self._value()}:\n pass\nelse:\n pass",
            f"if {self._value()}:\n pass\nelif {self._value()}:\n pass",
            "for i in range(3):\n pass",
            "for i in range(2):\n pass\nelse:\n pass",
            "try:\n pass\nexcept (TypeError, ValueError) as e:\n pass",
            "try:\n pass\nfinally:\n pass",
            f"def inner(x={pick(NAMES)}):\n pass",
            f"match {pick(NAMES)}:\n case 1:\n  pass\n case {pick(NAMES)}:\n  pass",
        ]
        if depth == 0 or self._rng.random() < 0.55:
            return self._one(pick(simple))
        node = self._one(pick(blocks))
        for part in ast.walk(node):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(part, name, None)
                if isinstance(block, list) and block and isinstance(block[0], ast.Pass):
                    setattr(part, name, self._block(depth - 1))
        if isinstance(node, ast.For) and self._rng.random() < 0.3:
            node.body.append(self._one(pick(["break", "continue"])))
        return node

    def changed(self, tree: ast.Module) -> ast.Module:
        """The program with a few statements of its functions in another way."""
        new = copy.deepcopy(tree)
        if self._rng.random() < 0.5:
            new = self._privately(new)
        for _ in range(self._rng.randint(1, 3)):
            functions = [n for n in ast.walk(new) if isinstance(n, ast.FunctionDef)]
            blocks = [
                block
                for part in ast.walk(self._rng.choice(functions))
                for name in ("body", "orelse", "finalbody")
                if isinstance(block := getattr(part, name, None), list) and block
            ]
            self._change(self._rng.choice(blocks))
        return ast.fix_missing_locations(new)

    def _privately(self, tree: ast.Module) -> ast.Module:
        """The program with another signature, decorator or value of something private."""
        what = self._rng.choice(["_net", "_own", "_RATE", "_size", "class"])
        renamed = self._rng.random() < 0.5
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef(name=name) if name == what:
                    node.args.args[-1].arg = "z"
                    node.args.args.append(ast.arg("more"))
                    node.args.defaults = [] if renamed else [ast.Constant(4), ast.Constant(5)]
                    node.body = [self._one("return x, z, more")]
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name == what:
                    node.keywords = [ast.keyword("z", k.value) for k in node.keywords]
                    if renamed:
                        z = [] if node.keywords else [ast.keyword("z", ast.Constant(6))]
                        node.keywords += [*z, ast.keyword("more", ast.Constant(7))]
                case ast.ClassDef(body=body) if what == "class":
                    name = self._rng.choice(["_extra", "_split_chunks"])
                    body.append(self._one(f"def {name}(self, text): return [text, 'new']"))
                    body.append(self._one(f"def all(self, n): return self.{name}(str(n))"))
                    gone = self._rng.choice(["__str__", "all"])
                    kept = [m for m in body[:-1] if getattr(m, "name", "") not in ("all", gone)]
                    node.body = [*kept, body[-1]]
                case ast.Assign(targets=[ast.Name(id=name)]) if name == what:
                    node.value = ast.Constant(self._rng.randint(4, 9))
                case _:
                    pass
        return tree

    def _change(self, block: list[ast.stmt]) -> None:
        at = self._rng.randrange(len(block))
        match self._rng.choice(["insert", "drop", "double", "swap", "replace", "wrap"]):
            case "insert":
                block.insert(at, self.statement(1))
            case "drop":
                block[at : at + 1] = [] if len(block) > 1 else [ast.Pass()]
            case "double":
                block.insert(at, copy.deepcopy(block[at]))
            case "swap":
                other = self._rng.randrange(len(block))
                block[at], block[other] = block[other], block[at]
            case "replace":
                block[at] = self.statement(1)
            case _:
                test = ast.Compare(ast.Name("n", ast.Load()), [ast.Gt()], [ast.Constant(1)])
                block[at] = ast.If(test, [block[at]], [])


def small(rng: random.Random) -> tuple[str, str]:
    """A program and its change."""
    maker = Maker(rng)
    before = maker.program()
    return ast.unparse(before) + "\n", ast.unparse(maker.changed(before)) + "\n"


def real(rng: random.Random, texts: list[str]) -> tuple[str, str]:
    """A file of the standard library, and one function of it in another way."""
    before = rng.choice(texts)
    tree = ast.parse(before)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    function = rng.choice(functions)
    changed = Maker(rng).changed(ast.Module([copy.deepcopy(function)], []))
    lines = before.split("\n")
    indent = " " * function.col_offset
    text = "\n".join(indent + line for line in ast.unparse(changed).split("\n"))
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    lines[first - 1 : function.end_lineno] = text.split("\n")
    return before, "\n".join(lines)


def trace(text: str, answers: Iterator[bool] | None = None) -> list[object]:
    """What a program does: what it logs, and what each call gives or raises."""
    seen: list[object] = []
    client = types.SimpleNamespace(is_enabled=lambda _: next(answers) if answers else None)
    app = types.ModuleType("app.flags")
    setattr(app, CLIENT, client)
    sys.modules["app"], sys.modules["app.flags"] = types.ModuleType("app"), app
    names: dict[str, Any] = {"__name__": "program", "log": seen.append}
    try:
        exec(compile(text, "<program>", "exec", dont_inherit=True), names)
    except Exception as error:
        return [type(error).__name__]
    calls = [names[name] for name in sorted(names) if name[0] == "f" and name[1:].isdigit()]
    if "Box" in names:
        box = names["Box"]()
        calls += [box.run, box.all, lambda _: str(box)[:20], getattr(box, "wrap", str)]
    for call in calls:
        for n in (0, 1, 5):
            try:
                found = call(str(n) if getattr(call, "__name__", "") == "wrap" else n)
                seen.append(list(found) if isinstance(found, types.GeneratorType) else found)
            except Exception as error:
                seen.append(type(error).__name__)
    return [str(item) for item in seen]


def judge(before: str, after: str, *, runs: bool) -> tuple[str, list[str]]:
    """What became of a case, and all that is wrong with it."""
    try:
        text = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
    except CannotWrap as error:
        return f"refused: {error.category}", []
    if text == after:
        same = not runs or trace(before) == trace(after)
        return "neutral", [] if same else ["neutral, but it does something else"]
    found = problems(before, after, text, FLAG, check_in(text))
    if _dump(flagwright.project(text, flag=FLAG, on=True)) != _dump(after):
        found.append("on does not come back")
    if not same_program(flagwright.project(text, flag=FLAG, on=False), before):
        found.append("off does not come back")
    if runs:
        found += [
            f"{name}: it does something else"
            for name, answer, version in (("off", False, before), ("on", True, after))
            if trace(text, itertools.repeat(answer)) != trace(version)
        ]
    return "wrapped", found


def _dump(text: str) -> str:
    return ast.dump(ast.parse(text))


def main() -> int:
    """Print what became of each case; 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="That of the first case.")
    given = parser.parse_args()
    texts = [path.read_text(encoding="utf-8") for path in sorted(LIBRARY.glob("[a-z]*.py"))]
    texts = [t for t in texts if LINES[0] <= t.count("\n") <= LINES[1] and "def " in t]
    found: Counter[str] = Counter()
    wrong = 0
    for seed in range(given.seed, given.seed + given.cases):
        rng = random.Random(seed)
        runs = seed % REAL_EVERY != 0
        before, after = small(rng) if runs else real(rng, texts)
        try:
            compile(before, "<before>", "exec", dont_inherit=True)
            compile(after, "<after>", "exec", dont_inherit=True)
        except SyntaxError:
            found["no program"] += 1
            continue
        kind, problem = judge(before, after, runs=runs)
        found[kind] += 1
        wrong += bool(problem)
        if problem:
            print(f"WRONG seed {seed}: {problem}", flush=True)
    for kind, count in found.most_common():
        print(f"{count:8} {kind}")
    print(f"{given.cases:8} cases, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
