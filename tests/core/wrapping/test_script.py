"""Run a script as it was, as it is, and wrapped, as the program and when it is imported."""

import ast
import sys
import types
from typing import Any

import pytest

import flagwright
from benchmarks.independent import problems, same_program
from flagwright import CannotWrap
from flagwright.core.wrapping.proof.fold import fold
from flagwright.core.wrapping.retire import retire_files

CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
BEFORE = "def main():\n    return 3\n\n\nif __name__ == '__main__':\n    main()\n"


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("    main()", "    raise SystemExit(main())"),
        "import sys\n\n\n" + BEFORE.replace("    main()", "    sys.exit(main())"),
        BEFORE.replace("    main()", "    print('start')\n    raise SystemExit(main() + 1)"),
        BEFORE.replace("    main()", "    try:\n        main()\n    finally:\n        exit(5)"),
        BEFORE.replace("return 3", "return 4").replace("    main()", "    exit(main())"),
        BEFORE.replace("    main()", "    code = main()\n    exit(code)"),
        BEFORE.replace(
            "    main()",
            "    try:\n        exit(main())\n    except OSError as e:\n        exit(e)",
        ),
        BEFORE.replace("    main()", "    from os import name\n    exit(len(name) + main())"),
        BEFORE.replace("    main()", "    for _ in (1, 2):\n        exit(main() + _)"),
        BEFORE.replace("    main()", "    main.code = 5\n    exit(main.code + main())"),
    ],
)
@pytest.mark.parametrize("name", ["__main__", "shop.prices"])
def test_a_script_does_what_each_version_does(
    after: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for old, new in (BEFORE, after), (after, BEFORE):
        wrapped = flagwright.wrap(old, new, flag="new-tax", convention=CONVENTION)

        asked = wrapped.partition("__main__")[2].count("is_enabled")
        assert asked == 1
        for version, on in (old, False), (new, True):
            assert ran(wrapped, name, monkeypatch, on=on) == ran(version, name, monkeypatch)
            assert flagwright.project(wrapped, flag="new-tax", on=on) == version


def test_a_line_of_a_script_that_changes_is_asked_for_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    block = "    codes = [main()]\n    codes.append(1)\n    exit(sum(codes))"
    before = BEFORE.replace("    main()", block)
    after = before.replace("append(1)", "append(2)")

    wrapped = flagwright.wrap(before, after, flag="new-tax", convention=CONVENTION)

    assert isinstance(wrapped, str)
    assert wrapped.count("exit(sum(codes))") == 1
    for version, on, code in (before, False, 4), (after, True, 5):
        assert ran(wrapped, "__main__", monkeypatch, on=on) == code
        assert flagwright.project(wrapped, flag="new-tax", on=on) == version


@pytest.mark.parametrize(
    "block",
    [
        "    try:\n        main()\n    except OSError as int:\n        exit(1)",
        "    def code():\n        return main()\n    exit(code())",
        "    int = str\n    exit(main())",
        "    code: int = main()\n    exit(code)",
        "    exit(main())\nelse:\n    main()",
    ],
)
def test_a_script_that_names_something_or_does_more_is_refused(block: str) -> None:
    before = BEFORE.replace("return 3", "return int(3)")
    after = before.replace("    main()", block)

    for versions in (before, after), (after, before):
        with pytest.raises(CannotWrap):
            flagwright.wrap(*versions, flag="new-tax", convention=CONVENTION)


NONE = BEFORE.partition("\n\nif")[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NONE, BEFORE.replace("    main()", "    exit(main())")),
        (NONE, NONE + "\n\nif __name__ == '__main__': exit(main())\n"),
        (NONE, BEFORE.replace("    main()", "    code = main()\n    exit(code)")),
        (NONE, BEFORE.replace("return 3", "return 4").replace("    main()", "    exit(main())")),
        (
            "def total():\n    return 1\n",
            "def total():\n    return main()\n\n\n"
            + BEFORE.replace("    main()", "    for part in (5, 6):\n        exit(main() + part)")
            + "\n\nRATE = 1\n",
        ),
        (
            BEFORE.replace("    main()", "    exit(main())"),
            BEFORE.replace("__name__ == '__main__'", "'__main__' == __name__").replace(
                "    main()", "    exit(7)"
            ),
        ),
    ],
)
@pytest.mark.parametrize("name", ["__main__", "shop.prices"])
def test_a_block_that_one_version_runs_as_the_program_asks_there(
    before: str, after: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ran(before, "__main__", monkeypatch) != ran(after, "__main__", monkeypatch)

    for old, new in (before, after), (after, before):
        wrapped = flagwright.wrap(old, new, flag="new-tax", convention=CONVENTION)

        assert isinstance(wrapped, str)
        check = CONVENTION["check"].format(flag="new-tax")
        check = check if check in wrapped else check.replace('"', "'")
        assert problems(old, new, wrapped, "new-tax", check) == []
        for version, on in (old, False), (new, True):
            assert ran(wrapped, name, monkeypatch, on=on) == ran(version, name, monkeypatch)
            left = flagwright.project(wrapped, flag="new-tax", on=on)
            assert same_program(left, version)
            assert left == version or " exit(main())\n" in version
            (file,) = retire_files({"shop.py": wrapped.encode()}, flag="new-tax", on=on).files
            assert (file.text or b"").decode() == left


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("3", "code").replace("    main()", "    code = 5\n    exit(main())"),
        BEFORE + "else:\n    main()\n",
        BEFORE.replace("    main()", "    def code():\n        return main()\n    exit(code())"),
        BEFORE.replace("== '__main__'", "== '__main__' or print(1)"),
        BEFORE.replace("if __name__ == '__main__':", "if main():"),
    ],
)  # fmt: skip
def test_a_new_block_that_does_more_than_to_run_as_the_program_is_refused(after: str) -> None:
    before = NONE.replace("3", "code") if "code = 5" in after else NONE

    for versions in (before, after), (after, before):
        with pytest.raises(CannotWrap):
            flagwright.wrap(*versions, flag="new-tax", convention=CONVENTION)


def test_a_marked_block_that_runs_on_the_other_side_is_no_proof() -> None:
    text = "# flag x: on\nif __name__ == '__main__':\n    if ask('x'):\n        pass\n    main()\n"

    with pytest.raises(CannotWrap):
        fold(ast.parse(text), text, "x", "ask('x')", on=False)


@pytest.mark.parametrize("test", ["__name__ != '__main__'", "__name__ in ('__main__', 'shop')"])
def test_another_test_is_no_script(test: str) -> None:
    versions = (
        text.replace("__name__ == '__main__'", test)
        for text in (BEFORE, BEFORE.replace("    main()", "    exit(main())"))
    )

    with pytest.raises(CannotWrap):
        flagwright.wrap(*versions, flag="new-tax", convention=CONVENTION)


def ran(text: str, name: str, monkeypatch: pytest.MonkeyPatch, *, on: bool = False) -> Any:
    """With which code a program ends; none where it only comes to its end."""
    flags = types.ModuleType("flags")
    flags.client = types.SimpleNamespace(is_enabled=lambda _: on)  # type: ignore[attr-defined] # ours
    monkeypatch.setitem(sys.modules, "flags", flags)
    try:
        exec(compile(text, "shop.py", "exec", dont_inherit=True), {"__name__": name})
    except SystemExit as end:
        return end.code
    return None
