from flags import client
import enum


class Flags(enum.StrEnum):
    NEW_TAX = "shop.new-tax"
    OTHER = "shop.other"


def f():
    if client.is_enabled(Flags.NEW_TAX):
        return 1
    return 2
