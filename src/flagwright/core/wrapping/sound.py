"""Tell a check of a flag by how it reads.

A check names the flag in a plain string, and what is called (or looked up) sounds like a
question about flags.
"""

import ast
import re
from collections.abc import Collection, Iterator
from typing import Final

_ASKS: Final = frozenset(
    {
        "active",
        "allowed",
        "bool",
        "boolean",
        "enabled",
        "experiment",
        "feature",
        "features",
        "flag",
        "flags",
        "flagged",
        "gate",
        "has",
        "is",
        "on",
        "switch",
        "toggle",
        "toggles",
        "treatment",
        "variation",
        "waffle",
    }
)
_OF_OTHERS: Final = frozenset({"allowed", "has", "is"})
"""What permissions, headers and files are asked for as well."""
_OF_SETTINGS: Final = frozenset({"env", "environ", "environment", "getenv", "parser"})
"""What gives a truth value that nobody switches while the program runs."""
_ACTS: Final = frozenset(
    {
        "add",
        "append",
        "archive",
        "assert",
        "called",
        "clear",
        "connect",
        "create",
        "debug",
        "delete",
        "disable",
        "discard",
        "emit",
        "enable",
        "error",
        "exception",
        "extend",
        "info",
        "insert",
        "listen",
        "log",
        "make",
        "mock",
        "new",
        "override",
        "patch",
        "pop",
        "print",
        "raise",
        "register",
        "remove",
        "reset",
        "set",
        "subscribe",
        "track",
        "update",
        "warn",
        "warning",
    }
)
_VARIES: Final = frozenset(
    {
        "config",
        "count",
        "details",
        "experiment",
        "float",
        "integer",
        "json",
        "limit",
        "metadata",
        "number",
        "object",
        "param",
        "parameter",
        "payload",
        "percent",
        "percentage",
        "string",
        "treatment",
        "value",
        "variant",
        "variation",
    }
)
"""What gives one of many values, unless a truth value is given as its default."""
_DENIES: Final = frozenset(
    {
        "blocked",
        "disabled",
        "disallowed",
        "forbidden",
        "inactive",
        "lacks",
        "missing",
        "no",
        "not",
        "off",
        "unavailable",
        "unless",
        "without",
    }
)
"""What is true where a flag is off."""
_OF_SEVERAL: Final = frozenset({"all", "any", "both", "either", "every", "none", "one"})
_MAKES: Final = re.compile(r"[A-Z][A-Z\d]*[a-z]")
"""How the name of a class begins."""
_FLAG_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{1,99}")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def sounds_like_a_check(dotted: str) -> bool:
    """Whether a dotted name asks about flags: `client.is_enabled`, `FLAGS.get`, `flag_is_active`.

    The last part says what is done, so it must not sound like an act (`create_flag`).
    """
    last = {word.lower() for word in _WORD.findall(dotted.rpartition(".")[2])}
    words = {word.lower() for word in _WORD.findall(dotted)}
    asks = words & _ASKS
    reads = bool(words & _OF_SETTINGS) and asks <= {"bool", "boolean"}
    return bool(asks) and not reads and not last & _ACTS


def says_more_than_is(words: str) -> bool:
    """Whether an import and a check say more than others do, unlike `is_url("x")`."""
    said = {word.lower() for word in _WORD.findall(words.replace("{flag}", ""))}
    return bool(said & (_ASKS - _OF_OTHERS))


def says_what_flags_do(words: str) -> bool:
    """Whether an import and a check have a word for flags, unlike `on_startup("x")`."""
    said = {word.lower() for word in _WORD.findall(words)}
    return bool(said & (_ASKS - _OF_OTHERS - {"active", "bool", "on"})) or {"is", "on"} <= said


def names_flags(words: str) -> bool:
    """Whether code says of what it looks up that it is about flags: `FEATURES["x"]`."""
    said = {word.lower() for word in _WORD.findall(words)}
    return bool(said & {"experiment", "feature", "features", "flag", "flags", "toggle", "toggles"})


def surely_asked_flag(node: ast.AST) -> str | None:
    """As `asked_flag`, but not where it may ask for something else: `request.has("x-trace")`.

    Nor where the answer is yes if nothing is known of the flag.
    """
    name = asked_flag(node)
    if name and isinstance(node, ast.expr) and unknown_is_yes(node):
        return None
    asked = node.value if isinstance(node, ast.Await) else node
    return name if name and says_more_than_is(_dotted_of(asked)) else None


def _dotted_of(node: ast.AST) -> str:
    part = node.func if isinstance(node, ast.Call) else getattr(node, "value", node)
    return _dotted(part) or ""


def asked_flag(node: ast.AST) -> str | None:
    """The flag that an expression asks for, or none where it is no check."""
    match node:
        case ast.Await(value=value):
            return asked_flag(value)
        case ast.Call(func=func, args=args, keywords=keywords):
            values = [*args, *(keyword.value for keyword in keywords)]
        case ast.Subscript(value=func, slice=key):
            values = [key]
        case _:
            return None
    dotted = _dotted(func)
    if dotted is None or not sounds_like_a_check(dotted):
        return None
    if isinstance(node, ast.Call) and _is_no_question(dotted.rpartition(".")[2], values):
        return None
    return next((name for v in values if (name := flag_name(v))), None)


def may_ask(call: ast.Call) -> bool:
    """Whether a call sounds like a check, whatever it names."""
    return sounds_like_a_check(_dotted(call.func) or "")


def _is_no_question(last: str, values: list[ast.expr]) -> bool:
    """Whether a call makes an object, denies, asks for several flags or gives other values."""
    words = {word.lower() for word in _WORD.findall(last)}
    makes = _MAKES.match(last) and not words & {"is", "has"}
    varies = bool(words & _VARIES) and not words & {"bool", "boolean", "is", "enabled"}
    has_default = any(isinstance(v, ast.Constant) and isinstance(v.value, bool) for v in values)
    named = sum(flag_name(value) is not None for value in values)
    of_several = named > 1 and bool(words & _OF_SEVERAL)
    return bool(makes or words & _DENIES or of_several) or (varies and not has_default)


def set_to(node: ast.AST, flag: str, spelled: Collection[str] = ()) -> bool | None:
    """What a test sets a flag to: `override_flag("new-tax", active=True)`; none for anything else.

    Args:
        spelled: Other ways in which the file names the flag.
    """
    match node:
        case (
            ast.Call(func=func, args=[name, ast.Constant(value=bool() as value)], keywords=[])
            | ast.Call(
                func=func,
                args=[name],
                keywords=[
                    ast.keyword(arg="active" | "enabled", value=ast.Constant(bool() as value))
                ],
            )
        ):
            words = {
                word.lower() for word in _WORD.findall((_dotted(func) or "").rpartition(".")[2])
            }
            is_named = flag_name(name) == flag or ast.unparse(name) in spelled
            sets = "override" in words and words & {"feature", "flag", "sample", "switch", "toggle"}
            return value if sets and is_named else None
        case _:
            return None


def flag_name(node: ast.AST) -> str | None:
    """The text of a plain string that could name a flag."""
    match node:
        case ast.Constant(value=str() as name) if _FLAG_NAME.fullmatch(name):
            return name
        case _:
            return None


def _dotted(node: ast.AST) -> str | None:
    """`a.b.c` of a chain of attributes; calls on the way are looked through."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{base}.{attr}" if (base := _dotted(value)) else attr
        case ast.Call(func=func):
            return _dotted(func)
        case _:
            return None


def mention_of(flag: str) -> re.Pattern[bytes]:
    """A pattern for a flag's name that is not part of another one: not `new-tax` in `new-tax-2`.

    A colon behind it ends a key (`new-tax: true`), unless the name goes on there.
    """
    name = re.escape(flag.encode())
    return re.compile(rb"(?<![\w:-])(?<!\w\.)" + name + rb"(?![\w-]|[.:]\w)")


def unknown_is_yes(
    asked: ast.expr, around: ast.FunctionDef | ast.AsyncFunctionDef | None = None
) -> list[ast.expr]:
    """Arguments that make a question say yes where the client knows nothing of the flag.

    Args:
        around: The function that the call stands in; its parameters may be left out.
    """
    named = {name for name, value in _defaults(around) if _is_true(value)} if around else set()
    call = asked.value if isinstance(asked, ast.Await) else asked
    if not isinstance(call, ast.Call):
        return []
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return [
        value
        for value in values
        if _is_true(value.body if isinstance(value, ast.Lambda) else value)
        or (isinstance(value, ast.Name) and value.id in named)
    ]


def _defaults(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
) -> Iterator[tuple[str, ast.expr | None]]:
    own = function.args
    plain = [*own.posonlyargs, *own.args]
    last = plain[len(plain) - len(own.defaults) :]
    yield from ((a.arg, value) for a, value in zip(last, own.defaults, strict=True))
    yield from ((a.arg, v) for a, v in zip(own.kwonlyargs, own.kw_defaults, strict=True))


def _is_true(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is True
