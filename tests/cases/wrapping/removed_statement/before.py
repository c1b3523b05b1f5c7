def price(amount):
    total = amount * 2
    # Old rule.
    total += 1
    return total
