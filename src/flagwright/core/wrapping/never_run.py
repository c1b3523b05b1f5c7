"""Tell which files of a repository the application never runs: tests, and scripts of its documents.

What they look at or look for is no reason to refuse a change, since no user meets it.
"""

from collections.abc import Mapping

from flagwright.core.wrapping.policy import WrappingPolicy


def is_never_run(path: str, modules: Mapping[str, bytes], policy: WrappingPolicy) -> bool:
    """Whether a file is one of the team's tests, or a document that is in no package.

    `docs/conf.py` is such a document; `shop/docs/views.py` is part of `shop`.
    """
    if policy.is_test(path):
        return True
    return policy.is_document(path) and not _is_in_package(path, modules)


def is_aside(path: str, modules: Mapping[str, bytes], policy: WrappingPolicy) -> bool:
    """Whether a file is a document, or builds the package, and stands in none itself."""
    is_either = policy.is_document(path) or policy.is_packaging(path)
    return is_either and not _is_in_package(path, modules)


def _is_in_package(path: str, modules: Mapping[str, bytes]) -> bool:
    return any(f"{folder}/__init__.py" in modules for folder in _folders(path))


def _folders(path: str) -> list[str]:
    """The folders around a file."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]
