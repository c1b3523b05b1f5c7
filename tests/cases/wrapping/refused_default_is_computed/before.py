from web import Query


def search(text):
    return text
