def load(path):
    try:
        text = read(path)
    except OSError:
        text = ""
    else:
        text = text.strip()
    return text
