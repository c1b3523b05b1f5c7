def counter():
    count = 0

    def add():
        count = 5
        return count

    return add() + count
