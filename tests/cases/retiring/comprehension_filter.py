from flags import client


def f(items):
    return [i for i in items if i.ok if client.is_enabled("shop.new-tax")]
