"""What a policy of many rules costs a score, beside the shipped one, in a server that runs."""

import asyncio
import statistics
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from flagwright.adapters import worker
from flagwright.adapters.shipped import Own
from flagwright.core.policy.judge import judge_change
from flagwright.core.records.change import Change
from flagwright.core.risk.example import example
from flagwright.workbench.rules import Rules, load_rules

RULES, RUNS, ROUNDS = 300, 25, 5
RULE = """
[rules.rule-{n}]
title = "Rule {n}"
reason = "One of many."
owner = "team"
severity = "{severity}"
paths = ["services/s{n}/", "*.x{n}"]
added = '\\bcall_{n}\\('
matches = ["services/s{n}/a.py\\n+call_{n}(1)"]
passes = ["services/s{n}/a.py\\n+call(1)"]
"""
CHANGE = "".join(
    f"services/s{n}/a.py\n" + "".join(f"+value_{m} = call_{n + m}({m})\n" for m in range(40))
    for n in range(12)
)


def timed(change: Change, rules: Rules) -> float:
    """Median milliseconds of a score in a warm worker."""

    async def run() -> list[float]:
        taken = []
        for _ in range(RUNS):
            started = time.perf_counter()
            judge = partial(judge_change, policy_digest=rules.digest)
            args = (rules.risk, rules.weights, rules.rules, rules.waivers.waivers)
            await worker.run(judge, change, *args)
            taken.append(time.perf_counter() - started)
        return taken

    return 1000 * statistics.median(asyncio.run(run())[5:])


def main() -> None:
    """Print the score of one change under both policies."""
    change = example(CHANGE)
    today = datetime.now(UTC).date()
    severities = ("note", "require-flag", "require-approval")
    text = "".join(RULE.format(n=n, severity=severities[n % 3]) for n in range(RULES))
    with TemporaryDirectory() as folder:
        own = Path(folder) / "policies"
        own.mkdir()
        (own / "rules.toml").write_text(text)
        shipped = load_rules(Own(), today)
        started = time.perf_counter()
        many = load_rules(Own(Path(folder)), today)
        loading = 1000 * (time.perf_counter() - started)
        started = time.perf_counter()
        load_rules(Own(Path(folder)), today)
        again = 1000 * (time.perf_counter() - started)
        pairs = [(timed(change, shipped), timed(change, many)) for _ in range(ROUNDS)]
    costs = sorted(many - few for few, many in pairs)
    few = statistics.median(few for few, _ in pairs)
    print(f"a change of {len(change.files)} files, shipped rules: {few:.1f} ms")
    print(f"{RULES} rules more: {statistics.median(costs):+.1f} ms (of {ROUNDS} rounds)")
    print(f"reading those rules with their examples: {loading:.0f} ms once, then {again:.1f} ms")


if __name__ == "__main__":
    main()
