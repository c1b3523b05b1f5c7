"""Texts that become a flag's name only when the code runs."""

import pytest

from flagwright.core.wrapping.puttogether import put_together
from flagwright.core.wrapping.retire import retire_files
from flagwright.core.wrapping.where import places

FLAG = "enterprise.support_tool"


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        ('ask(f"{NS}.support_tool")', True),
        ("ask(f'{NS}.support_tool')", True),
        ('ask(f"enter{x}.support_tool")', True),
        ('ask(NS + ".support_tool")', True),
        ('ask("enterprise" + ".support_tool")', True),
        ('ask(NS\n    + ".support_tool")', True),
        ('ask("%s.support_tool" % NS)', True),
        ('ask("%(ns)s.support_tool" % known)', True),
        ('ask("{}.support_tool".format(NS))', True),
        ('ask("enterprise.support_tool")', False),
        ('ask(".support_tool")', False),
        ('ask(f"{NS}.new.support_tool")', False),
        ('ask(f"{NS}.support_tool.two")', False),
        ('ask(f"enterprise.{x}")', False),
        ('ask(f"{x}_tool")', False),
    ],
)
def test_a_text_of_which_the_end_is_spelled_out_may_be_the_name(
    code: str, *, is_told: bool
) -> None:
    text = f"import a\n\n\ndef f(x):\n    return {code}\n".encode()

    found = retire_files({"shop/page.py": text}, flag=FLAG, on=True).coverage
    asked = places({"shop/page.py": text}, FLAG)

    line = 6 if "\n" in code else 5
    assert [*put_together(text, FLAG)] == [line] * is_told
    if is_told:
        assert [(p.line, (p.because or "")[:28]) for p in found] == [
            (line, "a text that is put together ")
        ]
        assert [(p.line, p.what) for p in asked] == [(line, "name")]


@pytest.mark.parametrize("flag", ["tool", "x", "ab-cde"])
def test_a_short_name_is_never_taken_for_the_end_of_a_text(flag: str) -> None:
    assert [*put_together(b'ask(f"{NS}tool")\nask(NS + "ab-cde")\nask(f"{y}x")\n', flag)] == []
