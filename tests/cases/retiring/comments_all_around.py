from flags import client


def f(n):
    a = 1  # one

    # why
    if client.is_enabled("shop.new-tax"):  # asked
        # first
        n += 1  # up

        # last
    # between
    else:  # otherwise
        # down
        n -= 1
        # end
    # after
    return n
