def load(path):
    try:
        text = read(path, cache=True)
    except OSError:
        text = ""
    else:
        text = text.strip().lower()
    return text
