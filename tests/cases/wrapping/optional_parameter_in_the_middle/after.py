def price(amount, discount=0, rate=1):
    return amount * rate - discount
