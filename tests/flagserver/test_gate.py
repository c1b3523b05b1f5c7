"""Only this machine, with the right token."""

from pathlib import Path

import httpx
import pytest

from flagwright import flagserver

pytestmark = pytest.mark.anyio


def client(tmp_path: Path, **headers: str) -> httpx.AsyncClient:
    app = flagserver.app(tmp_path / "flags.db", admin_token="admin", client_token="*:production.x")
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers
    )


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:4242", 200),
        ("localhost", 200),
        ("[::1]:4242", 200),
        ("evil.example.com", 403),
        ("127.0.0.1.evil.example.com:4242", 403),
        ("localhost:4242:1", 403),
        ("127.0.0.1:4242@evil.example.com", 403),
        ("", 403),
    ],
)
async def test_a_request_for_another_host_is_refused(
    tmp_path: Path, host: str, status: int
) -> None:
    async with client(tmp_path, authorization="admin", host=host) as http:
        assert (await http.get("/api/admin/projects")).status_code == status
        assert (await http.get("/health")).status_code == status


@pytest.mark.parametrize(
    ("token", "path", "status"),
    [
        ("admin", "/api/admin/projects", 200),
        ("admin", "/api/client/features", 403),
        ("*:production.x", "/api/client/features", 200),
        ("*:production.x", "/api/admin/projects", 403),
        ("nonsense", "/api/admin/projects", 401),
        ("", "/api/client/features", 401),
        ("", "/api/nowhere", 401),
        ("", "/health", 200),
    ],
)
async def test_each_token_opens_its_own_doors(
    tmp_path: Path, token: str, path: str, status: int
) -> None:
    async with client(tmp_path, authorization=token) as http:
        assert (await http.get(path)).status_code == status


async def test_a_request_that_is_refused_touches_no_file(tmp_path: Path) -> None:
    async with client(tmp_path) as http:
        await http.get("/api/admin/projects")

    assert not (tmp_path / "flags.db").exists()


async def test_a_method_that_a_route_does_not_have_is_told_apart(tmp_path: Path) -> None:
    async with client(tmp_path, authorization="admin") as http:
        assert (await http.patch("/api/admin/projects")).status_code == 405


async def test_the_token_of_an_application_decides_its_environment(tmp_path: Path) -> None:
    flag = "/api/admin/projects/default/features"
    async with client(tmp_path, authorization="admin") as http:
        await http.post(flag, json={"name": "shop.tax"})
        await http.post(f"{flag}/shop.tax/environments/production/on")
    async with client(tmp_path, authorization="*:production.x") as http:
        [seen] = (await http.get("/api/client/features")).json()["features"]

    assert seen["enabled"] is True


async def test_a_body_of_deep_brackets_is_a_bad_request(tmp_path: Path) -> None:
    headers = {"authorization": "admin", "content-type": "application/json"}
    async with client(tmp_path, **headers) as http:
        answer = await http.post("/api/admin/tag-types", content=b"[" * 90_000)

    assert answer.status_code == 400
