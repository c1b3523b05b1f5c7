"""What is applied or exported reaches git, and nothing that a repository brings runs on the way."""

import subprocess
from pathlib import Path

import pytest

from flagwright.core.records.plan import Plan
from flagwright.errors import BadRequest
from flagwright.workbench.bench import Workbench
from tests.installation import (
    ACTOR,
    AFTER,
    BEFORE,
    GIT_ENVIRONMENT,
    Installation,
    approve,
    git,
    spec,
    texts,
)

pytestmark = pytest.mark.anyio

PROOF = "off = old, on = new"
BRANCH = "flag/discount"


@pytest.fixture(autouse=True)
def _who(folder: Path) -> None:
    git(folder, "config", "user.name", "Ada")
    git(folder, "config", "user.email", "ada@example.org")


def says(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=GIT_ENVIRONMENT, check=True, capture_output=True
    )
    return done.stdout.decode().rstrip()


async def applied(
    bench: Workbench, plan: Plan, *, stage: bool = False, branch: str | None = None
) -> None:
    await approve(bench, plan.id)
    done, handed = await bench.handover.apply(
        plan.id, PROOF, stage=stage, branch=branch, actor=ACTOR
    )
    assert done.status == "applied"
    assert handed
    assert handed.failed is None


def booby_trapped(folder: Path) -> Path:
    """Every program that a commit by git itself would start."""
    mark = folder.parent / "ran"
    hooks = folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction",
                 "post-checkout", "post-index-change", "prepare-commit-msg"):  # fmt: skip
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (hooks / name).chmod(0o755)
    (folder / ".gitattributes").write_text("*.py filter=trap text\n")
    for key in ("filter.trap.clean", "filter.trap.smudge", "core.fsmonitor", "gpg.program"):
        git(folder, "config", key, f"touch {mark}; cat")
    git(folder, "config", "commit.gpgSign", "true")
    return mark


async def test_staged_files_are_in_the_index_as_written_and_nothing_else_moves(
    bench: Workbench, plan: Plan, folder: Path
) -> None:
    (folder / "flags.py").write_text((folder / "flags.py").read_text() + "# mine\n")
    git(folder, "add", "flags.py")

    await applied(bench, plan, stage=True)

    assert says(folder, "diff", "--name-only") == ""
    assert says(folder, "diff", "--cached", "--name-only").split() == ["flags.py", "pricing.py"]
    assert says(folder, "show", ":pricing.py") == (folder / "pricing.py").read_text().rstrip()


async def test_a_branch_has_the_plan_the_trailers_and_becomes_the_current_one(
    bench: Workbench, plan: Plan, folder: Path
) -> None:
    before = says(folder, "rev-parse", "main")

    await applied(bench, plan, branch=BRANCH)

    assert says(folder, "symbolic-ref", "--short", "HEAD") == BRANCH
    assert says(folder, "status", "--porcelain") == ""
    assert says(folder, "rev-parse", "HEAD~1", "main").split() == [before, before]
    found = says(folder, "log", "-1", "--format=%(trailers:only)%an <%ae>").splitlines()
    assert found == [
        f"Flag: {spec().name}",
        f"Plan: {plan.digest}",
        f"Score: {plan.score:g} ({plan.band})",
        "Ada <ada@example.org>",
    ]


async def test_other_files_of_the_change_are_committed_with_it(
    bench: Workbench, folder: Path
) -> None:
    """New modules and what is staged belong to it; what only lies about may be a secret."""
    (folder / "rates.py").write_text("RATE = 7\n")
    (folder / "pricing.py").write_text(AFTER.replace("return 10", "return rates.RATE").replace(
        '"""What a basket costs."""', '"""What a basket costs."""\n\nimport rates'))  # fmt: skip
    (folder / "rates.sql").write_text("select 1\n")
    git(folder, "add", "rates.sql")
    (folder / ".env").write_text("SECRET=1\n")
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)

    _, handed = await bench.handover.apply(plan.id, PROOF, stage=False, branch=BRANCH, actor=ACTOR)

    assert handed
    assert handed.left_out == (".env",)
    committed = says(folder, "show", "--format=", "--name-only", "HEAD").split()
    assert {"rates.py", "rates.sql"} < {*committed}
    assert ".env" not in committed


async def test_no_program_of_the_repository_runs(
    bench: Workbench, folder: Path, plan: Plan
) -> None:
    mark = booby_trapped(folder)

    await bench.handover.export(plan.id, PROOF, branch="review/discount", actor=ACTOR)
    await bench.handover.export(plan.id, PROOF, branch=None, actor=ACTOR)
    await applied(bench, plan, branch=BRANCH)

    assert not mark.exists()
    assert says(folder, "cat-file", "-p", f"{BRANCH}:pricing.py") == (
        (folder / "pricing.py").read_text().rstrip()
    )


@pytest.mark.parametrize(
    "name", ["main", "a..b", "-x", "@{-1}", "HEAD:x", "", "a/b.lock", "main/x"]
)
async def test_a_branch_that_cannot_be_made_stops_before_anything_is_written(
    bench: Workbench, plan: Plan, folder: Path, name: str
) -> None:
    await approve(bench, plan.id)
    before, refs = texts(folder), says(folder, "for-each-ref")

    with pytest.raises(BadRequest):
        await bench.handover.apply(plan.id, PROOF, stage=False, branch=name or " ", actor=ACTOR)

    assert texts(folder) == before
    assert says(folder, "for-each-ref") == refs
    assert (await bench.plans.one(plan.id))[1] == "approved"


async def test_line_ends_of_a_checkout_are_not_committed(bench: Workbench, folder: Path) -> None:
    git(folder, "config", "core.autocrlf", "true")
    for name, text in (("pricing.py", AFTER),):
        (folder / name).write_bytes(text.replace("\n", "\r\n").encode())
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan

    await applied(bench, plan, branch=BRANCH)

    assert b"\r\n" in (folder / "pricing.py").read_bytes()
    assert "\r" not in says(folder, "cat-file", "-p", "HEAD:pricing.py")


async def test_an_export_leaves_the_tree_and_is_the_plan_on_a_branch(
    bench: Workbench, plan: Plan, folder: Path, home: Installation
) -> None:
    before = texts(folder)

    done = await bench.handover.export(plan.id, PROOF, branch=BRANCH, actor=ACTOR)

    assert texts(folder) == before
    assert says(folder, "symbolic-ref", "--short", "HEAD") == "main"
    assert says(folder, "rev-parse", BRANCH) == done.commit
    assert spec().name in says(folder, "show", f"{BRANCH}:pricing.py")
    assert f"Plan: {plan.digest}" in done.summary
    newest = (await bench.ledger(limit=1)).entries[0]
    assert (newest.action, newest.outcome, newest.subject.commit) == (
        "exported",
        "done",
        done.commit,
    )
    assert (await bench.plans.one(plan.id))[1] == "proposed"


async def test_an_exported_patch_applies_to_the_last_commit_and_is_the_plan(
    bench: Workbench, plan: Plan, folder: Path, tmp_path: Path
) -> None:
    done = await bench.handover.export(plan.id, PROOF, branch=None, actor=ACTOR)
    (tmp_path / "plan.patch").write_bytes(done.patch)
    git(tmp_path, "clone", "-q", str(folder), "elsewhere")
    elsewhere = tmp_path / "elsewhere"

    assert (elsewhere / "pricing.py").read_text() == BEFORE
    git(elsewhere, "apply", str(tmp_path / "plan.patch"))

    assert (folder / "pricing.py").read_text() == AFTER
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ACTOR)
    assert (folder / "pricing.py").read_bytes() == (elsewhere / "pricing.py").read_bytes()
