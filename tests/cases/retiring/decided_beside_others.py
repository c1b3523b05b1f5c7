from shop import client


def names(x):
    if x is None or client.is_enabled("shop.new-tax"):
        return 1
    if not x and not client.is_enabled("shop.new-tax"):
        return 2
    return round(x * (2 if client.is_enabled("shop.new-tax") else 3), 4)


def kinds(x):
    match x:
        case 1 if client.is_enabled("shop.new-tax"):
            return "one"
        case str(text) if not client.is_enabled("shop.new-tax"):
            return text
        case other if client.is_enabled("shop.new-tax"):
            return other
        case _:
            return [x, (4 if client.is_enabled("shop.new-tax") else x + 1)]


def tries(x):
    try:
        if client.is_enabled("shop.new-tax"):
            x.go()
        # Or not.
    except OSError:
        return 0
    else:
        x.went()
    try:
        assert not client.is_enabled("shop.new-tax")
    except AssertionError:
        return 1
    finally:
        x.end()
    return 2


def both(x):
    assert (client.is_enabled("shop.new-tax") and client.is_enabled("shop.new-tax")), x
    return not (not (x or not (client.is_enabled("shop.new-tax") and x)))
