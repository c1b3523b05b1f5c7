"""A committed policy with one wrong line: it costs that line, and every door says so."""

import pytest

from tests.installation import git
from tests.surface.cli.conftest import Shell, soon
from tests.surface.cli.test_policy import RULE, commit, put

WRONG = """
[rules.no-mail]
title = "Mail is frozen"
reason = "The provider moves."
owner = "support"
severity = "blok"
paths = ["mail.py"]
matches = ["mail.py"]
passes = ["pricing.py"]
"""
NAMES = """
types.release.max_days = "20"
types.release.prefix = "release.shop."
"""


def broken(shell: Shell, text: str = RULE + WRONG, name: str = "rules.toml") -> None:
    put(shell.folder, text, name)
    commit(shell.folder, ".flagwright")


def test_a_wrong_rule_costs_that_rule_and_no_other(shell: Shell) -> None:
    broken(shell)

    score = shell.json("score")
    wrap = shell.run("wrap", "release.shop.discount", "--json")

    assert score["verdict"] == "blocked"
    assert [rule["rule"] for rule in score["rules"]] == ["no-pricing"]
    assert ".flagwright/policies/rules.toml:15 rules.no-mail.severity" in score["warnings"][0]
    assert "the rest of it does" in score["warnings"][0]
    assert wrap.answer["code"] != "policy-invalid"


def test_a_gate_fails_where_the_policy_is_not_whole_until_a_change_mends_it(shell: Shell) -> None:
    (shell.folder / "mail.py").write_text("def mail() -> bool:\n    return False\n")
    commit(shell.folder, "-A")
    broken(shell, WRONG)
    (shell.folder / "pricing.py").write_text("def price() -> int:\n    return 1\n")
    gate = ("score", "--fail-at", "critical", "--json")

    stopped = shell.run(*gate)
    commit(shell.folder, "-A")
    each = shell.run("score", "--commits", "-", "--fail-at", "critical", "--json", typed="HEAD\n")
    released = shell.run("verify", "--range", "HEAD~1..HEAD", "--json")
    put(shell.folder, RULE, "rules.toml")
    mending = shell.run(*gate)
    commit(shell.folder, "-A")
    mended = shell.run("verify", "--range", "HEAD~1..HEAD", "--json")

    assert stopped.code == 1
    assert "stops each change that does not touch it" in stopped.answer["warnings"][-1]
    assert (each.code, released.code) == (1, 1)
    assert '"in_part": [".flagwright/policies/rules.toml"]' in each.out
    assert "In part only counts .flagwright/policies/rules.toml." in released.answer["message"]
    assert "rules.toml:6" in released.answer["warnings"][0]
    assert (mending.code, len(mending.answer["warnings"])) == (0, 1)
    assert (mended.code, mended.answer["status"]) == (0, "ready")


def test_nobody_is_told_to_ship_while_a_policy_is_not_whole(shell: Shell) -> None:
    git(shell.folder, "checkout", "-q", ".")
    broken(shell, WRONG)
    (shell.folder / "notes.md").write_text("To do\n")

    stopped = shell.run("score", "--fail-at", "critical", "--json")

    assert (stopped.code, stopped.answer["verdict"]) == (1, "not-needed")
    assert "Mend that first" in stopped.answer["next_step"]


def test_every_door_says_what_does_not_count(shell: Shell) -> None:
    put(shell.folder, RULE.replace('"block"', '"require-approval"\ntier = "attested"'))
    broken(shell, NAMES, "naming.toml")
    asked = ("--owner", "shop", "--description", "A new stove", "--expires", soon())

    refused = shell.run("create", "release.kitchen.stove", *asked, "--json")
    created = shell.json("create", "release.shop.discount", *asked)
    plan = shell.json("wrap", "release.shop.discount")
    told = shell.json("policy", "explain", plan["plan"])
    shown = shell.json("policy", "show")
    again = shell.json("policy", "show", "--digest", shown["digest"])
    doctor = shell.run("doctor", "--json").answer

    line = "naming.toml:2 types.release.max_days"
    assert refused.answer["code"] == "name-refused"  # the other line counts
    assert line in created["message"]
    assert line in plan["notes"][0]
    assert line in told["warnings"][0]
    assert line in shown["warnings"][0] == again["warnings"][0]
    assert ".flagwright/policies/naming.toml" in [file["path"] for file in shown["files"]]
    (check,) = [one for one in doctor["checks"] if one["name"] == "policies here"]
    assert not check["ok"]
    assert line in check["fact"]
    (asks,) = [one for one in doctor["checks"] if "rules.toml:2" in one["fact"]]
    assert "rules.no-pricing: nobody can give attested on the embedded server" in asks["fact"]


def test_a_file_that_is_wrong_all_over_is_not_read_again_and_again(shell: Shell) -> None:
    wrong = RULE.replace('"mail.py"', '"pricing.py"')
    broken(shell, "".join(wrong.replace("no-pricing", f"no-{n}") for n in range(40)))

    *each, last, _ = shell.json("score")["warnings"]

    assert len(each) == 8
    assert "The file does not count." in last


def test_more_sections_than_anybody_needs_cost_the_sections_alone(shell: Shell) -> None:
    one = '[[paths]]\nunder = ["d{n}/"]\nflag.due = "riskiest {n}.5 %"\n\n'
    sections = "".join(one.format(n=n % 59 + 41) for n in range(201))
    broken(shell, f'flag.due = "riskiest 99 %"\n\n{sections}', "risk.toml")

    score = shell.json("score")

    assert "risk.toml:803 201 sections for paths" in score["warnings"][0]
    assert "at most 200 are read" in str(score["warnings"])
    assert "the riskiest 99 %" in score["message"]


def test_whoever_approves_reads_what_does_not_count(shell: Shell) -> None:
    broken(shell, NAMES, "naming.toml")
    plan = shell.plan()

    with shell.terminal("approve", plan) as terminal:
        terminal.asks()
        terminal.type("\x04")
        terminal.ends()

    assert "naming.toml:2 types.release.max_days" in " ".join(terminal.seen.split())


def test_a_rule_that_the_organisation_names_alike_costs_what_is_looser(
    shell: Shell,
) -> None:
    own = shell.home / ".config" / "flagwright" / "policies"
    own.mkdir(parents=True)
    (own / "rules.toml").write_text(WRONG.replace("blok", "note"))
    broken(shell, RULE + WRONG.replace("blok", "require-flag").replace("mail.py", "elsewhere.py"))

    score = shell.json("score")

    assert score["verdict"] == "blocked"
    assert "rules.toml:16 rules.no-mail.paths" in score["warnings"][0]


@pytest.mark.parametrize(
    ("name", "text", "verdict", "warning"),
    [
        ("rules.toml", RULE + "x = [\n", "flag", "The file does not count."),
        ("rules.toml", RULE + RULE.replace("no-", "un").replace('["mail', '["pricing'), "blocked",
         "rules.unpricing.passes"),
        ("rules.toml", RULE + '[[paths]]\nunder = ["x/"]\nrules.y = 1\n', "blocked", "rules.y"),
        ("risk.toml", 'open = ["flag.due"]\nflag.due = "riskiest 90 %"\n', "flag", "risk.toml:1"),
        ("waivers.toml", "max_days = 400\nwarn_days = 20\n", "flag", "waivers.toml:1 max_days"),
    ],
    ids=["no TOML", "contradiction", "section", "open", "looser"],
)  # fmt: skip
def test_what_does_not_count_is_as_little_as_can_be(
    shell: Shell, name: str, text: str, verdict: str, warning: str
) -> None:
    broken(shell, text, name)

    score = shell.json("score")

    assert score["verdict"] == verdict
    assert warning in score["warnings"][0]
    assert len(score["warnings"]) == 2  # the second is about the gate
