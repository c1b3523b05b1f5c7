def price(amount):
    """What it costs."""
    total = amount * 2
    log(total)
    return total
