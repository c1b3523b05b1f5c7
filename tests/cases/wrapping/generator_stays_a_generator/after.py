def items(n):
    for i in range(n):
        yield i * 2
