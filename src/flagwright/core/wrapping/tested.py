"""Say what taking a flag out means for tests: those that set it, and those of what goes."""

from collections.abc import Callable, Collection, Iterator, Mapping

from flagwright.core.records.plan import Segment
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.outside import places_outside, used_outside
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.remaining import place
from flagwright.core.wrapping.sound import set_to
from flagwright.core.wrapping.tree import nodes, parsed_once
from flagwright.core.wrapping.where import places
from flagwright.core.wrapping.wrapped import Wrapped


def keep_settings(
    files: Mapping[str, bytes],
    texts: dict[str, bytes],
    stays: dict[str, str],
    flag: str,
    spelled: Mapping[str, Collection[str]],
    policy: WrappingPolicy,
) -> None:
    """Let tests set the flag where anything still asks for it."""
    left = {p: t for p, t in {**files, **texts}.items() if not policy.is_test(p)}
    asking = [place.path for place in places(left, flag, policy) if place.what == "check"]
    asking += [path for path in stays if path in left and tree_of(files[path]) is None]
    for path in [*filter(policy.is_test, texts)] if asking else ():
        sets = (set_to(n, flag, spelled.get(path, ())) for n in nodes(parsed_once(files[path])))
        if texts[path] != files[path] and any(value is not None for value in sets):
            del texts[path]
            stays[path] = f"it sets the flag, and {asking[0]} still asks for it"


def users_of_what_goes(
    files: Mapping[str, bytes],
    gone: Mapping[str, Collection[str]],
    texts: Mapping[str, bytes],
    is_test: Callable[[str], bool],
) -> Iterator[Wrapped]:
    """Tests of what goes, each with the names of it that it uses."""
    lost = {path: names for path, names in gone.items() if names}
    for test in sorted(filter(is_test, files)) if lost else ():
        left = {test: texts.get(test, files[test])}
        told: dict[int, Segment] = {}
        for path in sorted(lost.keys() - {test}):
            used = used_outside(path, lost[path], left)
            found = places_outside(path, used, test, files[test]) if used else {}
            for name, (first, *more) in found.items():
                also = f" (also line {', '.join(map(str, more))})" if more else ""
                because = f"it uses `{name}` of {path}, which goes: take this back with it{also}"
                told.setdefault(first, place(test, first, "left", because))
        yield Wrapped(files=(), coverage=tuple(told[line] for line in sorted(told)), proof=())
