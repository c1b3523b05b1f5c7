def make():
    return 2


app = make()
