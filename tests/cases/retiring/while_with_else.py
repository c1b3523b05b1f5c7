from flags import client


def f():
    while not client.is_enabled("shop.new-tax"):
        step()
    else:
        done()
