"""Read prompts: Markdown with a front matter of a few plain lines, and the table of next steps.

The front matter is a small part of YAML, read by hand: `key: value`, and `arguments:` with
one `- name: ...` item each. Anything else in it is a mistake with a line.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flagwright.adapters.shipped.place import find, homes, read
from flagwright.adapters.shipped.toml import line_of, parse
from flagwright.core.prompt import PromptFile
from flagwright.errors import PolicyInvalid

_LINE = re.compile(r"(?P<indent> *)(?P<item>- )?(?P<key>[a-z]+):(?: +(?P<value>\S.*?))? *")
_INDENTS = {(False, 0): "prompt", (True, 2): "new argument", (False, 4): "argument"}


def prompt_files(config_dir: Path | None) -> tuple[PromptFile, ...]:
    """Every prompt by name; the user's own replaces the shipped one of the same file name.

    Raises:
        PolicyInvalid: With file and line, if a front matter has a mistake.
    """
    names: set[str] = set()
    for home in homes(config_dir):
        names |= {path.name for path in (home / "prompts").glob("*.md")}
    prompts = (_prompt(find(f"prompts/{name}", config_dir)) for name in sorted(names))
    return tuple(sorted(prompts, key=lambda prompt: prompt.name))


def _prompt(path: Path) -> PromptFile:
    head, body = _split(read(path), path)
    content: dict[str, Any] = {"text": body}
    arguments: list[dict[str, str]] = []
    for number, line in enumerate(head, start=2):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        place = _INDENTS.get((bool(found["item"]), len(found["indent"]))) if found else None
        if not found or not place or (place == "argument" and not arguments):
            raise _mistake(path, number, f"is no line of a front matter: {line.strip()[:80]!r}")
        if place == "new argument":
            arguments.append({})
        target = content if place == "prompt" else arguments[-1]
        if found["key"] in target:
            raise _mistake(path, number, f"says {found['key']} a second time")
        target[found["key"]] = _plain(found["value"] or "")
    if content.pop("arguments", "") or (arguments and "arguments:" not in head):
        raise _mistake(path, 1, "lists its arguments below a line `arguments:`")
    try:
        return PromptFile.model_validate({**content, "arguments": arguments})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise _mistake(path, 1, f"{where}: {first['msg']}") from error


def _split(text: str, path: Path) -> tuple[list[str], str]:
    """Lines of the front matter, and the text after it."""
    lines = text.splitlines()
    if lines[:1] != ["---"] or "---" not in lines[1:]:
        raise _mistake(path, 1, "does not begin with a front matter between two lines `---`")
    end = lines.index("---", 1)
    return lines[1:end], "\n".join(lines[end + 1 :]).strip() + "\n"


def _plain(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _mistake(path: Path, line: int, because: str) -> PolicyInvalid:
    return PolicyInvalid(
        f"{path}:{line} {because}.",
        next_step="Allowed: name, title, description, and arguments, a list of items with "
        "name, description and required (true or false).",
    )


def next_steps(reader: str, config_dir: Path | None) -> Mapping[str, str]:
    """Next steps for a reader with their keys flattened, e.g. `score.flag`.

    Lines of the user's own file win over those of the shipped one.

    Raises:
        PolicyInvalid: With file and line, if a file is no table of tables of sentences.
    """
    name = f"prompts/next-steps-{reader}.toml"
    shipped, own = find(name, None), find(name, config_dir)
    return _sentences(shipped) | (_sentences(own) if own != shipped else {})


def _sentences(path: Path) -> dict[str, str]:
    text = read(path)
    steps: dict[str, str] = {}
    for step, answers in parse(text, path).items():
        for status, sentence in (
            answers.items() if isinstance(answers, dict) else ((None, answers),)
        ):
            if status is None or not isinstance(sentence, str):
                key = (step,) if status is None else (step, status)
                raise PolicyInvalid(
                    f"{path}:{line_of(text, key)} {'.'.join(key)} is no sentence of a step.",
                    next_step='Write: [step], then one line a status: status = "sentence".',
                )
            steps[f"{step}.{status}"] = sentence
    return steps
