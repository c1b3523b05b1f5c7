"""A prompt that a person may pick: words from a file, with places that are filled when it is asked.

`{{flag}}` and `{{flag|default}}` stand for an argument, `{{risk.flag.due}}` for what a policy says,
so that words and rules cannot drift. What somebody typed in is quoted: it is data.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from flagwright.core.patch import visible
from flagwright.core.policy.value import NoValue, Policies, meant, value_of
from flagwright.core.record import Record
from flagwright.errors import BadRequest, PolicyInvalid

MAX_CHARS = 2000
"""Longest value of an argument."""
_PLACE = re.compile(r"\{\{(?P<name>[a-z_]+(?:\.[\w-]+)*)(?:\|(?P<default>[^}\n]*))?\}\}")
_BEGUN = re.compile(r"\{\{[^}\n]*\}{0,2}")
_PLAIN = re.compile(r"[A-Za-z0-9_@][\w./:@^~+-]{0,99}", re.ASCII)


class PromptArgument(Record):
    """What a prompt asks for."""

    name: str
    description: str = ""
    required: bool = False


class PromptHead(Record):
    """What stands between the two lines `+++`."""

    name: str
    title: str
    description: str
    arguments: tuple[PromptArgument, ...] = ()


class Place(NamedTuple):
    """A place in the text of a prompt."""

    name: str
    default: str | None
    line: int

    @property
    def is_policy(self) -> bool:
        """Whether it stands for what a policy says."""
        return "." in self.name


class Wrong(NamedTuple):
    """Words that name what is not there."""

    line: int
    fact: str
    remedy: str


class PromptFile(PromptHead):
    """One prompt as its file says it."""

    text: str
    path: str = ""
    line: int = 1
    """Of the file, where the text begins."""

    def places(self) -> Iterator[Place]:
        """Every place of the text."""
        for found in _PLACE.finditer(self.text):
            yield Place(found["name"], found["default"], self._line(found))

    def wrong_places(self) -> Iterator[Wrong]:
        """Places that stand for nothing."""
        names = [argument.name for argument in self.arguments]
        for found in _BEGUN.finditer(self.text):
            if not _PLACE.fullmatch(found[0]):
                remedy = "Write {{argument}}, {{argument|default}} or {{policy.key}}."
                yield Wrong(self._line(found), f"{found[0]!r} is no place", remedy)
        for place in self.places():
            if not place.is_policy and place.name not in names:
                fact = f"{{{{{place.name}}}}} is no argument of this prompt"
                yield Wrong(place.line, fact, meant(place.name, names))

    def unused(self) -> Iterator[tuple[int, str]]:
        """Arguments that have no place, by their number and name."""
        places = {place.name for place in self.places()}
        for number, argument in enumerate(self.arguments):
            if argument.name not in places:
                yield number, argument.name

    def filled(self, values: Mapping[str, str], policies: Callable[[], Policies] = dict) -> str:
        """The text with each place filled; a value is never read for places of its own.

        Args:
            values: Of the arguments; each is quoted.
            policies: Asked for only where the text names one.

        Raises:
            BadRequest: If a value is for no argument of this prompt, or too long.
            PolicyInvalid: With file and line, if no policy says what the text names.
        """
        self._require_known(values)
        known = policies() if any(place.is_policy for place in self.places()) else {}

        def fill(found: re.Match[str]) -> str:
            place = Place(found["name"], found["default"], self._line(found))
            if place.is_policy:
                return self.value(place, known)
            return quoted(values[place.name]) if values.get(place.name) else place.default or ""

        return _PLACE.sub(fill, self.text).strip()

    def _require_known(self, values: Mapping[str, str]) -> None:
        names = [argument.name for argument in self.arguments]
        for name, value in values.items():
            if name not in names:
                raise BadRequest(
                    f"{self.name} has no argument {visible(name[:80])!r}.",
                    next_step=f"Its arguments are: {', '.join(names) or 'none'}.",
                )
            if len(value) > MAX_CHARS:
                raise BadRequest(
                    f"{name} has {len(value):,} characters.",
                    next_step=f"Say it in {MAX_CHARS:,} or fewer.",
                )
        if missing := [a.name for a in self.arguments if a.required and not values.get(a.name)]:
            raise BadRequest(
                f"{self.name} was not told: {', '.join(missing)}.", next_step="Say what it is."
            )

    def value(self, place: Place, policies: Policies) -> str:
        """What a policy says for a place, or the default where it says nothing or is not there.

        Raises:
            PolicyInvalid: With file and line, if there is no such key, and no default where needed.
        """
        try:
            said = value_of(policies, place.name) or place.default
        except NoValue as error:
            if place.default is not None:
                return place.default
            raise PolicyInvalid(
                f"{self.path}:{place.line} {error}.", next_step=error.remedy
            ) from error
        if said is None:
            raise PolicyInvalid(
                f"{self.path}:{place.line} {place.name} is not set in the policy.",
                next_step=f"Say what to write then: {{{{{place.name}|nothing}}}}.",
            )
        return visible(said)

    def _line(self, found: re.Match[str]) -> int:
        return self.line + self.text.count("\n", 0, found.start())


def quoted(value: str) -> str:
    """A short name as it is; all else as one line between double quotes that it cannot end."""
    return value if is_plain(value) else json.dumps(visible(value), ensure_ascii=False)


def is_plain(value: str) -> bool:
    """Whether a value is one short name, which can say nothing else."""
    return _PLAIN.fullmatch(value) is not None


class PromptBook(NamedTuple):
    """Every prompt of an installation, and what is looked up once one is asked for."""

    files: tuple[PromptFile, ...]
    policies: Callable[[], Policies]
    words: Callable[[], Mapping[str, str]]

    def said(self, prompt: PromptFile, values: Mapping[str, str]) -> str:
        """A prompt as an assistant reads it; what more than names a thing is announced as data."""
        text = prompt.filled(values, self.policies)
        if all(is_plain(value) for value in values.values()):
            return text
        return f"{self.words()['prompt.typed']}\n\n{text}"
