async def load(urls):
    found = []
    async for url in urls:
        found.append(await get(url, retries=2))
    async with lock:
        await save(found)
    return found
