# café
def price(amount):
    return 'è'
