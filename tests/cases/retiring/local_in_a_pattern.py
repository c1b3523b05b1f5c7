from flags import client


def f(xs):
    on = client.is_enabled("shop.new-tax")
    match xs:
        case [_, *on]:
            return on
        case {"a": 1, **on}:
            return on
    return on
