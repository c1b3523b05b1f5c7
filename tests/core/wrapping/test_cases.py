"""Every folder in `cases/wrapping` is two versions of one file; a new case needs no code."""

import ast
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension

import flagwright
from flagwright import CannotWrap

FLAG = "shop.new-tax"
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
FOLDERS = sorted((Path(__file__).parents[2] / "cases" / "wrapping").iterdir())
APART = ("neutral_change", "one_line_function", "import_from_another_place")
"""What comes back as the same program, but in other words."""
REFUSED = [folder for folder in FOLDERS if (folder / "refused").exists()]
WRAPPED = [folder for folder in FOLDERS if folder not in REFUSED]


class PythonFile(SingleFileSnapshotExtension):
    """A snapshot in bytes, under a name that formatters leave alone."""

    file_extension = "py.txt"


@pytest.mark.parametrize("case", WRAPPED, ids=lambda case: case.name)
def test_wrapped_code_is_the_old_code_when_off_and_the_new_code_when_on(
    case: Path, snapshot: SnapshotAssertion
) -> None:
    before, after = (case / "before.py").read_bytes(), (case / "after.py").read_bytes()

    wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)

    on = flagwright.project(wrapped, flag=FLAG, on=True)
    assert ast.dump(ast.parse(on)) == ast.dump(ast.parse(after))
    assert on == after or case.name == "one_line_function"
    off = flagwright.project(wrapped, flag=FLAG, on=False)
    assert program(off) == program(before)
    assert off == before or case.name in APART
    assert flagwright.wrap(before, wrapped, flag=FLAG, convention=CONVENTION) == wrapped
    assert wrapped == snapshot(extension_class=PythonFile)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_change_without_a_flagged_form_is_refused_with_its_category(case: Path) -> None:
    before, after = (case / "before.py").read_bytes(), (case / "after.py").read_bytes()

    with pytest.raises(CannotWrap) as caught:
        flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)

    assert caught.value.category == (case / "refused").read_text().strip()


def program(source: bytes) -> str:
    """What a file does: no docstrings, `pass` or annotations of functions; imports sorted."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not is_for_type_checkers(node)]
    imports = []
    for node in ast.walk(tree):
        for field in ("returns", "annotation"):
            if getattr(node, field, None) and not isinstance(node, ast.AnnAssign):
                setattr(node, field, None)
        body: Any = getattr(node, "body", None)
        if isinstance(body, list):
            imports += [
                f"{line(n)} {ast.unparse(a)}" for n in body if is_import(n) for a in n.names
            ]
            node.body = [n for n in body if not is_idle(n) and not is_import(n)]  # type: ignore[attr-defined] # it has one
    return "\n".join([*sorted(imports), ast.dump(tree)])


def is_for_type_checkers(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def line(node: ast.Import | ast.ImportFrom) -> str:
    """Where an import takes its names from."""
    return "." * getattr(node, "level", 0) + str(getattr(node, "module", None))


def is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def is_idle(node: ast.AST) -> bool:
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )
