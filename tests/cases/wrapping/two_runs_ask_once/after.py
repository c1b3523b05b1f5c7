def price(amount):
    """What it costs."""
    total = amount * 3
    log(total)
    return round(total)
