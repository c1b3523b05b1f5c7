"""Keep a file that only one version has, with a mark that says which.

A new file is dormant, and a deleted one comes back for the old code, if importing it runs
nothing; or if it is a program, which runs for who starts it. One that moved is both.
"""

import ast
from collections.abc import Sequence
from typing import Literal

from flagwright.core.records.change import FileChange
from flagwright.core.records.plan import FileProof, Segment
from flagwright.core.wrapping import filemark
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.named import noticed_file
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.proof.running import is_main
from flagwright.core.wrapping.reach import holds_state
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.started import runs_alone
from flagwright.core.wrapping.wrapped import Wrapped, WrappedFile, joined
from flagwright.errors import CannotWrap

_FAILURES = {"ImportError", "ModuleNotFoundError"}


def added(
    file: FileChange, after: bytes, flag: str, policy: WrappingPolicy, elsewhere: Sequence[Bases]
) -> Wrapped:
    """A new file is dormant if importing it runs nothing."""
    return _whole(file, after, after, flag, "on", policy, elsewhere)


def deleted(
    file: FileChange, before: bytes, flag: str, policy: WrappingPolicy, elsewhere: Sequence[Bases]
) -> Wrapped:
    """A deleted file comes back for the old code, if importing it runs nothing."""
    return _whole(file, before, None, flag, "off", policy, elsewhere)


def renamed(
    file: FileChange, flag: str, policy: WrappingPolicy, elsewhere: Sequence[Bases]
) -> Wrapped:
    """A file that moved is there twice, if neither copy has anything that the other would miss."""
    assert file.renamed_from is not None
    if file.before is None or file.after is None:
        raise refuse(1, "unparsable", "only a diff is known, not both versions of the file")
    old = file.model_copy(update={"path": file.renamed_from})
    there = [bases.seen_from(old.path) for bases in elsewhere[::-1]]
    for each, content, states in ((file, file.after, elsewhere), (old, file.before, there)):
        name = holds_state(read(content, max_kb=policy.max_file_kb).tree)
        if name and not runs_alone(each.path, content, states, policy):
            because = f"it was {file.renamed_from} before, and `{name}` may change while it runs"
            raise refuse(1, "renamed-file", because)
    try:
        kept = deleted(old, file.before, flag, policy, there)
        return joined([added(file, file.after, flag, policy, elsewhere), kept])
    except CannotWrap as error:
        because = f"it was {file.renamed_from} before, and {error.because}"
        raise refuse(error.line, "renamed-file", because) from error


def check_dormant(tree: ast.Module, policy: WrappingPolicy, elsewhere: Sequence[Bases]) -> None:
    """Refuse a file that does more than define when it is imported."""
    from flagwright.core.wrapping.dormant import Dormancy

    dormancy = Dormancy(policy, tree, elsewhere=elsewhere)
    for node in tree.body:
        if not _is_quiet(node):
            dormancy.check(node, None)


def _whole(
    file: FileChange,
    content: bytes,
    now: bytes | None,
    flag: str,
    side: Literal["on", "off"],
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases],
) -> Wrapped:
    source = read(content, max_kb=policy.max_file_kb)
    path, is_test = file.path, policy.is_test
    is_program = runs_alone(path, content, elsewhere, policy)
    if not is_program:
        check_dormant(source.tree, policy, elsewhere)
    for bases in elsewhere[-1:]:
        started = {p for p in bases.modules if is_program and policy.is_program(p, bases.modules)}
        others = {p: text for p, text in bases.modules.items() if p not in started - {path}}
        if because := noticed_file(path, content, others, is_test):
            raise refuse(1, "import-time", because)
    text = source.like(filemark.marked(source.text, flag, side))
    assert isinstance(text, bytes)
    segment = Segment(
        path=file.path,
        line=1,
        end_line=max(len(source.lines), 1),
        side="after" if side == "on" else "before",
        treatment="dormant" if side == "on" else "kept",
    )
    wrapped = WrappedFile(path=file.path, before=now, text=text, mode=file.mode)
    return Wrapped(files=(wrapped,), coverage=(segment,), proof=(FileProof(path=file.path),))


def _is_quiet(node: ast.stmt) -> bool:
    """What a file that nobody imports may do besides define: import, export, be a script."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.List() | ast.Tuple() | ast.Constant()
        ):
            return name.startswith("__")
        case ast.If(test=test, orelse=rest):
            is_left_out = is_main(node) or ast.unparse(test) == "TYPE_CHECKING"
            calls = any(isinstance(part, ast.Call) for part in ast.walk(test))
            return is_left_out and not calls and all(map(_is_quiet, rest))
        case ast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]):
            imports = all(isinstance(part, ast.Import | ast.ImportFrom) for part in body)
            return imports and all(map(_only_fails, handlers))
        case _:
            return False


def _only_fails(handler: ast.ExceptHandler) -> bool:
    """Whether an import that fails still fails, and says more: `raise ImportError("...")`."""
    match handler:
        case ast.ExceptHandler(
            type=ast.Name(caught),
            body=[ast.Raise(exc=ast.Call(ast.Name(raised), given, []), cause=cause)],
        ):
            said = all(isinstance(part, ast.Constant) for part in given)
            is_plain = cause is None or isinstance(cause, ast.Name | ast.Constant)
            return said and is_plain and {caught, raised} <= _FAILURES
        case _:
            return False
