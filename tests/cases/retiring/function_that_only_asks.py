from flags import client


def use_new_tax():
    """Ask."""
    return client.is_enabled("shop.new-tax")


def f():
    if use_new_tax():
        return 1
    return 2
