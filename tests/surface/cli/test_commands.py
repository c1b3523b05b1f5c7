"""Every command answers a program as it answers a person, with an exit code that says enough."""

import json
import re
import shlex
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.adapters.test_history import Team
from tests.installation import AFTER, SHIPPED, git, shop
from tests.surface.cli.conftest import FLAG, Said, Shell, soon

SECRET = "user:planted-secret-0123456789abcdef"
CREATE = ("create", FLAG, "--description", "Discount", "--owner", "shop", "--expires", soon())


def test_a_score_gates_a_pipeline_and_leaves_its_findings_as_sarif(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "flagwright.sarif"
    band = shell.json("score")["band"]
    assert band == "medium"

    stopped = shell.run("score", "--fail-at", "medium", "--sarif", str(file))
    passed = shell.run("score", "--fail-at", "critical", "--json")

    assert (stopped.code, passed.code) == (1, 0)
    assert "Verdict: flag" in stopped.out
    assert "Stopped by --fail-at medium: it is medium, and runs behind no flag." in stopped.err
    assert "Stopped" not in passed.err
    (run,) = json.loads(file.read_text())["runs"]
    assert run["properties"]["band"] == band
    verdict, *results = run["results"]
    assert (verdict["ruleId"], verdict["level"]) == ("verdict", "warning")
    assert "(medium): Riskier than" in verdict["message"]["text"]
    assert results
    for result in results:
        (place,) = result["locations"]
        assert (shell.folder / place["physicalLocation"]["artifactLocation"]["uri"]).is_file()
        assert result["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        assert result["properties"]["points"] > 0
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"] != rule["id"]
        assert rule["fullDescription"]["text"] in rule["help"]["text"]


def test_a_gate_that_stops_is_shown_on_the_code_host_without_any_other_finding(
    shell: Shell, tmp_path: Path
) -> None:
    git(shell.folder, "commit", "-qam", "Before")
    for name, lines in (("parts.py", 9), ("shapes.py", 60), ("words.py", 3)):
        text = "".join(f"def _f{n}(x):\n    return x + {n}\n\n\n" for n in range(lines))
        (shell.folder / name).write_text(text)
    git(shell.folder, "add", ".")
    file = tmp_path / "flagwright.sarif"

    stopped = shell.run("score", "--fail-at", "medium", "--sarif", str(file))

    (run,) = json.loads(file.read_text())["runs"]
    (verdict,) = run["results"]
    (place,) = verdict["locations"]
    assert stopped.code == 1
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["verdict"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "shapes.py"


def test_a_gate_stops_what_a_rule_blocks_and_lets_through_what_runs_behind_a_flag(
    shell: Shell,
) -> None:
    checked = "from flags import client\n\n\ndef price(goods: int) -> int:\n"
    git(shell.folder, "stash", "-q")
    lines = "".join(f"        goods = charge(goods, {number})\n" for number in range(40))
    (shell.folder / "pay.py").write_text(f"{checked}    return goods\n")
    git(shell.folder, "add", "pay.py")
    git(shell.folder, "commit", "-qm", "Pay")
    guard = f'    if client.is_enabled("release.shop.pay"):\n{lines}'
    (shell.folder / "pay.py").write_text(f"{checked}{guard}    return goods\n")

    passed = shell.run("score", "--fail-at", "medium")
    rules = shell.home / ".config" / "flagwright" / "policies" / "rules.toml"
    rules.parent.mkdir(parents=True)
    rules.write_text(
        '[rules.no-charge]\ntitle = "No charge"\nreason = "R"\nowner = "o"\nseverity = "block"\n'
        'added = \'\\bgreet\'\nmatches = ["a.py\\n+greet()"]\npasses = ["a.py\\n+x()"]\n'
    )
    (shell.folder / "pay.py").write_text(f"{checked}    return goods\n")
    (shell.folder / "hi.py").write_text("greet()\n")
    stopped = shell.run("score", "--fail-at", "critical")

    assert (passed.code, stopped.code) == (0, 1), (passed, stopped)
    assert "Verdict: already-flagged" in passed.out
    assert "Verdict: blocked" in stopped.out
    assert "Stopped by --fail-at critical: a rule of the team blocks it." in stopped.err


def test_a_gate_lets_through_what_a_plan_put_behind_a_flag_however_low_its_score(
    shell: Shell,
) -> None:
    git(shell.folder, "stash", "-q")
    box = "class Box:\n    def _net(self, x):\n        return x\n\n    def all(self, x):\n"
    (shell.folder / "box.py").write_text(f"{box}        return self._net(x)\n")
    git(shell.folder, "add", "box.py")
    git(shell.folder, "commit", "-qm", "Box")
    (shell.folder / "box.py").write_text(
        "from flags import client\n\n\nclass Box:\n    # flag release.shop.net: off\n"
        "    def _net_off(self, x):\n        return x\n\n    # flag release.shop.net: on\n"
        "    def _net(self, rate, x):\n        return x * rate\n\n    def all(self, x):\n"
        '        if client.is_enabled("release.shop.net"):\n'
        "            return self._net(2, x)\n        else:\n            return self._net_off(x)\n"
    )

    rules = shell.home / ".config" / "flagwright" / "policies" / "risk.toml"
    rules.parent.mkdir(parents=True)
    rules.write_text('[flag]\ndue = "riskiest 1 %"\n')
    said = shell.run("score", "--fail-at", "medium")

    assert "Verdict: already-flagged" in said.out, said
    assert said.code == 0


def test_a_file_for_sarif_that_cannot_be_written_is_a_wrong_usage(
    shell: Shell, tmp_path: Path
) -> None:
    said = shell.run("score", "--sarif", str(tmp_path))

    assert said.code == 2
    assert "is a directory" in said.err


def test_a_backtest_says_what_gating_would_have_caught(shell: Shell, tmp_path: Path) -> None:
    team = Team(tmp_path / "team")
    for number in range(12):
        name = f"m{number}"
        large = "".join(f"    y = call{line}(x) + {number}\n" for line in range(20))
        if number % 4 == 0:
            team.commit("feat: more", **{name: f"def f(x):\n{large}    return y\n"})
            team.commit(
                "fix: less", **{name: f"def f(x):\n{large.replace('+', '-')}    return y\n"}
            )
        else:
            team.commit("feat: a little", **{name: "def f(x):\n    return x\n"})
    team.wait(500)
    team.commit("feat: today", today="x = 1\n")

    answer = shell.json("risk", "backtest", "--repo", str(team.folder))
    drawn = tmp_path / "past.html"
    asked = ("risk", "backtest", "--repo", str(team.folder))
    shown = shell.run(*asked, "--newest", "9", "--html", str(drawn))
    late = shell.json(*asked, "--since", "2023-11-25")
    ages = shell.json(*asked, "--since", "99y")

    assert (answer["status"], answer["changes"], answer["harmful"]) == ("judged", 14, 2)
    numbers = ["the score without impact", "exposure", "unfamiliarity", "lines added"]
    assert [gate["by"] for gate in answer["gates"]] == numbers
    assert answer["gates"][0]["caught"]["50"] == 1
    assert [gate["caught"]["20"] for gate in (answer["gates"][0], answer["gates"][-1])] == [1, 1]
    assert answer["next_step"].startswith("Lines added catch as much")
    assert shown.code == 0
    assert re.search(
        r"caught \d+ % of the harm in team, and the fifth with most lines \d+ %</h1>",
        drawn.read_text(),
    )
    assert 0 < late["changes"] < 14
    assert late["since"] >= "2023-11-25"
    assert ages["changes"] == 14
    assert "Of 9 changes of code" in shown.out
    assert "by exposure" in shown.out
    assert shell.json("ledger")["entries"][0]["action"] == "scored"


def test_a_backtest_of_a_young_project_says_that_it_has_to_wait(
    shell: Shell, tmp_path: Path
) -> None:
    team = Team(tmp_path / "team")
    team.commit("feat: start", app="x = 1\n")

    said = shell.run("risk", "backtest", "--repo", str(team.folder), "--json")

    assert said.code == 1
    assert said.answer["message"] == "No change of code is 365 days older than the last one."


def test_the_main_job_answers_in_json_at_every_command(shell: Shell) -> None:
    assert shell.json("score")["score"] > 0
    assert shell.json(*CREATE)["status"] == "created"
    assert shell.json(*CREATE)["status"] == "exists"
    assert shell.json("find", "discount")["status"] == "found"
    assert shell.json("find", "--like", "release.shop.discounts")["status"] == "found"
    assert shell.json("flag", FLAG)["checked_at"] == []
    plan = shell.json("wrap", FLAG)["plan"]
    assert shell.json("plans")["plans"][0]["plan"] == plan
    waits = shell.run("apply", plan, "--json")
    assert (waits.code, waits.answer["status"]) == (3, "awaiting-approval")
    approved(shell, plan)
    assert shell.json("apply", plan)["status"] == "applied"
    assert shell.json("undo", plan)["status"] == "undone"
    assert shell.json("retire", "release.shop.mail", "--keep", "on")["status"] == "proposed"
    assert shell.json("reject", shell.json("plans")["plans"][0]["plan"])["status"] == "rejected"
    recorded = shell.json("ledger")
    assert (recorded["status"], recorded["owed"]) == ("read", 0)
    assert "Nothing is owed" in recorded["next_step"]
    assert shell.json("ledger", "--server")["status"] == "read"
    assert shell.json("doctor")["status"] == "healthy"
    assert shell.json("policy", "lint")["status"] == "valid"
    assert shell.json("policy", "test")["status"] == "no-cases"
    assert (shell.folder / "pricing.py").read_text() == AFTER


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (("score", "nobody"), 1, "unknown-revision"),
        (("score", "--repo", "/"), 1, "not-a-repository"),
        (("create", "VolumeDiscount"), 1, "name-refused"),
        (("wrap", "release.shop.nobody"), 1, "flag-unknown"),
        (("flag", "release.shop.nobody"), 1, "flag-unknown"),
        (("apply", "0123456789ab"), 1, "plan-unknown"),
        (("undo", "0123456789ab"), 1, "plan-unknown"),
        (("reject", "../../x"), 1, "bad-request"),
        (("plans", "0123456789ab"), 1, "plan-unknown"),
        (("ledger", "--plan", "0123456789ab"), 1, "plan-unknown"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_refusal_is_one_object_with_its_code(
    shell: Shell, arguments: tuple[str, ...], exit_code: int, code: str
) -> None:
    said = shell.run(*arguments, "--json")

    assert (said.code, said.answer["code"]) == (exit_code, code)
    assert said.answer["status"] == "error"


def test_a_refusal_tells_a_person_the_fact_and_the_next_step(shell: Shell) -> None:
    said = shell.run("create", "VolumeDiscount")

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("name-refused: ")
    assert "\nNext: " in said.err


def test_where_no_flag_helps_the_next_step_says_who_has_to_look(shell: Shell) -> None:
    file = shell.folder / ".flagwright/policies/rules.toml"
    file.parent.mkdir(parents=True)
    file.write_text("[rules]\n")
    git(shell.folder, "add", ".flagwright")
    git(shell.folder, "commit", "-qm", "Policies of our own")

    answer = shell.json("score", "--commit", "HEAD")

    assert answer["verdict"] == "not-suited"
    assert "policy-change asks for somebody who looks at it" in answer["next_step"]


def test_the_next_step_speaks_to_the_person_and_names_a_command(shell: Shell) -> None:
    steps = [shell.json("score")["next_step"], shell.json(*CREATE)["next_step"]]
    wrapping = shell.json("wrap", FLAG)
    plan = wrapping["plan"]
    steps += [wrapping["next_step"], shell.run("apply", plan, "--json").answer["next_step"]]
    approved(shell, plan)
    steps.append(shell.json("apply", plan)["next_step"])
    again = shell.run("apply", plan, "--json")

    assert (again.code, again.answer["code"]) == (1, "plan-used")
    assert again.answer["next_step"].endswith(f"flagwright undo {plan}")
    assert steps[1].endswith(f"flagwright wrap {FLAG}")
    assert steps[2] == steps[3] == f"Read it and approve it: flagwright approve {plan}"
    assert "off and on" in steps[4]
    for step in steps:
        assert "developer" not in step
        assert "flagwright" in step.replace("flagwright://", "")


def test_what_follows_a_retirement_is_not_what_follows_a_wrap(shell: Shell) -> None:
    plan = shell.json("retire", "release.shop.mail", "--keep", "on")["plan"]
    approved(shell, plan)

    step = shell.json("apply", plan)["next_step"]

    assert "off and on" not in step
    assert "retire release.shop.mail --keep on --finish" in step


def test_a_plan_that_leaves_many_places_says_where_all_of_them_are(shell: Shell) -> None:
    for number in range(15):
        (shell.folder / f"notes{number}.py").write_text("# As release.shop.mail says.\n" * 15)

    found = shell.json("retire", "release.shop.mail", "--keep", "off")

    assert found["not_covered"][12:] == [f"and 4 more: flagwright plans {found['plan']}"]
    told = next(place for place in found["not_covered"] if place.startswith("notes0.py:"))
    assert told.startswith("notes0.py:1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 3 more a comment")
    assert "notes9.py:15" in shell.run("plans", found["plan"]).out


def test_what_a_retirement_leaves_is_told_for_as_long_as_it_is_there(shell: Shell) -> None:
    (shell.folder / "mail.yml").write_text("release.shop.mail: true\n")
    plan = shell.json("retire", "release.shop.mail", "--keep", "off")["plan"]
    approved(shell, plan)
    step = shell.json("apply", plan)["next_step"]

    again = shell.json("retire", "release.shop.mail", "--keep", "off")

    assert "retire release.shop.mail --keep off --finish" in step
    assert (again["status"], again["coverage"]) == ("unchanged", {"left": 1})
    assert again["message"] == "No file needs an edit, but 1 place still names the flag."
    assert again["not_covered"] == ["mail.yml:1 no Python: change it by hand"]
    assert "Change these places by hand" in again["next_step"]


def test_doctor_says_that_the_server_is_the_embedded_one(shell: Shell) -> None:
    checks = {check["name"]: check["fact"] for check in shell.json("doctor")["checks"]}

    assert checks["server"].startswith("embedded, ")
    assert "http" not in checks["server"]
    assert "token" not in checks


def test_the_help_says_how_to_write_a_day(shell: Shell) -> None:
    assert "--expires, --expires-on YYYY-MM-DD" in shell.run("create", "--help").out


def test_a_flag_that_differs_was_refused_by_a_server_that_answered(shell: Shell) -> None:
    shell.json(*CREATE)

    said = shell.run(*CREATE[:-1], soon(days=21), "--json")

    assert (said.code, said.answer["code"]) == (1, "flag-differs")


def test_a_policy_that_changed_since_makes_a_plan_stale(shell: Shell) -> None:
    plan = shell.plan()
    approved(shell, plan)
    policies = shell.home / ".config" / "flagwright" / "policies"
    policies.mkdir(parents=True)
    shipped = (SHIPPED / "approval.toml").read_text()
    changed = shipped.replace("approval_lifetime_h = 1", "approval_lifetime_h = 2")
    assert changed != shipped
    (policies / "approval.toml").write_text(changed)

    for command in ("apply", "reject", "approve"):
        said = shell.run(command, plan, "--json")
        assert (said.code, said.answer["code"]) == (1, "plan-stale"), command


def test_a_file_that_comes_back_is_said_to_be_in_no_commit(shell: Shell) -> None:
    git(shell.folder, "mv", "pricing.py", "prices.py")
    plan = shell.plan()
    approved(shell, plan)

    said = shell.json("apply", plan)["message"]

    assert (shell.folder / "pricing.py").is_file()
    assert "Git does not track pricing.py: add it, or a commit leaves it out." in said


@pytest.mark.parametrize("staged", ["all of it", "a half"])
def test_a_staged_change_is_committed_with_its_flag_by_the_next_step(
    shell: Shell, staged: str
) -> None:
    file = shell.folder / "pricing.py"
    if staged == "a half":
        file.write_text(AFTER.replace("10", "11"))
    git(shell.folder, "add", "pricing.py")
    file.write_text(AFTER)
    plan = shell.plan()
    approved(shell, plan)

    said = shell.json("apply", plan)

    assert said["message"].endswith(
        "pricing.py: the change is staged WITHOUT the flag, and `git commit` would take that."
    )
    first = re.match(r"First stage what was written: git (.+?) - then: Run", said["next_step"])
    assert first
    git(shell.folder, *shlex.split(first[1]))
    git(shell.folder, "commit", "-qm", "Behind a flag")
    git(shell.folder, "diff", "--exit-code", "HEAD")
    assert FLAG in file.read_text()

    undone = shell.json("undo", plan)
    assert "First stage" not in undone["next_step"]


def test_what_an_undone_plan_left_staged_is_told(shell: Shell) -> None:
    plan = shell.plan()
    approved(shell, plan)
    said = shell.json("apply", plan, "--stage")
    assert "First stage" not in said["next_step"]

    said = shell.json("undo", plan)

    assert said["next_step"].startswith("First stage what was written: git -C ")


def test_a_file_that_changed_since_makes_a_plan_stale(shell: Shell) -> None:
    plan = shell.plan()
    approved(shell, plan)
    (shell.folder / "pricing.py").write_text(AFTER + "# mine\n")

    said = shell.run("apply", plan, "--json")

    assert (said.code, said.answer["code"]) == (1, "plan-stale")
    assert (shell.folder / "pricing.py").read_text().endswith("# mine\n")


def test_a_plan_that_nobody_can_approve_any_more_is_stale_at_once(shell: Shell) -> None:
    plan = shell.plan()
    waits = shell.run("apply", plan, "--json")
    (shell.folder / "pricing.py").write_text(AFTER + "# mine\n")

    said = shell.run("apply", plan, "--json")

    assert waits.answer["status"] == "awaiting-approval"
    assert (said.code, said.answer["code"]) == (1, "plan-stale")
    assert shell.json("ledger", "--plan", plan)["entries"][0]["code"] == "plan-stale"


def approved(shell: Shell, plan: str) -> None:
    with shell.terminal("approve", plan) as terminal:
        terminal.type(terminal.asks() + "\n")
        assert terminal.ends() == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("score", "--nothing"),
        ("score", "--repo", "/nowhere"),
        ("create",),
        ("create", FLAG, "--expires", "tomorrow"),
        ("retire", FLAG),
        ("wrap", FLAG, "--import", "import flags"),
        ("serve", "--port", "0"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_two(shell: Shell, arguments: tuple[str, ...]) -> None:
    said = shell.run(*arguments)

    assert (said.code, said.out) == (2, "")
    assert "Usage:" in said.err


def test_a_diff_is_scored_from_standard_input(shell: Shell) -> None:
    diff = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a = 1\n+a = 2\n"

    said = shell.run("score", "--diff", "-", "--json", typed=diff)

    assert said.code == 0
    assert said.answer["score"] >= 0


def test_a_broken_policy_is_named_with_file_and_line(shell: Shell) -> None:
    file = shell.home / ".config" / "flagwright" / "policies" / "naming.toml"
    file.parent.mkdir(parents=True)
    file.write_text("pattern = 7\n")

    lint, doctor = shell.run("policy", "lint", "--json"), shell.run("doctor", "--json")

    assert (lint.code, lint.answer["code"]) == (1, "policy-invalid")
    assert f"{file}:1" in lint.answer["message"]
    assert (doctor.code, doctor.answer["status"]) == (1, "unhealthy")


def test_an_address_without_a_token_is_refused_in_json_too(shell: Shell) -> None:
    shell.environment["FLAGWRIGHT_UNLEASH_URL"] = "http://127.0.0.1:9"

    said = shell.run("score", "--json")

    assert (said.code, said.answer["code"]) == (1, "bad-request")


@contextmanager
def repeating(status: int) -> Iterator[str]:
    """A server that answers everybody with one status and the request's own token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"message": self.headers["authorization"]}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_GET  # noqa: N815  their names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def secret_in(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if SECRET.encode() in path.read_bytes()]


@pytest.mark.parametrize("status", [None, 401, 500])
def test_the_token_shows_in_no_output_and_in_no_file(shell: Shell, status: int | None) -> None:
    with repeating(status or 200) as url:
        shell.environment["FLAGWRIGHT_UNLEASH_URL"] = url if status else closed_port()
        shell.environment["FLAGWRIGHT_UNLEASH_TOKEN"] = SECRET
        said = [
            shell.run(*command)
            for command in (
                CREATE, (*CREATE, "--json"), ("wrap", FLAG), ("find",), ("score",),
                ("doctor",), ("ledger",), ("ledger", "--server"),
            )
        ]  # fmt: skip

    assert [each.code for each in said] == [4, 4, 4, 4, 0, 1, 0, 4]
    assert not [each for each in said if SECRET in each.out + each.err]
    assert secret_in(shell.home) == secret_in(shell.folder) == []
    assert "Entries still owed" in said[6].out


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_silent_server_holds_up_no_command_for_long(shell: Shell, silent: str) -> None:
    shell.environment["FLAGWRIGHT_UNLEASH_URL"] = silent
    shell.environment["FLAGWRIGHT_UNLEASH_TOKEN"] = SECRET

    asked = shell.process("find", "--json")
    scored = shell.process("score", "--json")

    assert (asked.code, asked.answer["code"]) == (4, "flag-server-down")
    assert (scored.code, scored.answer["status"]) == (0, "scored")


def test_what_is_kept_is_for_this_person_alone(shell: Shell) -> None:
    shell.plan()

    state = shell.home / ".local" / "state" / "flagwright"
    assert state.is_dir()
    for path in (state, *state.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_batch_scores_each_commit_as_it_was_then(shell: Shell, tmp_path: Path) -> None:
    team = Team(tmp_path / "team")
    shas = [team.commit(f"feat: {n}", core=f"def f(x):\n    return x + {n}\n") for n in range(4)]
    bare, cut = tmp_path / "bare.git", tmp_path / "cut.git"
    for folder, until in ((bare, shas[3]), (cut, shas[2])):
        team.git("clone", "-q", "--bare", str(team.folder), str(folder))
        git(folder, "update-ref", "--no-deref", "HEAD", until)
    asked = [shas[2], "nobody", shas[0]]

    whole = shell.run(
        "score", "--repo", str(bare), "--commits", "-", "--json", typed="\n".join(asked)
    )
    before = shell.run("score", "--repo", str(cut), "--commits", "-", "--json", typed=shas[2])
    shown = shell.run("score", "--repo", str(bare), "--commits", "-", typed="\n".join(asked))

    lines = [json.loads(line) for line in whole.out.splitlines()]
    assert (whole.code, before.code) == (1, 0)
    assert [line["sha"] for line in lines] == asked
    named = ["sha", "score", "exposure", "unfamiliarity", "impact", "band", "compared_with"]
    assert list(lines[0]) == named
    parts = [lines[0][name] for name in ("exposure", "unfamiliarity", "impact")]
    assert round(sum(parts), 2) == lines[0]["score"] > 0
    assert lines[1]["error"] == "unknown-revision"
    assert json.loads(before.out) == lines[0]
    assert f"{lines[0]['score']:.2f}" in shown.out
    assert "unknown-revision" in shown.out
    assert shell.json("ledger")["entries"][0]["action"] == "scored"


def test_one_commit_scores_the_same_alone_and_among_others(shell: Shell) -> None:
    git(shell.folder, "commit", "-qam", "feat: discount")
    sha = shell.process("score", "--commits", "-", "--json", input="HEAD").out

    alone = shell.json("score", "--commit", "HEAD")
    ranged = shell.json("score", "--range", "HEAD~1..HEAD")

    assert json.loads(sha)["score"] == alone["score"] == ranged["score"]
    assert alone["parts"] == ranged["parts"]


def test_what_is_staged_is_scored_without_what_is_not(shell: Shell) -> None:
    nothing = shell.json("score", "--staged")
    git(shell.folder, "add", "pricing.py")
    staged = shell.json("score", "--staged")
    (shell.folder / "pricing.py").write_text("import os\n\nos.system('ls')\n")

    again = shell.json("score", "--staged")

    assert nothing["score"] == 0
    assert "flagwright score --commit SHA" in nothing["next_step"]
    assert staged["score"] == again["score"] > 0
    assert shell.json("score")["score"] != staged["score"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("HEAD", "--staged"), "Name one change"),
        (("--range", "HEAD"), "--range reads A..B"),
        (("--calibrate-until", "HEAD"), "goes with --commits"),
    ],
)
def test_two_changes_at_once_are_a_wrong_usage(
    shell: Shell, arguments: tuple[str, ...], words: str
) -> None:
    said = shell.run("score", *arguments)

    assert said.code == 2
    assert words in said.err


def test_a_project_learns_from_its_own_past_and_keeps_what_predicts_more(
    shell: Shell, tmp_path: Path
) -> None:
    """Here harm is done by files that are deep, not by large ones, whatever others say."""
    team = Team(tmp_path / "team")
    deep = "if x:\n        if y:\n            if z:\n                return f(1)\n    "
    long = "".join(f"a{n} = g(x, {n})\n    " for n in range(9))
    both = [[("feat", long)], [("feat", deep), ("fix", deep.replace("1", "2"))]]
    team.commits(
        (f"{kind}: one", {f"m{number}": f"def f(x, y, z):\n    {body}return 0\n"})
        for number in range(160)
        for kind, body in both[number % 2]
    )
    team.wait(500)
    until = team.commit("feat: today", today="x = 1\n")
    sha = team.commit("feat: later", later="x = 1\nif x:\n    y = f(x)\n")
    nothing = "def f(x, y, z):\n    pass\n"
    team.commits(("fix: what nobody knew of", {f"m{n}": nothing}) for n in range(0, 160, 2))

    answer = shell.json(
        "risk", "fit", "--repo", str(team.folder), "--until", until, "--name", "My Team"
    )
    weights = shell.home / ".config/flagwright/policies/weights-my-team.toml"
    own = weights.with_name("risk.toml")

    def batch(folder: Path, sha: str, *more: str) -> Said:
        return shell.run(
            "score", "--repo", str(folder), "--commits", "-", "--json", *more, typed=sha
        )

    cut = tmp_path / "cut.git"
    team.git("clone", "-q", "--bare", str(team.folder), str(cut))
    git(cut, "update-ref", "--no-deref", "HEAD", sha)
    git(cut, "update-ref", "-d", "refs/heads/main")
    shipped = batch(team.folder, sha)
    calibrated = batch(team.folder, sha, "--calibrate-until", until)
    without_future = batch(cut, sha, "--calibrate-until", until)
    own.write_text((SHIPPED / "risk.toml").read_text().replace('"weights"', '"weights-my-team"', 1))
    turned_on = batch(team.folder, sha)

    assert answer["status"] == "better"
    assert answer["file"] == str(weights)
    aucs = {gate["by"]: gate["auc"] for gate in answer["gates"]}
    assert aucs["own weights"] > aucs["weights in force"]
    assert answer["convention"] == "types"
    assert 'projects = ["team"]' in weights.read_text()
    assert shipped.code == calibrated.code == 0
    assert calibrated.out == without_future.out == turned_on.out != shipped.out
    assert shell.run("policy", "lint").code == 0
    here = shell.json("score", "--repo", str(team.folder), "--commit", sha)
    assert "warnings" not in here
    (elsewhere,) = shell.json("score")["warnings"]
    assert elsewhere.startswith(f"{own}:")
    assert "learned from team, which this project is not" in elsewhere


def test_many_commits_have_the_bands_that_each_has_alone(shell: Shell, tmp_path: Path) -> None:
    team = Team(tmp_path / "team")
    team.commits(
        (f"feat: {n}", {f"m{n % 7}": "x = 1\n" + f"y = f({n})\n" * (n % 9)}) for n in range(60)
    )
    shas = [team.commit(f"feat: {n}", last=f"x = {n}\n" * (2 * n + 1)) for n in range(3)]
    at = ("score", "--repo", str(team.folder))

    def many(*more: str) -> list[dict[str, object]]:
        said = shell.run(*at, "--commits", "-", "--json", *more, typed="\n".join(shas))
        return [json.loads(line) for line in said.out.splitlines()]

    alone = [shell.json(*at, "--commit", sha, "--wait") for sha in shas]
    placed = many("--wait")

    assert {one["compared_with"] for one in many()} == {"shipped"}
    assert {one["compared_with"] for one in placed} == {"project"}
    assert [(one["score"], one["band"]) for one in placed] == [
        (one["score"], one["band"]) for one in alone
    ]
    assert [one["band"] for one in many()] != [one["band"] for one in placed]


def test_a_young_project_has_nothing_to_learn_from(shell: Shell) -> None:
    answer = shell.json("risk", "fit")

    assert answer["status"] == "too-little"
    assert not (shell.home / ".config/flagwright/policies").exists()


def test_a_flag_is_rolled_out_switched_and_ended_in_json(shell: Shell) -> None:
    place = ("--environment", "development")
    shell.json(*CREATE)

    early = shell.run("switch", FLAG, "on", *place, "--json")
    rolled = shell.json("rollout", FLAG, *place, "--percent", "25", "--variant", "blue=100")
    again = shell.json("rollout", FLAG, *place, "--percent", "25")
    switched = shell.json("switch", FLAG, "on", *place, "--measure")
    asked = shell.run("rollout", FLAG, "--environment", "production", "--percent", "5", "--json")
    waits = shell.run("switch", FLAG, "on", "--environment", "production", "--json")
    killed = shell.json("switch", FLAG, "off", "--environment", "production", "--measure")
    held = shell.run("retire", "release.shop.mail", "--keep", "on", "--finish", "--json")

    assert "Not measured: The client token" in killed["message"]
    assert (early.code, early.answer["code"]) == (1, "no-rollout")
    assert (rolled["status"], again["status"]) == ("done", "unchanged")
    assert 0 <= switched["seen_after_s"] < 20
    assert asked.code == 0
    assert (waits.code, waits.answer["status"]) == (3, "proposed")
    assert (held.code, held.answer["code"]) == (1, "flag-unknown")
    due = shell.json("stale")["flags"]
    assert [(flag["name"], flag["type"]) for flag in due] == [("release.shop.mail", "unknown")]


def test_a_list_of_plans_says_of_which_repositories_they_are(shell: Shell, tmp_path: Path) -> None:
    shell.json(*CREATE)
    shell.json("wrap", FLAG)
    assert "repository" not in shell.run("plans").out
    other = shop(tmp_path / "outlet")

    shell.json("wrap", FLAG, "--repo", str(other))

    listed = shell.json("plans")["plans"]
    assert [row["repository"] for row in listed] == [str(other), str(shell.folder)]
    shown = shell.run("plans").out
    assert "repository" in shown
    assert "outlet" in shown


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--percent", "25"), "each question is a toss of its own"),
        (("--percent", "25", "--stickiness", "userId"), "nobody is let in there"),
        (("--percent", "100"), ""),
        (("--percent", "0"), ""),
    ],
)
def test_a_share_of_the_users_is_said_to_mean_nothing_where_code_asks_without_one(
    shell: Shell, asked: tuple[str, ...], told: str
) -> None:
    shell.json(*CREATE)
    page = f'from flags import client\n\n\ndef page():\n    return client.is_enabled("{FLAG}")\n'
    (shell.folder / "page.py").write_text(page)

    rolled = shell.json("rollout", FLAG, "--environment", "development", *asked)

    assert ("asks without a user (page.py:5)" in rolled["message"]) is bool(told)
    assert told in rolled["message"]
    shell.json("switch", FLAG, "on", "--environment", "development")
    looked = shell.json("flag", FLAG)
    assert ("(page.py:5): in development, " in looked["message"]) is bool(told)
    assert told in looked["message"]


def test_a_dry_run_sends_and_keeps_nothing(shell: Shell) -> None:
    planned = shell.json(*CREATE, "--dry-run")
    nothing = shell.json("find")
    refused = shell.run("create", "Bad Name", "--dry-run", "--json")
    shell.json(*CREATE)
    there = shell.json(*CREATE, "--dry-run")
    place = ("--environment", "production")
    shell.json("rollout", FLAG, *place, "--percent", "5")
    waits = shell.json("switch", FLAG, "on", *place, "--dry-run")

    assert planned["requests"][0]["body"]["name"] == FLAG
    assert nothing["total"] == 0
    assert refused.answer["code"] == "name-refused"
    assert there["requests"] == []
    assert (waits["needs_approval"], len(waits["requests"])) == (True, 1)
    recorded = [entry["action"] for entry in shell.json("ledger")["entries"]]
    assert recorded == ["rolled-out", "created", "found"]


def test_tools_that_are_not_there_are_refused(shell: Shell) -> None:
    for asked in (("--tools", "score_change,nothing"), ("--tools", "create_flag", "--read-only")):
        said = shell.run("serve", *asked)

        assert said.code == 1
        assert "score_change" in said.err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("flag",), ()),
        (("wrap",), ()),
        (("switch",), ("on", "--environment", "development")),
        (("rollout",), ("--environment", "development", "--percent", "5")),
        (("retire",), ("--keep", "on", "--finish")),
    ],
    ids=lambda words: " ".join(words[:1]),
)
def test_a_name_that_is_nearly_a_flags_is_answered_with_that_flag(
    shell: Shell, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    shell.json(*CREATE)

    near = shell.run(*before, FLAG.replace("discount", "discont"), *after)
    far = shell.run(*before, "ops.mail", *after)

    assert f"Did you mean {FLAG}?" in near.err
    assert "flagwright create ops.mail" in " ".join(far.err.split())


def test_nobody_is_sent_to_reuse_an_archived_flag(shell: Shell) -> None:
    shell.json(*CREATE)
    shell.json("retire", FLAG, "--keep", "off", "--finish")

    found = shell.json("find", "--state", "archived")
    wrapped = shell.run("wrap", FLAG)

    assert "stay taken" in found["next_step"]
    assert f"{FLAG} is archived" in wrapped.err
    assert "Did you mean" not in wrapped.err


def test_a_dry_run_says_what_to_do_about_what_holds_a_flag(shell: Shell) -> None:
    shell.json(*CREATE)
    (shell.folder / "ask.py").write_text(f'on = is_enabled("{FLAG}")\n')

    held = shell.json("retire", FLAG, "--keep", "on", "--finish", "--dry-run")

    assert held["requests"] == []
    assert "when that is gone" in held["next_step"]
