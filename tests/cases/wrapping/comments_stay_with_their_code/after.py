def price(amount):
    # shared
    # new reason
    total = amount * 3  # thrice
    # end
    return total
    # last
