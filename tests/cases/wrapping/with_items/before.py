def save(path, text):
    with open(path) as file:
        file.write(text)
