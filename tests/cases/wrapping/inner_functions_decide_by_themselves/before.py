import functools
import inspect


def timed(function):
    """Log how long each call takes."""

    @functools.wraps(function)
    def plain(*args):
        log("start", function)
        return function(*args)

    @functools.wraps(function)
    async def awaited(*args):
        log("start", function)
        return await function(*args)

    return awaited if inspect.iscoroutinefunction(function) else plain
