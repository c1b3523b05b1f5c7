import click


def check(context, value):
    return value.strip()


@click.option("--key", callback=check)
def run(key):
    return key
