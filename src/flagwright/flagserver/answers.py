"""Say no the way Unleash does, so that one client reads both servers."""

from typing import Any
from uuid import uuid4

from starlette.responses import JSONResponse

INVALID = "Request validation failed: your request body or params contain invalid data"


class Problem(Exception):
    """A request that is answered with an error; nothing of it is kept."""

    def __init__(self, status: int, name: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"id": str(uuid4()), "name": name, "message": message}
        self.body |= {"details": [{"message": message}]} | more

    def response(self) -> JSONResponse:
        """The error as an answer."""
        return JSONResponse(self.body, self.status)


def bad_data(message: str, path: str | None = None) -> Problem:
    """400: the useful words stand in `details`, with the path of the field where there is one."""
    detail = {"message": message} | ({"path": path} if path else {})
    return Problem(400, "BadDataError", f"{INVALID}: {message}", details=[detail])


def not_found(message: str) -> Problem:
    """404."""
    return Problem(404, "NotFoundError", message)


def name_exists(message: str) -> Problem:
    """409."""
    return Problem(409, "NameExistsError", message)


def not_permitted(permission: str) -> Problem:
    """403, which Unleash also answers where a project or an environment does not exist."""
    return Problem(
        403,
        "PermissionError",
        f'You don\'t have the required permissions. You need the "{permission}" permission.',
        permissions=[permission],
    )
