def counter():
    count = 0

    def add():
        nonlocal count
        count = 5
        return count

    return add() + count
