"""Import packages for real, and try to put behind a flag whatever ran meanwhile.

A Python with the packages imports every module of each, and a profiler notes the functions of
the package that are called. Each of them is then changed, alone, by one statement at its begin:
its flag would be read at import, so a plan for it is wrong. `wrapped` must be 0; with `--idle`
the functions that did not run are changed instead, and `import-time` says how many of those
are refused for nothing. Shares no code with what is measured but the call of it.
"""

import argparse
import ast
import json
import random
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import CannotWrap

POLICY = Path(__file__).parents[1] / "policies" / "wrapping.toml"
CONVENTION = Convention(
    import_line="from acme_flags import app_flags_client",
    check='app_flags_client.is_enabled("{flag}")',
)
IMPORTING = """
import importlib, importlib.util, json, os, pkgutil, sys, warnings
warnings.simplefilter("ignore")
name, setup = sys.argv[1:]
sys.argv = [name]
exec(setup)
spec = importlib.util.find_spec(name)
root = os.path.dirname(spec.origin) if spec.submodule_search_locations else spec.origin
seen = {}
def note(frame, event, _):
    code = frame.f_code
    if event == "call" and code.co_filename.startswith(root) and code.co_name[0] != "<":
        seen[code.co_filename, code.co_firstlineno] = code.co_name
def take(module):
    try:
        return importlib.import_module(module)
    except BaseException:
        return None
def take_all(package):
    for found in pkgutil.iter_modules(getattr(package, "__path__", ()), f"{package.__name__}."):
        last = found.name.rpartition(".")[2]
        if not last.startswith(("__", "test", "conftest")):
            module = take(found.name)
            if found.ispkg and module:
                take_all(module)
sys.setprofile(note)
take_all(take(name))
sys.setprofile(None)
ran = [[*place, name] for place, name in seen.items()]
print("\\n" + json.dumps({"root": root, "ran": ran}))
sys.stdout.flush()
os._exit(0)
"""


def imported(package: str, python: str, setup: str) -> tuple[Path, set[tuple[str, int, str]]]:
    """Where a package is, and file, first line and name of what runs while it is imported."""
    command = [python, "-c", IMPORTING, package, setup]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    root = Path(found["root"])
    ran = {(str(Path(path).relative_to(root.parent)), line, n) for path, line, n in found["ran"]}
    return root, ran


def functions(texts: dict[str, str]) -> Iterator[tuple[str, int, str, int]]:
    """Each function: file, first line, name, and the line before which a statement may stand."""
    for path, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                has_text = ast.get_docstring(node) is not None and len(node.body) > 1
                first = node.body[int(has_text)]
                begin = _first_line(first)
                if not text.split("\n")[begin - 1][: first.col_offset].strip():
                    yield path, _first_line(node), node.name, begin


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])


def became(path: str, line: int, texts: dict[str, str], policy: WrappingPolicy) -> str:
    """What becomes of a change that adds one statement to a file."""
    lines = texts[path].split("\n")
    indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]
    lines.insert(line - 1, f"{indent}print(12345)")
    after = "\n".join(lines).encode()
    change = FileChange(path=path, kind="modified", before=texts[path].encode(), after=after)
    modules = {p: text.encode() for p, text in texts.items()} | {path: after}
    try:
        wrap_change(
            Change(base="diff", head="diff", files=(change,), digest="0" * 64),
            flag="new-tax",
            convention=CONVENTION,
            policy=policy,
            modules=modules,
        )
    except CannotWrap as error:
        return error.category
    return "wrapped"


def main() -> int:
    """Print what became of the functions of each package; 1 where one is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="+", help="By the names that are imported.")
    parser.add_argument("--python", default=sys.executable, help="That has the packages.")
    parser.add_argument("--setup", default="", help="What it runs first: django.setup().")
    parser.add_argument(
        "--most", type=int, default=100, help="Functions of each, picked at random."
    )
    parser.add_argument("--idle", action="store_true", help="Those that did not run.")
    given = parser.parse_args()
    policy = WrappingPolicy.model_validate(tomllib.loads(POLICY.read_text(encoding="utf-8")))
    wrong = 0
    for package in given.packages:
        root, ran = imported(package, given.python, given.setup)
        paths = [root] if root.is_file() else sorted(root.rglob("*.py"))
        texts = {str(p.relative_to(root.parent)): p.read_text("utf-8") for p in paths}
        texts = {p: text for p, text in texts.items() if policy.treatment(p) == "wrapped"}
        found = [f for f in functions(texts) if (f[:3] in ran) is not given.idle]
        random.Random(7).shuffle(found)
        tally: Counter[str] = Counter()
        for path, line, name, begin in found[: given.most]:
            tally[kind := became(path, begin, texts, policy)] += 1
            if kind == "wrapped" and not given.idle:
                print(f"WRONG {path}:{line} {name}", flush=True)
        wrong += 0 if given.idle else tally["wrapped"]
        counts = ", ".join(f"{n} {kind}" for kind, n in tally.most_common())
        print(f"{package:20} {len(found):6} functions: {counts}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
