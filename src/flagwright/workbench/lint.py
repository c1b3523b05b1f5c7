"""Say every mistake of every policy at once, for a person, a hook or a pipeline.

Reads files only: neither the store nor the flag server is opened.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator

from flagwright.adapters import shipped
from flagwright.adapters.shipped import LoadedPolicy, Own, Source
from flagwright.core.patch import visible
from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.head import RuleHead
from flagwright.core.policy.stricter import EXAMPLES
from flagwright.core.policy.value import meant
from flagwright.core.record import Record
from flagwright.core.risk.view import Kinds
from flagwright.errors import PolicyInvalid
from flagwright.workbench.catalogue import LAYERED, POLICIES, model_of
from flagwright.workbench.doubt import doubts, of_waivers

if TYPE_CHECKING:
    from flagwright.core.demand import Server

Shown = Annotated[str, AfterValidator(visible)]
"""Also of what a stranger wrote, or named a file."""


class Problem(Record):
    """One thing that is wrong, or soon will be."""

    level: Literal["error", "warning"]
    at: Shown
    """`file:line`"""
    fact: Shown
    remedy: Shown


class Checked(Record):
    """One policy, as all its layers make it."""

    name: str
    files: tuple[str, ...]
    digest: str
    examples: int


class Linted(Record):
    """The policies that somebody has a say in and that load, and everything that is wrong."""

    policies: tuple[Checked, ...]
    problems: tuple[Problem, ...]


def lint(above: Own, folder: Path, today: date, server: "Server") -> Linted:
    """Load every policy that some layer has a say in, a repository's from its work tree.

    The score's and the rules are looked up where cases, rules or waivers name what they hold.

    Args:
        server: On which approvals are asked for.
    """
    says = shipped.in_tree(folder)
    found = [*_unknown(above, folder)]
    loaded: dict[str, LoadedPolicy[Any]] = {}
    as_shipped: list[str] = []
    for name in POLICIES:
        try:
            if not _is_said(name, above, says):
                as_shipped.append(name)
                continue
            model = model_of(name)
            loaded[name] = shipped.load_policy(model, name, above, repository=says)
            shipped.check_apart(model, name, above, says)
        except PolicyInvalid as error:
            found += problems(error)
    cases = shipped.case_files(folder, above)
    named: dict[str, LoadedPolicy[Any]] = {}
    if cases or "waivers" in loaded or _names_findings(loaded):
        shipping = [name for name in ("risk", "rules") if name in as_shipped]
        named = {name: shipped.load_policy(model_of(name), name, above) for name in shipping}
    elif "rules" in loaded and "risk" in as_shipped:
        named = {"risk": shipped.load_policy(Kinds, "risk", above)}
    try:
        loaded |= _learned(loaded, above)
        found += _together(loaded, loaded | named, today, server)
    except PolicyInvalid as error:
        found += problems(error)
    for source in cases:
        try:
            shipped.read_cases(source, _rules_of(loaded | named))
        except PolicyInvalid as error:
            found += problems(error)
    return Linted(
        policies=tuple(_checked(name, one) for name, one in loaded.items()),
        problems=tuple(found),
    )


def _is_said(name: str, above: Own, says: Mapping[str, Source]) -> bool:
    return any(one.layer != "shipped" for one in shipped.sources(name, above, says))


def _names_findings(loaded: Mapping[str, LoadedPolicy[Any]]) -> bool:
    return "rules" in loaded and loaded["rules"].policy.names_findings


def _rules_of(loaded: Mapping[str, LoadedPolicy[Any]]) -> dict[str, RuleHead]:
    """Every rule by its id; none where they cannot be known."""
    if not {"risk", "rules"} <= loaded.keys():
        return {}
    return {**loaded["rules"].policy.named(), **loaded["risk"].policy.named()}


def _learned(
    loaded: Mapping[str, LoadedPolicy[Any]], above: Own
) -> Iterator[tuple[str, LoadedPolicy[Any]]]:
    """The weights, where anybody says which, or other ones than those that ship."""
    risk = loaded.get("risk")
    if risk or _is_said("weights", above, {}):
        name = risk.policy.weights if risk else "weights"
        yield "weights", shipped.load_policy(model_of("weights"), name, above)


def _together(
    loaded: Mapping[str, LoadedPolicy[Any]],
    named: Mapping[str, LoadedPolicy[Any]],
    today: date,
    server: "Server",
) -> Iterator[Problem]:
    """What only several policies, or a calendar, can tell."""
    risk, rules, waivers = named.get("risk"), loaded.get("rules"), loaded.get("waivers")
    if risk and rules:
        try:
            whole = None if isinstance(risk.policy, Kinds) else risk.policy
            rules.policy.agree(risk.policy.files, whole)
        except Contradiction as error:
            raise rules.contradicted(error) from error
    found = [*doubts(loaded, today, server)]
    if waivers:
        found += of_waivers(waivers, _rules_of(named), today)
    for at, fact, remedy, is_error in found:
        level: Literal["error", "warning"] = "error" if is_error else "warning"
        yield Problem(level=level, at=at, fact=fact, remedy=remedy)


def _unknown(above: Own, folder: Path) -> Iterator[Problem]:
    """Files that nobody reads, under whatever name."""
    for layer, path, is_read in shipped.found_in(folder, above.config_dir):
        known = [f"{name}.toml" for name in (LAYERED if layer == "repository" else POLICIES)]
        parent, name = Path(path).parent.name, Path(path).name
        if not is_read:
            fact = "Nobody reads this: it is no regular file whose name ends in .toml."
            remedy = "Name it so, or move it away; words for people go into a file *.md."
        elif parent == "tests" or name in known or (layer == "own" and name[:7] == "weights"):
            continue
        elif name in (f"{one}.toml" for one in POLICIES):
            fact = f"A repository has no say in {name}."
            remedy = "Move it to the policies of your own configuration, or remove it."
        else:
            fact = f"No policy is called {name}."
            remedy = meant(name, known)
        yield Problem(level="error", at=f"{path}:1", fact=fact, remedy=remedy)
    for path in (path for path in shipped.misplaced(folder) if Path(path).stem in LAYERED):
        fact, remedy = "Nobody reads this.", f"Move it to {shipped.FOLDER}."
        yield Problem(level="error", at=f"{path}:1", fact=fact, remedy=remedy)
    for name, source in above.organisation.items():
        if name not in POLICIES and not name.startswith("weights"):
            fact, remedy = f"No policy is called {name}.toml.", meant(name, POLICIES)
            yield Problem(level="error", at=f"{source.path}:1", fact=fact, remedy=remedy)


def problems(error: PolicyInvalid) -> Iterator[Problem]:
    """Each mistake that an error names."""
    if not error.mistakes:
        place, _, fact = error.fact.partition(" ")
        yield Problem(level="error", at=place, fact=fact, remedy=error.next_step)
    for place, fact, remedy, _ in error.mistakes:
        yield Problem(level="error", at=place, fact=f"{fact}.", remedy=remedy)


def _checked(name: str, one: LoadedPolicy[Any]) -> Checked:
    return Checked(
        name=name,
        files=tuple(source.path for source in one.sources),
        digest=one.digest,
        examples=sum(_examples(one.policy.model_dump(mode="json"))),
    )


def _examples(value: Any) -> Iterator[int]:
    """Count what stands in lists of examples, wherever they are in a policy."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in EXAMPLES and isinstance(inner, list):
                yield len(inner)
            else:
                yield from _examples(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _examples(inner)
