"""Give a function its body on the line of its header again, where a version had it there.

A check needs a block. `def f():  # flag NAME: on and off in one line` says which versions had
none, so that taking the flag out leaves their very text.
"""

import re

import libcst as cst

_MARK = re.compile(r"# flag (\S+): (on|off|on and off) in one line")


def with_mark(
    node: cst.FunctionDef, before: cst.CSTNode, after: cst.CSTNode, flag: str
) -> cst.FunctionDef:
    """A function of both versions that says of which the body stood on the line of its header."""
    body = node.body
    if not isinstance(body, cst.IndentedBlock):
        return node
    comment = body.header.comment
    if comment and not _MARK.fullmatch(comment.value):
        return node
    sides = {"on": after, "off": before}
    short = [side for side, of in sides.items() if _is_short(of)]
    if not short:
        return node
    header = cst.TrailingWhitespace(
        cst.SimpleWhitespace("  "),
        cst.Comment(f"# flag {flag}: {' and '.join(short)} in one line"),
        body.header.newline,
    )
    return node.with_changes(body=body.with_changes(header=header))


def in_one_line(node: cst.FunctionDef, flag: str, *, on: bool) -> cst.FunctionDef:
    """The function of one version, without the mark, and in one line if that version had it so."""
    body = node.body
    if not isinstance(body, cst.IndentedBlock) or not body.header.comment:
        return node
    match = _MARK.fullmatch(body.header.comment.value)
    if match is None or match[1] != flag:
        return node
    if ("on" if on else "off") in match[2].split() and (line := _only_line(body)):
        short = cst.SimpleStatementSuite(line.body, trailing_whitespace=line.trailing_whitespace)
        return node.with_changes(body=short)
    header = cst.TrailingWhitespace(newline=body.header.newline)
    return node.with_changes(body=body.with_changes(header=header))


def _only_line(block: cst.IndentedBlock) -> cst.SimpleStatementLine | None:
    """The one line of a block; none where there are more, or a comment that needs one."""
    if block.footer or len(block.body) > 1:
        return None
    line = block.body[0] if block.body else cst.SimpleStatementLine([cst.Pass()])
    is_plain = isinstance(line, cst.SimpleStatementLine) and not line.leading_lines
    return cst.ensure_type(line, cst.SimpleStatementLine) if is_plain else None


def _is_short(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.FunctionDef) and isinstance(node.body, cst.SimpleStatementSuite)
