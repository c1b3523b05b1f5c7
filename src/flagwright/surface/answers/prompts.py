"""Answer what prompts there are, what they say, and whether they name only what is there."""

from collections.abc import Mapping
from typing import Literal

from flagwright.core.prompt import PromptBook, PromptFile
from flagwright.core.record import Record
from flagwright.errors import BadRequest
from flagwright.surface.answer import Answer, Words
from flagwright.surface.linted import counted
from flagwright.workbench.lint import Problem
from flagwright.workbench.wording import Worded


class PromptView(Record):
    """One prompt, and its file."""

    name: str
    title: str
    arguments: tuple[str, ...]
    chars: int
    file: str


class WordsAnswer(Answer):
    """Whether prompts and next steps name only what is there."""

    status: Literal["valid", "invalid"]
    code: str | None = None
    problems: tuple[Problem, ...] = ()
    prompts: tuple[PromptView, ...]


class PromptsAnswer(Answer):
    """Every prompt, or the text of one."""

    status: Literal["listed", "filled"]
    prompts: tuple[PromptView, ...] = ()
    text: str | None = None


def worded(found: Worded, words: Words) -> WordsAnswer:
    """Answer a lint."""
    problems = found.problems
    status: Literal["valid", "invalid"] = "invalid" if problems else "valid"
    message = f"{len(found.prompts)} prompts and every next step name only what is there."
    if problems:
        message = counted(problems)
    return WordsAnswer(
        status=status,
        code="policy-invalid" if problems else None,
        message=message,
        next_step=words[f"prompts.{status}"],
        problems=problems,
        prompts=tuple(map(_view, found.prompts)),
    )


def listed(book: PromptBook, words: Words) -> PromptsAnswer:
    """Answer with every prompt."""
    return PromptsAnswer(
        status="listed",
        message=f"{len(book.files)} prompts.",
        next_step=words["prompts.listed"],
        prompts=tuple(map(_view, book.files)),
    )


def filled(book: PromptBook, name: str, values: Mapping[str, str], words: Words) -> PromptsAnswer:
    """Answer with the text of one prompt, as an assistant reads it.

    Raises:
        BadRequest: If there is none of this name.
    """
    prompt = next((one for one in book.files if one.name == name), None)
    if prompt is None:
        names = ", ".join(one.name for one in book.files)
        raise BadRequest(f"There is no prompt {name!r}.", next_step=f"Name one of: {names}.")
    return PromptsAnswer(
        status="filled",
        message=f"{prompt.name}, from {prompt.path}",
        next_step=words["prompts.filled"],
        text=book.said(prompt, values),
    )


def _view(prompt: PromptFile) -> PromptView:
    return PromptView(
        name=prompt.name,
        title=prompt.title,
        arguments=tuple(one.name + "?" * (not one.required) for one in prompt.arguments),
        chars=len(prompt.text),
        file=prompt.path,
    )
