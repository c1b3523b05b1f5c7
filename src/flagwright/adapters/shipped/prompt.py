"""Read prompts: Markdown below a front matter in TOML.

TOML between two lines `+++`, and not YAML, because the policies are TOML: one syntax for whoever
owns both, one strict reader of the standard library, and the same errors with their lines.
"""

from pathlib import Path

from flagwright.adapters.shipped.layer import Source
from flagwright.adapters.shipped.mistake import Mistake, invalid
from flagwright.adapters.shipped.place import find, homes, read
from flagwright.adapters.shipped.policy import read_toml
from flagwright.core.prompt import PromptFile, PromptHead
from flagwright.errors import PolicyInvalid

FENCE = "+++"


def prompt_files(config_dir: Path | None) -> tuple[PromptFile, ...]:
    """Every prompt by name; the user's own replaces the shipped one of the same name.

    Raises:
        PolicyInvalid: With file and line, if one has a mistake.
    """
    return tuple(map(prompt_file, prompt_paths(config_dir)))


def prompt_paths(config_dir: Path | None) -> tuple[Path, ...]:
    """The file that counts for each prompt, in the order of their names."""
    names: set[str] = set()
    for home in homes(config_dir):
        names |= {path.name for path in (home / "prompts").glob("*.md")}
    return tuple(find(f"prompts/{name}", config_dir) for name in sorted(names))


def prompt_file(path: Path) -> PromptFile:
    """One prompt.

    Raises:
        PolicyInvalid: With file and line, if it has a mistake.
    """
    head, body, line = _split(read(path), path)
    source = Source("own", str(path), head)
    told = read_toml(PromptHead, source)
    if told.name != path.stem:
        remedy = f'Write name = "{path.stem}", or rename the file.'
        fact = f"{path.name} has the name {told.name}"
        raise invalid([Mistake(source.place(("name",)), fact, remedy)])
    prompt = PromptFile(**told.model_dump(), text=body, path=str(path), line=line)
    wrong = [Mistake(f"{path}:{n}", fact, way) for n, fact, way in prompt.wrong_places()]
    for number, name in prompt.unused():
        place = source.place(("arguments", number, "name"))
        wrong.append(Mistake(place, f"{name} is asked for and never used", f"Use {{{{{name}}}}}."))
    if wrong:
        raise invalid(wrong)
    return prompt


def _split(text: str, path: Path) -> tuple[str, str, int]:
    """The front matter with its lines where they are in the file, the text, and its first line."""
    lines = text.splitlines()
    if lines[:1] != [FENCE] or FENCE not in lines[1:]:
        raise PolicyInvalid(
            f"{path}:1 does not begin with a front matter between two lines {FENCE}.",
            next_step=f'Write {FENCE}, then name = "{path.stem}", title = "...", '
            f'description = "...", then {FENCE} and the text.',
        )
    end = lines.index(FENCE, 1)
    return "\n".join(["", *lines[1:end]]), "\n".join(lines[end + 1 :]) + "\n", end + 2
