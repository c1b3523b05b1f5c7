from flags import client


def f(n):
    before()
    # What the new code does, and the old.
    match client.is_enabled("shop.new-tax"):
        case True:
            new(n)
            # at the end of the new
        # else
        case _:
            old(n)
    after()


def g(n):
    match client.is_enabled("shop.new-tax"):
        case True:
            new(n)
