from web import Query


def search(text, page=Query(1)):
    return (text, page)
