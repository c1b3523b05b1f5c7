import os

from flags import client


def price(amount):
    if client.is_enabled("shop.other"):
        return amount + 1
    return amount
