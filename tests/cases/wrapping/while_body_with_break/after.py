def wait(tries):
    while tries:
        tries -= 1
        if ready():
            note(tries)
            break
    return tries
