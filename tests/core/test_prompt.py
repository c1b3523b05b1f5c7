"""A prompt's places are filled once, with what was given or with the default."""

import pytest

from flagwright.core.prompt import PromptArgument, PromptFile


def prompt(text: str) -> PromptFile:
    argument = PromptArgument(name="flag")
    return PromptFile(name="p", title="P", description="", arguments=(argument,), text=text)


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("Take {{flag}} out.", {"flag": "release.a"}, "Take release.a out."),
        ("Keep {{keep|on}}.", {}, "Keep on."),
        ("Keep {{keep|on}}.", {"keep": "off"}, "Keep off."),
        ("Keep {{keep|on}}.", {"keep": ""}, "Keep on."),
        ("Nothing: {{keep}}.\n", {}, "Nothing: ."),
        ("{ {flag} } stays", {"flag": "x"}, "{ {flag} } stays"),
    ],
)
def test_a_place_takes_the_value_or_its_default(
    text: str, values: dict[str, str], filled: str
) -> None:
    assert prompt(text).filled(values) == filled


def test_a_value_is_not_read_for_places() -> None:
    assert prompt("{{flag}} {{keep|on}}").filled({"flag": "{{keep}}"}) == "{{keep}} on"
