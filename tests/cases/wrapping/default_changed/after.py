def redirect(location, code=303):
    return (location, code)
