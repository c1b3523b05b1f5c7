"""Put the routes together behind the gate, and serve them on a loopback port."""

from collections.abc import Collection
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flagwright.flagserver import (
    dependencies,
    events,
    flags,
    links,
    metrics,
    project,
    sdk,
    segments,
    switch,
    tags,
)
from flagwright.flagserver.answers import Problem, not_found
from flagwright.flagserver.call import Work, endpoint
from flagwright.flagserver.gate import Gate

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

ADMIN = "/api/admin"
PROJECT = f"{ADMIN}/projects/{{project}}"
FLAG = f"{PROJECT}/features/{{flag}}"
ENVIRONMENT = f"{FLAG}/environments/{{environment}}"
CLIENT = "/api/client"

ROUTES: dict[tuple[str, str], Work] = {
    ("GET", "/health"): project.health,
    ("GET", f"{ADMIN}/ui-config"): project.settings,
    ("GET", f"{ADMIN}/user"): project.user,
    ("GET", f"{ADMIN}/feature-types"): project.types,
    ("GET", f"{ADMIN}/projects"): project.projects,
    ("GET", f"{ADMIN}/environments"): project.environments,
    ("GET", f"{PROJECT}/overview"): project.overview,
    ("GET", f"{PROJECT}/features"): flags.listing,
    ("POST", f"{PROJECT}/features"): flags.create,
    ("POST", f"{PROJECT}/stale"): flags.stale,
    ("GET", FLAG): flags.read,
    ("PUT", FLAG): flags.change,
    ("DELETE", FLAG): flags.archive,
    ("GET", f"{FLAG}/lifecycle"): flags.lifecycle,
    ("POST", f"{FLAG}/lifecycle/complete"): flags.complete,
    ("POST", f"{FLAG}/lifecycle/uncomplete"): flags.uncomplete,
    ("POST", f"{ENVIRONMENT}/on"): switch.on,
    ("POST", f"{ENVIRONMENT}/off"): switch.off,
    ("GET", f"{ENVIRONMENT}/strategies"): switch.list_strategies,
    ("POST", f"{ENVIRONMENT}/strategies"): switch.add_strategy,
    ("PUT", f"{ENVIRONMENT}/strategies/{{strategy}}"): switch.change_strategy,
    ("DELETE", f"{ENVIRONMENT}/strategies/{{strategy}}"): switch.remove_strategy,
    ("POST", f"{FLAG}/dependencies"): dependencies.add,
    ("DELETE", f"{FLAG}/dependencies/{{parent}}"): dependencies.remove,
    ("POST", f"{FLAG}/link"): links.add,
    ("PUT", f"{FLAG}/link/{{link}}"): links.change,
    ("DELETE", f"{FLAG}/link/{{link}}"): links.remove,
    ("POST", f"{ADMIN}/features/validate"): flags.validate,
    ("GET", f"{ADMIN}/features/{{flag}}/tags"): tags.listing,
    ("POST", f"{ADMIN}/features/{{flag}}/tags"): tags.add,
    ("DELETE", f"{ADMIN}/features/{{flag}}/tags/{{type}}/{{value:path}}"): tags.remove,
    ("GET", f"{ADMIN}/segments"): segments.listing,
    ("POST", f"{ADMIN}/segments"): segments.create,
    ("DELETE", f"{ADMIN}/segments/{{segment}}"): segments.remove,
    ("GET", f"{ADMIN}/client-metrics/features/{{flag}}"): metrics.usage,
    ("GET", f"{ADMIN}/metrics/unknown-flags"): metrics.unknown,
    ("POST", f"{ADMIN}/tags"): tags.create_value,
    ("GET", f"{ADMIN}/tag-types"): tags.list_types,
    ("POST", f"{ADMIN}/tag-types"): tags.create_type,
    ("POST", f"{ADMIN}/archive/revive/{{flag}}"): flags.revive,
    ("DELETE", f"{ADMIN}/archive/{{flag}}"): flags.delete,
    ("GET", f"{ADMIN}/search/features"): flags.search,
    ("GET", f"{ADMIN}/search/events"): events.search,
    ("GET", f"{CLIENT}/features"): sdk.features,
    ("GET", f"{CLIENT}/features/{{flag}}"): sdk.feature,
    ("POST", f"{CLIENT}/register"): sdk.register,
    ("POST", f"{CLIENT}/metrics"): metrics.count,
}


def app(
    database: Path, *, admin_token: str, client_token: str, hosts: Collection[str] = LOOPBACK
) -> Starlette:
    """Build the flag server over one SQLite file, made at the first request.

    Args:
        database: The file; made for this user only. Several apps may share it.
        admin_token: For `/api/admin`. Whoever has it may do everything.
        client_token: For `/api/client`, shaped `PROJECT:ENVIRONMENT.SECRET` as Unleash's are;
            the environment in it decides what the application sees.
        hosts: Names that a request may give in its Host header, without the port.
    """
    gate = Middleware(Gate, admin_token=admin_token, client_token=client_token, hosts=hosts)
    routes = [
        Route(path, endpoint(work), methods=[method]) for (method, path), work in ROUTES.items()
    ]
    made = Starlette(
        routes=routes, middleware=[gate], exception_handlers={HTTPException: _no_route}
    )
    made.state.database = database
    made.state.environment = client_token.partition(".")[0].rpartition(":")[2] or "development"
    return made


def serve(app: Starlette, port: int) -> None:
    """Serve on 127.0.0.1 until interrupted; nothing is written to standard output."""
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


async def _no_route(request: Request, error: Exception) -> Response:
    """Answer an unknown path or method as Unleash does."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return not_found(
            f"The path you were looking for ({request.url.path}) is not available."
        ).response()
    return Problem(status, "MethodNotAllowed", "This method is not available here.").response()
