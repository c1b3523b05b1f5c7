from flags import client


def f():
    on = client.is_enabled("shop.new-tax")

    class Box:
        on = 3
        held = on

    return Box.held, on


def g():
    on = client.is_enabled("shop.new-tax")
    return (lambda: (on := 3) and on)(), on


def h():
    on = client.is_enabled("shop.new-tax")

    def inner():
        nonlocal on
        on = 3

    inner()
    return on
