from flags import client


def f(items):
    return sum(i for i in items if not client.is_enabled("shop.new-tax"))
