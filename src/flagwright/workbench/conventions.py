"""How a repository asks for flags, or a new module that does where nothing of it does yet."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flagwright.adapters import worker
from flagwright.core.records.change import Change
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import BadRequest

if TYPE_CHECKING:
    from flagwright.core.wrapping.wrapped import Wrapped, WrappedFile


async def convention_for(
    change: Change, modules: Mapping[str, bytes], policy: WrappingPolicy
) -> tuple[Convention, dict[str, Convention], "WrappedFile | None"]:
    """How the repository, and some of its packages, ask for flags.

    The module is new: it is there where nothing asks for flags yet, and no module that would.
    """
    from flagwright.core.wrapping.conventions import find_conventions
    from flagwright.core.wrapping.module import new_module

    changed = [f.path for f in change.files if policy.treatment(f.path) == "wrapped"]
    found, near = await worker.run(find_conventions, modules, policy, changed)
    if found is not None:
        return found, near, None
    new = new_module(changed, modules, policy.client)
    if new is None:
        raise BadRequest(
            "No Python file of this repository asks for a flag yet, and no name for a module "
            "that does is free.",
            next_step="Give a convention, or set import_line and check in policies/wrapping.toml "
            "of your configuration.",
        )
    convention, module = new
    return convention, {}, module


def with_module(
    wrapped: "Wrapped", module: "WrappedFile | None", policy: WrappingPolicy
) -> "Wrapped":
    """The plan with the module that asks for flags, where something asks through it."""
    from flagwright.core.wrapping.module import NEEDS
    from flagwright.core.wrapping.wrapped import joined, only

    if module is None or not any(s.treatment in ("guarded", "variant") for s in wrapped.coverage):
        return wrapped
    note = f"{module.path} is new, because nothing here asked for flags: {NEEDS[policy.client]}."
    return joined([wrapped, only(module, "added", note)])
