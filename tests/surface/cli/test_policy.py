"""What a governance team does with its policies, from the command line."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.installation import git
from tests.surface.cli.conftest import FLAG, Shell, soon

RULE = """
[rules.no-pricing]
title = "Prices are frozen"
reason = "The catalogue is printed."
owner = "sales"
severity = "block"
paths = ["pricing.py"]
matches = ["pricing.py"]
passes = ["mail.py"]
"""
CASES = """
[[cases]]
title = "Nobody changes a price"
diff = '''
pricing.py
-price = 1
+price = 2
'''
verdict = "blocked"
rules = ["no-pricing"]

[[cases]]
title = "A name has no capitals"
name = "release.NewTax"
refused = true
suggestion = "release.new-tax"
"""


def put(folder: Path, text: str, name: str = "rules.toml") -> None:
    file = folder / ".flagwright" / "policies" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def commit(folder: Path, *what: str) -> None:
    git(folder, "add", *what)
    git(folder, "commit", "-qm", "An edit")


def pin(config: Path, team: Path) -> str:
    """Name the newest commit of an organisation in a configuration."""
    sha = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=team, capture_output=True, text=True, check=True
    ).stdout.strip()
    said = f'url = "{team.as_uri()}"\ncommit = "{sha}"\nlocal = true\n'
    (config / "organisation.toml").write_text(said)
    return sha


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ('# Ours\r\n[flag]\r\ndue = "riskest 25 %"\r\n', 3, "riskiest"),
        ('[flag]\r\ndue = "riskiest 90 %"\r\nreason = [\r\n  "a",\r\n]\r\n', 3, "reason"),
        ("\ufeff[flag]\ndue = 'riskiest 25 %'\n", 1, "without BOM"),
    ],
)
def test_a_mistake_is_found_whatever_wrote_the_file(
    shell: Shell, text: str, at: int, says: str
) -> None:
    put(shell.folder, "", "risk.toml")
    (shell.folder / ".flagwright/policies/risk.toml").write_bytes(text.encode())

    (wrong,) = shell.run("policy", "lint", "--repo", str(shell.folder), "--json").answer["problems"]

    assert wrong["at"] == f".flagwright/policies/risk.toml:{at}"
    assert says in str(wrong)
    assert "score" in shell.json("score", "--repo", str(shell.folder))


def test_lint_names_every_mistake_of_every_file_at_once(shell: Shell) -> None:
    put(shell.folder, RULE.replace("severity", "severty").replace("block", "note"))
    put(shell.folder, '[flag]\ndue = "riskiest 1 %"\n', "risk.toml")
    put(shell.folder, "x = 1\n", "rule.toml")
    put(shell.folder, "[[cases]]\ntitle = 1\n", "tests/a.toml")
    put(shell.folder, 'open = ["bands"]\n', "wrapping.toml")

    said = shell.run("policy", "lint", "--repo", str(shell.folder), "--json")

    assert said.code == 1
    assert {(p["at"], p["level"]) for p in said.answer["problems"]} == {
        (".flagwright/policies/risk.toml:2", "error"),
        (".flagwright/policies/rule.toml:1", "error"),
        (".flagwright/policies/rules.toml:6", "error"),
        (".flagwright/policies/tests/a.toml:2", "error"),
        (".flagwright/policies/wrapping.toml:1", "error"),
    }
    assert all(problem["remedy"] for problem in said.answer["problems"])


@pytest.mark.parametrize(
    ("name", "text", "at", "fact", "remedy"),
    [
        ("rules.yaml", b"rules:\n", "rules.yaml:1", "Nobody reads this", "words for people"),
        ("old/rules.toml", b"", "old:1", "Nobody reads this", "words for people"),
        ("masking.toml", b"", "masking.toml:1", "has no say", "your own configuration"),
        ("rules.toml", RULE.encode("utf-16"), "rules.toml:1", "not UTF-8", "as UTF-8"),
        ("rules.toml", "# £".encode("latin-1"), "rules.toml:1", "not UTF-8", "as UTF-8"),
        ("rules.toml", b"#" * 300_000, "rules.toml:1", "more than 256 KiB", "shorter"),
        (
            "rules.toml",
            RULE.replace("paths", 'findings = ["outbound_call.htttp"]\npaths').encode(),
            "rules.toml:7",
            "no finding is called",
            "Did you mean outbound_call.http?",
        ),
        ("rules.toml", b"[rule.x]\n", "rules.toml:1", "rule is no setting", "Did you mean rules?"),
        ("risk.toml", b"[[path]]\n", "risk.toml:1", "path is no setting", "Did you mean paths?"),
        ("waivers.toml", b"[[waivers]]\n", "waivers.toml:1", "for the layer above", "open ="),
        (
            "tests/a.toml",
            b'[[cases]]\ntitle = "t"\ndiff = "a.py"\n',
            "tests/a.toml:2",
            "the case expects nothing",
            "Add verdict, band, rules, at_least or findings.",
        ),
        (
            "tests/a.toml",
            b'[[cases]]\ntitle = "t"\ndiff = "a.py"\nrules = ["policy-chnge"]\n',
            "tests/a.toml:4",
            "no rule is called",
            "Did you mean policy-change?",
        ),
    ],
)
def test_lint_skips_nothing_in_silence(
    shell: Shell, name: str, text: bytes, at: str, fact: str, remedy: str
) -> None:
    file = shell.folder / ".flagwright" / "policies" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(text)

    said = shell.run("policy", "lint", "--repo", str(shell.folder), "--json")

    (problem,) = said.answer["problems"]
    assert said.code == 1
    assert problem["at"] == f".flagwright/policies/{at}"
    assert fact in problem["fact"]
    assert remedy in problem["remedy"]


def test_lint_finds_what_nobody_reads_in_the_own_configuration(shell: Shell) -> None:
    own = shell.home / ".config" / "flagwright" / "policies"
    own.mkdir(parents=True)
    (own / "waiver.toml").write_text("")
    (own / "README.md").write_text("Ours.")
    (own / "waivers.toml").write_text(
        '[[waivers]]\nrule = "no-such-rule"\nscope = ["a/"]\nreason = "r"\n'
        'approver = "ada"\ngranted = 2999-01-01\nexpires = 2999-02-01\n'
    )

    said = shell.run("policy", "lint", "--repo", str(shell.folder), "--json")

    assert [(one["at"], one["fact"]) for one in said.answer["problems"]] == [
        (f"{own}/waiver.toml:1", "No policy is called waiver.toml."),
        (f"{own}/waivers.toml:2", "No rule is called 'no-such-rule' here."),
        (f"{own}/waivers.toml:6", "The waiver of no-such-rule does nothing before 2999-01-01."),
    ]
    assert [one["level"] for one in said.answer["problems"]] == ["error", "warning", "warning"]


def test_lint_says_what_loads_and_does_nothing(shell: Shell) -> None:
    own = shell.home / ".config" / "flagwright" / "policies"
    own.mkdir(parents=True)
    (own / "risk.toml").write_text('open = ["flag.due", "flag.deu"]\n')
    over = RULE.replace("no-pricing", "over").replace("paths", "until = 2026-01-01\npaths", 1)
    idle = RULE.replace('"block"', '"block"\ntier = "attested"')
    asks = RULE.replace("no-pricing", "asks").replace(
        '"block"', '"require-approval"\ntier = "attested"'
    )
    put(shell.folder, over + idle + asks)
    (shell.folder / ".flagwright" / "rules.toml").write_text("")

    embedded = shell.run("policy", "lint", "--json").answer["problems"]
    shell.environment["FLAGWRIGHT_UNLEASH_URL"] = "https://flags.example.org"
    shell.environment["FLAGWRIGHT_UNLEASH_TOKEN"] = "user:secret"
    real = shell.run("policy", "lint", "--json").answer["problems"]

    def said(problems: list[dict[str, str]]) -> list[str]:
        return [f"{one['level']} {one['at'].rpartition('/')[2]} {one['fact']}" for one in problems]

    attested = "nobody can give attested on the embedded server, which this configuration uses."
    assert said(embedded) == [
        "error rules.toml:1 Nobody reads this.",
        "error risk.toml:1 open: no setting is called 'flag.deu', so nothing is opened.",
        "warning rules.toml:2 rules.over: it is over since 2026-01-01.",
        "warning rules.toml:12 rules.no-pricing: tier does nothing here: severity is block, which "
        "asks nobody.",
        f"warning rules.toml:22 rules.asks: {attested}",
    ]
    assert said(real) == said(embedded)[:-1]


@pytest.mark.parametrize(
    ("name", "text", "own", "fact"),
    [
        (
            "wrapping",
            'tests = ["*"]\n',
            '[[examples]]\npath = "a.py"\ntreatment = "passed-through"\n',
            "shop/pricing.py is passed-through, and was wrapped, and 3 more",
        ),
        ("naming", "max_chars = 12\n", 'accepts = ["release.a"]\n', "characters of at most 12"),
    ],
)
def test_lint_warns_of_shipped_examples_that_hold_no_more(
    shell: Shell, tmp_path: Path, name: str, text: str, own: str, fact: str
) -> None:
    file = tmp_path / "policies" / f"{name}.toml"
    file.parent.mkdir()
    file.write_text(text)

    warned = shell.json("policy", "lint", "--policies", str(tmp_path))["problems"]
    file.write_text(text + own)
    meant = shell.json("policy", "lint", "--policies", str(tmp_path))["problems"]

    (problem,) = warned
    assert (problem["level"], problem["at"]) == ("warning", f"{file}:1")
    assert fact in problem["fact"]
    assert meant == []


def test_lint_fails_for_a_waiver_that_has_ended(shell: Shell) -> None:
    own = shell.home / ".config" / "flagwright" / "policies" / "waivers.toml"
    own.parent.mkdir(parents=True)
    own.write_text(
        '[[waivers]]\nrule = "policy-change"\nscope = ["pricing.py"]\nreason = "r"\n'
        'approver = "ada"\ngranted = 2020-01-01\nexpires = 2020-02-01\n'
    )

    said = shell.run("policy", "lint", "--repo", str(shell.folder), "--json")

    assert said.code == 1
    assert f"{own}:7" in said.answer["message"]
    assert "ended on 2020-02-01" in said.answer["problems"][0]["fact"]


def test_lint_names_every_key_at_once_that_is_not_open(shell: Shell) -> None:
    text = 'separator = "-"\nmax_chars = 90\npattern = "[a-z]+"\ntypes.release.prefix = "shop-"\n'
    put(shell.folder, text, "naming.toml")

    problems = shell.run("policy", "lint", "--repo", str(shell.folder), "--json").answer["problems"]

    assert [one["at"].rpartition(":")[2] for one in problems] == ["1", "2", "3", "4"]


def test_a_waiver_of_a_rule_that_none_lifts_is_a_mistake(shell: Shell) -> None:
    own = shell.home / ".config" / "flagwright" / "policies"
    own.mkdir(parents=True)
    (own / "rules.toml").write_text(RULE.replace("paths", "waivable = false\npaths"))
    (own / "waivers.toml").write_text(
        '[[waivers]]\nrule = "no-*"\nscope = ["pricing.py"]\nreason = "r"\n'
        'approver = "ada"\ngranted = 2999-01-01\nexpires = 2999-02-01\n'
    )

    problem, _later = shell.run("policy", "lint", "--json").answer["problems"]
    scored = shell.json("score", "--repo", str(shell.folder))
    why = scored["next_step"].partition("flagwright ")[2].split()
    told = shell.json(*why)["reasons"][0]

    assert problem["at"] == f"{own}/waivers.toml:2"
    assert "No waiver lifts no-pricing" in problem["fact"]
    assert told["rule"] == "no-pricing"
    assert told["change"] == "Take pricing.py out of the change, for no waiver lifts this rule."


def test_cases_hold_the_policies_to_what_the_team_wants(shell: Shell) -> None:
    put(shell.folder, RULE)
    put(shell.folder, CASES, "tests/prices.toml")

    held = shell.json("policy", "test", "--repo", str(shell.folder))
    put(shell.folder, RULE.replace("block", "note"))
    failed = shell.run("policy", "test", "--repo", str(shell.folder), "--json")

    assert held["status"] == "passed"
    by_rule = {one["rule"]: one["cases"] for one in held["coverage"]}
    assert by_rule["no-pricing"] == 1
    assert by_rule["policy-change"] == 0
    assert by_rule["naming.release"] == 1
    assert failed.code == 1
    assert failed.answer["cases"][0]["wrong"] == ["verdict: blocked was expected, not-needed came"]


def test_a_case_may_let_other_rules_come_too(shell: Shell) -> None:
    put(shell.folder, RULE + RULE.replace("no-pricing", "of-the-organisation"))
    put(shell.folder, CASES, "tests/prices.toml")

    failed = shell.run("policy", "test", "--repo", str(shell.folder), "--json").answer
    put(shell.folder, CASES.replace("rules =", "at_least ="), "tests/prices.toml")
    held = shell.json("policy", "test", "--repo", str(shell.folder))
    put(
        shell.folder, CASES.replace("rules =", 'at_least = ["policy-change"]#'), "tests/prices.toml"
    )
    missed = shell.run("policy", "test", "--repo", str(shell.folder), "--json").answer

    assert failed["cases"][0]["wrong"] == [
        "rules: no-pricing was expected, no-pricing, of-the-organisation came",
        "rules names all that are met; at_least lets others come, too",
    ]
    assert held["status"] == "passed"
    assert missed["cases"][0]["wrong"] == [
        "at_least: policy-change not among no-pricing, of-the-organisation"
    ]


def test_lint_names_every_rule_that_a_case_gets_wrong_and_how_a_person_counts(shell: Shell) -> None:
    put(shell.folder, CASES.replace('"no-pricing"', '"no-pricng", "policy-chnge"'), "tests/a.toml")
    put(shell.folder, RULE + "[rules.no-pricing]\n")

    problems = shell.run("policy", "lint", "--repo", str(shell.folder), "--json").answer["problems"]
    put(shell.folder, RULE)
    named = shell.run("policy", "lint", "--repo", str(shell.folder), "--json").answer["problems"]

    assert "the table rules.no-pricing is there twice" in problems[0]["fact"]
    assert [(one["fact"].partition(":")[0], one["remedy"][:30]) for one in named] == [
        ("cases (number 1).rules (number 1)", "Did you mean no-pricing? Allow"),
        ("cases (number 1).rules (number 2)", "Did you mean policy-change? Al"),
    ]


def test_the_policies_of_one_layer_are_shown_with_whole_lines(shell: Shell) -> None:
    long = "# " + "long " * 60
    put(shell.folder, f"{RULE}{long}\n")
    commit(shell.folder, ".flagwright")
    digest = shell.json("score", "--repo", str(shell.folder))["policy"]

    shown = shell.run("policy", "show", "--digest", digest, "--layer", "repository")

    assert long.rstrip() in [line.rstrip() for line in shown.out.splitlines()]
    assert "naming.toml" not in shown.out
    assert shown.code == 0


def test_a_case_goes_by_the_section_of_the_paths_that_it_names(shell: Shell) -> None:
    section = '[[paths]]\nunder = ["billing/"]\ntypes.release.prefix = "release.billing."\n'
    named = '[[cases]]\ntitle = "{0}"\nname = "release.tax"\npath = "{0}"\nrefused = {1}\n'
    cases = [named.format("shop/tax.py", "false"), named.format("billing/tax.py", "true")]
    put(shell.folder, section, "naming.toml")
    put(shell.folder, "".join(cases), "tests/names.toml")

    assert shell.json("policy", "test", "--repo", str(shell.folder))["status"] == "passed"


def test_a_score_is_explained_by_rule_line_and_layer(shell: Shell) -> None:
    put(shell.folder, RULE)
    commit(shell.folder, ".flagwright")
    change = shell.json("score", "--repo", str(shell.folder))["change"]

    told = shell.json("policy", "explain", change[:10])

    first = told["reasons"][0]
    assert first["rule"] == "no-pricing"
    assert first["place"] == ".flagwright/policies/rules.toml:2"
    assert first["layer"] == "repository"
    assert "sales" in first["change"]
    assert "It is refused. Rule no-pricing" in told["message"]
    entry = shell.json("ledger")["entries"][0]["seq"]
    assert shell.json("policy", "explain", str(entry))["reasons"] == told["reasons"]


def test_the_next_step_names_the_rule_that_asks(shell: Shell) -> None:
    put(shell.folder, RULE.replace('"block"', '"require-approval"\ntier = "attested"'))
    commit(shell.folder, ".flagwright")

    scored = shell.json("score", "--repo", str(shell.folder))
    shell.plan()
    wrapped = shell.json("wrap", FLAG, "--repo", str(shell.folder))

    step = f"Why: flagwright policy explain {scored['change'][:8]}"
    assert scored["next_step"].startswith("no-pricing asks for a flag: ")
    assert scored["next_step"].endswith(step)
    assert wrapped["next_step"].startswith("no-pricing asks for an approval (attested). ")
    assert wrapped["next_step"].endswith(f"flagwright approve {wrapped['plan']} --attest")
    told = shell.json("policy", "explain", wrapped["plan"])["reasons"]
    (approval,) = [one for one in told if one["rule"].startswith("approval.")]
    assert approval["place"] == ".flagwright/policies/rules.toml:2"


def test_a_plan_that_takes_a_flag_out_is_asked_for_none(shell: Shell) -> None:
    plan = shell.json("retire", "release.shop.mail", "--keep", "on")["plan"]

    told = shell.json("policy", "explain", plan)

    assert "It takes a feature flag out, and needs none." in told["message"]
    assert "flag.due" not in {reason["rule"] for reason in told["reasons"]}


def test_an_entry_is_explained_by_its_own_policies_and_outcome(shell: Shell) -> None:
    def explained(seq: int) -> dict[str, Any]:
        return shell.json("policy", "explain", str(seq))

    at = ("--repo", str(shell.folder))
    shell.json("score", *at)
    free = shell.json("ledger")["entries"][0]["seq"]
    before = explained(free)
    own = shell.home / ".config" / "flagwright" / "policies" / "rules.toml"
    own.parent.mkdir(parents=True)
    own.write_text(RULE)
    shell.json("create", FLAG, "--description", "d", "--owner", "shop", "--expires", soon())
    assert shell.run("wrap", FLAG, *at, "--json").answer["code"] == "rule-blocks"
    blocked = shell.json("ledger")["entries"][0]
    own.write_text(RULE.replace("block", "blok"))
    assert shell.run("score", *at).code == 1
    broken = shell.json("ledger")["entries"][0]
    own.unlink()
    shell.json("score", *at)

    assert explained(free) == before
    assert not [one for one in before["reasons"] if one["rule"] == "no-pricing"]
    assert (blocked["action"], blocked["code"]) == ("proposed", "rule-blocks")
    told = explained(blocked["seq"])
    assert told["reasons"][0]["rule"] == "no-pricing"
    assert told["reasons"][0]["place"] == f"{own}:2"
    assert "It is refused. Rule no-pricing" in told["message"]
    assert told["policy"] != before["policy"]
    assert broken["code"] == "policy-invalid"
    told = explained(broken["seq"])
    assert f"was refused (policy-invalid). {own}:6" in told["message"]
    assert told["reasons"] == []


def test_an_entry_whose_score_is_not_kept_is_not_explained_by_another(shell: Shell) -> None:
    at = ("--repo", str(shell.folder))
    shell.json("score", *at)
    entry = shell.json("ledger")["entries"][0]["seq"]
    kept = [*shell.home.rglob("scores/*.json")]
    put(shell.folder, RULE)
    commit(shell.folder, ".flagwright")
    shell.json("score", *at)
    kept[0].unlink()

    told = shell.json("policy", "explain", str(entry))

    assert len(kept) == 1
    assert "Why is not kept any more" in told["message"]
    assert told["reasons"] == []


def test_a_refused_name_is_explained_in_the_words_that_were_told(shell: Shell) -> None:
    put(shell.folder, 'types.release.prefix = "release.shop."\n', "naming.toml")
    commit(shell.folder, ".flagwright")
    refused = shell.run("create", "NewTax", "--repo", str(shell.folder), "--json").answer
    entry = shell.json("ledger")["entries"][0]["seq"]

    told = shell.json("policy", "explain", str(entry))

    assert "was refused (name-refused)" in told["message"]
    assert refused["message"] in told["message"]
    assert "Settings: .flagwright/policies/naming.toml:1; shipped naming.toml:" in told["message"]


def test_the_score_is_no_reason_where_a_rule_alone_asked_for_the_flag(shell: Shell) -> None:
    asks = RULE.replace('"block"', '"require-approval"\ntier = "attested"')
    put(shell.folder, asks)
    put(shell.folder, '[flag]\ndue = "riskiest 99 %"\n', "risk.toml")
    commit(shell.folder, ".flagwright")
    at = ("--repo", str(shell.folder))
    risky = shell.json("policy", "explain", shell.json("score", *at)["change"])
    own = shell.home / ".config" / "flagwright" / "policies" / "risk.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[flag]\ndue = "riskiest 1 %"\n')
    put(shell.folder, "", "risk.toml")
    commit(shell.folder, ".flagwright")
    scored = shell.json("score", *at)
    ruled = shell.json("policy", "explain", scored["change"])

    assert scored["verdict"] == "flag"
    assert ruled["reasons"][0]["rule"] == "no-pricing"
    assert "attested (a person signs in" in ruled["reasons"][0]["says"]
    assert "flag.due" not in [one["rule"] for one in ruled["reasons"]]
    assert "flag.due" in [one["rule"] for one in risky["reasons"]]
    assert scored["rules"][0]["tier"] == "attested"


def test_a_plan_is_explained_with_the_approval_that_it_needs(shell: Shell) -> None:
    plan = shell.plan()

    told = shell.json("policy", "explain", plan)

    assert f"Plan {plan}" in told["message"]
    (approval,) = [one for one in told["reasons"] if one["rule"].startswith("approval.")]
    assert "out-of-band" in approval["says"]
    assert "policies/approval.toml:" in approval["place"]


def test_the_policies_of_a_result_are_found_again_by_their_digest(shell: Shell) -> None:
    put(shell.folder, RULE)
    commit(shell.folder, ".flagwright")
    policy = shell.json("score", "--repo", str(shell.folder))["policy"]
    put(shell.folder, "")
    commit(shell.folder, ".flagwright")

    kept = shell.json("policy", "show", "--digest", policy[:12])
    differs = shell.json("policy", "diff", policy[:12], "HEAD", "--repo", str(shell.folder))

    assert [file["text"] for file in kept["files"] if file["layer"] == "repository"] == [RULE]
    assert [(one["key"], one["effect"]) for one in differs["differences"]] == [
        ("rules.no-pricing", "looser")
    ]


def test_what_differs_for_some_paths_is_told_with_them(shell: Shell) -> None:
    section = '[[paths]]\nunder = ["{}"]\n{}\n'
    due = section.format("billing/", 'flag.due = "riskiest 99 %"')
    put(shell.folder, due, "risk.toml")
    put(
        shell.folder,
        section.format("shop/", 'types.release.prefix = "release.shop."'),
        "naming.toml",
    )
    at = ("--repo", str(shell.folder))

    edited = shell.json("policy", "diff", "HEAD", *at)
    commit(shell.folder, ".flagwright")
    committed = shell.json("policy", "diff", "HEAD~1", "HEAD", *at)
    put(shell.folder, due.replace("99", "60"), "risk.toml")
    lowered = shell.json("policy", "diff", "HEAD", *at)

    assert [(one["key"], one["effect"]) for one in edited["differences"]] == [
        ("paths shop/: types.release.prefix", "stricter"),
        ("paths billing/: flag.due", "stricter"),
    ]
    assert committed["differences"] == edited["differences"]
    assert [(one["after"], one["effect"]) for one in lowered["differences"]] == [
        ('"riskiest 60 %"', "looser")
    ]


@pytest.mark.parametrize("digest", ["0" * 64, "abc", "../../state.db"])
def test_a_digest_that_nobody_used_is_refused(shell: Shell, digest: str) -> None:
    assert shell.run("policy", "show", "--digest", digest, "--json").answer["code"] == "bad-request"


def test_a_preview_says_which_past_change_an_edit_would_have_moved(shell: Shell) -> None:
    folder = shell.folder
    for number in range(4):
        name = "pricing.py" if number % 2 else "mail.py"
        (folder / name).write_text(f"def f(a):\n    return a + {number}\n")
        commit(folder, name)
    put(folder, RULE)

    seen = shell.json("policy", "preview", "--repo", str(folder), "--since", "2020-01-01", "--all")
    again = shell.json("policy", "preview", "--repo", str(folder), "--since", "2020-01-01", "--all")
    put(folder, f"{RULE}shadow = true\n")
    tried = shell.json("policy", "preview", "--repo", str(folder), "--since", "2020-01-01")

    (one,) = seen["repositories"]
    assert "refused 0 -> 3; 3 more, 0 fewer" in seen["message"]
    assert sorted((row["moved"], row["by"]) for row in one["moved"]) == [
        ("blocked", ["no-pricing"]),
        ("blocked", ["no-pricing"]),
        ("refused-instead", ["no-pricing"]),
    ]  # made in one second, so they stand in the order of their names
    assert len(one["whole"]["changes"]) > len(one["moved"])
    assert again == seen
    assert tried["message"].endswith("Rules that are only tried would be met: no-pricing by 3.")


def test_a_preview_without_an_edit_or_a_change_says_which_it_lacks(shell: Shell) -> None:
    at = ("policy", "preview", "--repo", str(shell.folder), "--since")
    unedited = shell.json(*at, "2020-01-01")
    put(shell.folder, RULE)
    empty = shell.json(*at, "2100-01-01")

    assert unedited["next_step"].startswith("No policy is edited")
    assert empty["next_step"].startswith("No code changed in that time")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("wrapping", 'tests = ["*"]\n', "Files that can wait behind a flag 3 -> 0."),
        ("naming", "max_chars = 12\n", "Names refused 0 -> 1, of 1 flag made here."),
    ],
)
def test_a_preview_tells_what_becomes_of_files_and_names(
    shell: Shell, tmp_path: Path, name: str, text: str, says: str
) -> None:
    for file in ("pricing.py", "mail.py"):
        (shell.folder / file).write_text("def f(a):\n    return a\n")
        commit(shell.folder, file)
    shell.json("create", FLAG, "--description", "d", "--owner", "shop", "--expires", soon())
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / f"{name}.toml").write_text(text)
    at = ("--repo", str(shell.folder), "--since", "2020-01-01", "--policies", str(tmp_path))

    seen = shell.json("policy", "preview", *at)

    assert (seen["status"], says in seen["message"]) == ("differs", True)


def test_a_preview_of_a_policy_with_a_mistake_says_the_line(shell: Shell) -> None:
    put(shell.folder, RULE.replace("block", "blok"))

    said = shell.run("policy", "preview", "--repo", str(shell.folder), "--json")

    assert (said.code, said.answer["code"]) == (1, "policy-invalid")
    assert ".flagwright/policies/rules.toml:6" in said.answer["message"]


def test_an_organisation_is_named_by_its_commit_and_goes_over_the_users_own(
    shell: Shell, tmp_path: Path
) -> None:
    team = tmp_path / "team"
    (team / "policies").mkdir(parents=True)
    git(team, "init", "-q")
    (team / "policies" / "rules.toml").write_text(RULE)
    (team / "policies" / "rule.toml").write_text("")
    (team / "policies" / "tests").mkdir()
    (team / "policies" / "tests" / "prices.toml").write_text(CASES)
    (team / "prompts").mkdir()
    (team / "prompts" / "name-flag.md").write_text(
        '+++\nname = "name-flag"\ntitle = "Our names"\ndescription = "d"\n+++\nAsk sales.\n'
    )
    commit(team, "-A")
    config = shell.home / ".config" / "flagwright"
    (config / "policies").mkdir(parents=True)
    sha = pin(config, team)
    (config / "policies" / "rules.toml").write_text('[rules.no-pricing]\nseverity = "note"\n')

    loosened = shell.run("policy", "lint", "--repo", str(shell.folder), "--json")
    (config / "policies" / "rules.toml").unlink()
    team.rename(tmp_path / "offline")
    shown = shell.json("policy", "show", "--repo", str(shell.folder))
    assert (Path(shown["schemas"]) / "rules.schema.json").is_file()
    scored = shell.json("score", "--repo", str(shell.folder))

    tried = shell.json("policy", "test", "--repo", str(shell.folder))
    told = shell.json("prompts", "show", "name-flag")

    assert [case["title"] for case in tried["cases"]] == [
        "Nobody changes a price",
        "A name has no capitals",
    ]
    assert told["text"] == "Ask sales."
    unknown, problem = loosened.answer["problems"]
    assert unknown["at"] == f"{team.as_uri()}@{sha[:12]}:policies/rule.toml:1"
    assert "Did you mean rules" in unknown["remedy"]
    assert problem["at"] == f"{config}/policies/rules.toml:2"
    assert "rules.no-pricing.severity" in problem["fact"]
    assert ("organisation", f"{team.as_uri()}@{sha[:12]}:policies/rules.toml") in [
        (file["layer"], file["path"]) for file in shown["files"]
    ]
    assert shown["digest"] == scored["policy"]
    assert scored["verdict"] == "blocked"
    told = shell.json("policy", "explain", scored["change"])["reasons"][0]
    assert (told["layer"], told["place"]) == (
        "your organisation",
        f"{team.as_uri()}@{sha[:12]}:policies/rules.toml:2",
    )


def test_in_its_clone_lint_judges_what_an_organisation_writes(shell: Shell, tmp_path: Path) -> None:
    team, config = tmp_path / "team", shell.home / ".config" / "flagwright"
    (team / "policies" / "tests").mkdir(parents=True)
    config.mkdir(parents=True)
    git(team, "init", "-q")
    (team / "policies" / "rules.toml").write_text(RULE)
    commit(team, "-A")
    pin(config, team)
    (team / "policies" / "rules.toml").write_text(RULE.replace("severity", "severty"))
    at = ("--repo", str(team / "policies"), "--json")

    wrong = shell.run("policy", "lint", *at)
    (team / "policies" / "rules.toml").write_text(RULE.replace("block", "note"))
    (team / "policies" / "tests" / "prices.toml").write_text(CASES)
    right = shell.run("policy", "lint", *at)
    tried = shell.run("policy", "test", *at)

    assert (wrong.code, right.code, tried.code) == (1, 0, 1)
    assert wrong.answer["problems"][0]["at"] == f"{team}/policies/rules.toml:6"
    assert right.answer["message"].endswith(f"Judged here: {team}.")
    assert [bool(case["wrong"]) for case in tried.answer["cases"]] == [True, False]


def test_where_an_organisation_is_named_only_its_waivers_count(
    shell: Shell, tmp_path: Path
) -> None:
    team, config = tmp_path / "team", shell.home / ".config" / "flagwright"
    (team / "policies").mkdir(parents=True)
    (config / "policies").mkdir(parents=True)
    git(team, "init", "-q")
    (team / "policies" / "rules.toml").write_text(RULE)
    commit(team, "-A")
    pin(config, team)
    (config / "policies" / "waivers.toml").write_text(
        '[[waivers]]\nrule = "no-pricing"\nscope = ["*"]\nreason = "I say so."\n'
        'approver = "nobody"\ngranted = 2026-01-01\nexpires = 2026-01-02\n'
    )

    refused = shell.run("score", "--json")
    (team / "policies" / "waivers.toml").write_text('open = ["waivers"]\n')
    commit(team, "-A")
    pin(config, team)
    let = shell.json("score")

    assert (refused.code, refused.answer["code"]) == (1, "policy-invalid")
    assert (
        f"{config}/policies/waivers.toml:1 waivers is for the layer above to say"
        in (refused.answer["message"])
    )
    assert let["verdict"] == "blocked"  # that waiver is over


def test_an_edit_of_the_organisation_is_tried_in_the_place_of_its_commit(
    shell: Shell, tmp_path: Path
) -> None:
    team, config = tmp_path / "team", shell.home / ".config" / "flagwright"
    for folder in (team / "policies" / "tests", config):
        folder.mkdir(parents=True)
    git(team, "init", "-q")
    (team / "policies" / "waivers.toml").write_text('open = ["waivers"]\n')
    (team / "policies" / "rules.toml").write_text(RULE)
    commit(team, "-A")
    pin(config, team)
    (shell.folder / "pricing.py").write_text("x = 3\n")
    used = shell.json("score", "--repo", str(shell.folder))["policy"]
    commit(shell.folder, "pricing.py")
    (team / "policies" / "rules.toml").write_text(RULE.replace('"block"', '"note"'))
    (team / "policies" / "tests" / "prices.toml").write_text(CASES)
    tried = ("--repo", str(shell.folder), "--organisation", str(team))
    since = ("--since", "2020-01-01")

    lint = shell.json("policy", "lint", *tried)
    failed = shell.run("policy", "test", *tried, "--json")
    differs = shell.json("policy", "diff", "HEAD", *tried)["differences"]
    (seen,) = shell.json("policy", "preview", *tried, *since)["repositories"]
    (then,) = shell.json("policy", "preview", *tried, *since, "--against", used)["repositories"]

    assert [one["name"] for one in lint["policies"]] == ["rules", "waivers"]
    assert "only tried" in lint["next_step"]
    assert failed.answer["cases"][0]["wrong"] == ["verdict: blocked was expected, not-needed came"]
    assert [(one["key"], one["effect"]) for one in differs] == [
        ("rules.no-pricing.severity", "looser")
    ]
    assert {row["by"][0] for row in seen["moved"]} == {"no-pricing (block -> note)"}
    assert then["moved"] == seen["moved"]


@pytest.mark.parametrize(
    ("said", "line", "fact", "remedy"),
    [
        ('url = "https://example.org/x"', 1, "commit: a commit is named by", "all 40 digits"),
        ('url = "https://e.org/x"\ncommit = "main"', 2, "all 40 digits", "all 40 digits"),
        ('url = "https://e.org/x"\ncommit = "abcdef"', 2, "all 40 digits", "all 40 digits"),
        ('url = "file:///srv/x"\ncommit = "{sha}"', 1, "of this machine", "Add a line: local"),
        ('#\nurl = "/srv/x"\ncommit = "{sha}"', 2, "begins with https://", "Write two lines"),
        ('url = "https://ada:secret@e.org/x"\ncommit = "{sha}"', 1, "no password", "two lines"),
        ('url = "ext::sh -c id"\ncommit = "{sha}"', 1, "begins with https://", "two lines"),
        ("url = ", 1, "Invalid value", "two lines"),
    ],
)
def test_an_organisation_that_is_not_pinned_is_refused(
    shell: Shell, said: str, line: int, fact: str, remedy: str
) -> None:
    file = shell.home / ".config" / "flagwright" / "organisation.toml"
    file.parent.mkdir(parents=True)
    file.write_text(said.format(sha="1" * 40))

    answer = shell.run("policy", "lint", "--repo", str(shell.folder), "--json").answer

    assert answer["code"] == "bad-request"
    assert f"{file}:{line} " in answer["message"]
    assert fact in answer["message"]
    assert remedy in answer["next_step"]
    assert "secret" not in answer["message"]


def test_a_repository_names_no_organisation(shell: Shell, tmp_path: Path) -> None:
    (shell.folder / ".flagwright").mkdir()
    (shell.folder / ".flagwright" / "organisation.toml").write_text("url = ")
    put(shell.folder, 'url = "file:///srv/x"\n', "organisation.toml")

    said = shell.run("policy", "lint", "--repo", str(shell.folder), "--json")

    (problem,) = said.answer["problems"]
    assert problem["at"] == ".flagwright/policies/organisation.toml:1"
