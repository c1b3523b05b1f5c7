"""Read how a call says to ask for a flag, and for whom.

What a call says ends up in files, so it must be an import and a question, and nothing more.
"""

import ast

from flagwright.core.records.plan import Convention
from flagwright.errors import BadRequest


def given_convention(text: str) -> Convention:
    """A convention in one line: `from flags import client; client.is_enabled("{flag}")`.

    What stands before the last `;` is the import; without one, each file has the client already.

    Raises:
        BadRequest: Where it does not read as that.
    """
    head, _, check = text.rpartition(";")
    convention = Convention(import_line=head.strip(), check=check.strip())
    if not _is_import(convention.import_line) or not _is_check(convention):
        raise BadRequest(
            f"{text!r} is no way to ask for a flag.",
            next_step="Give one import, a semicolon and an expression with {flag} in it: "
            'from flags import client; client.is_enabled("{flag}").',
        )
    return convention


def _is_import(line: str) -> bool:
    """One import statement, or nothing."""
    try:
        body = ast.parse(line).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not line or (len(body) == 1 and isinstance(body[0], ast.Import | ast.ImportFrom))


def _is_check(convention: Convention) -> bool:
    """One expression with a place for the flag."""
    try:
        ast.parse(convention.model_copy(update={"context": "None"}).asking("x"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return "{flag}" in convention.check


def for_whom(convention: Convention, context: str) -> Convention:
    """The convention with an expression for the user or tenant.

    Args:
        context: Names, attributes and items only; empty: what the convention has.

    Raises:
        BadRequest: If it does more than name somebody, or the check does not ask for whom.
    """
    if "{context}" not in convention.check:
        if context:
            raise BadRequest(
                f"`{convention.check}` is not asked for somebody.",
                next_step="Leave the context out, or give a convention with {context} in it.",
            )
        return convention
    if not context and not convention.context:
        raise BadRequest(
            f"`{convention.check}` has to be told for whom it asks.",
            next_step="Give context: an expression that every wrapped function can use.",
        )
    return convention.model_copy(update={"context": _checked(context or convention.context)})


def _checked(context: str) -> str:
    try:
        is_plain = is_context(ast.parse(context, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        is_plain = False
    if not is_plain:
        raise BadRequest(
            f"{context!r} does more than name a user or tenant.",
            next_step="Give names, attributes and items only, like request.user.",
        )
    return context


def is_context(node: ast.expr) -> bool:
    """Whether an expression only names somebody: `request.user`, `{"userId": user.id}`."""
    kinds = (ast.Name, ast.Attribute, ast.Constant, ast.Dict, ast.Subscript, ast.expr_context)
    return all(isinstance(part, kinds) for part in ast.walk(node))
