"""What a change needs, and why."""

from collections.abc import Callable

import pytest

from flagwright.core.records.score import Assessment
from flagwright.core.risk.engine import assess
from flagwright.core.risk.example import example
from flagwright.core.risk.model import Weights
from flagwright.core.risk.policy import RiskPolicy

Assess = Callable[[str], Assessment]

CALLS = "".join(f"{{}}    httpx.post(url, data={number})\n" for number in range(30))
IMPORT = "shop/pay.py\n import httpx\n"
UNDER_CHECK = (
    f'{IMPORT} def pay(url):\n+    if client.is_enabled("new-pay"):\n'
    f"{CALLS.replace('{}', '+    ')}+    else:\n+        old(url)\n-    old(url)\n"
)


def test_a_risky_change_wants_a_flag(score: Assess) -> None:
    change = score(f"{IMPORT}+def pay(url):\n{CALLS.replace('{}', '+')}")

    assert (change.verdict, change.flags) == ("flag", ())


def test_a_change_under_one_check_is_already_flagged(score: Assess) -> None:
    change = score(UNDER_CHECK)

    assert (change.verdict, change.flags) == ("already-flagged", ("new-pay",))


def test_a_small_setting_beside_a_flagged_change_is_told_and_undoes_nothing(score: Assess) -> None:
    change = score(f"{UNDER_CHECK}setup.cfg\n+warn = yes\n")

    assert (change.verdict, change.flags) == ("already-flagged", ("new-pay",))
    assert change.because.startswith("All but setup.cfg runs under the flag new-pay; ")


def test_what_no_flag_controls_is_judged_alone_beside_a_flagged_change(
    policy: RiskPolicy, weights: Weights
) -> None:
    due = policy.flag.model_copy(update={"due": "riskiest 75 %"})
    change = example(f"{UNDER_CHECK}deploy/rights.yml\n+everybody: admin\n")

    found = assess(change, policy.model_copy(update={"flag": due}), weights, policy_digest="0" * 64)

    assert (found.verdict, found.flags) == ("not-suited", ("new-pay",))
    assert "All but deploy/rights.yml runs under the flag new-pay" in found.because


@pytest.mark.parametrize("asks", ['request.has("x-y")', 'user.is_allowed("x-y")'])
def test_what_may_ask_for_something_else_flags_no_change(score: Assess, asks: str) -> None:
    """A header or a permission is nothing that the team could switch off."""
    guarded = CALLS.replace("{}", "+    ")

    change = score(f"{IMPORT} def pay(url):\n+    if {asks}:\n{guarded}-    old(url)\n")

    assert (change.verdict, change.flags) == ("flag", ())


ASKED = 'client.is_enabled("new-pay")'


@pytest.mark.parametrize(
    "test",
    [
        f"not {ASKED}",
        f"{ASKED} or url",
        f"{ASKED} or True",
        'client.get_boolean_value("new-pay", True)',
        'client.is_enabled("new-pay", fallback_function=lambda *_: True)',
    ],
)
def test_what_runs_with_the_flag_off_is_not_flagged(score: Assess, test: str) -> None:
    change = score(f"{IMPORT} def pay(url):\n+    if {test}:\n{CALLS.replace('{}', '+    ')}")

    assert change.verdict == "flag"


@pytest.mark.parametrize(
    "test", [ASKED, f"{ASKED} and url", f"await {ASKED}", f"({ASKED}) is True"]
)
def test_what_runs_with_the_flag_on_alone_is_flagged(score: Assess, test: str) -> None:
    head = f"{IMPORT} async def pay(url):\n     url = url.strip()\n+    if {test}:\n"

    change = score(head + CALLS.replace("{}", "+    "))

    assert (change.verdict, change.flags) == ("already-flagged", ("new-pay",))


def test_a_condition_that_waits_for_the_flag_is_flagged(score: Assess) -> None:
    """Removed lines need not stand anywhere as they were, if with the flag off they still run."""
    head = f"{IMPORT} def pay(url):\n-    if url.is_late:\n+    if {ASKED} and url.is_new:\n"
    rest = f"{CALLS.replace('{}', '+    ')}+    elif url.is_late:\n         old(url)\n"

    change = score(head + rest)

    assert (change.verdict, change.flags) == ("already-flagged", ("new-pay",))


def test_new_code_in_the_branch_of_the_flag_that_is_off_is_not_flagged(score: Assess) -> None:
    change = score(UNDER_CHECK.replace("+        old(url)", "+        other(url)"))

    assert change.verdict == "flag"


GUARDED = (
    "shop/pay.py\n import httpx\n+RATE = (5, -1)\n def pay(url):\n"
    '+    if client.is_enabled("new-pay"):\n+        fast(url, RATE)\n'
    "+    else:\n+        old(url)\n-    old(url)\n"
    "{mark}+{head}\n" + CALLS.replace("{}", "+")
)


@pytest.mark.parametrize(
    ("mark", "head", "rate", "verdict"),
    [
        pytest.param("+# flag new-pay: on\n", "def fast(url: str, rate=0):", True, "ok", id="ours"),
        pytest.param("", "def fast(url, rate):", True, "flag", id="no mark"),
        pytest.param(
            "+# flag new-pay: on\n", "def fast(url, rate):", False, "flag", id="one of two"
        ),
        pytest.param("+# flag new-pay: on\n", "def fast(url, r=go()):", True, "flag", id="runs"),
        pytest.param(
            "+# flag new-pay: on\n", "def httpx(url, r):", True, "flag", id="a known name"
        ),
        pytest.param("+# flag new-pay: on\n", "if True:", True, "flag", id="no definition"),
        pytest.param(
            '+# flag new-pay: on\n+class Fee:\n+    """Paid."""\n+    of = 1\n'
            "+    def __init__(self, x=1): self.x = go()\n+# flag new-pay: on\n",
            *("def fast(url, rate):", True, "ok"),
            id="a class",
        ),
        pytest.param(
            "+# flag new-pay: on\n+class Fee(ValueError, OSError): pass\n+# flag new-pay: on\n",
            *("def fast(url, rate):", True, "ok"),
            id="an error",
        ),
        pytest.param(
            "+# flag new-pay: on\n+class Fee(OSError): pass\n+from pay import OSError\n"
            "+# flag new-pay: on\n",
            *("def fast(url, rate):", True, "flag"),
            id="only called an error",
        ),
        pytest.param(
            "+# flag new-pay: on\n+class Fee(OSError, metaclass=Kind): pass\n+# flag new-pay: on\n",
            *("def fast(url, rate):", True, "flag"),
            id="a metaclass is told",
        ),
        pytest.param(
            "+# flag new-pay: on\n+class Fee(Base): pass\n+# flag new-pay: on\n",
            *("def fast(url, rate):", True, "flag"),
            id="a base may run something",
        ),
        pytest.param(
            "+# flag new-pay: on\n+class Fee:\n+    of = go\n+# flag new-pay: on\n",
            *("def fast(url, rate):", True, "flag"),
            id="an attribute may be told its name",
        ),
    ],
)
def test_what_a_plan_left_waiting_is_flagged_and_a_mark_alone_is_not_believed(
    score: Assess, mark: str, head: str, rate: bool, verdict: str
) -> None:
    change = GUARDED.replace("{mark}", mark).replace("{head}", head)
    if rate:
        change = change.replace("+RATE", "+# flag new-pay: on\n+RATE")

    found = score(change)

    assert found.verdict == {"ok": "already-flagged"}.get(verdict, found.verdict)
    assert (found.verdict == "already-flagged") == (verdict == "ok"), found.because


@pytest.mark.parametrize(
    ("head", "mark", "name", "verdict"),
    [
        ("class Till:", "    # flag new-pay: on", "fast", "already-flagged"),
        ("class Till(ValueError):", "    # flag new-pay: on", "fast", "already-flagged"),
        ("class Till(Base):", "    # flag new-pay: on", "fast", "flag"),
        ("@register\n class Till:", "    # flag new-pay: on", "fast", "flag"),
        ("class Till:", "    # fast", "fast", "flag"),
        ("class Till:", "    # flag new-pay: on", "pay", "flag"),
        ("class Till:", "    # flag new-pay: on", "__str__", "flag"),
    ],
)
def test_a_method_that_a_plan_left_waiting_is_flagged_where_only_callers_find_it(
    score: Assess, head: str, mark: str, name: str, verdict: str
) -> None:
    body = CALLS.replace("{}", "+    ")
    found = score(
        f"{IMPORT} {head}\n     def pay(self, url):\n"
        '+        if client.is_enabled("new-pay"):\n+            return self.fast(url)\n'
        f"+        else:\n+            return old(url)\n-        return old(url)\n+{mark}\n"
        f"+    def {name}(self, url):\n{body}"
    )

    assert found.verdict == verdict, found.because


def test_a_change_next_to_a_check_reuses_its_flag(score: Assess) -> None:
    change = score(
        f'{IMPORT} def pay(url):\n     if client.is_enabled("new-pay"):\n         fast(url)\n'
        f"{CALLS.replace('{}', '+')}"
    )

    assert (change.verdict, change.flags) == ("reuse", ("new-pay",))


def test_a_flag_that_only_one_of_two_edited_functions_checks_is_not_reused(score: Assess) -> None:
    change = score(
        f'{IMPORT} def pay(url):\n     if client.is_enabled("new-pay"):\n         fast(url)\n'
        f"{CALLS.replace('{}', '+')} def ship(url):\n+    slow(url)\n     done(url)\n"
    )

    assert (change.verdict, change.flags) == ("flag", ())


def test_a_check_in_another_function_is_not_reused(score: Assess) -> None:
    change = score(
        f'{IMPORT} def other(url):\n     if client.is_enabled("new-pay"):\n         fast(url)\n'
        f"+def pay(url):\n{CALLS.replace('{}', '+')}"
    )

    assert (change.verdict, change.flags) == ("flag", ())


@pytest.mark.parametrize(
    "snippet",
    [
        pytest.param("tests/test_pay.py\n+assert pay(1)\n", id="tests"),
        pytest.param("docs/pay.md\n+Pay.\n", id="documentation"),
        pytest.param("shop/auth.py\n+# who may log in\n login()\n", id="a comment"),
        pytest.param("shop/auth.py\n-login( user )\n+login(user)\n", id="formatting"),
        pytest.param(
            'shop/auth.py\n def login():\n-    """Old."""\n+    """New."""\n     go()\n',
            id="a docstring",
        ),
        pytest.param(
            'shop/auth.py\n class Login:\n     tries = 3\n+    """How often."""\n',
            id="what describes an attribute",
        ),
        pytest.param(
            'shop/auth.py\n def login():\n+    """New."""\n     go()\n', id="a docstring more"
        ),
    ],
)
def test_what_changes_nothing_that_runs_needs_no_flag(score: Assess, snippet: str) -> None:
    change = score(snippet)

    assert (change.score, change.verdict) == (0, "not-needed")


def test_formatting_beside_what_acts_is_measured_as_it_was_for_the_weights(score: Assess) -> None:
    acting = "shop/cart.py\n-a = go(1)\n+a = go(2)\n"
    formatting = "shop/auth.py\n-login( user )\n-go( user )\n+login(user)\n+go(user)\n"

    assert score(formatting).score == 0
    assert score(acting + formatting).score > score(acting).score


def test_comments_beside_a_setting_of_the_packaging_count_for_nothing(score: Assess) -> None:
    setting = "pyproject.toml\n-select = 1\n+select = 2\n"
    comments = "shop/auth.py\n-login(1)  # type: ignore\n+login(1)\n"

    assert score(setting + comments).score == score(setting).score > 0


@pytest.mark.parametrize(
    "snippet",
    [
        pytest.param("shop/cart.py\n-a = 1\n+a = 2\n", id="a value"),
        pytest.param("shop/cart.py\n-a()\n b()\n+a()\n", id="an order"),
        pytest.param("shop/cart.py\n-a()\n a()\n b()\n+b()\n", id="a count"),
        pytest.param("web/cart.ts\n+// total\n", id="a language without a tree"),
        pytest.param("shop/cart.py\n def a():\n+    'x'; b()\n     c()\n", id="beside a string"),
    ],
)
def test_what_may_change_something_is_charged(score: Assess, snippet: str) -> None:
    assert score(snippet).score > 0


DROPS = """shop/migrations/0003_note.py
+from django.db import migrations
+class Migration(migrations.Migration):
+    operations = [migrations.RemoveField("order", "note")]
"""


def test_a_migration_that_takes_away_what_the_change_reads_has_to_be_split(score: Assess) -> None:
    """Also where the points of the signal are used up by what is dearer."""
    more = "".join(f"+ALTER TABLE t{n} DROP COLUMN c{n};\n" for n in range(9))

    change = score(f"{DROPS}db/old.sql\n{more}shop/view.py\n-show(order.note)\n+show(order)\n")

    assert change.verdict == "not-suited"
    assert change.because.startswith("shop/view.py:1 names what a migration")
    assert "expand, migrate and contract" in change.because
    reader = next(f for f in change.findings if f.rule == "data_migration.reader")
    assert (reader.side, reader.evidence, reader.points) == ("before", "show(order.note)", 0)


DJANGO = """shop/migrations/0003_note.py
+from django.db import migrations
+class Migration(migrations.Migration):
+    operations = [
"""
READER = "shop/view.py\n-show(order.note)\n+show(order.remark)\n"


@pytest.mark.parametrize(
    "migration",
    [
        f'{DJANGO}+        migrations.RenameField("order", "note", "remark")]\n',
        f'{DJANGO}+        migrations.RenameField(\n+            model_name="order",\n'
        '+            old_name="note",\n+            new_name="remark",\n+        )]\n',
        f'{DJANGO}+        migrations.RenameModel("Note", "Remark")]\n',
        "db/migrate/3_note.rb\n+rename_column :orders, :note, :remark\n",
        "migrations/versions/3.py\n+def upgrade():\n"
        '+    op.alter_column("orders", "note", new_column_name="remark")\n',
        'migrations/versions/3.py\n+def upgrade():\n+    op.rename_table("note", "remark")\n',
        "db/3.sql\n+ALTER TABLE orders RENAME COLUMN note TO remark;\n",
        "db/3.sql\n+alter table only.note rename to remark;\n",
    ],
)
def test_what_a_migration_gives_another_name_is_taken_away(score: Assess, migration: str) -> None:
    reader = READER.replace("note", "Note") if "RenameModel" in migration else READER

    assert score(migration + reader).must_split
    assert not score(migration + reader.replace("ote", "otes")).must_split


@pytest.mark.parametrize(
    "migration",
    [
        f'{DJANGO}+        migrations.AlterField("order", "note", Text())]\n',
        "migrations/versions/3.py\n+def upgrade():\n"
        '+    op.alter_column("orders", "note", nullable=True)\n',
    ],
)
def test_a_column_that_keeps_its_name_is_not(score: Assess, migration: str) -> None:
    assert not score(migration + READER).must_split


def test_a_statement_that_deletes_in_the_code_itself_is_no_migration(score: Assess) -> None:
    change = score("shop/job.py\n+run('DROP TABLE note')\n+show(note)\n")

    assert not [f for f in change.findings if f.rule == "data_migration.reader"]


@pytest.mark.parametrize(
    "snippet",
    [
        pytest.param("shop/migrations/0002_price.py\n+a = 1\n", id="only a migration"),
        pytest.param("uv.lock\n+a\npyproject.toml\n+b\n", id="only dependencies"),
        pytest.param(".github/workflows/test.yml\n+a\n", id="only a pipeline"),
        pytest.param("shop/cart.py\n! larger than 1 MB\n", id="only code that was not read"),
        pytest.param("shop/cart.py\n+execute('DROP TABLE users')\n", id="code that destroys data"),
    ],
)
def test_what_no_flag_can_control_is_not_suited(score: Assess, snippet: str) -> None:
    assert score(snippet).verdict == "not-suited"
