SAFE = "".join([chr(i) for i in range(32, 127) if i not in (34, 60)])
WORDS = frozenset("if else".split())
SIZES = {name: len(name) for name in WORDS}


def quote(text):
    return "".join(c for c in text if c in SAFE)
