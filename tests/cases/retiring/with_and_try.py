from flags import client


def f(n):
    with lock:
        if client.is_enabled("shop.new-tax"):
            try:
                n += 1
            except ValueError:
                n = 0
        else:
            n -= 1
    return n
