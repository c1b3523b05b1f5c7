import asyncio


async def total(basket):
    return basket.sum
