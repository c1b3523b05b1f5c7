"""A requirement that goes at once is told where the old code still imports it."""

import pytest

from flagwright.core.change import read_change
from flagwright.core.records.change import FileChange
from flagwright.core.wrapping.dropped import with_dropped
from flagwright.core.wrapping.plan import wrap_change
from tests.core.wrapping.test_plan import CONVENTION, POLICY

FLAG = "release.shop.label"
OLD = b"import six\n\n\ndef label(n):\n    return six.text_type(n)\n"
NEW = b'def label(n):\n    return str(n) + " EUR"\n'
WITH = b'[project]\nname = "shop"\ndependencies = ["six>=1.10", "attrs"]\n'
WITHOUT = b'[project]\nname = "shop"\ndependencies = ["attrs"]\n'


@pytest.mark.parametrize(
    ("path", "before", "after", "module", "is_told"),
    [
        ("pyproject.toml", WITH, WITHOUT, b"six", True),
        ("requirements/base.txt", b"six\nattrs\n", b"attrs\n", b"six", True),
        ("requirements.txt", b"PyYAML==6\n", b"", b"yaml", True),
        ("requirements.txt", b"python-dateutil\n", b"", b"dateutil", True),
        ("requirements.txt", b"six==1.10\n", b"six==1.11\n", b"six", False),
        ("requirements.txt", b"attrs\nsix\n", b"six\n", b"six", False),
        ("notes.txt", b"six\n", b"", b"six", False),
    ],
)
def test_a_requirement_that_goes_while_its_import_stays_is_told(
    path: str, before: bytes, after: bytes, module: bytes, *, is_told: bool
) -> None:
    old = OLD.replace(b"six", module)
    change = read_change(
        "base",
        "worktree",
        [
            FileChange(path="shop/money.py", kind="modified", before=old, after=NEW),
            FileChange(path=path, kind="modified", before=before, after=after),
        ],
    )
    files = {"shop/__init__.py": b"", "shop/money.py": NEW}
    wrapped = wrap_change(change, flag=FLAG, convention=CONVENTION, policy=POLICY, modules=files)

    told = [n for n in with_dropped(change, wrapped.files, wrapped.notes) if "imports" in n]

    assert len(told) == 1
    assert (f"{path}:" in told[0]) == is_told
    assert ("keep that installed" in told[0]) != is_told
