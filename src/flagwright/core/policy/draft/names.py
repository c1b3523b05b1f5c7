"""Read the pattern of a project's flags off the flags that there are."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import re2

from flagwright.core.naming.policy import ALLOWED, NamingPolicy, broken_rules
from flagwright.core.place import Place
from flagwright.core.policy.draft import Block, InitPolicy, listed, quoted
from flagwright.core.risk.pattern import matches

MOST_EXAMPLES, MOST_KINDS, SOME = 10, 6, 0.1
REFUSED = ("New Flag", "release.NewTax")
"""Names that no policy lets pass; they show how a refusal is written."""


def names_blocks(
    names: Mapping[str, str], server: tuple[str, str] | None, policy: InitPolicy, now: NamingPolicy
) -> Iterator[Block]:
    """What to propose about names: first the best, then what does in its place where it may not.

    Args:
        names: Each flag, and where it was seen.
        server: The naming pattern of the server's project, and the project; none: it has none.
        now: What is in force.
    """
    fitting = sorted(name for name in names if ALLOWED.match(name))
    odd = sorted(names.keys() - set(fitting))
    if server:
        says = f"The flag server's own pattern (featureNaming of project {server[1]})."
        yield _block(server[0], fitting, odd, now, says)
    elif len(fitting) >= policy.least_names:
        says = f"Read off {len(fitting)} flags: {_seen(fitting, names)}."
        yield _block(pattern_of(fitting), fitting, odd, now, says)
    else:
        says = f"{len(fitting)} flags were found, too few to read a pattern from."
        yield Block("naming", (says, "The names that are in force count."), "")
    passing = [name for name in fitting if _passes(name, now)][:MOST_EXAMPLES]
    if passing:
        says = "Flags that there are, and whose names are good; an edit that refuses one is told."
        yield Block("naming", (says,), f"accepts = {listed(passing)}\n", is_second_best=True)


def names_in_code(
    checks: Mapping[str, Sequence[Place]], files: Mapping[str, bytes], policy: InitPolicy
) -> dict[str, str]:
    """Names that the code asks for as one asks for a flag, and where."""
    found = {}
    for name, places in checks.items():
        for place in places:
            lines = files.get(place.path, b"").splitlines()
            line = lines[place.line - 1] if place.line <= len(lines) else b""
            if matches(policy.asks, _asking(line.decode("utf-8", "replace"), name)):
                found[name] = str(place)
                break
    return found


def _asking(line: str, name: str) -> str:
    """What a line calls with a name; all of it where the name stands elsewhere."""
    called = re.search(rf"""([\w.]+)[(\[][^()\[\]]*["']{re.escape(name)}["']""", line)
    return called[1] if called else line


def pattern_of(names: Sequence[str]) -> str:
    """An RE2 expression for names like these: as many parts, joined as theirs are."""
    dots = Counter(name.count(".") for name in names)
    least, most = min(dots), max(dots)
    joins = [mark for mark in "-_" if sum(mark in name for name in names) >= SOME * len(names)]
    join = joins[0] if len(joins) == 1 else "[_-]"
    word = f"[a-z0-9]+({join}[a-z0-9]+)*" if joins else "[a-z0-9]+"
    kinds = Counter(name.partition(".")[0] for name in names)
    few = len(kinds) <= MOST_KINDS and all(count > 1 for count in kinds.values())
    first = f"({'|'.join(sorted(kinds))})" if least and few else word
    if not most:
        return word
    times = f"{{{least},{most}}}" if least != most else f"{{{least}}}" if least > 1 else ""
    return rf"{first}(\.{word}){times}"


def _block(
    pattern: str, names: Sequence[str], odd: Sequence[str], now: NamingPolicy, says: str
) -> Block:
    """The pattern with examples, and what does not fit it."""
    other = [*odd, *(name for name in names if not _fits(pattern, name, now))]
    good = [name for name in names if name not in other]
    lines = [says]
    if other:
        lines += [f"{len(other)} do not fit: {', '.join(map(ascii, other[:MOST_EXAMPLES]))}."]
    prefixes = tuple(rule.prefix for rule in now.types.values())
    toml = f"pattern = {_literal(pattern)}\naccepts = {listed(good[:MOST_EXAMPLES])}\n"
    toml += f"rejects = {listed(REFUSED)}\n"
    if not all(name.startswith(prefixes) for name in good):
        lines += ["Names do not begin with their type here."]
        toml += '\n[types.release]\nprefix = ""\n'
    return Block("naming", tuple(lines), toml)


def _seen(names: Sequence[str], where: Mapping[str, str]) -> str:
    shown = [f"{name} ({where[name]})" for name in names[:3]]
    return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _passes(name: str, policy: NamingPolicy) -> bool:
    return any(not broken_rules(name, policy, kind) for kind in policy.types)


def _fits(pattern: str, name: str, now: NamingPolicy) -> bool:
    """Whether a name has the pattern, and nothing in it that no type may have."""
    try:
        if not re2.fullmatch(pattern, name):
            return False
    except re2.error:
        return False
    words = set(name.replace("-", ".").replace("_", ".").split("."))
    return not words & set(now.forbidden_words) and not name.startswith(now.reserved_prefixes)


def _literal(pattern: str) -> str:
    return f"'{pattern}'" if "'" not in pattern and pattern.isprintable() else quoted(pattern)
