"""Put a lower layer of a policy on a higher one, which it may only make stricter.

Pure. What a setting counts as stricter is said where the setting is declared; a setting that
says nothing cannot be changed by a lower layer, unless the higher one lists it as open.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Key = tuple[str | int, ...]
Table = Mapping[str, Any]
EXAMPLES = {"accepts", "rejects", "examples", "matches", "passes"}
"""Lists that only try what the other settings say."""


class Stricter(NamedTuple):
    """A setting that a lower layer may change to a value of the same or a higher rank."""

    rank: Callable[[Any], float]
    neutral: Any = None
    """For a new table: the least that it may say, where it may not say everything."""


class Adds:
    """A list or table to which a lower layer adds, and takes nothing away."""


class Keeps:
    """A list from which a lower layer may take away, and to which it adds nothing."""


class Extends:
    """A text that a lower layer may make longer: what matched before still begins like it."""


class Free:
    """A setting that has nothing to do with strictness."""


class Anew:
    """Examples of the file they stand in: a file below that says something brings its own."""


class Exempts:
    """A list of exceptions, each of which makes looser; where it is open, a lower layer adds."""


class Loosened(Exception):
    """A lower layer says less than the higher one; `key` leads to it."""

    def __init__(self, key: Key, above: object, below: object, *, is_fixed: bool = False) -> None:
        """`is_fixed`: no value of a lower layer would do."""
        super().__init__(key)
        self.key, self.above, self.below, self.is_fixed = key, above, below, is_fixed


def overlaid(above: Table, below: Table) -> dict[str, Any]:
    """Tables together; everything else that the lower one says replaces the higher one's."""
    merged = dict(above)
    for name, value in below.items():
        known = above.get(name)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        merged[name] = overlaid(known, value) if both else value  # type: ignore[arg-type]  # both are
    return merged


def renewed(model: type[BaseModel], above: Table, below: Table) -> Table:
    """The higher layer without the examples that may not hold any more under the lower one."""
    examples = [name for name, field in model.model_fields.items() if _mark(field, Anew)]
    return {**above, **{name: [] for name in examples}} if below else above


def tightened(
    model: type[BaseModel], above: Table, below: Table, opened: Collection[str] = ()
) -> dict[str, Any]:
    """The higher layer with what the lower one makes stricter.

    Args:
        opened: Dotted keys, of settings or whole tables, that the lower layer may set as it likes.

    Raises:
        Loosened: If the lower layer makes something looser, or touches what is not its own.
    """
    return _table(model, above, below, (), frozenset(opened))


def loosened(
    model: type[BaseModel], above: Table, below: Table, opened: Collection[str] = ()
) -> list[Loosened]:
    """Every place where the lower layer makes something looser, or touches what is not its own."""
    found: list[Loosened] = []
    while True:
        try:
            tightened(model, above, below, opened)
        except Loosened as error:
            found.append(error)
            below = _less(below, error.key)
        else:
            return found


def joined(model: type[BaseModel], one: Table, other: Table) -> dict[str, Any]:
    """Two that are as low: of each setting the stricter, or that of the first if neither is.

    Their examples count where no setting of the other is left out.
    """
    said, whole = other, renewed(model, one, other)
    while True:
        try:
            return tightened(model, whole, said)
        except Loosened as error:
            said = _less(said, error.key)
            said = {name: value for name, value in said.items() if name not in EXAMPLES}


def leads_somewhere(model: type[BaseModel], key: Sequence[str]) -> bool:
    """Whether there is such a setting, or table of them."""
    kind: Any = model
    field = None
    for step in key:
        kind, field = _field(kind, step)
    return field is not None


def exempts(model: type[BaseModel], key: Sequence[str]) -> bool:
    """Whether a key leads to a list of exceptions."""
    kind: Any = model
    field = None
    for step in key:
        kind, field = _field(kind, step)
    return bool(_mark(field, Exempts))


def _less(table: Table, key: Key) -> dict[str, Any]:
    """A table without what a key leads to."""
    first, *rest = key
    left = {name: value for name, value in table.items() if name != first}
    inner = table[str(first)]
    return left | ({str(first): _less(inner, tuple(rest))} if rest else {})


def _table(
    kind: Any, above: Table, below: Table, key: Key, opened: frozenset[str], *, adds: bool = False
) -> dict[str, Any]:
    merged = dict(above)
    for name, value in below.items():
        inner, field = _field(kind, name)
        here = (*key, name)
        if _is_open(here, opened):
            merged[name] = _set(inner, field, above.get(name), value)
        elif field is None:
            merged[name] = value  # the model says that there is no such setting
        elif name in above and isinstance(value, Mapping) and isinstance(above[name], Mapping):
            merged[name] = _table(
                inner, above[name], value, here, opened, adds=bool(_mark(field, Adds))
            )
        else:
            merged[name] = _value(inner, field, above, name, value, here, adds=adds)
    return merged


def _value(
    kind: Any, field: FieldInfo | None, above: Table, name: str, value: Any, key: Key, *, adds: bool
) -> Any:
    known = above.get(name, _default(field))
    if _mark(field, Free) or _mark(field, Anew) or known == value:
        return value
    if (_mark(field, Adds) or _mark(field, Keeps)) and not isinstance(value, list | Mapping):
        return value  # the model says what it has to be
    lists = isinstance(known, list | tuple) and isinstance(value, list)
    if lists and _mark(field, Adds):
        return [*known, *(one for one in value if one not in known)]
    if lists and _mark(field, Keeps) and all(one in known for one in value):
        return value
    texts = isinstance(known, str) and isinstance(value, str)
    if texts and _mark(field, Extends) and value.startswith(known):
        return value
    stricter = _mark(field, Stricter)
    if stricter and _rank(stricter, value) >= _rank(stricter, known):
        return value
    if adds and name not in above:
        for inner, least in _least(kind, value) if isinstance(value, Mapping) else ():
            raise Loosened((*key, inner), least, value[inner])
        return value
    raise Loosened(
        key,
        known,
        value,
        is_fixed=not any(_mark(field, kind) for kind in (Stricter, Keeps, Extends)),
    )


def _set(kind: Any, field: FieldInfo | None, above: Any, below: Any) -> Any:
    """What a lower layer sets as it likes; what it does not name in a table stays."""
    if isinstance(above, Mapping) and isinstance(below, Mapping):
        said = {name: _set(*_field(kind, name), above.get(name), below[name]) for name in below}
        return {**above, **said}
    is_longer = _mark(field, Exempts) and isinstance(above, list) and isinstance(below, list)
    return [*above, *below] if is_longer else below


def _rank(stricter: Stricter, value: Any) -> float:
    """What no model will accept has no rank; the model says so itself."""
    try:
        return stricter.rank(value)
    except (AttributeError, LookupError, TypeError, ValueError):
        return float("inf")


def _least(kind: Any, table: Table) -> Iterator[tuple[str, Any]]:
    """What a new table says that is below the least that it may."""
    for name, value in table.items():
        stricter = _mark(_field(kind, name)[1], Stricter)
        least = stricter.neutral if stricter else None
        if stricter and least is not None and _rank(stricter, value) < stricter.rank(least):
            yield name, least


def _is_open(key: Key, opened: frozenset[str]) -> bool:
    steps = [str(step) for step in key]
    return any(".".join(steps[: end + 1]) in opened for end in range(len(steps)))


def _default(field: FieldInfo | None) -> Any:
    if field is None or field.is_required():
        return None
    return field.get_default(call_default_factory=True)


def _mark(field: FieldInfo | None, kind: type[Any]) -> Any:
    marks = field.metadata if field else ()
    return next((mark for mark in marks if isinstance(mark, kind)), None)


def _field(kind: Any, name: str) -> tuple[Any, FieldInfo | None]:
    """The type of a setting and what is said of it; neither where there is none."""
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for own, field in kind.model_fields.items():
            if (field.alias or own) == name:
                return field.annotation, field
        return None, None
    if get_origin(kind) is not dict:
        return None, None
    names, inner = get_args(kind)
    if get_origin(names) is Literal and name not in get_args(names):
        return None, None
    return inner, FieldInfo.from_annotation(inner)


def _bare(kind: Any) -> Any:
    """A type without what is said of it, and without none."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        return next((_bare(one) for one in get_args(kind) if one is not type(None)), None)
    return kind
