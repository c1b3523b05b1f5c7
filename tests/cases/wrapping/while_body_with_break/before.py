def wait(tries):
    while tries:
        tries -= 1
        if ready():
            break
    return tries
