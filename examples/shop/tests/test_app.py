from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from shop.app import app


@pytest.fixture
def http() -> Iterator[TestClient]:
    with TestClient(app) as http:
        yield http


def test_the_shop_is_healthy_and_sells_something(http: TestClient) -> None:
    assert http.get("/health").json() == {"status": "ok"}
    assert {product["sku"] for product in http.get("/products").json()} >= {"chair", "mug"}


def test_a_price_can_be_asked_before_an_order(http: TestClient) -> None:
    price = http.get("/price", params={"sku": "mug", "count": 2, "country": "DE"}).json()
    order = http.post("/checkout", json={"basket": {"mug": 2}, "token": "tok_ok"})

    assert order.status_code == 201
    assert order.json()["total"] == price["total"] == 35_58


@pytest.mark.parametrize(
    ("query", "status"),
    [({"sku": "yacht"}, 404), ({"sku": "mug", "count": "-1"}, 400), ({"country": "?"}, 400)],
)
def test_a_bad_question_is_answered_with_the_reason(
    http: TestClient, query: dict[str, str], status: int
) -> None:
    answer = http.get("/price", params={"sku": "mug"} | query)

    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize(("token", "status"), [("tok_declined", 402), ("tok_late", 503)])
def test_a_failed_payment_is_no_order(http: TestClient, token: str, status: int) -> None:
    answer = http.post("/checkout", json={"basket": {"mug": 1}, "token": token})

    assert answer.status_code == status
