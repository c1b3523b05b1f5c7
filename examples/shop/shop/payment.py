"""The payment provider.

This one moves no money: it knows four tokens and remembers, as a real provider does,
which charges it has made, so that the same key is never charged twice.
"""

from uuid import uuid4


class Declined(Exception):
    """The bank said no; to ask again is of no use."""


class GatewayTimeout(Exception):
    """No answer in time: the charge may have been made or not."""


class Gateway:
    """Charges `tok_ok`, declines `tok_declined`, and is late with the other two."""

    def __init__(self) -> None:
        self.charges: dict[str, tuple[str, int]] = {}
        self._asked: dict[str, int] = {}

    def charge(self, token: str, amount: int, *, key: str) -> str:
        """Take an amount in cents and return the receipt; one key is one charge."""
        self._asked[key] = self._asked.get(key, 0) + 1
        if token == "tok_late" or (token == "tok_late_once" and self._asked[key] == 1):
            raise GatewayTimeout("The payment provider did not answer in time.")
        if token not in ("tok_ok", "tok_late_once"):
            raise Declined("The card was declined.")
        receipt, _ = self.charges.setdefault(key, (f"receipt-{uuid4().hex[:8]}", amount))
        return receipt
