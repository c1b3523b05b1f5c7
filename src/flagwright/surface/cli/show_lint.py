"""Show the mistakes of policies as compilers do, so that editors and pipelines find the lines."""

import click

from flagwright.surface.answers.lint import LintAnswer


def lint(answer: LintAnswer) -> None:
    """Every problem with its line and remedy; the policies where there is none."""
    for problem in answer.problems:
        style = "red" if problem.level == "error" else "yellow"
        level = click.style(problem.level, fg=style)
        click.echo(f"{click.style(problem.at, bold=True)} {level} {problem.fact}")
        click.echo(f"    {problem.remedy}")
    if answer.status == "valid":
        for view in answer.policies:
            files = ", ".join(view.files)
            click.echo(f"{view.name:<10}{view.examples:>4} examples  {view.digest[:12]}  {files}")
    click.echo(answer.message)
