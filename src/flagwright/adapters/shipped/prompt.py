"""Read prompts: Markdown below a front matter in TOML.

TOML between two lines `+++`, and not YAML, because the policies are TOML: one syntax for whoever
owns both, one strict reader of the standard library, and the same errors with their lines.
"""

from pathlib import Path

from flagwright.adapters.shipped.layer import Own, Source
from flagwright.adapters.shipped.mistake import Mistake, invalid
from flagwright.adapters.shipped.place import find, homes, read
from flagwright.adapters.shipped.policy import read_toml
from flagwright.core.prompt import PromptFile, PromptHead
from flagwright.errors import PolicyInvalid

FENCE = "+++"


def prompt_files(above: Own) -> tuple[PromptFile, ...]:
    """Every prompt, in the order of their names.

    Raises:
        PolicyInvalid: With file and line, if one has a mistake.
    """
    return tuple(prompt_file(name, above) for name in prompt_names(above))


def prompt_names(above: Own) -> list[str]:
    """Of those that ship, and of those that the user or their organisation adds."""
    homed = [home / "prompts" for home in homes(above.config_dir)]
    return sorted({path.stem for home in homed for path in home.glob("*.md")} | {*above.prompts})


def prompt_file(name: str, above: Own) -> PromptFile:
    """One prompt: the organisation's, or else the user's own, or else the shipped one.

    Raises:
        PolicyInvalid: With file and line, if it has a mistake.
    """
    if name in above.prompts:
        shown, text = above.prompts[name].path, above.prompts[name].text
    else:
        path = find(f"prompts/{name}.md", above.config_dir)
        shown, text = str(path), read(path)
    head, body, line = _split(text, shown)
    source = Source("own", shown, head)
    told = read_toml(PromptHead, source)
    if told.name != name:
        remedy = f'Write name = "{name}", or rename the file.'
        fact = f"{name}.md has the name {told.name}"
        raise invalid([Mistake(source.place(("name",)), fact, remedy)])
    prompt = PromptFile(**told.model_dump(), text=body, path=shown, line=line)
    wrong = [Mistake(f"{shown}:{n}", fact, way) for n, fact, way in prompt.wrong_places()]
    for number, unused in prompt.unused():
        place = source.place(("arguments", number, "name"))
        wrong.append(
            Mistake(place, f"{unused} is asked for and never used", f"Use {{{{{unused}}}}}.")
        )
    if wrong:
        raise invalid(wrong)
    return prompt


def _split(text: str, path: str) -> tuple[str, str, int]:
    """The front matter with its lines where they are in the file, the text, and its first line."""
    lines = text.splitlines()
    if lines[:1] != [FENCE] or FENCE not in lines[1:]:
        raise PolicyInvalid(
            f"{path}:1 does not begin with a front matter between two lines {FENCE}.",
            next_step=f'Write {FENCE}, then name = "{Path(path).stem}", title = "...", '
            f'description = "...", then {FENCE} and the text.',
        )
    end = lines.index(FENCE, 1)
    return "\n".join(["", *lines[1:end]]), "\n".join(lines[end + 1 :]) + "\n", end + 2
