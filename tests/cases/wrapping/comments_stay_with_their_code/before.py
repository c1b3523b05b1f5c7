def price(amount):
    # shared
    # old reason
    total = amount * 2  # twice
    # end
    return total
