def make():
    return 1


app = make()
