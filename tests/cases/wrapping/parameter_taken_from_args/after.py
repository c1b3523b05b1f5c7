def add(first, second=None, *rest):
    return (first, second, rest)
