"""A function with its body on the line of its header has it there again without the flag."""

import pytest

import flagwright

FLAG = "shop.new-tax"
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
PAIRS = {
    "plain": ("def f(x): return x\n", "def f(x): return x + 1\n"),
    "longer": ("def f(x): return x\n", "def f(x):\n    y = x\n    return y + 1\n"),
    "shorter": ("def f(x):\n    y = x\n    return y + 1\n", "def f(x): return x\n"),
    "comments": ("def f(x): return x  # old\n", "def f(x): return x + 1  # new\n"),
    "line-ends": ("import os\r\ndef f(x): return x\r\n", "import os\r\ndef f(x): return -x\r\n"),
    "two-statements": ("def f(x): x += 1; return x\n", "def f(x): x += 2; return x\n"),
    "nothing": ("def f(): pass\n", "def f(): return 1\n"),
    "documented": ('def f(x): "Doc."; return x\n', 'def f(x): "Doc."; return x + 1\n'),
    "two-kinds": ("def f(x): yield x\n", "def f(x): return [x]\n"),
    "coroutine": ("async def f(x): return x\n", "async def f(x): return x + 1\n"),
    "inner": (
        "def g(n):\n    def f(x): return x + n\n    m = n\n    return f(m)\n",
        "def g(n):\n    def f(x): return x - n\n    m = n * 2\n    return f(m)\n",
    ),
    "parameter": (
        "class A:\n    def _m(self, x): return x\n    def go(self): return self._m(1)\n",
        "class A:\n    def _m(self, x, y): return x + y\n    def go(self): return self._m(1, 2)\n",
    ),
    "below-an-import": (
        "import io\ndef f():\n    b = io.StringIO()\n    return b\n",
        "import io\ndef f():\n    with io.StringIO() as b:\n        return b\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
def test_either_version_comes_back_byte_for_byte(before: str, after: str) -> None:
    wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)

    assert flagwright.project(wrapped, flag=FLAG, on=False) == before
    assert flagwright.project(wrapped, flag=FLAG, on=True) == after


def test_a_comment_that_somebody_wrote_since_keeps_its_line() -> None:
    wrapped = flagwright.wrap(*PAIRS["plain"], flag=FLAG, convention=CONVENTION)
    edited = wrapped.replace("        return x + 1\n", "        # Why.\n        return x + 1\n")

    assert flagwright.project(edited, flag=FLAG, on=False) == PAIRS["plain"][0]
    assert flagwright.project(edited, flag=FLAG, on=True).endswith(
        "def f(x):\n    # Why.\n    return x + 1\n"
    )


def test_the_mark_of_another_flag_stays() -> None:
    wrapped = flagwright.wrap(*PAIRS["plain"], flag=FLAG, convention=CONVENTION)
    other = wrapped.replace(f"# flag {FLAG}", "# flag other").replace(f'"{FLAG}"', '"other"')
    both = other.replace("return x + 1", f'return client.is_enabled("{FLAG}")')

    assert "# flag other: on and off in one line" in flagwright.project(both, flag=FLAG, on=True)
