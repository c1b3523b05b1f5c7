# café
def price(amount):
    return 'é'
