def get(url, params=None, **options):
    return (url, params, options)
