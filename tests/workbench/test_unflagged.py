"""The guard before a release, where a commit is not what the applied plan wrote."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from flagwright.core.release import Judged
from flagwright.workbench.bench import Workbench
from tests.installation import ACTOR, BEFORE, TOKEN, Installation, approve, git, spec

Act = Callable[[Path], None]


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "pricing.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


async def verified(bench: Workbench, folder: Path, base: str = "main") -> list[Judged]:
    await bench.deliver()
    found = await bench.release.judge(folder, f"{base}..HEAD")
    return [flag for flag in found.flags if flag.found == "unflagged"]


async def applied(bench: Workbench, folder: Path) -> str:
    """A plan over the change, in a branch of its own; what was staged before stays staged."""
    git(folder, "checkout", "-q", "-b", "topic")
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)
    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "applied"
    return plan.id


async def staged(bench: Workbench, folder: Path) -> str:
    git(folder, "add", "-A")
    return await applied(bench, folder)


async def test_the_change_as_it_was_staged_before_the_plan_stops(
    bench: Workbench, folder: Path
) -> None:
    plan = await staged(bench, folder)
    git(folder, "commit", "-qm", "More")

    (flag,) = await verified(bench, folder)

    assert (flag.flag, flag.files) == (spec().name, ("pricing.py",))
    assert flag.because == (
        f"plan {plan} was applied, and the range commits pricing.py as before it, without the flag"
    )
    git(folder, "commit", "-qam", "As the plan wrote it")
    assert await verified(bench, folder) == []


async def test_half_of_the_change_that_was_staged_stops(bench: Workbench, folder: Path) -> None:
    git(folder, "add", "-A")
    edit(folder, ">= 500", ">= 700")
    await applied(bench, folder)
    git(folder, "commit", "-qm", "More")

    assert await verified(bench, folder)


async def test_work_on_top_of_what_was_staged_hides_nothing(bench: Workbench, folder: Path) -> None:
    await staged(bench, folder)
    git(folder, "commit", "-qm", "More")
    git(folder, "checkout", "-q", "--", ".")
    edit(folder, '"""What a basket costs."""\n', '"""What a basket costs."""\n\nVAT = 19\n')
    git(folder, "commit", "-qam", "A constant")

    assert await verified(bench, folder)


def by_hand(folder: Path) -> None:
    edit(folder, "goods >= 500", "goods > 499")
    git(folder, "commit", "-qam", "Edited")


def formatted(folder: Path) -> None:
    path = folder / "pricing.py"
    path.write_text(path.read_text().replace("    ", "  "))
    git(folder, "commit", "-qam", "Indented otherwise")


def with_a_later_commit(folder: Path) -> None:
    git(folder, "commit", "-qam", "Wrapped")
    edit(folder, '"""What a basket costs."""\n', '"""What a basket costs."""\n\nVAT = 19\n')
    git(folder, "commit", "-qam", "A constant")


def raw_first(folder: Path) -> None:
    """The change alone, and the flag in the commit after it: the range has both."""
    git(folder, "commit", "-qm", "The change")
    git(folder, "commit", "-qam", "Behind a flag")


def squashed(folder: Path) -> None:
    raw_first(folder)
    git(folder, "reset", "-q", "--soft", "main")
    git(folder, "commit", "-qm", "One commit")


def taken_out_by_hand(folder: Path) -> None:
    raw_first(folder)
    git(folder, "checkout", "-q", "HEAD~1", "--", "pricing.py")
    git(folder, "commit", "-qm", "The flag is done with")


def thrown_away(folder: Path) -> None:
    git(folder, "checkout", "-q", "main", "--", "pricing.py")
    edit(folder, "19", "20")
    git(folder, "commit", "-qam", "Another change of the file")


def taken_back(folder: Path) -> None:
    git(folder, "commit", "-qm", "The change")
    (folder / "pricing.py").write_text(BEFORE.replace("19", "20"))
    git(folder, "commit", "-qam", "Not that one, but this")


@pytest.mark.parametrize(
    "act",
    [
        by_hand,
        formatted,
        with_a_later_commit,
        raw_first,
        squashed,
        taken_out_by_hand,
        thrown_away,
        taken_back,
    ],
)
async def test_everyday_work_after_a_plan_stops_nothing_for_it(
    bench: Workbench, folder: Path, act: Act
) -> None:
    await staged(bench, folder)
    act(folder)

    assert await verified(bench, folder) == []


async def test_a_plan_that_is_not_wanted_any_more_is_taken_back(
    bench: Workbench, folder: Path
) -> None:
    """The files were put back by hand, which undo takes for done."""
    plan = await staged(bench, folder)
    git(folder, "commit", "-qm", "More")
    git(folder, "checkout", "-q", "--", ".")
    assert await verified(bench, folder)

    await bench.plans.undo(plan, actor=ACTOR)

    assert (await bench.plans.one(plan))[1] == "undone"
    assert await verified(bench, folder) == []


async def test_a_flag_that_somebody_archived_elsewhere_stops_nothing(
    home: Installation, bench: Workbench, folder: Path
) -> None:
    await staged(bench, folder)
    git(folder, "commit", "-qm", "More")
    assert await verified(bench, folder)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=home.line)) as browser:
        address = f"http://127.0.0.1/api/admin/projects/default/features/{spec().name}"
        await browser.delete(address, headers={"Authorization": TOKEN})

    assert await verified(bench, folder) == []


async def test_a_new_module_that_nobody_added_stops(bench: Workbench, folder: Path) -> None:
    git(folder, "rm", "-q", "flags.py", "mail.py")
    git(folder, "commit", "-qm", "No flags yet", "--", "flags.py", "mail.py")
    await applied(bench, folder)
    git(folder, "commit", "-qam", "Without the module")

    (flag,) = await verified(bench, folder, "HEAD~1")

    assert "nothing of flags.py, which it wrote" in flag.because
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "With it")
    assert await verified(bench, folder, "main") == []
