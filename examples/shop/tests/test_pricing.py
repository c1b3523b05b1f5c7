import pytest

from shop.pricing import BadBasket, price
from shop.shipping import GIFT_WRAP


def test_a_small_basket_pays_goods_shipping_and_tax() -> None:
    found = price({"mug": 2}, country="DE")

    assert (found.goods, found.discount, found.shipping, found.tax) == (25_00, 0, 4_90, 5_68)
    assert found.total == 35_58


def test_a_large_basket_is_delivered_for_free() -> None:
    assert price({"chair": 1}, country="US").shipping == 0


@pytest.mark.parametrize("count", [1, 2, 4, 40])
@pytest.mark.parametrize("coupon", [None, "WELCOME", "nonsense"])
@pytest.mark.parametrize("country", ["DE", "FR", "US"])
def test_the_parts_add_up_to_the_total(count: int, coupon: str | None, country: str) -> None:
    found = price({"chair": count, "mug": 1}, country=country, coupon=coupon)

    assert found.total == found.goods - found.discount + found.shipping + found.tax


def test_a_coupon_takes_at_least_its_share_off_the_goods() -> None:
    assert price({"mug": 4}, country="US", coupon="WELCOME").discount == 2_50


def test_no_tax_is_due_in_a_country_without_one() -> None:
    assert price({"lamp": 3}, country="US").tax == 0


def test_gift_wrap_is_charged_once_it_is_released(flags_on: set[str]) -> None:
    plain = price({"chair": 1}, country="US", gift=False)
    flags_on.add("release.shop.gift-wrap")

    assert price({"chair": 1}, country="US", gift=True).total == plain.total + GIFT_WRAP


@pytest.mark.parametrize(("basket", "country"), [({}, "DE"), ({"mug": 0}, "DE"), ({"mug": 1}, "?")])
def test_a_basket_that_cannot_be_delivered_has_no_price(
    basket: dict[str, int], country: str
) -> None:
    with pytest.raises(BadBasket):
        price(basket, country=country)
