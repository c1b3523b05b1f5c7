async def _load(name):
    return name


async def page():
    return await _load("a")
