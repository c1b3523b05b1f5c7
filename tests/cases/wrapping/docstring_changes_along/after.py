def price(amount):
    """New words."""
    return amount + 1
