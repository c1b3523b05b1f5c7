from flags import client


def f():
    while client.is_enabled("shop.new-tax"):
        step()
    done()
