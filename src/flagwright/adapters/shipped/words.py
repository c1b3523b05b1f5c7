"""Read what is said after each step: `prompts/next-steps-READER.toml`, one sentence a status."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from flagwright.adapters.shipped.mistake import Mistake, invalid
from flagwright.adapters.shipped.place import find, read
from flagwright.adapters.shipped.toml import line_of, parse
from flagwright.core.policy.value import meant
from flagwright.errors import PolicyInvalid

READERS = ("assistant", "terminal")
_PLACE = re.compile(r"\{([a-z_]+)\}")


def next_steps(reader: str, config_dir: Path | None) -> Mapping[str, str]:
    """Next steps for a reader with their keys flattened, e.g. `score.flag`.

    Lines of the user's own file win over those of the shipped one.

    Raises:
        PolicyInvalid: With file and line, if a file is no table of tables of sentences, or the
            user's own has a sentence for no step, or a place that is not filled there.
    """
    shipped, own = find(_name(reader), None), find(_name(reader), config_dir)
    ours = _sentences(shipped)
    if own == shipped:
        return ours
    theirs = _sentences(own)
    if wrong := [*_wrong(own, theirs, ours)]:
        raise invalid(wrong)
    return ours | theirs


def place_of_step(reader: str, config_dir: Path | None, key: str) -> str:
    """Where the sentence of a step stands, as `path:line`."""
    own = find(_name(reader), config_dir)
    is_theirs = key in _sentences(own)
    return _place(own if is_theirs else find(_name(reader), None), key)


def _wrong(own: Path, theirs: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[Mistake]:
    """What would be said never, or could not be filled in when it is said."""
    shipped = [_sentences(find(_name(reader), None)) for reader in READERS]
    for key, sentence in theirs.items():
        if key not in ours:
            yield Mistake(_place(own, key), f"{key} is the status of no step", meant(key, ours))
            continue
        filled = {name for words in shipped for name in _PLACE.findall(words.get(key, ""))}
        unknown = [name for name in _PLACE.findall(sentence) if name not in filled]
        if unknown or set("{}") & set(_PLACE.sub("", sentence)):
            what = f"{{{unknown[0]}}} is not filled in here" if unknown else "a lone brace"
            allowed = ", ".join(f"{{{name}}}" for name in sorted(filled))
            yield Mistake(_place(own, key), f"{key}: {what}", f"Allowed: {allowed or 'no braces'}.")


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


def _place(path: Path, key: str) -> str:
    return f"{path}:{line_of(read(path), tuple(key.split('.', 1)))}"


def _name(reader: str) -> str:
    return f"prompts/next-steps-{reader}.toml"
