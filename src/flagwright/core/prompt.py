"""A prompt that a person may pick: words from a file, with places for a few arguments."""

import re
from collections.abc import Mapping

from flagwright.core.records import Record

_PLACE = re.compile(r"\{\{(?P<name>[a-z_]+)(?:\|(?P<default>[^}]*))?\}\}")


class PromptArgument(Record):
    """What a prompt asks for; its value replaces `{{name}}` or `{{name|default}}`."""

    name: str
    description: str = ""
    required: bool = False


class PromptFile(Record):
    """One prompt as its file says it."""

    name: str
    title: str
    description: str
    arguments: tuple[PromptArgument, ...] = ()
    text: str

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with each place filled; a value is never read for places of its own."""
        return _PLACE.sub(
            lambda place: values.get(place["name"]) or place["default"] or "", self.text
        ).strip()
