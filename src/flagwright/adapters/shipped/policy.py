"""Read a policy into its record, or name every mistake with its line and what is allowed."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from pydantic import ValidationError

from flagwright.adapters.shipped.dropped import parts
from flagwright.adapters.shipped.layer import (
    ABOUT_LAYERS,
    Layered,
    Own,
    Source,
    layered,
    sources,
    with_paths,
    with_section,
)
from flagwright.adapters.shipped.mistake import Mistake, invalid, key_in_words, mistakes
from flagwright.adapters.shipped.toml import Key, parse
from flagwright.core.policy.contradiction import TRIED, Contradiction
from flagwright.core.policy.stricter import Table, joined
from flagwright.core.record import Record, sha256
from flagwright.errors import PolicyInvalid

if TYPE_CHECKING:
    from flagwright.core.policy.case import CasesFile

Policy = TypeVar("Policy", bound=Record)


@dataclass(frozen=True)
class LoadedPolicy(Generic[Policy]):
    """A policy, the digest that ties a decision to it, and the files it came from."""

    policy: Policy
    digest: str
    sources: tuple[Source, ...]
    """The strongest layer first."""
    touched: tuple[str, ...] = ()
    """Of each section for paths that counts, one path that it is about."""

    @property
    def source(self) -> Path:
        """The file of the lowest layer."""
        return Path(self.sources[-1].path)

    @property
    def sections(self) -> tuple[tuple[str, ...], ...]:
        """The paths of each section, whether it counts or not."""
        return tuple(one.under for one in _layered(type(self.policy), self.sources).sections)

    def by_section(self) -> dict[tuple[str, ...], Policy]:
        """What is said to changes of the paths of each section, whatever else they touch.

        Raises:
            PolicyInvalid: If a section is looser than what is above it, or has a mistake.
        """
        model = type(self.policy)
        whole = _layered(model, self.sources)
        settings: dict[tuple[str, ...], Table] = {}
        found = {}
        for one in whole.sections:
            with_section(model, whole.settings, one, whole.sources)
            above = settings.get(one.under, whole.settings)
            settings[one.under] = joined(model, above, one.settings)
            found[one.under] = valid(model, settings[one.under], one.place_of)
        return found

    def place(self, *key: str | int) -> tuple[Source, str]:
        """The file that says most of a key, and where, as `path:line`."""
        source = Layered({}, self.sources, (), ()).source_of(key)
        return source, source.place(key)

    def contradicted(self, error: Contradiction) -> PolicyInvalid:
        """Say a contradiction that only other policies show, with its line."""
        return invalid([_said(error, lambda key: self.place(*key)[1])])


def _said(error: Contradiction, place_of: Callable[[Key], str]) -> Mistake:
    """A contradiction with its line."""
    said = f"{key_in_words(error.key)}: {error}"
    return Mistake(place_of(error.key), said, error.remedy, error.key)


def load_policy(
    model: type[Policy],
    name: str,
    above: Own,
    *,
    repository: Mapping[str, Source] | None = None,
    touched: Sequence[str] = (),
    files: tuple[Source, ...] | None = None,
) -> LoadedPolicy[Policy]:
    """Read `policies/NAME.toml` of every layer.

    The digest is over what was parsed, in the order of the file where order counts, so that
    a comment changes nothing.

    Args:
        above: Of the user and their organisation.
        repository: What the repository says, by the name of the policy.
        touched: Paths of the change that is judged; sections for other paths do not count.
        files: The layers as they were once, instead of those of now.

    Raises:
        PolicyInvalid: With file, line, what was found and what is allowed.
    """
    found = files or sources(name, above, repository or {})
    if name.startswith("weights"):
        found = _of_one_layer(found)
    if not found:
        raise PolicyInvalid(
            f"policies/{name}.toml is missing.",
            next_step="Leave the line `weights = ...` out of risk.toml, or name one that "
            "flagwright risk fit has written to the policies of your configuration.",
        )
    whole = _layered(model, found)
    _hold_apart(model, found)
    return _validated(model, found, _representative(whole, touched))


def less_by(
    model: type[Record], found: tuple[Source, ...], error: PolicyInvalid
) -> tuple[Source, ...]:
    """The layers of a policy without what an error names in the lowest.

    Without all of that file where the error leads to nothing in it.

    Raises:
        PolicyInvalid: If a layer above has a mistake.
    """
    lowest = found[-1]
    above = _layered(model, found[:-1]).settings
    content: Table = {}
    together: Table = {}
    with suppress(PolicyInvalid):
        content = lowest.content()
        together = _layered(model, found).settings
    gone = parts(model, content, above, together, [key for *_, key in error.mistakes])
    return (*found[:-1], lowest._replace(dropped=(*lowest.dropped, *gone)))


def _of_one_layer(found: tuple[Source, ...]) -> tuple[Source, ...]:
    """Numbers that were learned together: the organisation's, or else the lowest layer's."""
    whole = tuple(one for one in found if one.layer == "organisation")
    return whole or found[-1:]


def _representative(whole: Layered, touched: Sequence[str]) -> tuple[str, ...]:
    """One path for each section that counts: the same policy for many changes."""
    from flagwright.core.policy.paths import under

    found: list[str] = []
    for section in whole.sections:
        found += next(([path] for path in touched if under(path, section.under)), [])
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=64)
def _layered(model: type[Record], found: tuple[Source, ...]) -> Layered:
    return layered(model, found)


@lru_cache(maxsize=64)
def _hold_apart(model: type[Record], found: tuple[Source, ...]) -> None:
    """Try every section for some paths by itself, whatever a change touches.

    Those that say the same are tried once: each costs as much as the whole policy.
    """
    whole = _layered(model, found)
    said: set[str] = set()
    for section in whole.sections:
        says = json.dumps(section.settings, default=str)
        if says in said:
            continue
        said.add(says)
        try:
            content = with_section(model, whole.settings, section, whole.sources)
            valid(model, content, section.place_of)
        except PolicyInvalid as error:
            key = ("paths", section.place)
            raise invalid([Mistake(*one[:3], key) for one in error.mistakes]) from error


@lru_cache(maxsize=64)
def _validated(
    model: type[Policy], found: tuple[Source, ...], touched: tuple[str, ...]
) -> LoadedPolicy[Policy]:
    """By content, because a policy tries all its examples each time it is read.

    As it ships, it does not: then nobody changed what was tried before it shipped.
    """
    whole = _layered(model, found)
    content = with_paths(model, whole, touched)

    def place(key: Key) -> str:
        return whole.source_of(key).place(key)

    is_tried = all(source.layer == "shipped" for source in found)
    try:
        policy = valid(model, content, place, beside=ABOUT_LAYERS, is_tried=is_tried)
    except PolicyInvalid as error:
        raise invalid([_theirs(Mistake(*one), found) for one in error.mistakes]) from error
    return LoadedPolicy(policy, sha256(policy.model_dump_json().encode()), found, touched)


def _theirs(mistake: Mistake, found: Sequence[Source]) -> Mistake:
    """The same; nobody is sent to change an example in a file that ships."""
    *higher, lowest = found
    if not any(mistake.place.startswith(f"{one.path}:") for one in higher):
        return mistake
    if dropped := _dropped(".".join(map(str, mistake.key)), found):
        return dropped
    examples = mistake.fact.partition(":")[0].rpartition(" (number")[0]
    return mistake._replace(remedy=f"{lowest.path} changes what it tries: write {examples} there.")


def _dropped(name: str, found: Sequence[Source]) -> Mistake | None:
    """What to say of a setting that some layer leaves out, and that has to be there."""
    for source in found:
        for number, each in enumerate(source.content().get("drop", ())):
            if each == name:
                fact = f"drop: {name} has to be there"
                return Mistake(source.place(("drop", number)), fact, "Give it another value.")
    return None


def valid(
    model: type[Policy],
    content: object,
    place_of: Callable[[Key], str],
    beside: Iterable[str] = (),
    *,
    is_tried: bool = False,
) -> Policy:
    """What was parsed, as its record.

    Args:
        beside: Names that may stand beside those of the model.
        is_tried: Whether it is known to agree with its examples.

    Raises:
        PolicyInvalid: With file, line, what was found and what is allowed.
    """
    try:
        text = json.dumps(content, default=str)
        return model.model_validate_json(text, strict=True, context=TRIED if is_tried else None)
    except ValidationError as error:
        raise invalid([*mistakes(error, model, place_of, beside=beside)]) from error


def load_text(
    model: type[Policy], name: str, above: Own, layer: Literal["own", "repository"], text: str
) -> LoadedPolicy[Policy]:
    """A policy as it would be with a file that is not written yet, instead of the one there.

    Raises:
        PolicyInvalid: If it would not load.
    """
    higher = above._replace(config_dir=None) if layer == "own" else above
    file = Source(layer, f"{name}.toml", text)
    return load_policy(model, name, above, files=(*sources(name, higher, {}), file))


def check_apart(
    model: type[Record], name: str, above: Own, repository: Mapping[str, Source]
) -> None:
    """Try every section for some paths by itself, and every layer without those below it.

    Raises:
        PolicyInvalid: If one is looser, or has a mistake.
    """
    found = sources(name, above, repository)
    for number in range(2, len(found)):
        _validated(model, found[:number], ())
    _hold_apart(model, found)


def read_toml(model: type[Policy], source: Source) -> Policy:
    """One file by itself, without layers.

    Raises:
        PolicyInvalid: With file, line, what was found and what is allowed.
    """
    return valid(model, parse(source.text, source.path), source.place)


def read_cases(source: Source, known: Collection[str]) -> "CasesFile":
    """One file of a team's own cases.

    Args:
        known: The rules that a case may name; none: nobody can tell.

    Raises:
        PolicyInvalid: With file, line, what was found and what is allowed.
    """
    from flagwright.core.policy.case import CasesFile

    found = read_toml(CasesFile, source)
    wrong = [*found.contradictions(known)] if known else []
    if wrong:
        raise invalid([_said(one, source.place) for one in wrong])
    return found
