"""Read how a call says to ask for a flag, and for whom.

What a call says ends up in files, so it must be an import and a question, and nothing more.
"""

import ast
from typing import Any, Literal

from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.sound import unknown_is_yes
from flagwright.errors import BadRequest


def given_convention(text: str) -> Convention:
    """A convention in one line: `from flags import client; client.is_enabled("{flag}")`.

    What stands before the last `;` is the import; without one, each file has the client already.

    Raises:
        BadRequest: Where it does not read as that.
    """
    head, _, check = text.rpartition(";")
    convention = Convention(import_line=head.strip(), check=check.strip())
    if mistake_in(convention):
        raise BadRequest(
            f"{text!r} is no way to ask for a flag.",
            next_step="Give one import, a semicolon and an expression with {flag} in it: "
            'from flags import client; client.is_enabled("{flag}").',
        )
    return convention


def mistake_in(convention: Convention) -> tuple[Literal["import_line", "check"], str] | None:
    """What does not read as an import or a question, and why; none where both do."""
    line, check = convention.import_line, convention.check
    body = _body(line, "exec")
    if line and not (len(body) == 1 and isinstance(body[0], ast.Import | ast.ImportFrom)):
        return "import_line", f"{line!r} is not one import"
    asked = _body(convention.model_copy(update={"context": "None"}).asking("x"), "eval")
    if not asked or "{flag}" not in check:
        return "check", f"{check!r} is no expression with {{flag}} in it"
    question = asked[0].value if isinstance(asked[0], ast.Await) else asked[0]
    if not isinstance(question, ast.Call | ast.Subscript):
        return "check", f"{check!r} does more than ask: write the call alone"
    if unknown_is_yes(question):
        return "check", f"{check!r} says yes where nobody knows the flag: let it be off then"
    return None


def _body(text: str, mode: Literal["exec", "eval"]) -> list[Any]:
    """The statements of a text, or its one expression; nothing where it is no Python."""
    try:
        body = ast.parse(text, mode=mode).body  # type: ignore[attr-defined] # both modes have one
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return body if isinstance(body, list) else [body]


def require_question(convention: Convention) -> Convention:
    """The convention that a call gives.

    Raises:
        BadRequest: Where it would put more into files than an import and a question.
    """
    if found := mistake_in(convention):
        raise BadRequest(
            f"{found[1]}.",
            next_step='Give one import and one question, such as "from flags import client" and '
            "'client.is_enabled(\"{flag}\")'.",
        )
    return convention


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
