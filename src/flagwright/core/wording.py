"""Check that whatever words name is there: tools, their arguments, commands, keys of policies.

Pure. Between backticks `a_name` or `tool(argument)` is a claim, as is a key of a policy with dots;
so is, anywhere, a command line that begins with `flagwright`, an option, a resource and
`policies/NAME.toml`. Other words are nobody's.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from flagwright.core.policy.value import NoValue, Policies, meant, part_of
from flagwright.core.prompt import Wrong
from flagwright.core.record import Record

_SPAN = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"\bflagwright((?: +(?!flagwright\b)[^\s`]+)+)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_RESOURCE = re.compile(r"flagwright://[^\s`\"]+")
_POLICY_FILE = re.compile(r"(?<![\w./])policies/([a-z-]+)\.toml")
_CALL = re.compile(r"(\w+)\((.*)\)")
_ELSEWHERE = re.compile(rf"```.*?```|`[^`\n]+`|{_COMMAND.pattern}", re.DOTALL)
"""What may name the command that an option belongs to."""
_NAME = re.compile(r"[a-z]+(?:_[a-z]+)+")
_KEY = re.compile(r"([a-z]+)\.[\w.-]+")
_WORD = re.compile(r"[a-z][a-z-]*")


class Vocabulary(Record):
    """Everything that words may name."""

    tools: Mapping[str, tuple[str, ...]]
    """Arguments, by tool."""
    terms: frozenset[str]
    """Fields of answers."""
    commands: Mapping[str, tuple[str, ...]]
    """Options by command, such as `policy lint`; a group is one, too."""
    groups: frozenset[str]
    """Commands that need another word."""
    resources: tuple[str, ...]
    """Addresses with {places}."""


def wrong_words(text: str, known: Vocabulary, policies: Policies) -> Iterator[Wrong]:
    """Each name that is not there, with its line counted from 1."""

    def at(found: re.Match[str]) -> int:
        return text.count("\n", 0, found.start()) + 1

    checks: tuple[tuple[re.Pattern[str], Callable[[str], Iterator[tuple[str, str]]]], ...] = (
        (_SPAN, lambda span: _span(span, known, policies)),
        (_COMMAND, lambda words: _command(words.split(), known)),
        (_RESOURCE, lambda address: _resource(address, known)),
        (_POLICY_FILE, lambda name: _policy_file(name, policies)),
    )
    for pattern, check in checks:
        for found in pattern.finditer(text):
            for fact, remedy in check(found[found.lastindex or 0]):
                yield Wrong(at(found), fact, remedy)
    options = {option for several in known.commands.values() for option in several}
    for found in _OPTION.finditer(_ELSEWHERE.sub(_blank, text)):
        if found[0] not in options:
            fact = f"no command has the option {found[0]}"
            yield Wrong(at(found), fact, meant(found[0], options))


def _blank(found: re.Match[str]) -> str:
    """Leave an option between backticks that names no command."""
    return found[0] if " " not in found[0] else re.sub(r"[^\n]", " ", found[0])


def _span(span: str, known: Vocabulary, policies: Policies) -> Iterator[tuple[str, str]]:
    if call := _CALL.fullmatch(span):
        yield from _call(call[1], call[2], known)
    elif _NAME.fullmatch(span):
        arguments = {name for several in known.tools.values() for name in several}
        keys = {key for policy in policies.values() for key in policy}
        names = known.tools.keys() | known.terms | arguments | keys
        if span not in names:
            fact = f"{span} is no tool, argument, field of an answer or key of a policy"
            yield fact, meant(span, names)
    elif (key := _KEY.fullmatch(span)) and key[1] in policies:
        try:
            part_of(policies, span)
        except NoValue as error:
            yield str(error), error.remedy


def _call(name: str, inside: str, known: Vocabulary) -> Iterator[tuple[str, str]]:
    if name not in known.tools:
        yield f"there is no tool {name}", meant(name, known.tools)
        return
    for part in filter(None, (each.strip() for each in inside.split(","))):
        argument = re.split(r"[=:]", part)[0].strip()
        if argument not in known.tools[name]:
            yield f"{name} has no argument {argument}", meant(argument, known.tools[name])


def _command(words: list[str], known: Vocabulary) -> Iterator[tuple[str, str]]:
    """Follow a command line as far as its words are names of commands and options."""
    command = ""
    for position, word in enumerate(words):
        plain = word.rstrip(".,;:)")
        deeper = f"{command} {plain}".strip()
        if plain.startswith("--"):
            option = plain.partition("=")[0]
            if option not in known.commands.get(command, ()):
                remedy = meant(option, known.commands.get(command, ()))
                yield f"flagwright {command} has no option {option}", remedy
        elif deeper in known.commands and position == command.count(" ") + bool(command):
            command = deeper
        elif (not command or command in known.groups) and _WORD.fullmatch(plain):
            names = _below(command, known)
            yield f"there is no command flagwright {deeper}", meant(plain, names)
            return
        if plain != word:
            return


def _below(command: str, known: Vocabulary) -> list[str]:
    """The names of commands inside a group."""
    depth = len(command.split())
    inside = [each.split() for each in known.commands]
    return [each[-1] for each in inside if each[:-1] == command.split() and len(each) == depth + 1]


def _resource(address: str, known: Vocabulary) -> Iterator[tuple[str, str]]:
    plain = address.rstrip(".,;:)")
    for template in known.resources:
        shape = "[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", template)))
        if re.fullmatch(shape, plain):
            return
    yield f"there is no resource {plain}", f"Allowed: {', '.join(known.resources)}."


def _policy_file(name: str, policies: Policies) -> Iterator[tuple[str, str]]:
    if name not in policies:
        yield f"there is no policies/{name}.toml", meant(name, policies)
