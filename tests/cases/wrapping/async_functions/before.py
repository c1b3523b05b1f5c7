async def load(urls):
    found = []
    async for url in urls:
        found.append(await get(url))
    async with lock:
        save(found)
    return found
