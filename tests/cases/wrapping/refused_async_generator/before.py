RATE = 2


async def prices(items):
    yield RATE
