async def _load(name, kind):
    return (name, kind)


async def page():
    return await _load("a", "b")
