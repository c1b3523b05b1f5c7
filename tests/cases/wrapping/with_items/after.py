def save(path, text):
    with lock, open(path) as file:
        file.write(text)
