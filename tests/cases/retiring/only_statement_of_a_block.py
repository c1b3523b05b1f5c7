from flags import client


def f(n):
    for i in n:
        if client.is_enabled("shop.new-tax"):
            step(i)
    try:
        if client.is_enabled("shop.new-tax"):
            step(n)
    finally:
        done()
