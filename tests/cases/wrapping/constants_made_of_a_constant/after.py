import re

_WORD = r"[a-z0-9]+"
_WORDS = re.compile(_WORD)


def words(text):
    return _WORDS.findall(text)
