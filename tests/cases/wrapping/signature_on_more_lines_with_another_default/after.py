"""Prices."""

LIMIT = 10
MOST = 20


def price(
    amount,
    limit=MOST,  # as the shop says
    *,
    currency="EUR",
    **more,
):
    return convert(min(amount, limit), currency, **more)


class Basket:
    """Things to buy."""

    def __init__(
        self,
        things: list[str],
        tax: int = 2,
        owner: str | None = None,
        **more: object,
    ) -> None:
        """Take the things."""
        self.things = things
        self.tax = tax
        self.owner = owner
        super().__init__(**more)

    def clear(self, force=True, *rest, **more):
        self.things = [] if force or rest else more
