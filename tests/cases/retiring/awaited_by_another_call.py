import asyncio

from flags import client


def f():
    return asyncio.run(client.is_enabled("shop.new-tax"))


async def g():
    task = asyncio.create_task(client.is_enabled("shop.new-tax"))
    return await task
