async def price(amount):
    return amount + 1
