"""What a basket costs. Amounts are whole cents."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from shop.catalog import find
from shop.shipping import shipping

TAX_RATES = {"DE": Decimal("0.19"), "FR": Decimal("0.20"), "US": Decimal(0)}
COUPONS = {"WELCOME": 5}  # percent off the goods


class BadBasket(ValueError):
    """A basket that cannot be priced."""


@dataclass(frozen=True)
class Price:
    goods: int
    discount: int
    shipping: int
    tax: int
    total: int


def price(
    basket: Mapping[str, int], *, country: str, coupon: str | None = None, gift: bool = False
) -> Price:
    """Price a basket of counts by product number, for a country of delivery."""
    if not basket or min(basket.values()) < 1:
        raise BadBasket("A basket holds at least one of each product that it names.")
    if country not in TAX_RATES:
        raise BadBasket(f"The shop does not deliver to {country!r}.")
    goods = sum(find(sku).price * count for sku, count in basket.items())
    delivery = shipping(goods, gift=gift)
    discount = percent(goods, COUPONS.get(coupon or "", 0))
    tax = rounded((goods + delivery) * TAX_RATES[country])
    return Price(goods, discount, delivery, tax, goods - discount + delivery + tax)


def percent(amount: int, rate: int) -> int:
    """A share of an amount, in whole cents, rounded down."""
    return amount * rate // 100


def rounded(amount: Decimal) -> int:
    """Whole cents, half a cent up."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
