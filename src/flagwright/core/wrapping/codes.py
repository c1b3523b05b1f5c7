"""Write each statement of a file once, however many versions of the file it stands in.

Sides of a flag share all statements but those that ask for it, and libcst takes longer to
write a tree than to read it.
"""

import libcst as cst


class Codes:
    """The text of the nodes of one file."""

    def __init__(self, module: cst.Module) -> None:
        self._module = module
        self._known: dict[int, tuple[cst.CSTNode, str]] = {}

    def of(self, node: cst.CSTNode) -> str:
        """The text of a statement at the top of the file, or of what was cut out of it."""
        held = self._known.get(id(node))
        if held is None:
            held = self._known[id(node)] = (node, self._module.code_for_node(node))
        return held[1]

    def whole(self, module: cst.Module) -> str:
        """The text of the file with other statements."""
        parts = [*module.header, *module.body, *module.footer]
        if not parts or not module.has_trailing_newline:
            return module.code
        return "".join(map(self.of, parts))
