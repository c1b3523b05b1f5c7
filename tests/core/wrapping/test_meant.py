"""What a name means at each place of a file."""

import ast

import pytest

from flagwright.core.wrapping.meant import meanings


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("def f():\n    use(total)\n    def g():\n        total = 1\n", ["file", "local"]),
        ("def f(total):\n    def g():\n        return total\n", ["local"]),
        ("def f():\n    total = 1\n    return lambda: total\n", ["local", "local"]),
        ("def f():\n    global total\n    total = 1\n", ["file"]),
        ("def f():\n    from m import total\n    return total\n", ["file"]),
        ("def f():\n    from m import *\n    return total\n", ["file"]),
        (
            "def f():\n    total = 1\n    def g():\n        nonlocal total\n        total = 2\n",
            ["local", "local"],
        ),
        ("def f(x=lambda total: 1):\n    return total\n", ["file"]),
        ("def f(total=total):\n    return total\n", ["file", "local"]),
        ("def f():\n    return [1 for total in x], total\n", ["local", "file"]),
        ("def f():\n    return [1 for x in total for total in x]\n", ["file", "local"]),
        ("def f():\n    return [total := x for x in y]\n", ["local"]),
        ("def f():\n    return [(lambda: (total := 1)) for x in y], total\n", ["local", "file"]),
        (
            "def f():\n    try:\n        g()\n    except E as total:\n        use(total)\n",
            ["local"],
        ),
        ("def f(x):\n    match x:\n        case [total]:\n            use(total)\n", ["local"]),
        ("class A:\n    use(total)\n\n    def f(self):\n        use(total)\n", ["class", "file"]),
        ("def f(total):\n    class A:\n        x = total\n", ["class"]),
    ],
)
def test_a_name_means_a_local_where_its_function_binds_it(text: str, wanted: list[str]) -> None:
    found = sorted(
        (node.lineno, node.col_offset, m) for node, m in meanings("total", ast.parse(text))
    )

    assert [meaning for *_, meaning in found] == wanted
