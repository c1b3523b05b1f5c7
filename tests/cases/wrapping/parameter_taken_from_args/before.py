def add(first, *rest):
    return (first, rest)
