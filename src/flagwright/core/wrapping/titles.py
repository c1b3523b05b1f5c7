"""Tell whether whoever is handed a private function may ask what it is called.

With the flag off that would be `_total_off`: a framework makes the name of a command, a task
or an endpoint of it, and a helper of the repository may write it into a log.
"""

import ast
from collections.abc import Collection
from fnmatch import fnmatchcase

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.giving_on import OF_PYTHON, Asking, is_handed_to
from flagwright.core.wrapping.reach import tells_a_name
from flagwright.core.wrapping.tree import nodes


def is_title_read(
    name: str, tree: ast.Module, states: Collection[Bases], running_calls: Collection[str]
) -> bool:
    """Whether a file hands a function to somebody who may ask for its name.

    Args:
        states: The repository, in each of its states.
        running_calls: Functions of others that only call what they are given, as patterns.
    """

    def asks(origin: str) -> bool:
        is_known = origin.partition(".")[0] in OF_PYTHON
        return not is_known and not any(fnmatchcase(origin, p) for p in running_calls)

    asking = Asking(asks, lambda file: any(map(tells_a_name, nodes(file))))
    return is_handed_to(name, tree, states, asking)
