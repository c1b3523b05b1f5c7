"""Where a finding points, and that code which only moved is none."""

import pytest

from flagwright.core.risk.example import example
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.risk.view import view

CALL = """
shop/rate.py
 import httpx
 def rate(url):
     log(url)
+    return httpx.get(
+        url,
+    )
"""
EDITED_CALL = """
shop/rate.py
 import httpx
 def rate(url):
     return httpx.get(
         url,
+        timeout=5,
     )
"""
LOSS = """
shop/load.py
 def load():
-    try:
-        read()
-    except OSError:
-        stop()
+    read()
"""
MOVED = """
a.py
-def load():
-    try:
-        read()
-    except OSError:
-        raise Bad
b.py
+def load():
+    try:
+        read()
+    except OSError:
+        raise Bad
"""
INDENTED = """
web/a.js
-throw new Bad()
+  throw new Bad()
"""
OTHER_LANGUAGE = """
web/a.go
-if err != nil {
-	return err
-}
"""
BLANK_ABOVE = """
web/a.ts
-
-export function old() {}
+
+export function fresh() {}
"""


@pytest.mark.parametrize(
    ("snippet", "expected"),
    [
        (CALL, [("outbound_call.http", 4, "after", "return httpx.get(")]),
        (EDITED_CALL, [("outbound_call.http", 5, "after", "timeout=5,")]),
        (LOSS, [("error_handling.handler_removed", 4, "before", "except OSError:")]),
        (MOVED, []),
        (INDENTED, []),
        (OTHER_LANGUAGE, [("error_handling.handler_removed", 1, "before", "if err != nil {")]),
    ],
    ids=["call", "edited call", "loss", "moved to another file", "indented", "other language"],
)
def test_a_finding_points_at_the_changed_line(
    policy: RiskPolicy, snippet: str, expected: list[tuple[str, int, str, str]]
) -> None:
    files = view(example(snippet), policy.files)

    found = [
        (finding.rule, finding.line, finding.side, finding.evidence)
        for signal in ("outbound_call", "error_handling")
        for finding in policy.seen(signal, files)
    ]

    assert found == expected


def test_a_blank_line_above_is_not_the_place(policy: RiskPolicy) -> None:
    """Nor are two different definitions one that moved, because both stand below a blank line."""
    found = policy.seen("public_surface", view(example(BLANK_ABOVE), policy.files))

    assert [(one.rule, one.line, one.side, one.evidence) for one in found] == [
        ("public_surface.added", 2, "after", "export function fresh() {}"),
        ("public_surface.removed", 2, "before", "export function old() {}"),
    ]
