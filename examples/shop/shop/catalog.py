"""What the shop sells. Prices are whole cents, without tax."""

from dataclasses import dataclass


class UnknownProduct(LookupError):
    """The shop does not sell this."""


@dataclass(frozen=True)
class Product:
    sku: str
    name: str
    price: int


PRODUCTS = {
    product.sku: product
    for product in (
        Product("chair", "Oak chair", 129_00),
        Product("lamp", "Desk lamp", 49_90),
        Product("mug", "Mug", 12_50),
    )
}


def find(sku: str) -> Product:
    """The product with this number."""
    try:
        return PRODUCTS[sku]
    except KeyError:
        raise UnknownProduct(f"There is no product {sku!r}.") from None
