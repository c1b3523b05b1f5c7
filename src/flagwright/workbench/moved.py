"""Look for texts that lead to a private name which a plan gives to the new version.

Its old definition steps aside (`_main_off`). Python code of the repository is told apart by the
rewriter; an entry point in `pyproject.toml` or a test that patches `"shop.tax:_rate"` is not.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from anyio import to_thread

from flagwright.adapters.git import Repository
from flagwright.core.wrapping.policy import WrappingPolicy

if TYPE_CHECKING:
    from flagwright.core.wrapping.wrapped import Wrapped

_ASIDE = re.compile(rb"(?m)^(?:async def |def )?(\w+)_off\b")


async def names_in_texts(
    wrapped: "Wrapped", repository: Repository, modules: Mapping[str, bytes], policy: WrappingPolicy
) -> tuple[str, ...]:
    """Tests that reach for such a name by its text, in words.

    Raises:
        CannotWrap: Where a file other than Python leads to one.
    """
    from flagwright.core.wrapping.refusal import refuse

    told: list[str] = []
    for path, line, name, module in _moved(wrapped, modules):
        for text in (f"{module}:{name}", f"{module}.{name}"):
            for place in await to_thread.run_sync(repository.files_mentioning, text):
                found = f"{place.path}:{place.line} names `{text}`"
                because = f"{found}, and would find the new version with the flag off"
                raise refuse(line, "name-clash", because, path=path)
            quoted = re.compile(rb"[\"']" + re.escape(text.encode()) + rb"[\"']")
            tests = [
                p for p, t in sorted(modules.items()) if policy.is_test(p) and quoted.search(t)
            ]
            if tests:
                told.append(
                    f"{tests[0]} means the new version by `{text}`; with the flag off "
                    f"`{name}_off` runs"
                )
    return tuple(told)


def _moved(wrapped: "Wrapped", modules: Mapping[str, bytes]) -> Iterator[tuple[str, int, str, str]]:
    """Path, line, name, and name of the module, of each definition that steps aside at the top."""
    from flagwright.core.wrapping.conventions import module_name

    for file in wrapped.files:
        found = {*_ASIDE.findall(file.text or b"")} - {*_ASIDE.findall(file.before or b"")}
        for name in sorted(found):
            here = re.search(rb"(?m)^(?:async def |def )?%b\b" % name, file.before or b"")
            line = (file.before or b"").count(b"\n", 0, here.start() if here else 0) + 1
            yield file.path, line, name.decode(), module_name(file.path, modules)
