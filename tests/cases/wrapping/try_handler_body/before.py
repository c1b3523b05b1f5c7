def load(path):
    try:
        return read(path)
    except OSError:
        return None
    finally:
        done()
