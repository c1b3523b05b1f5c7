from flags import client


def f():
    if client.is_disabled("shop.new-tax"):
        return 1
    return client.all_enabled("shop.new-tax", "shop.other")


def g():
    return client.feature_percentage("shop.new-tax"), client.get_feature_value("shop.new-tax", "a")
