"""Read the policies of a work tree as they are now, for lint, test and preview; add first ones."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from flagwright import beneath
from flagwright.adapters.shipped.layer import LayerName, Own, Source
from flagwright.adapters.shipped.place import MAX_BYTES
from flagwright.errors import OutsideRoot, WriteFailed

FOLDER = ".flagwright/policies"


def in_tree(folder: Path) -> dict[str, Source]:
    """Policies by name, of the nearest folder above that has some; none where there are none."""
    root = _root(folder)
    return _by_name(_sources(root, FOLDER, "repository")) if root else {}


def organised(above: Own, folder: Path) -> Own:
    """What counts above a repository, with a folder in the place of the organisation's commit."""
    return above._replace(
        organisation=_by_name(_sources(folder, "policies", "organisation")),
        cases=tuple(_sources(folder, "policies/tests", "organisation")),
    )


def case_files(folder: Path, above: Own) -> tuple[Source, ...]:
    """Files of a team's own cases: of its organisation, its configuration and its repository."""
    root = _root(folder)
    found = [*_sources(root, f"{FOLDER}/tests", "repository")] if root else []
    if above.config_dir:
        found += _sources(above.config_dir, "policies/tests", "own")
    return (*above.cases, *found)


def found_in(folder: Path, config_dir: Path | None) -> Iterator[tuple[LayerName, str, bool]]:
    """What lies in the folders of policies and cases: layer, path, and whether it is read at all.

    Words for people, `*.md`, and hidden files are left out.
    """
    root = _root(folder)
    places: list[tuple[LayerName, Path, str]] = [("repository", root, FOLDER)] if root else []
    places += [("own", config_dir, "policies")] if config_dir else []
    for layer, home, first in places:
        for inner in (first, f"{first}/tests"):
            for path in sorted((home / inner).glob("[!.]*")):
                if path.suffix == ".md" or (path.name == "tests" and inner == first):
                    continue
                shown = f"{inner}/{path.name}"
                is_read = path.suffix == ".toml" and (
                    path.is_file() if layer == "own" else _text(home, shown) is not None
                )
                yield layer, shown if layer == "repository" else str(path), is_read


def misplaced(folder: Path) -> tuple[str, ...]:
    """TOML files of a repository that lie beside the folder of its policies, where nobody looks."""
    here = Path(os.path.realpath(folder))
    parent = Path(FOLDER).parent
    root = next((one for one in (here, *here.parents) if (one / parent).is_dir()), None)
    found = (root / parent).glob("*.toml") if root else ()
    return tuple(sorted(f"{parent}/{path.name}" for path in found))


def add_files(root: Path, texts: Mapping[str, str]) -> None:
    """Write new files below a folder; none where one of them is there already.

    Args:
        texts: By path, relative to the folder.

    Raises:
        OutsideRoot: If a path leads through a link.
        WriteFailed: If one is there, or the folder cannot be written to.
    """
    there = [path for path in texts if (root / path).exists() or (root / path).is_symlink()]
    if there:
        raise WriteFailed(
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already, in {root}.",
            next_step="Move what is there away, or look at the proposal with --dry-run.",
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            with beneath.folder(root, path, create=True) as (at, name):
                new = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=at)
                with os.fdopen(new, "w", encoding="utf-8") as file:
                    file.write(text)
    except OSError as error:
        raise WriteFailed(
            f"{root} cannot be written: {error.strerror}.", next_step="Make it writable."
        ) from error


def _root(folder: Path) -> Path | None:
    here = Path(os.path.realpath(folder))
    return next((one for one in (here, *here.parents) if (one / FOLDER).is_dir()), None)


def _by_name(found: Iterable[Source]) -> dict[str, Source]:
    return {Path(source.path).stem: source for source in found}


def _sources(root: Path, folder: str, layer: LayerName) -> Iterator[Source]:
    """Regular TOML files; a link may lead anywhere and is not followed."""
    try:
        names = sorted(path.name for path in (root / folder).iterdir())
    except OSError:
        return
    for name in names:
        path = f"{folder}/{name}"
        if name.endswith(".toml") and (text := _text(root, path)) is not None:
            yield Source(layer, path if layer == "repository" else str(root / path), text)


def _text(root: Path, path: str) -> str | None:
    try:
        with (
            beneath.folder(root, path) as (at, name),
            os.fdopen(beneath.open_file(at, name, path), "rb") as file,
        ):
            content = file.read(MAX_BYTES + 1)
    except (OSError, OutsideRoot):
        return None
    return content.decode("utf-8", "replace")
