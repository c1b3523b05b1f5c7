from settings import FEATURES


def f():
    return FEATURES["shop.new-tax"]["limit"]


def g():
    found = FEATURES["shop.new-tax"]
    return found["limit"]


def h():
    return FEATURES.get("shop.new-tax").limit
