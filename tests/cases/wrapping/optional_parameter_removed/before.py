def price(amount, rate=1, legacy=False):
    return amount if legacy else amount * rate
