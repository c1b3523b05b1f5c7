def items(n):
    return [n]
