"""Say in plain words what the tiers that a policy asks for stop, and what they do not.

Pure. No tier stops everything, and a team can only choose well where that is said.
"""

from collections.abc import Iterator

from flagwright.core.demand import NAMING, ApprovalPolicy, Demand, Server, demand_in_words
from flagwright.core.record import Record
from flagwright.core.records.decision import Tier

MEANS: dict[Tier, str] = {
    "dialog": "somebody answers the assistant's own dialog",
    "out-of-band": "a person types a code that only their own terminal shows",
    "attested": "a person signs in to the flag server as themselves",
    "pull-request": "the plan is reviewed and merged on the code host",
}
STOPS: dict[Tier, str] = {
    "dialog": "an assistant that only calls tools",
    "out-of-band": "an assistant that only calls tools, or answers its own dialogs",
    "attested": "a program with a shell as you: the approver's secret is not on this machine",
    "pull-request": "one person alone, as far as the rules of the code host go",
}
LETS_THROUGH: dict[Tier, str] = {
    "dialog": "an assistant, or a hook in it, that answers its own dialogs",
    "out-of-band": "a program with a shell as you, which can make itself a terminal: the record "
    "names the programs that asked, as long as it hides none of them",
    "attested": "two people who agree, what reads along while the approver types here, or files "
    "edited by hand (verify finds those in a pipeline)",
    "pull-request": "whoever may change those rules, or files edited by hand on the way",
}


class Told(Record):
    """What is asked of some plans, and what that is worth."""

    about: str
    fact: str
    is_possible: bool = True
    """False where nobody can give such an approval here."""


def tell(policy: ApprovalPolicy, server: Server) -> Iterator[Told]:
    """Say it for every band, and for each rule that asks for more than its band."""
    by_demand: dict[Demand, list[str]] = {}
    for band, demand in policy.demands(server).items():
        by_demand.setdefault(demand, []).append(band)
    for demand, bands in by_demand.items():
        yield _told(f"{', '.join(bands)} risk", demand, server)
    for name, rule in policy.rules.items():
        if rule.server in {None, server} and (rule.path or rule.environments):
            shadow = " (shadow)" if rule.shadow else ""
            yield _told(f"rule {name}{shadow}", rule.alone(), server)
    if policy.free_environments:
        free = ", ".join(policy.free_environments)
        yield Told(about=f"switching in {free}", fact="needs no approval")


def _told(about: str, demand: Demand, server: Server) -> Told:
    asked = demand_in_words(demand)
    if demand.tier is None:
        return Told(about=about, fact=asked)
    if demand.tier in NAMING and server == "embedded":
        fact = f"{asked}, which nobody can give here: the embedded server knows one user only"
        return Told(about=about, fact=fact, is_possible=False)
    stops, lets = STOPS[demand.tier], LETS_THROUGH[demand.tier]
    return Told(about=about, fact=f"{asked}. Stops {stops}. Does not stop {lets}")
