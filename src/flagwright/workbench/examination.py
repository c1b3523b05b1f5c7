"""Look at everything that a step needs, and say in plain words what would fail."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from anyio import to_thread

from flagwright.adapters import shipped, worker
from flagwright.adapters.git import Git, Repository
from flagwright.adapters.shipped import Own, Source
from flagwright.adapters.shipped.prompt import prompt_files
from flagwright.adapters.unleash import ServerReport, Unleash
from flagwright.core.demand import NAMING, ApprovalPolicy, Server
from flagwright.core.record import Record
from flagwright.core.stops import tell
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import FlagwrightError
from flagwright.workbench.catalogue import POLICIES, model_of
from flagwright.workbench.conventions import asked, doubted
from flagwright.workbench.doubt import ungiven
from flagwright.workbench.lint import Shown
from flagwright.workbench.rulebook import RuleBook


class Examined(Record):
    """One thing that was looked at."""

    name: str
    ok: bool
    fact: Shown
    next_step: str | None = None
    """What to do where it is not ok."""


def policies(above: Own) -> dict[str, tuple[Source, ...]]:
    """Load every policy; the files that say something of each, the strongest layer first.

    Raises:
        PolicyInvalid: With file, line and what is allowed.
    """
    names = (*POLICIES, "weights")
    return {name: shipped.load_policy(model_of(name), name, above).sources for name in names}


async def examine(
    unleash: Unleash,
    git: Git,
    folder: Path,
    book: RuleBook,
    *,
    embedded: bool,
    interrupted: Sequence[FlagwrightError],
) -> tuple[Examined, ...]:
    """Every check, in the order in which a newcomer would meet what fails.

    Args:
        embedded: Whether the server answers inside this process, so that it has no address.
        interrupted: Writes that nobody could settle.
    """
    above = book.own
    found = [_failed("interrupted", error) for error in interrupted]
    found += [_policies(above), _prompts(above)]
    found += _approvals(above, embedded=embedded)
    try:
        report = await unleash.health()
        found += _server(report, embedded=embedded)
        found += _weak_token(report, above) if not embedded else ()
    except FlagwrightError as error:
        found.append(_failed("server", error))
    try:
        repository = await to_thread.run_sync(git.open, folder)
        found.append(Examined(name="repository", ok=True, fact=str(repository.root)))
        server: Server = "embedded" if embedded else "unleash"
        found += await to_thread.run_sync(_said_here, book, repository, server)
        found.append(await _convention(repository, above))
    except FlagwrightError as error:
        found.append(_failed("repository", error))
    return tuple(found)


def _policies(above: Own) -> Examined:
    try:
        reports = policies(above)
    except FlagwrightError as error:
        return _failed("policies", error)
    own = [name for name, layers in reports.items() if layers[-1].layer == "own"]
    fact = f"{len(reports)} load; of your own: {', '.join(own) or 'none'}"
    if above.organisation:
        names = ", ".join(sorted(above.organisation))
        whose = next(iter(above.organisation.values())).path.partition(":policies/")[0]
        fact += f"; of your organisation ({whose}): {names}"
    return Examined(name="policies", ok=True, fact=fact)


def _said_here(book: RuleBook, repository: Repository, server: Server) -> list[Examined]:
    """Whether what the repository says of policies counts whole, as its newest commit has it.

    And whether somebody can give the approvals that any rule asks for.
    """
    try:
        rules = book.load(repository)
    except FlagwrightError:  # told with the policies of the user
        return []
    files = [one.sources[-1] for one in rules.loaded.values()]
    here = ", ".join(file.path for file in files if file.layer == "repository")
    whole = Examined(
        name="policies here",
        ok=not rules.left_out,
        fact=" ".join(rules.left_out) or f"{here}: as the newest commit has them",
        next_step="Mend it (flagwright policy lint) and commit that: a gate fails until then.",
    )
    wrong = [
        Examined(name="approval", ok=False, fact=f"{at}: {fact}", next_step=remedy)
        for at, fact, remedy, _ in ungiven(rules.loaded, book.today, server)
    ]
    return [whole, *wrong] if here else wrong


def _prompts(above: Own) -> Examined:
    """Whether an assistant's server starts, which reads them first."""
    try:
        prompts = prompt_files(above)
        for reader in shipped.READERS:
            shipped.next_steps(reader, above.config_dir)
    except FlagwrightError as error:
        return _failed("prompts", error)
    home = above.config_dir
    own = [p.name for p in prompts if home and home in Path(p.path).parents]
    fact = f"{len(prompts)} load; of your own: {', '.join(own) or 'none'}"
    if above.prompts:
        fact += f"; of your organisation: {', '.join(sorted(above.prompts))}"
    return Examined(name="prompts", ok=True, fact=fact)


def _approvals(above: Own, *, embedded: bool) -> Iterator[Examined]:
    """What the tiers that are asked for are worth; a policy that does not load is told above."""
    try:
        policy = shipped.load_policy(ApprovalPolicy, "approval", above).policy
    except FlagwrightError:
        return
    for told in tell(policy, "embedded" if embedded else "unleash"):
        yield Examined(
            name="approval",
            ok=told.is_possible,
            fact=f"{told.about}: {told.fact}",
            next_step='Work with a real Unleash, or say server = "unleash" in the rule of the '
            "policy.",
        )


def _weak_token(report: ServerReport, above: Own) -> Iterator[Examined]:
    """What the token that is worked with takes away from attested approvals; none is an error."""
    try:
        policy = shipped.load_policy(ApprovalPolicy, "approval", above).policy
    except FlagwrightError:
        return
    asked = policy.demands("unleash").values()
    if not (any(d.tier in NAMING for d in asked) or policy.rules):
        return
    if report.is_admin:
        fact = (
            f"{report.user} is an admin: a program that reads this token can make another user and "
            "approve as that one; a token of the Editor role cannot"
        )
        yield Examined(name="attestation", ok=True, fact=fact)
    if not report.personal:
        fact = "this token is no person's own, so a rule with four_eyes lets nobody approve"
        yield Examined(name="attestation", ok=True, fact=fact)


def _server(report: ServerReport, *, embedded: bool) -> Iterator[Examined]:
    if embedded:
        place = "; flagwright serve-flags opens it to your application"
        fact = f"embedded, speaks as Unleash {report.version}{place}"
        yield Examined(name="server", ok=True, fact=fact)
    else:
        yield Examined(name="server", ok=True, fact=f"Unleash {report.version} at {report.url}")
        yield _token(report)
    yield _project(report)
    state = "is there" if report.ledger_flag_exists else "is made when it is first needed"
    yield Examined(name="ledger flag", ok=True, fact=f"{report.ledger_flag} {state}")


def _token(report: ServerReport) -> Examined:
    kind = "a person's own token" if report.personal else "a shared token: events name no person"
    return Examined(
        name="token",
        ok=not report.missing_rights,
        fact=f"{report.user}, {kind}"
        + (f"; lacks {', '.join(report.missing_rights)}" if report.missing_rights else ""),
        next_step="Use a personal access token of a user with the Editor role.",
    )


def _project(report: ServerReport) -> Examined:
    pattern = f", names match {report.naming_pattern}" if report.naming_pattern else ""
    return Examined(
        name="project",
        ok=report.project_exists,
        fact=f"{report.project}{pattern}"
        if report.project_exists
        else f"{report.project} does not exist, or this token cannot see it",
        next_step="Set FLAGWRIGHT_UNLEASH_PROJECT to a project of this server.",
    )


async def _convention(repository: Repository, above: Own) -> Examined:
    """How the repository asks for flags. To find none is fine until something is wrapped."""
    from flagwright.core.wrapping.conventions import find_conventions

    policy = shipped.load_policy(WrappingPolicy, "wrapping", above).policy
    modules = await to_thread.run_sync(repository.python_files)
    found = await worker.run(find_conventions, modules, policy, timeout_s=60)
    if found.general is None:
        fact = "; ".join(
            ["none known; wrapping adds a module for it", *map(doubted, found.doubts[:1])]
        )
        return Examined(name="flag check", ok=True, fact=fact)
    return Examined(name="flag check", ok=True, fact=asked(found.general))


def _failed(name: str, error: FlagwrightError) -> Examined:
    return Examined(name=name, ok=False, fact=error.fact, next_step=error.next_step)
