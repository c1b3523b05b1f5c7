def get(url, **options):
    return (url, options)
