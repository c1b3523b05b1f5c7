"""Say what is wrong in the words of an installation, and what its policies say to fill them.

Reads files only: neither the store nor the flag server is opened, and never a repository, whose
words would be a stranger's.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from flagwright.adapters import shipped
from flagwright.adapters.shipped import Own
from flagwright.adapters.shipped.prompt import prompt_file, prompt_names
from flagwright.core.policy.value import NoValue, Policies, part_of
from flagwright.core.prompt import PromptFile
from flagwright.core.record import Record
from flagwright.core.wording import Vocabulary, wrong_words
from flagwright.errors import PolicyInvalid
from flagwright.workbench.catalogue import LAYERED, model_of
from flagwright.workbench.lint import Problem, problems


class Worded(Record):
    """The prompts that can be read, and everything that is wrong."""

    prompts: tuple[PromptFile, ...]
    problems: tuple[Problem, ...]


def policy_values(above: Own) -> Policies:
    """What each policy says, as plain values; a repository's do not count.

    Raises:
        PolicyInvalid: If one has a mistake.
    """
    values: dict[str, object] = {}
    for name in (*LAYERED, "rollout", "weights"):
        loaded = shipped.load_policy(model_of(name), name, above)
        values[name] = loaded.policy.model_dump(mode="json", by_alias=True)
    return values


def lint_words(above: Own, known: Vocabulary) -> Worded:
    """Look at every prompt and every next step."""
    found: list[Problem] = []
    try:
        policies = policy_values(above)
    except PolicyInvalid as error:
        return Worded(prompts=(), problems=tuple(problems(error)))
    prompts: list[PromptFile] = []
    for name in prompt_names(above):
        try:
            prompts.append(prompt_file(name, above))
        except PolicyInvalid as error:
            found += problems(error)
    for prompt in prompts:
        found += _wrong_prompt(prompt, known, policies)
    for reader in shipped.READERS:
        found += _wrong_steps(reader, above.config_dir, known, policies)
    return Worded(prompts=tuple(prompts), problems=tuple(found))


def _wrong_prompt(prompt: PromptFile, known: Vocabulary, policies: Policies) -> Iterator[Problem]:
    ours = policy_values(Own())
    for place in prompt.places():
        if not place.is_policy or (place.default is not None and _has(ours, place.name)):
            continue  # a default is for what a team took out, not for what never was
        try:
            is_there = _has(policies, place.name)
            prompt.value(place if is_there else place._replace(default=None), policies)
        except PolicyInvalid as error:
            yield from problems(error)
    for line, fact, remedy in wrong_words(prompt.text, known, policies):
        yield _problem(f"{prompt.path}:{prompt.line + line - 1}", fact, remedy)


def _has(policies: Policies, key: str) -> bool:
    try:
        part_of(policies, key)
    except NoValue:
        return False
    return True


def _wrong_steps(
    reader: str, config_dir: Path | None, known: Vocabulary, policies: Policies
) -> Iterator[Problem]:
    try:
        steps = shipped.next_steps(reader, config_dir)
    except PolicyInvalid as error:
        yield from problems(error)
        return
    place = partial(shipped.place_of_step, reader, config_dir)
    for key, sentence in steps.items():
        for _, fact, remedy in wrong_words(sentence, known, policies):
            yield _problem(place(key), fact, remedy)


def _problem(place: str, fact: str, remedy: str) -> Problem:
    return Problem(level="error", at=place, fact=f"{fact}.", remedy=remedy)
