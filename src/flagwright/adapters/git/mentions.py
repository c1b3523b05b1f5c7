"""Find which texts of a repository name a flag, without parsing any of them."""

import os
from collections.abc import Iterable, Iterator

from flagwright.adapters.git.command import Command
from flagwright.adapters.git.content import Text
from flagwright.core.place import Place
from flagwright.core.wrapping.puttogether import put_together, tail_of
from flagwright.core.wrapping.sound import mention_of


def first(texts: Iterable[tuple[str, Text]], flag: str) -> tuple[Place, ...]:
    """The first line of each text that names a flag."""
    mention = mention_of(flag)
    return tuple(
        Place(path=path, line=text.content.count(b"\n", 0, found.start()) + 1, what="name")
        for path, text in texts
        if (found := mention.search(text.content))
    )


def committed(git: Command, commit: str, flag: str) -> Iterator[str]:
    """Paths of a commit whose texts name a flag, or put its name together."""
    mention, tail = mention_of(flag), os.fsdecode(tail_of(flag))
    sought = ("-F", "-e", flag, "-e", tail)
    found = git.run("grep", "-z", "-l", *sought, commit, accept=(0, 1)).split(b"\0")
    for path in (os.fsdecode(each).partition(":")[2] for each in filter(None, found)):
        text = git.run("cat-file", "blob", f"{commit}:{path}")
        if mention.search(text) or any(put_together(text, flag)):
            yield path
