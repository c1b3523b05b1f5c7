def redirect(location, code=302):
    return (location, code)
