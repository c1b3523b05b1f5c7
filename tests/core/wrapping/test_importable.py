"""Whether a file can import the flag client where it runs, and by which name."""

import pytest

from flagwright.core.wrapping.importable import can_import, full_name

MAIN = 'if __name__ == "__main__":\n    main()\n'
SPACE = {
    "src/corp/mail/__init__.py": "",
    "src/corp/mail/send.py": "from corp.mail.text import f\n",
    "src/corp/mail/text.py": "def f(): pass\n",
}
APART = {
    "services/a/pkga/__init__.py": "",
    "services/a/pkga/x.py": "import pkga\n",
    "services/b/pkgb/__init__.py": "",
    "services/b/pkgb/y.py": "from pkgb import x\n",
}
SCRIPTS = {"pkg/__init__.py": "", "pkg/x.py": "", "scripts/run.py": f"import os\n{MAIN}"}
TOOLS = {"tools/__init__.py": "", "tools/run.py": f"import os\n{MAIN}"}


@pytest.mark.parametrize(
    ("path", "client", "files", "expected"),
    [
        pytest.param("shop/a.py", "shop.flags", {"shop/__init__.py": ""}, True, id="package"),
        pytest.param("shop/a.py", "acme_flags", {"shop/__init__.py": ""}, True, id="elsewhere"),
        pytest.param("cart/a.py", "shop.flags", {"shop/flags.py": ""}, True, id="one root"),
        pytest.param("services/b/pkgb/y.py", "pkga.flags", APART, False, id="shipped apart"),
        pytest.param(
            "services/b/pkgb/y.py",
            "pkga.flags",
            {**APART, "services/b/pkgb/z.py": "from pkga import x\n"},
            True,
            id="shipped together",
        ),
        pytest.param("src/corp/mail/text.py", "mail.flags", SPACE, False, id="namespace"),
        pytest.param("src/corp/mail/text.py", "corp.mail.flags", SPACE, True, id="its name"),
        pytest.param("scripts/run.py", "scripts.flags", SCRIPTS, False, id="script"),
        pytest.param("scripts/run.py", "pkg.flags", SCRIPTS, False, id="script apart"),
        pytest.param(
            "scripts/run.py",
            "pkg.flags",
            {**SCRIPTS, "scripts/run.py": f"from pkg import x\n{MAIN}"},
            True,
            id="script of a package",
        ),
        pytest.param("tools/run.py", "tools.flags", TOOLS, False, id="script in a package"),
        pytest.param(
            "tools/run.py",
            "tools.flags",
            {**TOOLS, "tools/more.py": "from . import run\n"},
            True,
            id="program of a package",
        ),
        pytest.param("run.py", "flags", {"run.py": MAIN, "flags.py": ""}, True, id="beside it"),
    ],
)
def test_a_file_imports_only_what_is_there_where_it_runs(
    path: str, client: str, files: dict[str, str], expected: bool
) -> None:
    modules = {name: text.encode() for name, text in files.items()}

    assert can_import(path, f"from {client} import is_on", modules) is expected


def test_a_namespace_is_part_of_the_name() -> None:
    modules = {name: text.encode() for name, text in SPACE.items()}

    assert full_name("src/corp/mail/flags.py", modules) == "corp.mail.flags"
    assert full_name("src/corp/bill/flags.py", modules | {"src/corp/bill/__init__.py": b""}) == (
        "bill.flags"
    )
