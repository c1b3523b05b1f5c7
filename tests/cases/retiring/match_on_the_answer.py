from flags import client


def f(n):
    match client.is_enabled("shop.new-tax"):
        case True:
            return 1
        case False:
            return 2
