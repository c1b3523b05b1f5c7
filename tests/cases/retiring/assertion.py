from flags import client


def f(n):
    assert client.is_enabled("shop.new-tax"), 'not yet'
    return n
