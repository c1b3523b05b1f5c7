RATE = 2


async def price(amount, /, fee, *rest, code=1, **more):
    RATE = amount
    return (amount, fee, rest, code, more, RATE)
