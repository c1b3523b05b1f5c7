import pytest

from shop.checkout import PaymentFailed, place_order
from shop.payment import Gateway
from shop.pricing import price


def test_an_order_is_charged_once_with_its_price(gateway: Gateway) -> None:
    order = place_order(gateway, {"lamp": 1}, country="DE", token="tok_ok")

    assert gateway.charges == {order.id: (order.receipt, order.total)}
    assert order.total == price({"lamp": 1}, country="DE").total


@pytest.mark.parametrize(("token", "retry"), [("tok_declined", False), ("tok_late", True)])
def test_without_a_payment_there_is_no_order(gateway: Gateway, token: str, *, retry: bool) -> None:
    with pytest.raises(PaymentFailed) as failed:
        place_order(gateway, {"lamp": 1}, country="DE", token=token)

    assert failed.value.retry is retry
    assert gateway.charges == {}
