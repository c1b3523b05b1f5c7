def load(path):
    try:
        return read(path)
    except OSError as error:
        warn(error)
        return None
    finally:
        done()
