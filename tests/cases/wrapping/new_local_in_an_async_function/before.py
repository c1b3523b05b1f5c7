RATE = 2


async def price(amount, /, fee, *rest, code=1, **more):
    return (amount, fee, rest, code, more, RATE)
