"""Run a script as it was, as it is, and wrapped, as the program and when it is imported."""

import sys
import types
from typing import Any

import pytest

import flagwright
from flagwright import CannotWrap

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


@pytest.mark.parametrize(
    "block",
    [
        "    code = main()\n    exit(code)",
        "    try:\n        main()\n    except OSError as error:\n        exit(1)",
        "    from os import name\n    exit(main())",
        "    for _ in (1, 2):\n        main()",
        "    exit(main())\nelse:\n    main()",
    ],
)
def test_a_script_that_names_something_or_does_more_is_refused(block: str) -> None:
    after = BEFORE.replace("    main()", block)

    for versions in (BEFORE, after), (after, BEFORE):
        with pytest.raises(CannotWrap):
            flagwright.wrap(*versions, flag="new-tax", convention=CONVENTION)


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
