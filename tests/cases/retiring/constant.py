from flags import client
NEW_TAX = "shop.new-tax"


def f():
    if client.is_enabled(NEW_TAX):
        return 1
    return 2
