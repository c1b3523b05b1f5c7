def quote(text):
    return text
