from flags import client


def f(user):
    if client.variation("shop.new-tax", user) == "blue":
        return 1
    return 2


def g(user):
    found = client.value_of_flag("shop.new-tax", user)
    return found == "blue"


def h(user):
    return client.bool_variation("shop.new-tax", user, False)
