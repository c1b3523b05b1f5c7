def price(amount):
    total = amount * 2

    # Nobody pays less than one.
    total = max(total, 1)
    return total
