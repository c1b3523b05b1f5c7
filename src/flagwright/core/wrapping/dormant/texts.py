"""Find by their text alone how the files of a repository look for members and subclasses.

Parsing every file would take too long. What a text may do counts as done.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property, lru_cache

from flagwright.core.wrapping.dormant.heads import heads
from flagwright.core.wrapping.dormant.modules import lister_of

_PREFIX = re.compile(
    rb"\bf[\"']([A-Za-z_]\w+)\{(?:[^{}\"'\n]*\}(\w*)[\"'])?|"
    rb"[\"']([A-Za-z_]\w+)(?:%s|\{\w*\})(\w*)[\"']|[\"']([A-Za-z_]\w+)[\"']\s*\+()"
)
"""How a name begins that is put together, and how it ends where that is plain."""
_LAST = re.compile(rb"\}(\w+)[\"']|\+\s*[\"'](\w+)[\"']|%s(\w+)[\"']")
"""How a name ends that is put together, whatever it begins with."""
_LISTS = re.compile(
    rb"\b(?:dir|vars|getmembers|getmembers_static)\(\s*([\w.]+)\s*[,)]|"
    rb"\b(?:getattr|hasattr)\(\s*([\w.]+)\s*,(?!\s*(?:\"[^\"\n]*\"|'[^'\n]*')\s*[,)])|"
    rb"\b([\w.]+)\.__dict__\b"
)
"""What is looked into for names that are not written there."""
_LOOKED = re.compile(rb"\b(?:getattr|hasattr|vars|dir|getmembers)\(\s*[\w.]+[(\[]")
"""How what a call or a key gives is looked into."""
_FAILED = re.compile(rb"\bexcept\b[^\n]*\bAttributeError\b")
_ANY = re.compile(rb"\bexcept(?::|\b[^\n]*\b(?:AttributeError|Exception)\b)")
_SUPPRESSED = re.compile(
    rb"\bsuppress\([^)]*\b(?:AttributeError|Exception)\b[^)]*\)[^\n]*:((?:\n[ \t]+[^\n]*){1,9})"
)
_PRIVATE = re.compile(rb"getattr\((?!self\b|cls\b)[^\n]{0,60}?(?:[\"']_[\"']\s*\+|\bf[\"']_\{)")


class Texts:
    """The files of one state of a repository, as one of them looks at the others."""

    def __init__(self, path: str, modules: Mapping[str, bytes]) -> None:
        self._path, self._modules = path, modules

    @cached_property
    def _heads(self) -> list[tuple[str, str, list[str]]]:
        return list(heads(self._modules))

    def asks_for(self, name: str) -> str | None:
        """A file that looks for an attribute by this name in a text, or by how it begins."""
        asking = rb"(?:getattr|hasattr|attrgetter|methodcaller)\([^\n]{0,120}?[\"']" + name.encode()
        pattern = re.compile(asking + rb"[\"']")
        word = name.encode()
        for path, text in self._modules.items():
            if word in text and path != self._path and (pattern.search(text) or _tries(text, word)):
                return path
            if b"getattr(" in text and any(
                word.startswith(first) and word.endswith(last) for first, last in _ends(text)
            ):
                return path
            if b"getattr(" in text and any(
                word.endswith(last) and _quotes(word.removesuffix(last), text)
                for last in _lasts(text)
            ):
                return path
            is_private = name.startswith("_") and path != self._path
            if is_private and b"getattr(" in text and _PRIVATE.search(text):
                return path
        return None

    def tries(self, name: str) -> bool:
        """Whether the file itself is ready for what has no such member: it tries.

        Whatever a `try` is for, nobody but who may lack the member asks `self` for it there.
        """
        text, word = self._modules.get(self._path, b""), re.escape(name.encode())
        used = re.compile(rb"\.\s*" + word + rb"\b")
        own = re.compile(rb"\b(?:self|cls)\s*\.\s*" + word + rb"\b")
        tried = (*_tried(text, _FAILED), *_SUPPRESSED.findall(text))
        return name.encode() in text and (
            any(map(used.search, tried)) or any(map(own.search, _tried(text, _ANY)))
        )

    def compares(self, name: str, *, is_value: bool = False) -> str | None:
        """A file that looks at whose method of a name a class has.

        Args:
            is_value: Whether an object gives a value for the name, so that only a class shows it.
        """
        word = re.escape(name).encode()
        of = rb"\b(?:[A-Z]\w*|\w*(?:cls|class|type|kind|base|model)\w*|type\([^()]*\))"
        of = of if is_value else rb""
        pattern = re.compile(
            of + rb"\." + word + rb"\b\s*(?:\bis\b|==|!=|\bin\b|\bnot\b)|"
            rb"(?:\bis|\bnot|==|!=)\s+[\w.()\[\]]*" + of + rb"\." + word + rb"\b(?!\s*\()|"
            rb"\." + word + rb"\.__(?:func|code|qualname)__"
        )
        for path, text in self._modules.items():
            if name.encode() in text and pattern.search(text):
                return path
        return None

    def binds(self, name: str) -> bool:
        """Whether a file gives a name of Python's another meaning."""
        pattern = re.compile(
            rb"(?m)^\s*(?:def|class)\s+%b\b|\b(?:as\s+)?%b\s*=[^=]|\bas\s+%b\b"
            % ((name.encode(),) * 3)
        )
        return any(pattern.search(text) for text in self._modules.values() if name.encode() in text)

    def reads_overloads(self) -> bool:
        """Whether a file asks for what `@overload` has noted."""
        return any(b"get_overloads" in text for text in self._modules.values())

    def lists(self, names: Collection[str], *, whole: bool = False) -> str | None:
        """Another file that looks into what is called so for names that it does not write.

        Args:
            whole: Whether only those count that come upon every name.
        """
        return next(self._listing(names, whole=whole), None)

    def lists_module(self, stem: str, *, itself: bool = False) -> str | None:
        """Another file that so looks into a module, by the last word of its name.

        Args:
            itself: Whether a look into what is in the module does not count: `dir(box.Large)`.
        """
        return lister_of(stem, self._listing({stem}, itself=itself), self._modules)

    def _listing(
        self, names: Collection[str], *, whole: bool = False, itself: bool = False
    ) -> Iterator[str]:
        words = "|".join(map(re.escape, sorted(names)))
        renamed = re.compile(rf"\b(?:{words})\s+as\s+(\w+)".encode())
        plain = re.compile(rf"\b(?:{words})\b".encode())
        spelled = [name.encode() for name in names]
        for path, text in self._modules.items():
            if (
                path == self._path
                or not (found := _looked_into(text, whole=whole, itself=itself))
                or not any(word in text for word in spelled)
                or not plain.search(text)
            ):
                continue
            if not found.isdisjoint({*(n.encode() for n in names), *renamed.findall(text)}):
                yield path

    def mixes(self, owner: str) -> str | None:
        """Another file with a class that has a base of this name beside another one."""
        return next((path for path, _, _ in self.mixed(owner)), None)

    def mixed(self, owner: str) -> Iterator[tuple[str, str, Collection[str]]]:
        """Classes of other files that have a base of this name beside another one.

        Or that inherit from it, and after it from what does not.

        Yields:
            Path and name of the class, and the names of all that inherit from the owner.
        """
        classes = self._heads
        family = {owner}
        while more := {n for _, n, bases in classes if family.intersection(bases)} - family:
            family |= more
        for path, name, bases in classes:
            first = next((i for i, base in enumerate(bases) if base in family), len(bases))
            is_mixed = owner in bases and len(bases) > 1
            if path != self._path and (is_mixed or not family.issuperset(bases[first:])):
                yield path, name, family


@lru_cache(maxsize=4096)
def _looked_into(text: bytes, *, whole: bool, itself: bool = False) -> frozenset[bytes]:
    """Words of what a file looks into for names that are not written there, or for all of them.

    Args:
        itself: Whether only the last word counts of each, which is looked into itself.
    """
    if not any(word in text for word in (b"dir(", b"vars(", b"getmembers", b"attr(", b".__dict__")):
        return frozenset()
    places = (
        (every, some, held)[:: 2 if whole else 1] for every, some, held in _LISTS.findall(text)
    )
    start = -1 if itself else 0
    return frozenset(w for found in places for name in found for w in name.split(b".")[start:])


def may_look(text: bytes) -> bool:
    """Whether a file looks into anything for names that are not written there."""
    return bool(_looked_into(text, whole=False) or _LOOKED.search(text))


def _tries(text: bytes, word: bytes) -> bool:
    """Whether a file is ready for what has no such member: it tries, or names it in a protocol."""
    used = re.compile(rb"\.\s*" + re.escape(word) + rb"\b")
    named = re.compile(rb"(?m)^[ \t]+(?:async )?(?:def )?" + re.escape(word) + rb"\s*[(:]")
    return any(map(used.search, _tried(text, _FAILED))) or (
        b"runtime_checkable" in text and named.search(text) is not None
    )


@lru_cache(maxsize=4096)
def _tried(text: bytes, failed: re.Pattern[bytes]) -> tuple[bytes, ...]:
    """What stands in each `try` that such a failure ends."""
    ends = [found.start() for found in failed.finditer(text)]
    return tuple(text[max(text.rfind(b"try:", 0, end), 0) : end] for end in ends)


def _quotes(word: bytes, text: bytes) -> bool:
    return bool(word) and (b'"%b"' % word in text or b"'%b'" % word in text)


@lru_cache(maxsize=4096)
def _lasts(text: bytes) -> frozenset[bytes]:
    """How names end that a file puts together."""
    return frozenset(last for found in _LAST.findall(text) for last in found if last)


@lru_cache(maxsize=4096)
def _ends(text: bytes) -> frozenset[tuple[bytes, bytes]]:
    """How names begin and end that a file puts together."""
    found = _PREFIX.findall(text)
    pairs = [parts[at : at + 2] for parts in found for at in (0, 2, 4) if parts[at]]
    return frozenset(pairs)
