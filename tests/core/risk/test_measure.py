"""A diff is measured by what its lines are, in any language."""

import pytest

from flagwright.core.change import parse_diff
from flagwright.core.risk.fix import is_fix
from flagwright.core.risk.measure import Measures, is_source, measure

DIFF = """\
diff --git a/shop/cart.py b/shop/cart.py
--- a/shop/cart.py
+++ b/shop/cart.py
@@ -1,4 +1,7 @@
 import os
-def total(cart):
-    return sum(cart)
+from decimal import Decimal
+# Rounded.
+def total(cart, rate):
+    if rate and cart:
+        return round(sum(cart) * rate)
 x = 1
diff --git a/web/new.ts b/web/new.ts
new file mode 100644
--- /dev/null
+++ b/web/new.ts
@@ -0,0 +1,3 @@
+export const f = (x) => {
+\treturn call(x) || other(x);
+}
diff --git a/tests/test_cart.py b/tests/test_cart.py
--- a/tests/test_cart.py
+++ b/tests/test_cart.py
@@ -1,0 +2,2 @@
+assert total([1], 2)
+
diff --git a/README.md b/README.md
--- a/README.md
+++ b/README.md
@@ -1 +1 @@
-old
+new
"""


def test_code_is_counted_apart_from_tests_comments_and_imports() -> None:
    measures, files = measure(parse_diff(DIFF).files)

    assert measures.lines == 5
    assert (measures.hunks, measures.mixed) == (2, 1)
    assert measures.files == 2
    assert measures.test_lines == 2
    assert (measures.given, measures.failures) == (2, 0)
    assert measures.calls >= 4
    assert measures.deepest == 2
    assert [file.path for file in files if file.is_source] == ["shop/cart.py", "web/new.ts"]


def test_what_is_only_said_again_is_not_new() -> None:
    text = """\
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,2 +1,5 @@
-limit = read(path)
-other = 1
+try:
+    limit = read(path, mode="r")
+    limit = read(path, mode="r")
+except Missing:
+    raise
"""
    measures, _ = measure(parse_diff(text).files)

    assert (measures.lines, measures.distinct) == (5, 4)
    assert measures.words == len({"try", "mode", "r", "except", "Missing", "raise"})
    assert (measures.given, measures.failures) == (4, 3)


def test_nothing_measures_nothing() -> None:
    assert measure(()) == (Measures(), [])


def test_a_line_that_a_program_made_is_data() -> None:
    first = DIFF.partition("diff --git a/web")[0]
    text = first.replace("# Rounded.", f"y = '{'a(' * 2000}'")

    measures, _ = measure(parse_diff(text).files)

    assert measures.chars < 200


@pytest.mark.parametrize(
    ("path", "runs"),
    [
        ("shop/cart.py", True),
        ("src/latest.go", True),
        ("web/attestation.tsx", True),
        ("shop/tests/cart.py", False),
        ("test_cart.py", False),
        ("cart_test.go", False),
        ("cart.spec.ts", False),
        ("docs/conf.py", False),
        ("web/vendor/jquery.js", False),
        ("web/app.min.js", False),
        ("README.md", False),
    ],
)
def test_a_path_says_whether_a_file_runs(path: str, *, runs: bool) -> None:
    assert is_source(path) is runs


@pytest.mark.parametrize(
    ("message", "mends"),
    [
        ("fix: round the total", True),
        ("fix(cart)!: round the total", True),
        ("Fixed #123 -- Rounded the total", True),
        ("Round the total\n\nCloses #12", True),
        ("Round the total\n\nResolves: shop/cart#7", True),
        ("Add a total", False),
        ("Fix typo in the docs", False),
        ("docs: fix the example", False),
        ("feat: prevent errors", False),
        ("Fix tests", False),
        ("Prefix the names", False),
    ],
)
def test_a_message_says_whether_a_commit_mends_something(message: str, *, mends: bool) -> None:
    assert is_fix(message) is mends


def test_a_message_without_end_is_looked_at_from_its_start() -> None:
    assert is_fix("fix" * 1_000_000) is False
    assert is_fix("Fix it " + "x" * 1_000_000) is True
