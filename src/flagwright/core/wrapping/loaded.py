"""Refuse a plan by which a version imports a file that nothing imported, and that does things.

The imports of both versions stand in a wrapped file. A file of the repository that only one
version imports then runs for the other one, too: what it does is as if the change had brought it.
"""

from collections.abc import Iterator, Mapping, Sequence

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.graph import Graph
from flagwright.core.wrapping.outside import used_outside
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.whole import check_dormant
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap


def check_loaded(
    whole: Wrapped,
    states: Sequence[Mapping[str, bytes]],
    looking: Sequence[Mapping[str, bytes]],
    policy: WrappingPolicy,
) -> None:
    """Refuse a plan that runs a file for the version that does not import it.

    Args:
        states: The repository as it is and as it was, and `looking`: what of it runs.

    Raises:
        CannotWrap: `import-time`.
    """
    wrapped = {file.path: file.text for file in whole.files if file.text is not None}
    both = Graph({**states[0], **wrapped})
    graphs = [Graph(state) for state in states]
    for own, other in ((0, 1), (1, 0)):
        elsewhere = [(states[i], looking[i]) for i in (own, other)]
        for path, found in _only_there(wrapped, both, graphs[own], graphs[other], looking[own]):
            bases = [Bases(found, *state) for state in elsewhere]
            try:
                tree = read(states[own][found], max_kb=policy.max_file_kb).tree
                check_dormant(tree, policy, bases)
            except CannotWrap as error:
                because = f"{found}, which only one version imports, would run for both: "
                raise refuse(1, "import-time", because + error.because, path=path) from error


def _only_there(
    wrapped: Mapping[str, bytes], both: Graph, own: Graph, other: Graph, files: Mapping[str, bytes]
) -> Iterator[tuple[str, str]]:
    """Files that only the other version imports, with the wrapped one that leads to each.

    Args:
        both: What the wrapped files import; what asks for the flag may be among it.
        files: Those of the version itself of which an import counts.
    """
    waiting = [
        (path, found)
        for path in wrapped
        if path in own.modules
        for found in both.imported(path) & other.imported(path) - own.imported(path)
    ]
    seen: set[str] = set()
    while waiting:
        path, found = waiting.pop()
        if found in seen:
            continue
        seen.add(found)
        if found not in own.modules:
            waiting += [(path, further) for further in other.imported(found)]
        elif not used_outside(found, (), {p: t for p, t in files.items() if p not in seen}):
            yield path, found
            waiting += [(path, further) for further in own.imported(found)]
