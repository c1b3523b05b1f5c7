import functools
import inspect


def timed(function):
    """Log how long each call takes."""

    @functools.wraps(function)
    def plain(*args):
        with span(function):
            return function(*args)

    @functools.wraps(function)
    async def awaited(*args):
        with span(function):
            return await function(*args)

    return awaited if inspect.iscoroutinefunction(function) else plain
