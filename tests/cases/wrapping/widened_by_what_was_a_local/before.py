def read(path):
    encoding = "utf-8"
    return (path, encoding)
