from flags import client


def f(page):
    on = client.is_enabled("shop.new-tax")
    return page.filled(**locals())
