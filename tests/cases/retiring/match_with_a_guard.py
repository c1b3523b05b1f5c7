from flags import client


def f(n):
    match client.is_enabled("shop.new-tax"):
        case True if n:
            return 1
        case _:
            return 2
