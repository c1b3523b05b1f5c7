RATE = 2


async def prices(items):
    RATE = len(items)
    yield RATE
