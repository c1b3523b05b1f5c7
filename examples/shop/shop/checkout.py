"""Turn a basket into a paid order."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from shop.payment import Declined, Gateway, GatewayTimeout
from shop.pricing import price


class PaymentFailed(Exception):
    """Nothing was ordered. `retry` says whether it makes sense to try again."""

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.retry = retry


@dataclass(frozen=True)
class Order:
    id: str
    total: int
    receipt: str


def place_order(
    gateway: Gateway,
    basket: Mapping[str, int],
    *,
    country: str,
    token: str,
    coupon: str | None = None,
    gift: bool = False,
) -> Order:
    """Price the basket, take the money, and confirm."""
    order_id = uuid4().hex
    due = price(basket, country=country, coupon=coupon, gift=gift)
    try:
        receipt = gateway.charge(token, due.total, key=order_id)
    except Declined as error:
        raise PaymentFailed(str(error), retry=False) from error
    except GatewayTimeout as error:
        raise PaymentFailed(str(error), retry=True) from error
    return Order(order_id, due.total, receipt)
