"""How a repository asks for flags, or a new module that does where nothing of it does yet."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from flagwright.adapters import worker
from flagwright.core.records.change import Change
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import BadRequest

if TYPE_CHECKING:
    from flagwright.core.wrapping.conventions import Found
    from flagwright.core.wrapping.module import Alone
    from flagwright.core.wrapping.way import Doubt
    from flagwright.core.wrapping.wrapped import Wrapped, WrappedFile


SET_IT = (
    "give --import and --check (convention), or set import_line and check in policies/wrapping.toml"
)
NOTHING_ASKS = (
    "no code asks for the flag: nothing that is there runs otherwise with it on, and what is new "
    "can be called with it off, too. "
)
AS_SAFE = "This ships as safely without a flag"
KEPT = "What the change takes away stays until the flag is taken out"


class Chosen(NamedTuple):
    """How the files of a change ask for their flag."""

    convention: Convention
    near: Mapping[str, Convention] = {}
    """Of files whose own package asks in another way, by path."""
    module: "WrappedFile | None" = None
    """New where nothing asks for flags yet, and no module that would is there."""
    notes: tuple[str, ...] = ()


async def convention_for(
    change: Change,
    modules: Mapping[str, bytes],
    policy: WrappingPolicy,
    naming: Callable[[str], Awaitable[Iterable[str]]],
) -> Chosen:
    """How the repository, and some of its packages, ask for flags.

    Args:
        naming: Paths of the files other than Python that name a package.
    """
    from flagwright.core.wrapping.conventions import find_conventions
    from flagwright.core.wrapping.module import NEEDS, OPENFEATURE, alone, fitting, new_module

    changed = [f.path for f in change.files if policy.treatment(f.path) == "wrapped"]
    found = await worker.run(find_conventions, modules, policy, changed)
    if found.general is not None:
        return Chosen(found.general, found.near, notes=tuple(_told(found)))
    client = fitting(policy.client, modules, await naming(OPENFEATURE))
    by_itself = [one for one in alone(changed, modules) if await _installs(one, modules, naming)]
    prefix = f"{by_itself[0].name}_" if by_itself else ""
    new = new_module(changed, modules, client, prefix)
    if new is None:
        raise BadRequest(
            "No Python file of this repository asks for a flag yet, and no name for a module "
            "that does is free.",
            next_step=f"{SET_IT.capitalize()} of your configuration.",
        )
    convention, module = new
    notes = tuple(map(doubted, found.doubts))
    if module is None:
        return Chosen(convention, notes=(asked(convention), *notes))
    note = f"{module.path} is new, because nothing here is known to ask for flags: {NEEDS[client]}"
    told = (_installed(module.path, one) for one in by_itself[:1])
    return Chosen(convention, module=module, notes=(*told, f"{note}.", *notes))


async def _installs(
    one: "Alone", modules: Mapping[str, bytes], naming: Callable[[str], Awaitable[Iterable[str]]]
) -> bool:
    """Whether the file is there, and names the module."""
    if one.installer in modules:
        return True
    for name in sorted({one.name, one.name.replace("_", "-")}):
        if one.installer in await naming(name):
            return True
    return False


def _installed(path: str, one: "Alone") -> str:
    return (
        f"{path} is in no package: let {one.installer} install it beside `{one.name}` (as in "
        f"py_modules), or `import {one.name}` fails where this is installed"
    )


def completed(wrapped: "Wrapped", chosen: Chosen) -> "Wrapped":
    """The plan with how it asks, and the module through which, where something of it asks."""
    from flagwright.core.wrapping.basesasked import asks_bases
    from flagwright.core.wrapping.wrapped import joined, only

    treatments = {s.treatment for s in wrapped.coverage}
    if not any(map(asks_bases, wrapped.coverage)) and not treatments & {"guarded", "variant"}:
        waits = treatments & {"dormant", "kept"} and "widened" not in treatments
        last = KEPT if "kept" in treatments else AS_SAFE
        notes = (*wrapped.notes, *((NOTHING_ASKS + last,) if waits else ()))
        return wrapped.model_copy(update={"notes": notes})
    told = wrapped.model_copy(update={"notes": (*wrapped.notes, *chosen.notes)})
    return joined([told, only(chosen.module, "added")]) if chosen.module else told


def asked(convention: Convention) -> str:
    """How a plan asks for its flag, and who says so."""
    says = {"given": "the call says", "policy": "policies/wrapping.toml says"}
    source = says.get(convention.source, f"{convention.source} does")
    whom = f" for `{convention.context}`" if convention.context else ""
    line = convention.import_line or "no import"
    return f"asks `{convention.check}`{whom} ({line}), as {source}"


def doubted(doubt: "Doubt") -> str:
    """What reads like a check, why it is not taken as one, and how to say that it is."""
    fact = f"{doubt.place} `{doubt.asked}` is not how this asks: {doubt.because}"
    return f"{fact}. To ask like it, {SET_IT}"


def _told(found: "Found") -> Iterator[str]:
    if found.general:
        yield asked(found.general)
    yield from (f"{path}: {asked(way)}" for path, way in sorted(found.near.items()))
