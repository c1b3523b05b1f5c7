"""Which policies a change is judged by: those of its base, and only ever stricter ones."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from flagwright.adapters.shipped import used
from flagwright.core.records.score import Assessment
from flagwright.errors import NameRefused, PolicyInvalid, RuleBlocks, UnknownRevision
from flagwright.workbench.batch import Scored
from flagwright.workbench.bench import Workbench
from flagwright.workbench.preview import Look
from tests.installation import ACTOR, Installation, approve, git, shop, spec

pytestmark = pytest.mark.anyio

ALL = Look(datetime(2020, 1, 1, tzinfo=UTC), newest=100)

BLOCK = """
[rules.no-pricing]
title = "Prices are frozen"
reason = "The season's catalogue is printed."
owner = "sales"
severity = "block"
paths = ["pricing.py"]
matches = ["pricing.py"]
passes = ["mail.py"]
"""


async def put(folder: Path, text: str, name: str = "rules", *, commit: bool) -> None:
    file = anyio.Path(folder / ".flagwright" / "policies" / f"{name}.toml")
    await file.parent.mkdir(parents=True, exist_ok=True)
    await file.write_text(text)
    if commit:
        git(folder, "add", ".flagwright")
        git(folder, "commit", "-qm", "Policies", "--", ".flagwright")


async def own(home: Installation, text: str, name: str = "rules") -> None:
    file = anyio.Path(home.config / "policies" / f"{name}.toml")
    await file.parent.mkdir(parents=True, exist_ok=True)
    await file.write_text(text)


async def test_a_rule_of_the_repository_refuses_to_wrap(bench: Workbench, folder: Path) -> None:
    await put(folder, BLOCK, commit=True)

    found = await bench.score(folder, actor=ACTOR)
    with pytest.raises(RuleBlocks) as caught:
        await bench.wrap(folder, spec().name, actor=ACTOR)

    assert found.verdict == "blocked"
    assert caught.value.rule == "no-pricing"
    assert "sales" in caught.value.next_step
    assert (await bench.ledger(limit=1)).entries[0].code == "rule-blocks"


async def test_a_change_is_not_judged_by_the_policy_that_it_brings(
    bench: Workbench, folder: Path
) -> None:
    """A11: one change edits the code and the bar for it."""
    await put(folder, BLOCK, commit=True)
    await put(folder, "", commit=False)

    assert (await bench.score(folder, actor=ACTOR)).verdict == "blocked"

    await put(folder, "", commit=True)
    await put(folder, BLOCK, commit=False)
    assert (await bench.score(folder, actor=ACTOR)).verdict != "blocked"


async def test_a_committed_change_is_judged_by_the_policy_of_its_base(
    bench: Workbench, folder: Path
) -> None:
    await put(folder, BLOCK, commit=True)
    await put(folder, "", commit=False)
    git(folder, "commit", "-qam", "Change prices and lift the rule")

    assert (await bench.score(folder, revisions="HEAD~1..HEAD", actor=ACTOR)).verdict == "blocked"


@pytest.mark.parametrize("name", ["rules", "tests/prices"])
async def test_a_change_of_the_policy_asks_for_an_approval(
    bench: Workbench, folder: Path, name: str
) -> None:
    """A11: a change of a policy is never low risk; a case that nobody misses is a rule less."""
    await put(folder, BLOCK, name, commit=False)

    found = await bench.score(folder, actor=ACTOR)

    assert [(hit.rule, hit.severity, hit.tier) for hit in found.rules] == [
        ("policy-change", "require-approval", "out-of-band")
    ]


async def test_what_is_looser_does_not_count_and_is_told_with_its_line(
    bench: Workbench, folder: Path
) -> None:
    await put(folder, '# ours\n[flag]\ndue = "riskiest 1 %"\n', "risk", commit=True)
    before = await bench.score(folder, actor=ACTOR)

    (warning,) = before.warnings

    assert before.in_part == (".flagwright/policies/risk.toml",)
    assert ".flagwright/policies/risk.toml:3 flag.due" in warning
    assert "open = " in warning
    git(folder, "rm", "-rq", "--cached", ".flagwright")
    git(folder, "commit", "-qm", "No policies")
    assert (await bench.score(folder, actor=ACTOR)).score == before.score


async def test_the_organisation_may_open_a_setting_to_repositories(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    await own(home, 'open = ["flag.due"]\n', "risk")
    await put(folder, '[flag]\ndue = "riskiest 1 %"\n', "risk", commit=True)

    assert (await bench.score(folder, actor=ACTOR)).warnings == ()


async def test_a_mistake_of_the_organisation_stops_every_step(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    await own(home, BLOCK.replace("severity", "severty"))

    with pytest.raises(PolicyInvalid, match=r"rules\.toml:6 .*severity"):
        await bench.score(folder, actor=ACTOR)


async def test_a_section_for_paths_counts_for_changes_that_touch_them(
    bench: Workbench, folder: Path
) -> None:
    section = '[[paths]]\nunder = ["{}"]\n[paths.rules.policy-change]\nseverity = "block"\n'
    for under, severity in (("elsewhere/", "require-approval"), ("pricing.py", "block")):
        await put(folder, section.format(under), commit=True)
        await put(folder, "# edited\n" + section.format(under), commit=False)

        (hit,) = (await bench.score(folder, actor=ACTOR)).rules

        assert hit.severity == severity
        git(folder, "checkout", "-q", "--", ".flagwright")


@pytest.mark.parametrize("shares", [(99, 60), (60, 99)])
async def test_where_two_sections_are_touched_the_stricter_counts(
    bench: Workbench, folder: Path, shares: tuple[int, int]
) -> None:
    """A change that touches one more folder gets rid of nothing."""
    paths = ("pricing.py", "mail.py")
    section = '[[paths]]\nunder = ["{}"]\nflag.due = "riskiest {} %"\n'
    text = "".join(section.format(*one) for one in zip(paths, shares, strict=True))
    await put(folder, text, "risk", commit=True)
    await anyio.Path(folder / "mail.py").write_text("def mail() -> bool:\n    return False\n")

    found = await bench.score(folder, actor=ACTOR)

    assert found.warnings == ()
    assert "riskiest 99 %" in found.because


async def test_a_rule_raises_the_tier_of_a_plan(bench: Workbench, folder: Path) -> None:
    asks = BLOCK.replace('"block"', '"require-approval"\ntier = "attested"')
    await put(folder, asks, commit=True)

    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan

    assert plan
    assert [hit.rule for hit in plan.rules] == ["no-pricing"]
    assert bench.plans.demand(plan).tier == "attested"


async def test_a_plan_goes_by_what_its_repository_said_when_it_was_made(
    bench: Workbench, folder: Path
) -> None:
    await put(folder, BLOCK.replace("block", "note"), commit=True)
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await put(folder, BLOCK, commit=True)

    await approve(bench, plan.id)
    applied = await bench.plans.apply(plan.id, actor=ACTOR)

    assert applied.status == "applied"


async def test_every_set_of_policies_that_was_used_is_found_by_its_digest(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    await put(folder, BLOCK, commit=True)
    found = await bench.score(folder, actor=ACTOR)
    (entry,) = (await bench.ledger(limit=1)).entries

    kept = used(home.state / "policies", found.policy_digest[:12])

    assert entry.policy == found.policy_digest
    assert kept
    assert [file.text for file in kept.files if file.layer == "repository"] == [BLOCK]


WAIVER = """open = ["waivers"]
[[waivers]]
rule = "no-pricing"
scope = ["pricing.py"]
reason = "A misprint."
approver = "grace"
granted = 2025-12-20
expires = {}
"""


async def test_a_waiver_lifts_a_rule_until_its_last_day_and_is_shown(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    await put(folder, BLOCK, commit=True)
    await own(home, WAIVER.format("2026-01-31"), "waivers")

    held = await bench.score(folder, actor=ACTOR)
    home.clock.turn(days=20)
    soon = await bench.score(folder, actor=ACTOR)
    home.clock.turn(days=20)
    over = await bench.score(folder, actor=ACTOR)

    assert held.verdict != "blocked"
    assert held.rules[0].waiver == "until 2026-01-31 by grace: A misprint."
    assert held.warnings == ()
    assert "ends on 2026-01-31, in 9 days" in soon.warnings[0]
    assert "ended on 2026-01-31" in over.warnings[0]
    assert over.verdict == "blocked"


async def test_a_waiver_holds_for_its_files_only(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    both = BLOCK.replace('["pricing.py"]\nmatches', '["pricing.py", "mail.py"]\nmatches')
    await put(folder, both.replace('passes = ["mail.py"]', 'passes = ["x.py"]'), commit=True)
    await own(home, WAIVER.format("2026-01-31"), "waivers")
    await anyio.Path(folder / "mail.py").write_text("x = 1\n")

    found = await bench.score(folder, actor=ACTOR)

    assert [(hit.path, hit.bites) for hit in found.rules] == [
        ("mail.py", True),
        ("pricing.py", False),
    ]
    assert found.verdict == "blocked"


async def test_a_repository_waives_no_rule_unless_it_is_let(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    await put(folder, BLOCK, commit=True)
    waiver = WAIVER.format("2026-01-31").partition("\n")[2]
    await put(folder, waiver, "waivers", commit=True)

    refused = await bench.score(folder, actor=ACTOR)
    await own(home, 'open = ["waivers"]\n', "waivers")
    let = await bench.score(folder, actor=ACTOR)

    assert refused.verdict == "blocked"
    assert "waivers.toml:1 waivers" in refused.warnings[0]
    assert let.verdict != "blocked"


async def test_a_rule_may_be_beyond_any_waiver(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    await put(folder, BLOCK.replace("paths", "waivable = false\npaths"), commit=True)
    await own(home, WAIVER.format("2026-01-31"), "waivers")

    with pytest.raises(RuleBlocks) as caught:
        await bench.wrap(folder, spec().name, actor=ACTOR)

    assert (await bench.score(folder, actor=ACTOR)).verdict == "blocked"
    assert "no waiver lifts it" in caught.value.next_step


async def test_a_replay_judges_as_a_score_does(bench: Workbench, folder: Path) -> None:
    await put(
        folder, BLOCK.replace("pricing.py", "new*.py").replace("mail.py", "old.py"), commit=True
    )
    section = '[[paths]]\nunder = ["{}.py"]\n{}\n'
    due = section.format("mail0", 'flag.due = "riskiest 99.9 %"')
    dear = section.format("mail1", "outbound_call.rules.http.points = 25")
    await put(folder, due + dear, "risk", commit=True)
    for number in range(12):
        name = f"{'new' if number % 3 else 'mail'}{number % 4}.py"
        text = f"import httpx\n\n\ndef pay(a):\n    return httpx.get(a + {number})\n" * (number + 1)
        await anyio.Path(folder / name).write_text(text)
        git(folder, "add", name)
        git(folder, "commit", "-qm", f"Change {number}")

    (found,) = await bench.policy.preview([folder], ALL, lambda *_: None)

    assert len(found.changes) >= 12
    assert not found.moved
    for change in found.changes[:-2]:
        scored = await bench.score(folder, commit=change.sha, actor=ACTOR)
        by = (change.after.score, change.after.verdict, change.after.band)
        assert by == (scored.score, scored.verdict, scored.band)
        assert change.after.rules == tuple(hit.rule for hit in scored.rules if hit.bites)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("risk", 'flag.due = "riskiest 99.9 %"'),
        ("risk", "outbound_call.rules.http.points = 25"),
        ("rules", 'rules.no-pricing.severity = "block"'),
    ],
)
async def test_a_preview_judges_each_change_by_the_sections_that_it_touches(
    bench: Workbench, folder: Path, name: str, says: str
) -> None:
    await put(
        folder, BLOCK.replace('"block"', '"note"').replace("pricing.py", "pay.py"), commit=True
    )
    for number in range(4):
        path = folder / ("billing" if number % 2 else "shop") / "pay.py"
        await anyio.Path(path.parent).mkdir(exist_ok=True)
        text = f"import httpx\n\n\ndef pay(a):\n    return httpx.get(a + {number})\n"
        await anyio.Path(path).write_text(text)
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", f"Change {path.parent.name}")
    edit = f'[[paths]]\nunder = ["billing/"]\n{says}\n'
    if name == "rules":
        edit = await anyio.Path(folder / ".flagwright/policies/rules.toml").read_text() + edit
    await put(folder, edit, name, commit=False)

    (found,) = await bench.policy.preview([folder], ALL, lambda *_: None)

    there = [one for one in found.changes if one.title == "Change billing"]
    assert len(there) == 2
    assert [one for one in found.changes if one.before != one.after] == there


async def test_several_repositories_are_previewed_at_once_each_with_a_bar_of_its_own(
    bench: Workbench, folder: Path, tmp_path: Path
) -> None:
    other = shop(tmp_path / "other")
    for one, count in ((folder, 2), (other, 3)):
        for number in range(count):
            await anyio.Path(one / "pricing.py").write_text(f"def price(a):\n    return {number}\n")
            git(one, "commit", "-qam", f"Change {number}")
        await put(one, BLOCK, commit=False)
    heard: dict[str, tuple[int, int]] = {}

    found = await bench.policy.preview(
        [other, folder], ALL, lambda title, done, whole: heard.update({title: (done, whole)})
    )

    assert [(one.repository, sum(c.kind != "same" for c in one.changes)) for one in found] == [
        ("other", 4),
        ("shop", 3),
    ]
    assert {"other: judging", "shop: judging"} <= heard.keys()
    assert all(done == whole for done, whole in heard.values())


async def test_a_repository_that_cannot_be_previewed_is_told_by_its_error(
    bench: Workbench, folder: Path
) -> None:
    with pytest.raises(UnknownRevision):
        await bench.policy.preview([folder], ALL._replace(against="nowhere"), lambda *_: None)


async def test_a_preview_judges_again_what_the_ledger_holds(bench: Workbench, folder: Path) -> None:
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)
    asks = BLOCK.replace('"block"', '"require-approval"\ntier = "attested"')
    await put(folder, asks.replace("no-pricing", "two-people"), commit=False)

    (found,) = await bench.policy.preview([folder], ALL, lambda *_: None)

    (one,) = found.recorded
    assert (one.change, one.flag) == (plan.change_digest, spec().name)
    assert (one.approved, one.before.tier, one.after.tier) == (
        "out-of-band",
        "out-of-band",
        "attested",
    )
    assert (one.kind, one.moved_by) == ("second-approver", ("two-people",))
    assert found.in_words().endswith(
        "Ledger: 1 scored here, flagged 1 -> 1; 1 approved, of which 1 would have needed more."
    )


async def test_commits_are_scored_under_the_policies_of_their_bases(
    bench: Workbench, folder: Path
) -> None:
    git(folder, "commit", "-qam", "Before the rule")
    await put(folder, BLOCK, commit=True)
    await anyio.Path(folder / "pricing.py").write_text("def price(a):\n    return a * 3\n")
    git(folder, "commit", "-qam", "After it")
    scored: list[Scored] = []

    await bench.hindsight.score_commits(
        folder,
        ["HEAD~2", "HEAD"],
        until=None,
        is_placed=False,
        actor=ACTOR,
        emit=scored.append,
        progress=lambda *_: None,
    )

    verdicts = [one.outcome.verdict for one in scored if isinstance(one.outcome, Assessment)]
    assert verdicts[1] == "blocked" != verdicts[0]
    assert scored[1].outcome == await bench.score(folder, commit="HEAD", actor=ACTOR)


async def test_a_flag_is_made_under_the_naming_of_the_repository(
    bench: Workbench, folder: Path
) -> None:
    await put(folder, 'forbidden_words = ["cart"]\n', "naming", commit=True)
    flag = spec("release.shop.cart-two")

    with pytest.raises(NameRefused, match="cart"):
        await bench.flags.create(flag, folder, actor=ACTOR)
    _, made = await bench.flags.create(flag, folder.parent, actor=ACTOR)

    assert made == "created"


@pytest.mark.parametrize(
    ("name", "pattern", "better"),
    [
        ("release.SHOP.x", None, "release.shop.x"),
        ("release.SHOP.x", r"[a-z]+\.[a-z-]+", "release.shop-x"),
        ("release.shop.x", r"[a-z]+\.[a-z-]+", "release.shop-x"),
        ("release.SHOP.x", "[A-Z].*", None),
    ],
)
async def test_a_better_name_also_fits_the_pattern_of_the_server(
    bench: Workbench, home: Installation, name: str, pattern: str | None, better: str | None
) -> None:
    with closing(sqlite3.connect(home.home / "flags.db")) as database, database:
        database.execute("UPDATE project SET naming_pattern = ?", (pattern,))

    with pytest.raises(NameRefused) as caught:
        await bench.flags.create(spec(name), actor=ACTOR)

    assert caught.value.suggestion == better
    assert better or (pattern or "") in str(caught.value)
    if better:
        assert (await bench.flags.create(spec(better), actor=ACTOR))[1] == "created"


async def test_a_folder_of_a_monorepo_has_flags_of_its_own(bench: Workbench, folder: Path) -> None:
    section = '[[paths]]\nunder = ["{}"]\ntypes.release.prefix = "release.billing."\n'
    section += 'accepts = ["release.billing.new-tax"]\n'
    await put(folder, section.format("elsewhere/"), "naming", commit=True)
    assert (await bench.wrap(folder, spec().name, actor=ACTOR)).plan

    await put(folder, section.format("pricing.py"), "naming", commit=True)
    with pytest.raises(NameRefused, match=r"begins with 'release\.billing\.'") as caught:
        await bench.wrap(folder, spec().name, actor=ACTOR)

    assert caught.value.suggestion == "release.billing.shop.discount"
