"""Turn a basket into a paid order."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from shop.payment import Declined, Gateway, GatewayTimeout
from shop.pricing import price

CHARGE_ATTEMPTS = 3
FIRST_PAUSE_S = 0.05


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
        receipt = charge_with_retry(gateway, token, due.total, key=order_id)
    except Declined as error:
        raise PaymentFailed(str(error), retry=False) from error
    except GatewayTimeout as error:
        raise PaymentFailed(str(error), retry=True) from error
    return Order(order_id, due.total, receipt)


def charge_with_retry(gateway: Gateway, token: str, amount: int, *, key: str) -> str:
    """Ask again when the provider is late; the key keeps it one charge."""
    for attempt in range(CHARGE_ATTEMPTS - 1):
        try:
            return gateway.charge(token, amount, key=key)
        except GatewayTimeout:
            time.sleep(FIRST_PAUSE_S * 2**attempt)
    return gateway.charge(token, amount, key=key)
