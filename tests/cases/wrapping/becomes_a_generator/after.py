def items(n):
    yield n
