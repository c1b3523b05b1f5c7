from flags import client


def f(n):
    if on := client.is_enabled("shop.new-tax"):
        n += 1
    return on, n


def g(n):
    while not (off := not client.is_enabled("shop.new-tax")) and n:
        n = step(n, off)
    return n


def h(n):
    if (on := client.is_enabled("shop.new-tax")) and n:
        on = n
    return on


def k(n):
    return [x for x in n if (on := client.is_enabled("shop.new-tax")) and x], on
