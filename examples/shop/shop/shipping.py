"""What it costs to send a parcel. Amounts are whole cents."""

from shop.flags import client

SHIPPING = 4_90
FREE_SHIPPING_FROM = 100_00
GIFT_WRAP = 3_50


def shipping(goods: int, *, gift: bool = False) -> int:
    """Delivery of goods of this value, wrapped as a gift once that is released."""
    cost = 0 if goods >= FREE_SHIPPING_FROM else SHIPPING
    if gift and client.is_enabled("release.shop.gift-wrap"):
        cost += GIFT_WRAP
    return cost
