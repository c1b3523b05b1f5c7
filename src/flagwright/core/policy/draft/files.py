"""Find the files of a repository that are dear: by its layout, and by CODEOWNERS."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.draft import Area, Block, InitPolicy, Proposed, listed, quoted
from flagwright.core.policy.paths import compiled, under
from flagwright.core.risk.owners import Owners
from flagwright.core.risk.view import Roles, role_of

_PLAIN = re.compile(r"[A-Za-z0-9_./@+-]+")
"""Paths that an example and a pattern can name without quoting; others are left out."""
_PARTS = re.compile(r"[._-]+|(?<=[a-z0-9])(?=[A-Z])")
_ELSEWHERE = "README.py"
MANY = 3
"""Places of one name that become one pattern."""


def file_blocks(
    paths: Sequence[str], codeowners: str, roles: Roles, policy: InitPolicy
) -> Iterator[Block]:
    """One rule for each area that the repository has, and one for what CODEOWNERS singles out.

    Args:
        codeowners: Text of CODEOWNERS; empty where there is none.
        roles: Which files are tests and documentation, which are nobody's danger.
    """
    roled = [(role_of(path, roles), path) for path in paths if _PLAIN.fullmatch(path)]
    code = [path for role, path in roled if role == "code"]
    known = [*code, *(path for role, path in roled if role not in ("code", "tests", "docs"))]
    known.sort(key=lambda path: path.startswith("."))  # the best examples come first
    owners, rest = Owners(codeowners), known
    for name, area in policy.areas.items():
        found = _places(rest, area)
        if not found:
            continue
        most = [place for place, _ in found.most_common(policy.most_paths)]
        more = len(found) - len(most)
        inside = [path for path in rest if under(path, tuple(most))]
        rest = [path for path in rest if path not in set(inside)]
        held = Counter(who for path in inside for who in owners.of(path))
        whose = held.most_common(1)[0][0] if held else policy.owner
        words = sorted({word for place in most for word in _words(place) & set(area.words)})
        have = "1 file has" if len(inside) == 1 else f"{len(inside)} files have"
        says = [f"{have} {', '.join(words)} in the name, or in that of a folder above."]
        says += [f"{more} more left out: most_paths in init.toml."] if more else []
        says += [f"CODEOWNERS gives most of them to {whose}."] if held else []
        yield from _rule(name, area, sorted(most), whose, says, known, shadow=policy.shadow)
    singled = [*_singled_out(codeowners)][: policy.most_paths]
    says = ["Lines of CODEOWNERS, other than those for everything."]
    yield from _rule(
        "owned-files", policy.owned, singled, policy.owner, says, known, shadow=policy.shadow
    )


def _places(paths: Sequence[str], area: Area) -> Counter[str]:
    """Patterns of the highest folders, or files, with a word of the area, and their files.

    What has the same name in many places is one pattern.
    """
    wanted, found = set(area.words), Counter[str]()
    for path in paths:
        parts = path.split("/")
        for depth, part in enumerate(parts, 1):
            is_file = depth == len(parts)
            if _words(part.rpartition(".")[0] if is_file and "." in part else part) & wanted:
                found["/" + "/".join(parts[:depth]) + ("" if is_file else "/")] += 1
                break
    named = Counter(map(_name, found))
    joined = Counter[str]()
    for place, count in found.items():
        joined[_name(place) if named[_name(place)] >= MANY else place] += count
    return joined


def _name(place: str) -> str:
    """The last part of a path; of a folder with its slash."""
    return place.rstrip("/").rpartition("/")[2] + ("/" if place.endswith("/") else "")


def _words(place: str) -> set[str]:
    return {word.lower() for part in place.split("/") for word in _PARTS.split(part)}


def _singled_out(codeowners: str) -> Iterator[str]:
    seen = set[str]()
    for line in codeowners.splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2 or words[0][0] in "[^!" or not words[0].strip("*/"):
            continue
        pattern = words[0]
        if pattern not in seen and _PLAIN.fullmatch(pattern.replace("*", "a")):
            seen.add(pattern)
            yield pattern


def _rule(
    name: str,
    said: Proposed,
    patterns: Sequence[str],
    owner: str,
    says: Sequence[str],
    paths: Sequence[str],
    *,
    shadow: bool,
) -> Iterator[Block]:
    """The rule, with a file that it is about and one that it is not; none without such a file."""
    try:
        compiled(tuple(patterns))
    except Contradiction:
        return
    inside = next((path for path in paths if under(path, tuple(patterns))), None)
    outside = next((path for path in paths if not under(path, tuple(patterns))), _ELSEWHERE)
    if inside is None:
        return
    lines = [
        f"[rules.{name}]",
        f"title = {quoted(said.title)}",
        f"reason = {quoted(said.reason)}",
        f"owner = {quoted(owner)}",
        f'severity = "{said.severity}"',
        *(["shadow = true"] if shadow else []),
        f"paths = {listed(list(patterns))}",
        f'matches = ["""\n{inside}\n+changed\n"""]',
        f'passes = ["""\n{outside}\n+changed\n"""]',
    ]
    yield Block("rules", tuple(says), "\n".join(lines) + "\n")
