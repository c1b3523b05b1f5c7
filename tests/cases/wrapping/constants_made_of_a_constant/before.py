import re

_WORD = r"[a-z]+"
_WORDS = re.compile(_WORD)


def words(text):
    return _WORDS.findall(text)
