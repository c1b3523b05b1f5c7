from flags import client


async def f(n):
    if await client.get_boolean_value_async("shop.new-tax", False):
        return 1
    return 2
