"""Show the mistakes of policies and prompts as compilers do, so that editors find the lines."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from flagwright.surface.linted import LintAnswer

if TYPE_CHECKING:
    from flagwright.surface.answers.prompts import PromptsAnswer, PromptView, WordsAnswer
    from flagwright.workbench.lint import Problem


def lint(answer: LintAnswer) -> None:
    """Every problem with its line and remedy; the policies where there is none."""
    _problems(answer.problems)
    if answer.status == "valid":
        for view in answer.policies:
            files = ", ".join(view.files)
            examples = f"{view.examples:>4} examples" if view.examples else ""
            click.echo(f"{view.name:<10}{examples:<15}{view.digest[:12]}  {files}")
    click.echo(answer.message)


def words(answer: "WordsAnswer") -> None:
    """Every problem with its line and remedy."""
    _problems(answer.problems)
    click.echo(answer.message)


def prompts(answer: "PromptsAnswer") -> None:
    """The text of one, to be piped on; or a line each."""
    if answer.text is not None:
        click.echo(answer.text)
    _listed(answer.prompts)


def _listed(views: "Iterable[PromptView]") -> None:
    for view in views:
        title = f"{view.title} ({', '.join(view.arguments)})" if view.arguments else view.title
        click.echo(f"{view.name:<18}{view.chars:>6} characters  {title}")
        click.echo(f"{'':<18}{click.style(view.file, dim=True)}")


def _problems(problems: "Iterable[Problem]") -> None:
    for problem in problems:
        style = "red" if problem.level == "error" else "yellow"
        level = click.style(problem.level, fg=style)
        click.echo(f"{click.style(problem.at, bold=True)} {level} {problem.fact}")
        click.echo(f"    {problem.remedy}")
