"""Read the layers of a policy: what ships, what the user or organisation says, and a repository.

The user's own file goes over the shipped one, setting by setting. A repository's may only make
the result stricter, and so may a section for some paths, in whichever file it stands.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from flagwright.adapters.shipped.dropped import ALL, as_written, without
from flagwright.adapters.shipped.mistake import Mistake, invalid, mistakes
from flagwright.adapters.shipped.place import find, read
from flagwright.adapters.shipped.toml import Key, line_of, parse
from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.stricter import (
    EXAMPLES,
    Loosened,
    Table,
    joined,
    loosened,
    overlaid,
    renewed,
    tightened,
)
from flagwright.core.record import Record
from flagwright.errors import PolicyInvalid

LayerName = Literal["shipped", "organisation", "own", "repository"]
ABOUT_LAYERS = ("open", "drop", "paths")
"""What a policy file may say beside the settings of its policy."""
MOST_SECTIONS = 200
"""Most `[[paths]]` of one file: each may be tried by itself, and a stranger may write it."""


class Source(NamedTuple):
    """One file of one layer."""

    layer: LayerName
    path: str
    text: str
    dropped: tuple[Key, ...] = ()
    """What does not count, one after the other; an empty key is all of it."""

    def content(self) -> dict[str, Any]:
        """What it says and what counts."""
        return {} if ALL in self.dropped else without(parse(self.text, self.path), self.dropped)

    def place(self, key: Key) -> str:
        """Where a key stands, as `path:line`."""
        return f"{self.path}:{line_of(self.text, as_written(key, self.dropped))}"


class Own(NamedTuple):
    """What counts over the shipped policies, before a repository says anything."""

    config_dir: Path | None = None
    """The user's configuration, which holds `policies`."""
    organisation: Mapping[str, Source] = {}
    """What their organisation says of each policy; the user's own is then only stricter."""
    cases: tuple[Source, ...] = ()
    """Files of cases of the organisation."""
    prompts: Mapping[str, Source] = {}
    """Prompts of the organisation, by name; they go over the user's own."""


class Layering(Record):
    """What a policy file says about the layers below it."""

    open: tuple[str, ...] = ()
    """Settings or tables, with dots, that a lower layer may set as it likes: `bands.high`."""
    drop: tuple[str, ...] = ()
    """Tables of the layer above that do not count: `types.sunset`."""
    paths: tuple[dict[str, Any], ...] = ()
    """Settings that are stricter where a change touches the paths that `under` names."""


class Section(NamedTuple):
    """Stricter settings for some paths."""

    source: Source
    place: int
    under: tuple[str, ...]
    settings: Table

    def place_of(self, key: Key) -> str:
        """Where a setting of the section stands."""
        return self.source.place(("paths", self.place, *key))


class Layered(NamedTuple):
    """The settings of all layers together, and where they may be looked up."""

    settings: dict[str, Any]
    sources: tuple[Source, ...]
    sections: tuple[Section, ...]
    opened: tuple[str, ...]
    """Keys that the lower layers may set as they like."""

    def source_of(self, key: Key) -> Source:
        """The file that says most of a key, the lowest layer first."""
        held: list[tuple[Source, Any]] = [
            (source, source.content()) for source in reversed(self.sources)
        ]
        for step in key:
            if held[0][0].layer in ("own", "organisation") and isinstance(held[0][1], list):
                held = held[:1]  # its lists replace those above
            inside = [(source, value[step]) for source, value in held if _has(value, step)]
            if not inside:
                break
            held = inside
        return held[0][0]


def _has(value: Any, step: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, dict) and step in value


def sources(name: str, above: Own, repository: Mapping[str, Source]) -> tuple[Source, ...]:
    """Every file that says something about a policy, the strongest layer first.

    Raises:
        PolicyInvalid: If one cannot be read.
    """
    file = f"policies/{name}.toml"
    found = []
    if (shipped := _found(file, None)) is not None:
        found.append(Source("shipped", str(shipped), read(shipped)))
    if name in above.organisation:
        found.append(above.organisation[name])
    if (own := _found(file, above.config_dir)) not in (None, shipped):
        if name == "waivers" and above.organisation and name not in above.organisation:
            found.append(_unsaid(above.organisation))
        found.append(Source("own", str(own), read(own)))
    return (*found, *([repository[name]] if name in repository else []))


def _unsaid(organisation: Mapping[str, Source]) -> Source:
    """The waivers of an organisation that has none: who waives its rules is for it to say."""
    folder, _, _ = next(iter(organisation.values())).path.rpartition("/")
    return Source("organisation", f"{folder}/waivers.toml", "")


def _found(file: str, config_dir: Path | None) -> Path | None:
    try:
        return find(file, config_dir)
    except PolicyInvalid:
        return None


def layered(model: type[Record], found: Sequence[Source]) -> Layered:
    """Put the layers on each other.

    Raises:
        PolicyInvalid: With file and line, if a layer is looser than it may be.
    """
    settings: dict[str, Any] = {}
    sections: list[Section] = []
    opened: tuple[str, ...] = ()
    for number, source in enumerate(found):
        content = source.content()
        about = _about(content, source)
        own = {name: value for name, value in content.items() if name not in ABOUT_LAYERS}
        if _only_tightens(source, found):
            if about.drop or about.open:
                raise _not_here(source, "drop" if about.drop else "open")
            settings = _tightened(model, settings, own, opened, source, (), found[:number])
        else:
            kept = _without(settings, about.drop, source)
            if own or about.drop:
                kept = {name: [] if name in EXAMPLES else kept[name] for name in kept}
            settings = overlaid(kept, own)
            opened = about.open if "open" in content else opened
        sections += _sections(about, source)
    return Layered(settings, tuple(found), tuple(sections), opened)


def _only_tightens(source: Source, found: Sequence[Source]) -> bool:
    """A repository's file always; the user's where their organisation has one above it."""
    layers = [one.layer for one in found]
    return source.layer == "repository" or (source.layer == "own" and "organisation" in layers)


def with_paths(model: type[Record], whole: Layered, touched: Sequence[str]) -> dict[str, Any]:
    """The settings with every section that speaks about one of the touched paths.

    Raises:
        PolicyInvalid: If a section by itself is looser than what is above it.
    """
    from flagwright.core.policy.paths import under

    settings = whole.settings
    for section in whole.sections:
        if any(under(path, section.under) for path in touched):
            with_section(model, whole.settings, section, whole.sources)
            settings = joined(model, settings, section.settings)
    return settings


def with_section(
    model: type[Record], settings: Table, section: Section, higher: Sequence[Source]
) -> dict[str, Any]:
    """The settings with one section."""
    at = ("paths", section.place)
    return _tightened(model, settings, section.settings, (), section.source, at, higher)


def _tightened(
    model: type[Record],
    above: Table,
    below: Table,
    opened: Sequence[str],
    source: Source,
    at: Key,
    higher: Sequence[Source],
) -> dict[str, Any]:
    whole = renewed(model, above, below)
    try:
        return tightened(model, whole, below, opened)
    except Loosened as error:
        wrong = loosened(model, whole, below, opened)
        raise invalid([_loosened(one, source, at, higher) for one in wrong]) from error


def _loosened(error: Loosened, source: Source, at: Key, higher: Sequence[Source]) -> Mistake:
    key = ".".join(str(step) for step in error.key)
    open_it = f'let the layer above say: open = ["{key}"]'
    if error.is_fixed:
        fact = f"{key} is for the layer above to say"
        remedy = f"Take it out here; write it in the policies above, or {open_it}"
    else:
        stands = Layered({}, tuple(higher), (), ()).source_of(error.key).place(error.key)
        known = "not set" if error.above is None else f"{_shown(error.above)}, {stands}"
        fact = f"{key} = {_shown(error.below)} is not stricter than above ({known})"
        remedy = f"Make it stricter, or {open_it}"
    return Mistake(source.place((*at, *error.key)), fact, remedy, (*at, *error.key))


def _shown(value: object) -> str:
    import json

    said = json.dumps(value, default=str, ensure_ascii=False)
    return said if len(said) <= 80 else f"{said[:77]}..."


def _about(content: Table, source: Source) -> Layering:
    said = {name: content[name] for name in ABOUT_LAYERS if name in content}
    try:
        return Layering.model_validate(said)
    except ValidationError as error:
        found = mistakes(error, Layering, source.place)
        raise invalid([*found]) from error


def _sections(about: Layering, source: Source) -> list[Section]:
    from flagwright.core.policy.paths import compiled

    if (number := len(about.paths)) > MOST_SECTIONS:
        at, fact = source.place(("paths", MOST_SECTIONS)), f"{number} sections for paths"
        remedy = f"Name folders that ask for the same in one; at most {MOST_SECTIONS} are read."
        raise invalid([Mistake(at, fact, remedy, ("paths",))])
    found = []
    for place, table in enumerate(about.paths):
        patterns = table.get("under")
        key: Key = ("paths", place, "under")
        is_list = isinstance(patterns, list) and all(isinstance(one, str) for one in patterns)
        if not patterns or not is_list:
            fact = "a section for paths does not say which"
            remedy = 'Write: under = ["services/billing/"]'
            raise invalid([Mistake(source.place(key), fact, remedy, key)])
        try:
            compiled(tuple(patterns))
        except Contradiction as error:
            wrong = Mistake(source.place(key), str(error), error.remedy, key)
            raise invalid([wrong]) from error
        settings = {name: value for name, value in table.items() if name != "under"}
        found.append(Section(source, place, tuple(patterns), settings))
    return found


def _without(settings: dict[str, Any], dropped: Sequence[str], source: Source) -> dict[str, Any]:
    for place, name in enumerate(dropped):
        *table, last = name.split(".")
        settings = _copied(settings)
        inner: Any = settings
        for step in table:
            inner = inner.get(step) if isinstance(inner, dict) else None
        if not isinstance(inner, dict) or last not in inner:
            fact = f"drop: the layer above has no {name}"
            raise invalid([Mistake(source.place(("drop", place)), fact, "Take it out of drop.")])
        del inner[last]
    return settings


def _copied(value: Any) -> Any:
    return {k: _copied(v) for k, v in value.items()} if isinstance(value, dict) else value


def _not_here(source: Source, name: str) -> PolicyInvalid:
    whose = "a repository" if source.layer == "repository" else "what is below an organisation's"
    fact = f"{name}: {whose} can only make a policy stricter"
    return invalid([Mistake(source.place((name,)), fact, f"Remove {name}.", (name,))])
