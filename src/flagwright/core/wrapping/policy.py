"""Say what the rewriter may put behind a flag: the shape of `policies/wrapping.toml`."""

import builtins
from collections.abc import Collection
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.stricter import Adds, Anew, Free, Keeps, Stricter
from flagwright.core.record import Record
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.given import mistake_in

Treatment = Literal["wrapped", "passed-through", "not-controllable"]


class TreatmentExample(Record):
    """What must become of one path."""

    path: str
    treatment: Treatment


class KnownBases(Record):
    """Classes of others of which the team knows what they look for."""

    bases: tuple[str, ...]
    """Where they come from, as patterns."""
    looked_up: tuple[str, ...] = ()
    """Methods that they find by name although they do not have them themselves."""


class WrappingPolicy(Record):
    """What a team lets the rewriter assume about its code.

    Decorators, calls and bases are named by where they come from, as patterns.
    """

    import_line: Annotated[str, Free()] = ""
    """One import statement for the flag client; empty: none is needed, or none is set."""
    check: Annotated[str, Free()] = ""
    """An expression with `{flag}` in it; empty: found in the repository."""
    known_checks: Annotated[tuple[str, ...], Adds()] = ()
    """Functions of flag clients that answer yes or no, by where they come from."""
    client: Annotated[Literal["auto", "unleash", "openfeature"], Free()] = "auto"
    """What the module asks that a plan adds where a repository has no way to ask."""
    context: Annotated[str, Free()] = ""
    """The user or tenant for a `check` with `{context}`; empty: the call says."""
    allow_partial: Annotated[bool, Stricter(lambda on: not on)] = False
    """Whether a plan may leave some Python of a change as it is, for both sides of the flag."""
    max_file_kb: Annotated[int, Field(ge=1, le=4000), Stricter(lambda size: -size)] = 1000
    old_text_lines: Annotated[int, Field(ge=0, le=1000), Free()] = 100
    """Old comments, docstrings and annotations that one file keeps in comments, in lines."""
    tests: Annotated[tuple[str, ...], Keeps()] = ()
    documents: Annotated[tuple[str, ...], Keeps()] = ()
    programs: Annotated[tuple[str, ...], Keeps()] = ()
    """Files that are run, and imported by nobody: what they do at their top is the program."""
    packaging: Annotated[tuple[str, ...], Keeps()] = ()
    """Files that build the package, which no flag reaches where nothing imports them."""
    release_names: Annotated[tuple[str, ...], Keeps()] = ()
    """Names of a file (`*version*.py:VERSION`) that only tell which release it is of."""
    internal: Annotated[tuple[str, ...], Free()] = ()
    """Files whose names nobody outside of the repository imports, as in an application."""
    keeps_public_values: Annotated[bool, Stricter(lambda keeps: not keeps)] = False
    """Whether a public constant may keep its old value for readers outside of the repository."""
    pure_decorators: Annotated[tuple[str, ...], Keeps()] = ()
    remembering_decorators: Annotated[tuple[str, ...], Adds()] = ()
    pure_calls: Annotated[tuple[str, ...], Keeps()] = ()
    plain_bases: Annotated[tuple[str, ...], Keeps()] = ()
    running_calls: Annotated[tuple[str, ...], Adds()] = ()
    """Functions of others that call what they are given; all others are taken to store it."""
    calling_decorators: Annotated[tuple[str, ...], Keeps()] = ()
    """Decorators of others that call what they decorate, and never look at how it is declared."""
    showing: Annotated[tuple[str, ...], Keeps()] = ()
    """Files that look at how functions are declared to show it to people, and for nothing else."""
    known_bases: Annotated[tuple[KnownBases, ...], Keeps()] = ()
    looked_up: Annotated[tuple[str, ...], Adds()] = ()
    """Names that others put together and look for, in whatever class."""
    annotation_readers: Annotated[tuple[str, ...], Adds()] = ()
    examples: Annotated[tuple[TreatmentExample, ...], Anew()] = ()

    def looked_up_by(self, base: str) -> tuple[str, ...] | None:
        """Patterns of methods that a base finds by name; none where it is not known."""
        found = [
            known for known in self.known_bases if any(fnmatchcase(base, p) for p in known.bases)
        ]
        return tuple(name for known in found for name in known.looked_up) if found else None

    @property
    def plain_decorators(self) -> frozenset[str]:
        """The last names of decorators under which annotations are not read."""
        return frozenset(pattern.rpartition(".")[2] for pattern in self.pure_decorators)

    def treatment(self, path: str) -> Treatment:
        """Tell by its path alone what happens to a changed file."""
        if _matches(path, self.tests) or _matches(path, self.documents):
            return "passed-through"
        return "wrapped" if path.endswith(".py") else "not-controllable"

    def is_document(self, path: str) -> bool:
        """Whether a path is one of the team's documents, which nothing runs."""
        return _matches(path, self.documents)

    def is_test(self, path: str) -> bool:
        """Whether a path is one of the team's tests."""
        return _matches(path, self.tests)

    def only_shows(self, path: str) -> bool:
        """Whether people alone see what a file finds out about how functions are declared."""
        return _matches(path, self.showing)

    def is_program(self, path: str, files: Collection[str]) -> bool:
        """Whether a path is one of the team's programs or documents, which nobody imports.

        A folder of a package is a part of that, whatever it is called.

        Args:
            files: Those of the repository, which say what its packages are.
        """
        patterns = (*self.programs, *self.documents)
        if not _matches(path, patterns):
            return False
        *folders, name = path.split("/")
        ends = [path]
        for place in range(len(folders)):
            if "/".join([*folders[: place + 1], "__init__.py"]) in files:
                break
            ends.append("/".join([*folders[place + 1 :], name]))
        is_outside = any(fnmatchcase(end, p) for end in ends for p in patterns)
        return is_outside or any(fnmatchcase(name, p) for p in patterns if "/" not in p)

    def is_packaging(self, path: str) -> bool:
        """Whether a path is one of those that build the package."""
        return _matches(path, self.packaging)

    def tells_release(self, path: str, name: str) -> bool:
        """Whether a name of a file only says which release it is of."""
        return _matches(f"{path}:{name}", self.release_names)

    def may_tell_release(self, path: str, text: bytes) -> bool:
        """Whether a file may have such a name at all."""
        names = {pattern.rpartition(":")[2] for pattern in self.release_names}
        return any("*" in n or (n.encode() in text and self.tells_release(path, n)) for n in names)

    def is_internal(self, path: str, files: Collection[str]) -> bool:
        """Whether only the repository itself uses the names of a file."""
        return self.is_program(path, files) or _matches(path, self.internal)

    @model_validator(mode="after")
    def _agrees_with_its_examples(self) -> Self:
        for place, example in enumerate(self.examples):
            if (found := self.treatment(example.path)) != example.treatment:
                raise Contradiction(
                    f"{example.path!r} is {found}, not {example.treatment}",
                    "examples",
                    place,
                    "treatment",
                    remedy="Change tests, documents or the example, until they agree.",
                )
        for pattern in (*self.pure_decorators, *self.pure_calls, *self.plain_bases):
            if not {".", "*"} & set(pattern) and not hasattr(builtins, pattern):
                raise ValueError(
                    f"{pattern!r} can match nothing: Python brings no such name. Write where it "
                    f"comes from, such as 'functools.{pattern}' or '*.{pattern}'"
                )
        if bool(self.check) != ("{flag}" in self.check):
            raise Contradiction(
                f"{self.check!r} does not hold {{flag}}",
                "check",
                remedy='Write an expression such as is_active("{flag}").',
            )
        if self.import_line and not self.check:
            raise Contradiction(
                f"{self.import_line!r} does nothing without check",
                "import_line",
                remedy='Write check, too, such as is_active("{flag}"), or leave import_line out.',
            )
        way = Convention(import_line=self.import_line, check=self.check)
        if self.check and (mistake := mistake_in(way)):
            raise Contradiction(mistake[1], mistake[0], remedy="Write one import, one question.")
        if self.context and "{context}" not in self.check:
            raise Contradiction(
                f"{self.context!r} is said, but check {self.check!r} does not hold {{context}}",
                "context",
                remedy='Write check such as is_active({context}, "{flag}"), or leave context out.',
            )
        return self


@lru_cache(maxsize=16_384)
def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, p) or fnmatchcase(path, f"*/{p}") for p in patterns)
